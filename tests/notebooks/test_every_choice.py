"""Every value that a parameter may take gives an answer, or the reason why there is none."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from answers import DRAWS, few_draws, told, unfit
from reading import Usual

from incohort.dictionary.files import bundled
from incohort.params.parameter import Kind, Parameter
from incohort.reports.notebooks import bundled_notebooks, read_notebook


def values_of(parameter: Parameter) -> tuple[object, ...]:
    """Each choice, each name of a list, each limit: what a reader may choose."""
    match parameter.kind:
        case Kind.BOOL:
            return (True, False)
        case Kind.INT | Kind.FLOAT:
            kind = int if parameter.kind is Kind.INT else float
            return tuple(kind(limit) for limit in (parameter.low, parameter.high))
        case _ if parameter.costs_of:
            return ("gift=30, gat=20",)
        case _:
            return parameter.choices


# A list of causes or subtypes is read name by name in the same way: its ends stand for the rest.
LISTS = ("immune_causes", "other_causes", "autoimmune_subtypes", "diseases")
CASES = [
    (notebook, parameter, value)
    for notebook in bundled_notebooks()
    for parameter in read_notebook(notebook).parameters
    for value in (
        values_of(parameter) if parameter.name not in LISTS
        else (parameter.choices[0], parameter.choices[-1])
    )
    if value != parameter.default and (parameter.name, value) != ("resamples", parameter.high)
]  # fmt: skip

PARAMETERS = list(dict.fromkeys(case[:2] for case in CASES))
ENOUGH = 75  # patients of a synthetic cohort: what is asked here is each choice, not each patient


@pytest.fixture(scope="session")
def own_cohort(tmp_path_factory) -> Callable[[str], str]:
    """What a notebook is asked of by default: its cohort, of a large synthetic one a part."""

    @cache
    def of(notebook: str) -> str:
        name = str(read_notebook(notebook).defaults["cohort"])
        source = bundled("data_dictionary") / "cohorts" / name
        card = json.loads((source / "datapackage.json").read_text(encoding="utf-8"))["incohort"]
        if card["origin"] != "synthetic":
            return name
        part = tmp_path_factory.mktemp("part") / name
        part.mkdir()
        ids = [row["patient_id"] for row in rows_of(source / "patients.csv")]
        kept = set(ids[:: max(1, len(ids) // ENOUGH)])
        for path in source.iterdir():
            write_part(path, part / path.name, kept)
        return str(part)

    return of


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write_part(source: Path, target: Path, kept: set[str]) -> None:
    """A cohort's file with the rows of some patients; what is no table as it is."""
    rows = rows_of(source) if source.suffix == ".csv" else []
    if not rows or "patient_id" not in rows[0]:
        target.write_bytes(source.read_bytes())
        return
    with target.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(row for row in rows if row["patient_id"] in kept)


@pytest.fixture(scope="session")
def usual(run_cells):
    """What a notebook's parts answer by default, with what each read, and what is told then."""

    @cache
    def of(notebook: str, cohort: str) -> tuple[Usual, dict[str, object]]:
        parts = Usual()
        with parts.noted():
            return parts, told(run_cells(notebook, **few_draws(notebook), cohort=cohort))

    return of


@pytest.fixture(scope="session")
def outcome(run_cells, usual):
    """What is unfit of a notebook with one value changed, and whether any number changed.

    Only the parts that read the parameter are asked again.
    """

    @cache
    def of(notebook: str, name: str, value: object, cohort: str) -> tuple[list[str], bool]:
        parts, before = usual(notebook, cohort)
        values = {"cohort": cohort, **few_draws(notebook), name: value}
        with parts.but_for(name):
            findings = run_cells(notebook, **values)
        return unfit(findings), told(findings) != before

    return of


@pytest.mark.parametrize(
    ("notebook", "parameter", "value"),
    CASES,
    ids=[f"{notebook[:2]}-{parameter.name}-{value}" for notebook, parameter, value in CASES],
)
def test_each_allowed_value_runs(outcome, own_cohort, notebook, parameter, value):
    """No value that a reader may choose breaks a cell, or shows a number that is none."""
    assert outcome(notebook, parameter.name, value, own_cohort(notebook))[0] == []


@pytest.mark.parametrize(
    ("notebook", "parameter"),
    PARAMETERS,
    ids=[f"{notebook[:2]}-{parameter.name}" for notebook, parameter in PARAMETERS],
)
def test_each_parameter_changes_some_number_or_says_where_it_acts(
    outcome, own_cohort, notebook, parameter
):
    """On the notebook's own cohort or the mixed clinic; what was run above isn't run again."""
    values = [case[2] for case in CASES if case[:2] == (notebook, parameter)]
    changes = (
        outcome(notebook, parameter.name, value, cohort)[1]
        for cohort in (own_cohort(notebook), "mixed_synthetic")
        for value in values
    )

    assert parameter.acts or parameter.name in (*DRAWS, "cohort") or any(changes)


@pytest.mark.parametrize(
    ("notebook", "name", "value"),
    [
        ("02_thyroid_antibodies", "model_outcome", "anti_pmn"),
        ("03_assay_yield", "costs", "gift=30, gat=20"),
        ("04_anc_recovery", "group_by", "sex"),
        ("04_anc_recovery", "landmark_day", 0),
        ("05_gcsf_evidence", "pooling", "fixed"),
    ],
)
def test_whoever_does_not_read_a_parameter_says_the_same(
    run_cells, usual, own_cohort, notebook, name, value
):
    """All parts asked anew say what those say that read it, beside the usual words of the rest."""
    cohort = own_cohort(notebook)
    values = {**few_draws(notebook), "cohort": cohort, name: value}
    parts, before = usual(notebook, cohort)
    with parts.but_for(name):
        found = told(run_cells(notebook, **values))

    assert found == told(run_cells(notebook, **values)) != before
    assert 0 < sum(name in reads for reads in parts.reads.values()) < len(parts.reads)
