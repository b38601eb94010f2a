"""What a notebook touches: a light import, and results that show themselves through the gate."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter

import incohort as ic
from incohort.errors import UsageError
from incohort.jupyter.banner import announce, banner
from incohort.jupyter.display import bundle
from incohort.reports.handover import Handover
from incohort.results import (
    Cell,
    CellKind,
    CohortCard,
    Column,
    Estimate,
    Findings,
    Layout,
    Look,
    Measure,
    Origin,
    Row,
    Sentence,
    Suppressed,
    Table,
    findings_from_json,
)
from incohort.results.groups import EVERYBODY, Axis, Census, Whose
from incohort.results.serialise import MIME_TYPE

KEY = "study/part/proportion"
METHODS = '<h2 id="methods">'


@pytest.fixture(autouse=True)
def no_run(monkeypatch):
    """A notebook that a person opened: no runner has told it anything."""
    for name in Handover().environment():
        monkeypatch.delenv(name, raising=False)


def findings(*, is_public: bool) -> Findings:
    """One proportion that rests on two patients, in a sentence and a table."""
    two = Estimate(key=KEY, label="part", measure=Measure.PROPORTION, value=2 / 30, n=30, events=2)
    cell = Cell(CellKind.N_PERCENT, (KEY,))
    table = Table(
        key="study/part/table",
        caption="Part <b>",
        stub_head="Group",
        columns=(Column("Patients"),),
        rows=(Row("All", (cell,)),),
    )
    both = Axis.of("both", ["yes"] * 2 + ["no"] * 28, ("yes", "no"))
    whose = Whose(key=KEY, unit="patients", of=EVERYBODY, events=EVERYBODY.where("both", ("yes",)))
    return Findings(
        name="study/part",
        title="A part",
        results=(two,),
        whose=(whose,),
        censuses=(Census("patients", np.arange(30)).cut_by(both),),
        layout=Layout(sentences=(Sentence(f"It is {{{KEY}:n_percent}}."),), tables=(table,)),
        is_public=is_public,
    )


def test_importing_incohort_costs_nothing():
    """Outside a notebook `import incohort` brings in no other library, and no room of ours."""
    program = (
        "import sys; before = set(sys.modules); import incohort as ic; "
        "print(sorted(m for m in set(sys.modules) - before if m.partition('.')[0] "
        "not in sys.stdlib_module_names))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "['incohort']"


@pytest.mark.parametrize("name", ic.__all__)
def test_every_public_name_is_there(name):
    """What a notebook can name after `ic.` exists, and is listed for completion."""
    assert getattr(ic, name) is not None
    assert name in dir(ic)


def test_a_name_that_is_not_public_is_an_attribute_error():
    """A slip is told as Python tells it."""
    with pytest.raises(AttributeError, match="open_cohrt"):
        ic.open_cohrt  # noqa: B018 — looking is the test


def test_ipython_shows_both_halves_of_a_bundle():
    """One display bundle holds HTML for the reader and JSON for the machine."""

    class Shell:
        display_formatter = DisplayFormatter()

    ic.load_ipython_extension(Shell)
    data, _ = Shell.display_formatter.format(findings(is_public=True))

    assert {"text/html", "text/plain", MIME_TYPE} <= set(data)
    assert f'data-key="{KEY}"' in data["text/html"]
    assert "Part &lt;b&gt;" in data["text/html"]


def test_what_is_shown_and_what_is_recorded_are_the_same_gated_numbers():
    """Two patients of a restricted cohort are in neither half, nor anywhere between the lines."""
    data = bundle(findings(is_public=False))
    recorded = findings_from_json(data[MIME_TYPE])

    assert isinstance(recorded.by_key[KEY], Suppressed)
    assert recorded.by_key[KEY].reason.startswith("it rests on 7 patients or fewer")
    assert recorded.profile == "opensafely"
    for text in (data["text/html"], data["text/plain"], str(data[MIME_TYPE])):
        assert str(2 / 30) not in text
        assert "6.7" not in text


def test_a_public_cohort_is_shown_as_it_is():
    """Nothing is rounded or withheld where nothing has to be."""
    data = bundle(findings(is_public=True))

    assert findings_from_json(data[MIME_TYPE]).by_key[KEY] == findings(is_public=True).by_key[KEY]
    assert f'data-value="{2 / 30!r}"' in data["text/html"]


def test_who_opens_a_restricted_cohort_is_told_what_holds_before_the_first_number():
    """The profile, what it does, how to make a copy with everything; text is escaped."""
    card = CohortCard(name="<b>mine", title="Mine", is_public=False)
    told = banner(card, Handover())
    lifted = banner(card, Handover(is_internal=True))

    assert "disclosure profile opensafely" in told["text/html"]
    assert "Counts of 7 or fewer are withheld" in told["text/plain"]
    assert "<code>incohort run NOTEBOOK --cohort FOLDER --internal</code>" in told["text/html"]
    assert "&lt;b&gt;mine" in told["text/html"]
    assert "nothing is withheld" in lifted["text/html"]
    assert "not to leave the study team" in lifted["text/html"]


def test_the_banner_is_shown_once_for_a_cohort_and_to_a_person_alone(monkeypatch):
    """Not in a run, whose report says it on its first screen."""
    shown = []
    shell = type("Shell", (), {"kernel": None})()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr("IPython.display.display", lambda data, **_: shown.append(data))
    restricted = CohortCard(name="one of a kind", title="Mine", is_public=False)
    announce(restricted, Handover(name="mine"))
    assert not shown
    announce(restricted, Handover())
    announce(restricted, Handover())

    assert len(shown) == 1


def test_a_notebook_begins_as_a_report_does_with_what_the_data_are():
    """Whether patients stand behind the rows, what is invented, and what is worth a look."""
    look = Look(
        rule="many", table="labs", column="value", sentence="Counts above any.", remedy="Look."
    )
    card = CohortCard(
        name="mine", title="Mine", is_public=True, origin=Origin.SYNTHETIC,
        notices=("All made up.",), looks=(look,),
    )  # fmt: skip
    told = banner(card, Handover())["text/plain"]

    assert "Mine. Synthetic: no patient stands behind any row." in told
    assert "All made up." in told
    assert "Worth a look in the data: 1. Counts above any." in told


def test_a_run_of_a_public_cohort_opens_no_restricted_one(monkeypatch, tmp_path):
    """All that such a run prints is shown, so rows of another cohort would be, too."""
    (tmp_path / "patients.csv").write_text("patient_id\nP1\n")
    for name, value in Handover(name="a", path="a", is_public=True).environment().items():
        monkeypatch.setenv(name, value)

    with pytest.raises(UsageError, match="restricted"):
        ic.open_cohort(str(tmp_path))


def test_internal_lifts_the_gate(monkeypatch):
    """Who runs internally sees what there is; the page says that it is internal."""
    for name, value in Handover(is_internal=True).environment().items():
        monkeypatch.setenv(name, value)
    data = bundle(findings(is_public=False))

    assert findings_from_json(data[MIME_TYPE]).by_key[KEY] == findings(is_public=False).by_key[KEY]


def test_a_notebook_ends_as_a_report_does():
    """After its last part stand the methods of what was shown, abbreviations and the study."""
    study = ic.thyroid_antibodies(cohort="kyritsi2015")

    first = bundle(study.by_subtype())["text/html"]
    end = bundle(study.reporting())["text/html"]

    assert METHODS not in first
    assert METHODS in end
    assert "Wilson" in end
    assert "Spearman" not in end  # nothing was correlated
    assert "incohort " in end
    assert "papermill" not in end  # which runs a notebook, and ran nothing here
    assert "<dt>GIFT</dt><dd>granulocyte immunofluorescence test</dd>" in end
    assert "doi.org/10.1097/MD.0000000000000886" in end


def test_in_a_run_the_page_ends_and_not_the_notebook(monkeypatch):
    """What the page says of its methods doesn't stand in the last cell, too."""
    monkeypatch.setenv("INCOHORT_COHORT_NAME", "kyritsi2015")
    study = ic.thyroid_antibodies(cohort="kyritsi2015")

    bundle(study.by_subtype())
    end = bundle(study.reporting())["text/html"]

    assert METHODS not in end
    assert "findings closing" not in end.partition("</style>")[2]


def test_another_cohort_begins_a_new_end():
    """What was shown of one cohort is none of the methods of the next."""
    bundle(ic.thyroid_antibodies(cohort="kyritsi2015").correlations())
    study = ic.thyroid_antibodies(cohort="mixed_synthetic")
    bundle(study.frequency())

    end = bundle(study.reporting())["text/html"]

    assert METHODS in end
    assert "Spearman" not in end
