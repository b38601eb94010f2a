"""What nobody wrote down is no answer: neither *unknown* nor *no*, and nothing is judged by it."""

from __future__ import annotations

import json

import pytest

from incohort.analyses.cohort_overview.study import CohortOverview
from incohort.analyses.thyroid_antibodies.study import ThyroidAntibodies
from incohort.cohort import open_cohort
from incohort.results import NotEstimable

THYROID = "thyroid_antibodies/frequency/thyroid_disease/proportion"
CAUSE = "cohort_overview/aetiology/thyroid_disease/proportion"


@pytest.fixture
def opened(tmp_path):
    """A cohort of the tables given as CSV text, patients by their columns; public or not."""

    def write(patients: str, *, is_public: bool = True, **tables: str):
        folder = tmp_path / "cohort"
        folder.mkdir()
        names = ["patients", *tables]
        for name, text in zip(names, (patients, *tables.values()), strict=True):
            lines = [
                ",".join("" if word == "-" else word for word in line.split())
                for line in text.strip().splitlines()
            ]
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        card = {
            "name": "cohort",
            "resources": [{"name": name, "path": f"{name}.csv"} for name in names],
            "incohort": {"privacy": "public" if is_public else "restricted"},
        }
        (folder / "datapackage.json").write_text(json.dumps(card))
        return open_cohort(str(folder))

    return write


def people(*causes: str, sex: str = "female") -> str:
    """Patients with those causes, `-` for a blank."""
    rows = [f"{number} {sex} 40 {cause}" for number, cause in enumerate(causes, start=1)]
    return "\n".join(["patient_id sex age_years aetiology", *rows])


def counts(n: int, value: str = "1.2") -> str:
    """One neutrophil count each."""
    rows = [f"{number} ANC 2024-01-01 {value} 10^9/L" for number in range(1, n + 1)]
    return "\n".join(["patient_id analyte taken_at value unit", *rows])


def by_key(*findings) -> dict:
    return {result.key: result for found in findings for result in found.results}


def test_a_blank_cause_is_not_unknown(opened):
    """Cause written in four of ten, thyroid disease in all four: 4/4, and 6 apart."""
    cohort = opened(people(*["thyroid_disease"] * 4, *["-"] * 6))

    found = by_key(CohortOverview(cohort).aetiology(), ThyroidAntibodies(cohort).frequency())

    for key in (CAUSE, THYROID):
        assert (found[key].events, found[key].n) == (4, 4)
        absent = found[key.replace("thyroid_disease/proportion", "not_recorded/count")]
        assert (absent.value, absent.n) == (6, 10)
    assert not any("unknown" in key for key in found)


def test_an_unknown_cause_stays_one(opened):
    """Looked for and not found counts among those recorded: one of four, with one blank apart."""
    cohort = opened(people("unknown", "other", "other", "thyroid_disease", "-"))

    found = by_key(CohortOverview(cohort).aetiology())

    unknown = found["cohort_overview/aetiology/unknown/proportion"]
    assert (unknown.events, unknown.n) == (1, 4)
    assert found["cohort_overview/aetiology/not_recorded/count"].value == 1


@pytest.mark.parametrize("has_column", [True, False])
def test_without_a_cause_in_anybody_there_is_a_line_and_no_share(opened, has_column):
    """An empty column and an absent one say the same: no zero, no interval, nothing to judge."""
    rows = people(*["-"] * 5)
    if not has_column:
        rows = "\n".join(" ".join(line.split()[:3]) for line in rows.splitlines())
    cohort = opened(rows)
    overview, thyroid = CohortOverview(cohort).aetiology(), ThyroidAntibodies(cohort)

    found = by_key(overview, thyroid.frequency(), thyroid.selection(), thyroid.by_subtype())

    for key in (CAUSE, THYROID, "thyroid_antibodies/anti_pmn/all/proportion"):
        assert isinstance(found[key], NotEstimable)
    assert overview.layout.tables == thyroid.selection().layout.tables == ()
    for group in ("tested", "not_tested"):
        assert isinstance(found[f"thyroid_antibodies/selection/{group}/n/count"], NotEstimable)
    assert [s.template for s in overview.layout.sentences] == [
        "The cause of neutropenia is not recorded in this cohort."
    ]


@pytest.mark.parametrize("is_public", [True, False])
def test_what_can_be_told_of_nobody_has_no_share(opened, is_public):
    """One count each and no other blood line: neither a course nor a cytopenia, and no 0 %."""
    cohort = opened(people(*["other"] * 4), is_public=is_public, labs=counts(4))
    overview = CohortOverview(cohort)

    for found, said in (
        (overview.course(), "no second neutrophil count"),
        (overview.cytopenia(), "no haemoglobin and no platelets"),
    ):
        shares = [r for r in found.results if r.key.endswith("proportion")]
        assert shares
        assert all(isinstance(result, NotEstimable) for result in shares)
        assert found.layout.tables == found.layout.figures == ()
        assert said in found.layout.sentences[0].template


@pytest.mark.parametrize("is_public", [True, False])
def test_that_nobody_happens_to_be_known_is_told_of_a_public_cohort_only(opened, is_public):
    """Haemoglobin of one, platelets of another: the analytes are there, the pattern of nobody."""
    labs = counts(4) + "\n1 HB 2024-01-01 140 g/L\n2 PLT 2024-01-01 200 10^9/L"
    cohort = opened(people(*["other"] * 4), is_public=is_public, labs=labs)

    found = by_key(CohortOverview(cohort).cytopenia())

    alone = found["cohort_overview/cytopenia/isolated/proportion"]
    assert isinstance(alone, NotEstimable) is is_public


def test_a_grade_that_is_open_in_everybody_has_no_share(opened):
    """All counts below 2: some grade, or none, and no 0 % of any."""
    labs = counts(3, "2").replace("unit", "unit comparator").replace("/L", "/L <")
    found = CohortOverview(opened(people(*["other"] * 3), labs=labs)).severity()

    shares = by_key(found)
    for grade in ("mild", "moderate", "severe", "none", "unknown"):
        assert isinstance(shares[f"cohort_overview/severity/{grade}/proportion"], NotEstimable)
    assert found.layout.tables == ()


@pytest.mark.parametrize("is_public", [True, False])
def test_without_a_table_of_tests_nobody_is_not_tested(opened, is_public):
    """That no test was written down is not that none was done: four patients, and a reason."""
    cohort = opened(people(*["thyroid_disease"] * 4, "other"), is_public=is_public)

    found = ThyroidAntibodies(cohort).selection()

    results = by_key(found)
    for group in ("tested", "not_tested"):
        key = f"thyroid_antibodies/selection/{group}/n/count"
        assert isinstance(results[key], NotEstimable)
    assert results["thyroid_antibodies/selection/total/count"].value == 4
    assert found.layout.tables == ()


def test_thyroid_disease_that_is_not_the_cause_is_told(opened):
    """Three diagnosed, one of them as the cause: 1 of 4, and two more stand beside it."""
    cohort = opened(
        people("thyroid_disease", "drug_induced", "-", "other"),
        diagnoses=(
            "patient_id condition subtype\n1 thyroid_disease graves\n"
            "2 thyroid_disease graves\n3 thyroid_disease graves"
        ),
    )

    found = ThyroidAntibodies(cohort).frequency()

    assert by_key(found)["thyroid_antibodies/frequency/diagnosed_only/count"].value == 2
    assert any("diagnosed_only" in sentence.template for sentence in found.layout.sentences)


def test_a_blank_cause_is_no_other_cause(opened):
    """Two with thyroid disease, one other, one blank, infections in the first: 1/2 and 0/1."""
    cohort = opened(
        people("thyroid_disease", "thyroid_disease", "other", "-"),
        events="patient_id event\n1 recurrent_infections",
    )

    found = by_key(ThyroidAntibodies(cohort).infections())

    thyroid, other = (
        found[f"thyroid_antibodies/infections/{group}/proportion"] for group in ("thyroid", "other")
    )
    assert (thyroid.events, thyroid.n, other.events, other.n) == (1, 2, 0, 1)


@pytest.mark.parametrize(
    ("event", "recurrent_from"), [("death", None), ("infection", None), ("death", 2)]
)
def test_infections_that_nobody_recorded_are_not_absent(opened, event, recurrent_from):
    """Where no patient has such a row the cohort did not record it: no share of none."""
    cohort = opened(
        people("thyroid_disease", "other"),
        events=f"patient_id event\n1 {event}",
    )
    found = ThyroidAntibodies(cohort, recurrent_from=recurrent_from).infections()

    assert all(isinstance(result, NotEstimable) for result in found.results)
    assert "records no recurrent infections" in found.layout.sentences[0].template


def test_infections_are_none_where_others_have_them(opened):
    """Of four patients one has two infections: with a limit of two it is 1 of 4, not 1 of 1."""
    cohort = opened(
        people("thyroid_disease", "thyroid_disease", "other", "other"),
        events="patient_id event occurred_on\n1 infection 2020-01-01\n1 infection 2020-03-01",
    )

    found = by_key(ThyroidAntibodies(cohort, recurrent_from=2).infections())

    total = found["thyroid_antibodies/infections/total/count"]
    assert (total.value, total.n) == (1, 4)


def test_thyroid_disease_by_diagnosis_needs_somebody_with_one(opened):
    """Diagnoses that name no thyroid disease in anybody are no proof that nobody has it."""
    cohort = opened(people("other", "other"), diagnoses="patient_id condition\n1 systemic_lupus")

    found = by_key(ThyroidAntibodies(cohort, thyroid_by="diagnosis").frequency())

    assert isinstance(found[THYROID], NotEstimable)


def test_a_subtype_that_is_unknown_or_blank_is_in_no_group(opened):
    """Hashimoto positive, Graves negative, unknown and no diagnosis positive: 1/1 and 0/1."""
    cohort = opened(
        people(*["thyroid_disease"] * 4),
        diagnoses=(
            "patient_id condition subtype\n1 thyroid_disease hashimoto\n"
            "2 thyroid_disease ntmg\n3 thyroid_disease unknown"
        ),
        antibody_tests=(
            "patient_id assay result\n1 gift positive\n2 gift negative\n3 gift positive\n"
            "4 gift positive"
        ),
    )

    found = by_key(ThyroidAntibodies(cohort).by_subtype())

    shares = {
        name: (found[key].events, found[key].n)
        for name in ("autoimmune_thyroid", "not_autoimmune_thyroid", "unknown", "not_recorded")
        for key in (f"thyroid_antibodies/anti_pmn/{name}/proportion",)
    }
    assert shares == {
        "autoimmune_thyroid": (1, 1),
        "not_autoimmune_thyroid": (0, 1),
        "unknown": (1, 1),
        "not_recorded": (1, 1),
    }


def test_duffy_status_that_nobody_determined_is_a_line(opened):
    """Without the column there is no 0 of 3, and a word that it is not recorded."""
    cohort = opened(people(*["other"] * 3), labs=counts(3))

    found = CohortOverview(cohort).severity()

    assert isinstance(by_key(found)["cohort_overview/severity/duffy_null/proportion"], NotEstimable)
    assert "Duffy status is not recorded in this cohort." in [
        sentence.template for sentence in found.layout.sentences
    ]


def test_a_missing_count_is_no_grade(opened):
    """Three of five have a count, all mild: 3/3, and two apart."""
    cohort = opened(people(*["other"] * 5), labs=counts(3))

    found = by_key(CohortOverview(cohort).severity())

    mild = found["cohort_overview/severity/mild/proportion"]
    assert (mild.events, mild.n) == (3, 3)
    assert found["cohort_overview/severity/not_recorded/count"].value == 2


def test_a_model_leaves_out_what_is_not_recorded_and_says_so(opened):
    """Without a sex in anybody the model has its other covariates, and a note names the sex."""
    ages = people(*["thyroid_disease", "other"] * 6, sex="-").splitlines()
    infected = "\n".join(f"{number} recurrent_infections" for number in (1, 2, 4, 7))
    cohort = opened(
        "\n".join(line.replace(" 40 ", f" {30 + 3 * place} ") for place, line in enumerate(ages)),
        events=f"patient_id event\n{infected}",
    )

    asked = ThyroidAntibodies(cohort, model_covariates="thyroid_disease, age, female")
    found = asked.model()

    results = by_key(found)
    assert isinstance(results["thyroid_antibodies/logistic/female/odds_ratio"], NotEstimable)
    assert results["thyroid_antibodies/logistic/age/odds_ratio"].value > 0
    assert any("Female sex" in note for note in found.layout.tables[0].notes)


def test_what_a_study_uses_is_told_as_recorded_or_not(opened):
    """Ten patients, four of them with a GIFT result: six have none, and so it is said."""
    rows = [f"{number} S{number} 2024-01-01 gift false negative" for number in range(1, 5)]
    tests = "\n".join(["patient_id sample_id taken_on assay direct result", *rows])
    cohort = opened(people(*["thyroid_disease"] * 10), antibody_tests=tests)

    found = by_key(ThyroidAntibodies(cohort).unrecorded())

    head = "thyroid_antibodies/missing/assay_gift"
    assert found[f"{head}/recorded/count"].value == 4
    assert (found[f"{head}/proportion"].events, found[f"{head}/proportion"].n) == (6, 10)
