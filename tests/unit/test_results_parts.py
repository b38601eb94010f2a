"""What is worth a look in words, sentences that need their numbers, and findings' own rules."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from incohort.disclosure.apart import SummedUp
from incohort.results import (
    CellKind,
    Estimate,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Look,
    Measure,
    NotEstimable,
    Origin,
    Sentence,
    Suppressed,
    clauses,
    places,
    said,
)
from incohort.results.groups import Whose
from incohort.results.looks import Example
from incohort.results.wording import spoken
from incohort.shapes.sets import Base

SHOWN = Estimate(key="a/x", label="X", measure=Measure.COUNT, value=1.0)
RESULTS = {
    "a/x": SHOWN,
    "a/y": SHOWN,
    "a/none": NotEstimable(key="a/none", label="N", reason="nobody"),
    "a/gone": Suppressed(key="a/gone", label="G", reason="few"),
}


@pytest.mark.parametrize(
    ("rows", "patients", "words"),
    [
        (1, 1, "1 row of 1 patient"), (2, 1, "2 rows of 1 patient"),
        (1200, 2, "1,200 rows of 2 patients"),
        (3, 0, "3 rows"), (1, 0, "1 row"), (None, 1, "1 patient"), (None, 1200, "1,200 patients"),
        (3, None, "how many is withheld"), (None, None, "how many is withheld"),
    ],
)  # fmt: skip
def test_how_many_is_told_in_words(rows, patients, words):
    """One row is one row; rows that name no patient are of nobody; what is withheld says so."""
    look = Look(rule="r", table="labs", column="value", sentence="S.", remedy="R.",
                n_rows=rows, n_patients=patients)  # fmt: skip
    assert look.count == words


def test_where_it_is_and_what_stands_there_is_told():
    """Table, column and subject, each where there is one; the patient for whoever may see that."""

    def where(column: str, subject: str) -> str:
        return Look(
            rule="r", table="labs", column=column, subject=subject, sentence="S.", remedy="R."
        ).where

    assert where("value", "ANC in /uL") == "labs.value, ANC in /uL"
    assert where("value", "") == "labs.value"
    assert where("", "") == "labs"
    assert where("", "ANC") == "labs, ANC"
    example = Example(row=3, patient="P1", value="999")
    assert example.words(with_patient=True) == "row 3 (P1): 999"
    assert example.words(with_patient=False) == "row 3: 999"
    assert Example(row=3, patient="", value="").words(with_patient=True) == "row 3"


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        (Sentence("It is {a/x:count}."), "It is {a/x:count}."),
        (Sentence("It is {a/x|a/y:mean_sd}."), "It is {a/x|a/y:mean_sd}."),
        (Sentence("It is {a/x|a/none:mean_sd}."), None),
        (Sentence("It is {a/gone:count}."), None),
        (Sentence("It is so.", needs=("a/x",)), "It is so."),
        (Sentence("It is so.", needs=("a/x", "a/gone")), None),
        (Sentence("It is so.", holds=False), None),
        (Sentence(f"So: {clauses('one {a/x:count}', 'two {a/y:count}')}."),
         "So: one {a/x:count}; two {a/y:count}."),
        (Sentence(f"So: {clauses('one {a/x:count}', 'two {a/none:count}')}."),
         "So: one {a/x:count}."),
        (Sentence(f"So: {clauses('two {a/none:count}')}."), None),
        (Sentence(f"{clauses('{a/x:count}')} and {clauses('{a/none:count}', 'words')}."),
         "{a/x:count} and words."),
    ],
)  # fmt: skip
def test_a_sentence_is_said_only_with_all_its_numbers(sentence, told):
    """A clause may be left out, a sentence never halved; and what does not hold isn't said."""
    assert said(sentence, RESULTS) == told


def test_a_template_is_words_and_places_in_order():
    """Nothing before the first place and nothing behind the last is no word."""
    assert list(places("A {a/x:count} B {a/x|a/y:mean_sd}")) == [
        "A ", (CellKind.COUNT, ("a/x",)), " B ", (CellKind.MEAN_SD, ("a/x", "a/y")),
    ]  # fmt: skip
    assert list(places("{a/x:count} B")) == [(CellKind.COUNT, ("a/x",)), " B"]
    assert list(places("words")) == ["words"]
    assert list(places("")) == []


def test_a_key_stands_once_in_findings():
    """Two results under one key are a mistake of ours, and named."""
    with pytest.raises(ValueError, match="key 'a/x' stands twice in 's'"):
        Findings(name="s", title="S", results=(SHOWN, SHOWN))
    assert not Findings(name="s", title="S", results=(SHOWN,)).has_synthetic
    drawn = Estimate(
        key="a/z", label="Z", measure=Measure.COUNT, value=1.0, origin=Origin.SYNTHETIC
    )
    assert Findings(name="s", title="S", results=(SHOWN, drawn)).has_synthetic
    bare = Findings(name="s", title="S", results=(RESULTS["a/none"],))
    assert not bare.has_synthetic
    assert not bare.is_public


WORDS = {
    Measure: """count proportion mean sd median quantile difference risk_ratio odds_ratio
        hazard_ratio time_ratio rate rate_ratio correlation coefficient
        standardised_mean_difference statistic
        p_value""",
    Origin: "observed reconstructed synthetic",
    CellKind: """count n_percent fraction_percent percent_ci fraction_percent_ci estimate
        estimate_ci mean_sd median_iqr p_value text""",
    FigureKind: """forest bars histogram flow overlap scatter curves lines heatmap multiverse tracks
        swimmer bland_altman""",
}


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.__name__)
def test_the_words_that_other_programs_read_are_these(kind):
    """What stands in results.json, in templates and in a reader's own scripts does not change."""
    assert [entry.value for entry in kind] == WORDS[kind].split()


def test_whose_rows_stand_behind_a_statistic_is_never_printed():
    """Neither in the findings nor alone: a traceback would tell who they are."""
    frame = pd.DataFrame({"patient_id": ["Patient-7", "Patient-8"], "anc": [0.4711, 1.2]})
    base = Base("patients", frame)
    base.cut("grade", pd.Series(["severe", None]), ("severe", "mild"))
    severe = base.everybody.where("grade", "severe")
    whose = Whose(key="a/x", unit="patients", of=severe.name, quantity="anc")
    summed_up = SummedUp("anc", frozenset({("Patient-7", 1)}))
    findings = Findings(
        name="s", title="S", results=(SHOWN,), whose=(whose,), censuses=(base.census,)
    )

    for told in (findings, whose, base.census, base.axis("grade"), summed_up):
        assert not re.search("Patient|0.4711|array", repr(told)), type(told)


def test_the_first_that_can_be_said_are_read():
    """A sentence that can't be said takes no place from one that can."""
    sentences = tuple(map(Sentence, ("It is {a/gone:count}.", "It is {a/x:count}.", "Yes.", "No.")))
    told = spoken(Layout(sentences=sentences, most=2), RESULTS)

    assert told.sentences == (Sentence("It is {a/x:count}."), Sentence("Yes."))


def test_what_cannot_be_said_is_in_no_layout():
    """Sentences that need a withheld number are gone, and a figure is told by its caption then."""
    figures = tuple(
        Figure(key=f"a/f{i}", kind=FigureKind.BARS, caption="Shares", alt=alt, series=())
        for i, alt in enumerate(("One bar of {a/x:count}.", "One bar of {a/gone:count}."))
    )
    sentences = (
        Sentence("It is {a/x:count}.", needs=("a/y",)),
        Sentence("It is {a/gone:count}."),
        Sentence("It is so.", needs=("a/none",)),
        Sentence("It is not.", holds=False),
    )
    told = spoken(Layout(figures=figures, sentences=sentences), RESULTS)

    assert told.sentences == (Sentence("It is {a/x:count}."),)
    assert [figure.alt for figure in told.figures] == ["One bar of {a/x:count}.", "Shares."]
    assert [figure.key for figure in told.figures] == ["a/f0", "a/f1"]
