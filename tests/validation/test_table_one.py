"""Table 1 beside a library that many papers use: the same medians, counts and differences."""

from __future__ import annotations

import json
import re
import warnings
from statistics import mean, variance

import pytest

from incohort.analyses.cohort_overview.study import CohortOverview
from incohort.cohort import Choices, open_cohort, patient_frame
from incohort.results import NotEstimable

WITH_A_SEX = ("female", "male")
CONTINUOUS = {"age": "age_years", "hb": "lab_HB", "plt": "lab_PLT"}


@pytest.fixture(scope="module")
def ours() -> dict:
    """Table 1 of the mixed cohort by sex."""
    overview = CohortOverview(open_cohort("mixed_synthetic"))
    return overview.characteristics("sex").by_key


@pytest.fixture(scope="module")
def theirs():
    """The same by tableone; it warns of its own old ways with pandas and SciPy."""
    frame = patient_frame(open_cohort("mixed_synthetic"), Choices())
    frame = frame[frame["sex"].isin(WITH_A_SEX)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tableone import TableOne  # noqa: PLC0415 — it warns while it is imported

        table = TableOne(
            frame,
            columns=[*CONTINUOUS.values(), "aetiology"],
            categorical=["aetiology"],
            groupby="sex",
            nonnormal=list(CONTINUOUS.values()),
            decimals=3,
            overall=False,
        )
    return table.tableone


@pytest.mark.parametrize("sex", WITH_A_SEX)
@pytest.mark.parametrize(("name", "column"), CONTINUOUS.items())
def test_medians_and_quartiles_agree(ours, theirs, sex, name, column):
    """Three numbers of each cell, to the three decimals that the library prints."""
    cell = theirs.loc[f"{column}, median [Q1,Q3]"][("Grouped by sex", sex)].iloc[0]
    printed = [float(number) for number in re.findall(r"-?\d+\.\d+", cell)]
    keys = [f"cohort_overview/table_one/{sex}/{name}/{part}" for part in ("median", "q1", "q3")]

    assert [ours[key].value for key in keys] == pytest.approx(printed, abs=0.0005000001)


@pytest.mark.parametrize("sex", WITH_A_SEX)
def test_counts_and_shares_agree(ours, theirs, sex):
    """Every cause's count among women and men, and the percentage that follows."""
    rows = theirs.loc["aetiology, n (%)"][("Grouped by sex", sex)]
    counts = {cause: int(cell.partition(" ")[0]) for cause, cell in rows.items()}
    prefix = f"cohort_overview/table_one/{sex}/aetiology"
    of_ours = {
        key.split("/")[-2]: result.events
        for key, result in ours.items()
        if key.startswith(prefix) and key.endswith("/proportion")
    }

    assert counts
    assert {cause: n for cause, n in of_ours.items() if n} == {c: n for c, n in counts.items() if n}


AGES = {
    "north": [30, 34, 38, 41, 45, 47, 52, 56, 58, 61, 63],
    "south": [33, 36, 39, 44, 46, 51, 53, 57, 60, 62, 66],
    "small": [88, 90],
}


@pytest.fixture
def by_centre(tmp_path):
    """Table 1 by centre, of patients whose age is all that is known of them."""

    def laid_out(ages: dict[str, list[int]], privacy: str = "public"):
        lines = [(age, centre) for centre, own in ages.items() for age in own]
        rows = "".join(f"P{n},{age},{centre}\n" for n, (age, centre) in enumerate(lines))
        (tmp_path / "patients.csv").write_text(f"patient_id,age_years,centre\n{rows}")
        (tmp_path / "datapackage.json").write_text(
            json.dumps(
                {
                    "name": "cohort",
                    "resources": [{"name": "patients", "path": "patients.csv"}],
                    "incohort": {"privacy": privacy},
                }
            )
        )
        opened = open_cohort(str(tmp_path))
        found = CohortOverview(opened, describe="everybody")
        return found.characteristics("centre")

    return laid_out


def test_the_largest_difference_is_never_that_of_a_handful(by_centre):
    """Two patients of 88 and 90 make no balance; the note says that they were too few, and how."""
    found = by_centre(AGES)
    a, b = AGES["north"], AGES["south"]
    smd = abs(mean(a) - mean(b)) / ((variance(a) + variance(b)) / 2) ** 0.5
    shown = found.by_key["cohort_overview/table_one/age/smd"]

    assert shown.value == pytest.approx(smd)
    assert shown.n == len(a) + len(b)
    (table,) = found.layout.tables
    assert any("at least 10 patients" in note and "(2)." in note for note in table.notes)


def test_with_one_group_of_a_size_there_is_no_largest_difference(by_centre):
    """A reason instead of a number."""
    few = {"north": AGES["north"], "south": AGES["south"][:9], "small": AGES["small"]}
    shown = by_centre(few).by_key["cohort_overview/table_one/age/smd"]

    assert isinstance(shown, NotEstimable)
    assert "fewer than two groups" in shown.reason


def test_of_a_restricted_cohort_no_small_group_is_named(by_centre):
    """How few somebody's group holds stays behind the gate."""
    (table,) = by_centre(AGES, privacy="restricted").layout.tables
    assert not any("Too small" in note for note in table.notes)


def test_a_last_bar_without_an_end_says_so(tmp_path):
    """Of 40 counts up to 0.9 and three of 3, 4 and 5 the last bar holds these, and the caption."""
    values = [n / 50 for n in range(6, 46)] + [3, 4, 5]
    rows = "".join(f"P{n},ANC,2024-01-01,{v},10*9/L\n" for n, v in enumerate(values))
    ids = "".join(f"P{n}\n" for n in range(len(values)))
    (tmp_path / "patients.csv").write_text(f"patient_id\n{ids}")
    (tmp_path / "labs.csv").write_text(f"patient_id,analyte,taken_at,value,unit\n{rows}")
    resources = [{"name": name, "path": f"{name}.csv"} for name in ("patients", "labs")]
    for privacy in ("public", "restricted"):
        card = {"name": "own", "resources": resources, "incohort": {"privacy": privacy}}
        (tmp_path / "datapackage.json").write_text(json.dumps(card))
        found = CohortOverview(open_cohort(str(tmp_path))).counts()
        (figure,) = found.layout.figures
        last = found.by_key[figure.series[0].keys[-1]]
        assert last.label.endswith("or above")
        assert f"holds all from {last.label.split()[0]} up" in figure.caption
        assert ("the highest is 5" in figure.caption) == (privacy == "public")
