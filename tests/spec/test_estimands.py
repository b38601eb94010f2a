"""What a number estimates, in words: from its sets, on the page, and held by claims."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pandas as pd
import pytest

from incohort.analyses.studies import class_of
from incohort.claims import Reason, VerdictKind, judge
from incohort.cohort import open_cohort
from incohort.dictionary import Claim, Study
from incohort.results import (
    Cell,
    CellKind,
    CohortCard,
    Column,
    Estimand,
    Estimate,
    Findings,
    Layout,
    Measure,
    Row,
    Table,
    findings_from_json,
    findings_to_json,
)
from incohort.shapes.set_words import event_words, population_words
from incohort.shapes.sets import Base
from incohort.tables import table_html

RATIO = Estimate(
    key="a/ratio",
    label="Women against men",
    measure=Measure.ODDS_RATIO,
    value=2.0,
    ci_low=1.5,
    ci_high=2.7,
    conf_level=0.95,
    sources=("patients.sex",),
    estimand=Estimand(population="patients", ends="death is censored", measure="odds_ratio"),
)


@pytest.fixture(scope="module")
def base() -> Base:
    """Six patients by sex, grade and Duffy status."""
    frame = pd.DataFrame({"patient_id": list("abcdef")})
    base = Base("patients", frame)
    base.cut("sex", pd.Series(["f", "f", "m", "m", None, "f"]), ("f", "m"))
    grades = pd.Series(["mild", "severe", "mild", None, "none", "moderate"])
    base.cut("severity", grades, ("mild", "moderate", "severe", "very severe", "open", "none"))
    base.flag("duffy_null", pd.Series([True, False, None, None, True, False]))
    return base


def test_a_set_in_words(base):
    """Columns and categories are said; a flag by its name; what is known and not known apart."""
    everybody = base.everybody

    assert population_words(everybody) == "patients"
    assert population_words(everybody.where("sex", "f")) == "patients, sex f"
    assert population_words(everybody.known("severity")) == "patients, severity recorded"
    assert population_words(everybody.unknown("sex")) == "patients, sex not recorded"
    assert population_words(everybody.where("duffy_null", "no")) == "patients, not duffy null"
    assert (
        population_words(everybody.where("severity", "mild", "severe"))
        == "patients, severity mild or severe"
    )
    assert (
        population_words(everybody.but("severity", "none")) == "patients, severity other than none"
    )


def test_of_whom_a_value_is_recorded(base):
    """A measured column is said as what it is, recorded or not."""
    measured = Base("patients", base.frame.assign(lab_WBC=[1.0, None, 2.0, 3.0, None, 4.0]))
    axis = measured.recorded("lab_WBC")

    assert population_words(measured.everybody.where(axis, "yes")) == "patients, lab WBC recorded"
    assert population_words(measured.everybody.unknown(axis)) == "patients, lab WBC not recorded"


def test_an_event_is_what_its_set_adds(base):
    """Of the women the event is the grade: that they are women is said once."""
    women = base.everybody.where("sex", "f")

    assert event_words(women.where("severity", "mild"), women) == "severity mild"
    assert event_words(women, women) == ""


def test_a_share_says_what_it_is_of():
    """The share of mild neutropenia is of those with a count that tells the grade."""
    study = class_of("cohort_overview")(open_cohort("mixed_synthetic"))

    share = study.severity().by_key["cohort_overview/severity/mild/proportion"]

    assert share.estimand == Estimand(
        population="patients, severity recorded", event="severity mild", measure="proportion"
    )


def test_every_estimate_of_patients_has_an_estimand():
    """No number of notebook 01 is without one, and it outlives results.json."""
    study = class_of("cohort_overview")(open_cohort("mixed_synthetic"))

    for findings in (study.severity(), study.characteristics(), study.counts()):
        again = findings_from_json(findings_to_json(findings))
        estimates = [r for r in again.results if isinstance(r, Estimate)]
        assert estimates
        assert all(one.estimand and one.estimand.population for one in estimates)


def test_the_page_shows_it_on_focus():
    """A cell with an estimand is reached by keyboard and holds the words, escaped."""
    hostile = replace(RATIO, estimand=Estimand(population='<b>"x"</b>', measure="odds_ratio"))
    table = Table(
        key="a/table", caption="Ratio", stub_head="Who", columns=(Column("Ratio"),),
        rows=(Row("All", (Cell(CellKind.ESTIMATE_CI, ("a/ratio",)),)),),
    )  # fmt: skip
    html = table_html(
        table, Findings(name="a", title="", results=(hostile,), layout=Layout(tables=(table,)))
    )

    assert 'tabindex="0"' in html
    assert "<b>" not in html
    assert 'Of: <b>"x"</b>; measure: odds ratio' in unescape(html)


def _verdict(**stated: str):
    figure = Claim.model_validate(
        {
            "key": "a/ratio", "label": "Ratio", "as_printed": "2.0", "value": 2.0,
            "tolerance": 0.05, "certainty": "primary", "location": "Table 1",
            "estimand": stated,
        }
    )  # fmt: skip
    study = Study(name="s", title="S", citation="S 2020", design="-", claims=(figure,))
    card = CohortCard(name="ours", title="Ours", is_public=True, study="s")
    return judge({RATIO.key: RATIO}, study, card)[0]


def test_a_figure_of_the_same_estimand_is_judged():
    """Parts that the figure doesn't state are not held against it."""
    assert _verdict(measure="odds_ratio").verdict is VerdictKind.REPRODUCED
    assert _verdict(ends="death is censored").verdict is VerdictKind.REPRODUCED


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"measure": "risk_ratio"}, "measure is 'risk_ratio' there and 'odds_ratio' here"),
        ({"ends": "death competes"}, "ends is 'death competes' there and 'death is censored' here"),
    ],
)
def test_a_figure_of_another_estimand_is_another_question(stated, words):
    """An odds ratio of 2.0 doesn't reproduce a risk ratio of 2.0, nor a net one a crude one."""
    verdict = _verdict(**stated)

    assert verdict.verdict is VerdictKind.NOT_TESTABLE
    assert verdict.reason is Reason.ANOTHER_QUESTION
    assert words in verdict.explanation
