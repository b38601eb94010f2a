"""Two assays in two populations, and titres as ordered results, in hand-made cohorts."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from incohort.analyses.assay_yield.study import AssayYield
from incohort.cohort import open_cohort
from incohort.disclosure import PROFILES, Ledger, gate
from incohort.results import Estimate, Findings, NotEstimable, Suppressed
from incohort.shapes.measured import Measured

# Hui & Walter 1980: the Mantoux and the Tine test in two populations, a tenth of each
TUBERCULIN = {"female": (14, 4, 9, 528), "male": (887, 31, 37, 367)}
PATTERNS = (("positive", "positive"), ("positive", "negative"),
            ("negative", "positive"), ("negative", "negative"))  # fmt: skip
P = "assay_yield/populations/gift_gat"


def cohort_of(place: Path, patients: list[dict], tests: list[dict], privacy: str = "public") -> str:
    """A cohort folder of these rows."""
    place.mkdir()
    for name, records in (("patients", patients), ("antibody_tests", tests)):
        with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, records[0])
            writer.writeheader()
            writer.writerows(records)
    card = {"name": place.name, "title": "T", "incohort": {"privacy": privacy}, "resources": []}
    (place / "datapackage.json").write_text(json.dumps(card), encoding="utf-8")
    return str(place)


def two(place: Path, counts: dict[str, tuple[int, ...]], privacy: str = "public") -> str:
    """GIFT and GAT in populations that a column of `patients` tells apart: `value: counts`."""
    patients, tests = [], []
    for value, cells in counts.items():
        column = "sex" if value in {"female", "male", "unknown"} else "centre"
        column = "age_years" if value.isdigit() else column
        for words, n in zip(PATTERNS, cells, strict=True):
            for _ in range(n):
                name = f"P{len(patients)}"
                patients.append({"patient_id": name, "age_years": 10, column: value})
                tests += [
                    {"patient_id": name, "assay": assay, "result": word}
                    for assay, word in zip(("gift", "gat"), words, strict=True)
                ]
    return cohort_of(place, patients, tests, privacy)


def accuracy_of(place: str, **asked) -> Findings:
    """What notebook 03 says of accuracy."""
    return AssayYield(open_cohort(place), **{"resamples": 100, **asked}).accuracy()


def test_hui_and_walters_example_comes_out_of_a_cohort(tmp_path):
    """Printed in 1980: prevalences 0.0268 and 0.7168, errors 0.0067, 0.0159, 0.0339, 0.0312."""
    found = accuracy_of(two(tmp_path / "hw", TUBERCULIN), populations="sex").by_key

    def values(part: str) -> list[float]:
        return [found[f"{P}/{part}/{own}"].value for own in ("first", "second")]

    assert values("prevalence") == pytest.approx([0.0268, 0.7168], abs=5e-5)
    assert values("sensitivity") == pytest.approx([1 - 0.0339, 1 - 0.0312], abs=5e-5)
    assert values("specificity") == pytest.approx([1 - 0.0067, 1 - 0.0159], abs=5e-5)
    assert [found[f"{P}/first/{name}/count"].value for name in ("both", "only_gift")] == [14, 4]
    assert found[f"{P}/second/neither/count"].value == 367


def test_two_centres_are_two_populations(tmp_path):
    """The same counts by centre give the same numbers; A, the first by name, is the first."""
    by_centre = {"A": TUBERCULIN["female"], "B": TUBERCULIN["male"]}
    found = accuracy_of(two(tmp_path / "c", by_centre), populations="centre")

    assert found.by_key[f"{P}/prevalence/first"].value == pytest.approx(0.0268, abs=5e-5)
    (shown,) = (t for t in found.layout.tables if t.key == "assay_yield/populations/table")
    assert [column.label for column in shown.columns[1:3]] == ["Centre A", "Centre B"]


def test_age_splits_at_the_limit_itself(tmp_path):
    """Those of 20 years are the older where the limit is 20, and the younger where it is 21."""
    by_age = {"3": TUBERCULIN["female"], "20": TUBERCULIN["male"]}
    place = two(tmp_path / "a", by_age)
    at, above = (
        accuracy_of(place, populations="age", population_age=limit).by_key for limit in (20, 21)
    )

    assert at[f"{P}/prevalence/second"].value == pytest.approx(0.7168, abs=5e-5)
    assert [found[f"{P}/first/both/count"].value for found in (at, above)] == [14, 14 + 887]
    assert "one of the populations" in above[f"{P}/prevalence/second"].reason


@pytest.mark.parametrize(
    ("counts", "asked", "reason"),
    [
        ({"female": (20, 5, 3, 40), "male": (20, 5, 3, 40)}, "sex", "nothing shows that the two"),
        ({"female": (20, 5, 3, 40), "male": (19, 6, 3, 40)}, "sex", "nothing shows that the two"),
        ({"female": (20, 5, 3, 40)}, "sex", "one of the populations has no patient"),
        ({"female": (20, 5, 3, 40), "male": (5, 3, 2, 60)}, "age", "one of the populations has no"),
        ({"A": (9, 1, 1, 9), "B": (1, 1, 1, 9), "C": (5, 1, 1, 9)}, "centre", "exactly two"),
        ({"female": (20, 5, 3, 40), "male": (5, 3, 2, 60)}, "cause", "cause of neutropenia"),
        ({"female": (0, 30, 0, 10), "male": (0, 10, 0, 30)}, "sex", "tells nothing|equally well"),
    ],
)  # fmt: skip
def test_what_the_two_populations_can_not_tell_is_refused(tmp_path, counts, asked, reason):
    """Populations alike or alike but for chance, one only, none, an assay all negative."""
    found = accuracy_of(two(tmp_path / "r", counts), populations=asked).by_key

    answers = [found[f"{P}/{part}/{own}"] for part in ("prevalence", "sensitivity", "specificity")
               for own in ("first", "second")]  # fmt: skip
    assert all(isinstance(answer, NotEstimable) for answer in answers)
    assert any(part in answers[0].reason for part in reason.split("|")), answers[0].reason


def test_without_a_split_nothing_is_added(tmp_path):
    """By default no population is named and the report has no such table."""
    found = accuracy_of(two(tmp_path / "n", TUBERCULIN))

    assert not [key for key in found.by_key if "/populations/" in key]


def test_one_assay_is_no_pair(tmp_path):
    """Lane's marrow test stands alone: the reason says that two assays are needed."""
    found = accuracy_of("lane2009", populations="sex").by_key

    assert "two assays" in found["assay_yield/populations/none"].reason


@pytest.mark.parametrize("profile", ["opensafely", "darwin", "acro"])
def test_a_small_cell_withholds_what_is_worked_out_from_it(tmp_path, profile):
    """Three girls found by GAT alone: neither their cell nor the six numbers are shown."""
    counts = {"female": (40, 20, 3, 80), "male": (15, 14, 16, 190)}
    place = two(tmp_path / "d", counts, privacy="restricted")
    study = AssayYield(open_cohort(place), populations="sex", resamples=100)
    ledger, shown = Ledger(), {}
    for found in (study.design(), study.yields(), study.pairs(), study.accuracy()):
        shown |= gate(found, PROFILES[profile], ledger).by_key

    assert isinstance(shown[f"{P}/first/only_gat/count"], Suppressed)
    assert isinstance(shown[f"{P}/prevalence/first"], Suppressed)
    # the whole column's sum, or the other population's cell, does not stand beside it, unless
    # rounding leaves open whether they differ by more than the limit: 20 may be 22, and 15 be 13
    second = shown[f"{P}/second/only_gat/count"]
    whole = shown["assay_yield/pair/gift_gat/only_gat/count"]
    if isinstance(second, Estimate) and isinstance(whole, Estimate):
        assert (profile, whole.value, second.value) == ("opensafely", 20, 15)
        assert whole.value + 2 - (second.value - 2) > PROFILES[profile].limit


@pytest.mark.parametrize("profile", ["opensafely", "darwin", "acro"])
def test_the_few_in_neither_population_are_not_told_by_subtraction(tmp_path, profile):
    """Two of unknown sex: whole, first and second are not all shown, nor what comes of them."""
    counts = {"female": (60, 20, 30, 80), "male": (15, 24, 26, 190), "unknown": (0, 0, 2, 0)}
    place = two(tmp_path / "u", counts, privacy="restricted")
    study = AssayYield(open_cohort(place), populations="sex", resamples=100)
    ledger, shown = Ledger(), {}
    for found in (study.design(), study.yields(), study.pairs(), study.accuracy()):
        shown |= gate(found, PROFILES[profile], ledger).by_key

    own = [shown[f"{P}/{group}/only_gat/count"] for group in ("first", "second")]
    whole = shown["assay_yield/pair/gift_gat/only_gat/count"]
    if all(isinstance(result, Estimate) for result in (whole, *own)):  # each may be 2 off
        assert profile == "opensafely"
        assert whole.value + 2 - sum(part.value - 2 for part in own) > PROFILES[profile].limit
    if not all(isinstance(result, Estimate) for result in own):
        assert isinstance(shown[f"{P}/prevalence/first"], Suppressed)
    if not isinstance(whole, Estimate):  # 2·both / (2·both + only one) is a share without a count
        assert isinstance(shown["assay_yield/pair/gift_gat/positive_agreement"], Suppressed)


def test_weighted_kappa_of_titres(tmp_path):
    """Steps <8, 8, 16 by hand: two sera agree, one misses by one step and one by two."""
    pairs = [("<1:8", "<1:8"), ("1:16", "1:16"), ("1:8", "1:16"), ("1:16", "<1:8")]
    tests = [
        {"patient_id": f"P{i}", "assay": assay, "result": "positive", "titre": titre}
        for i, titres in enumerate(pairs)
        for assay, titre in zip(("gift", "gat"), titres, strict=True)
    ]
    place = cohort_of(tmp_path / "t", [{"patient_id": f"P{i}"} for i in range(4)], tests)
    found = AssayYield(open_cohort(place)).readings().by_key

    # GIFT has 1, 1, 2 in the steps, GAT 2, 0, 2; the seen and the chance weights in sixteenths
    linear = {"seen": (1 + 1 + 1 / 2 + 0) / 4, "chance": (2 + 2 * 0 + 1 + 1 + 2 * 0 + 4) / 16}
    quadratic = {"seen": (1 + 1 + 3 / 4 + 0) / 4, "chance": (2 + 1.5 + 1.5 + 4) / 16}
    for weights, part in (("linear", linear), ("quadratic", quadratic)):
        expected = (part["seen"] - part["chance"]) / (1 - part["chance"])
        kappa = found[f"assay_yield/titres/gift_gat/kappa_{weights}"]
        assert kappa.value == pytest.approx(expected)
        assert kappa.n == 4


@pytest.mark.parametrize(
    ("privacy", "n", "has"),
    [("public", 1, True), ("restricted", 9, False), ("restricted", 10, True)],
)
def test_from_ten_patients_on_a_restricted_cohort_is_told_to_have_readings(
    tmp_path, privacy, n, has
):
    """That fewer have one may be a secret; that a whole public cohort has none is the reason."""
    ids = [f"P{number}" for number in range(12)]
    rows = [
        {"patient_id": name, "assay": "gift", "result": "positive",
         "reading": "5.0" if place < n else ""}
        for place, name in enumerate(ids)
    ]  # fmt: skip
    place = cohort_of(tmp_path / "own", [{"patient_id": name} for name in ids], rows, privacy)
    question = AssayYield(open_cohort(place))._question
    measured = Measured(question.cohort, question.units, question.assays)

    assert ("gift" in measured.with_readings) == has
