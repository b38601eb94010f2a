"""What a cohort says of itself in its descriptor, held against its folder."""

from __future__ import annotations

import json

import pytest

from incohort.sources import check


def told(mine, text):
    """The faults of a descriptor beside a cohort without any other."""
    mine.text("datapackage.json", text)
    return [(f.table, f.column, f.value, f.rule, f.remedy) for f in check(mine.path)]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"incohort": {"privacy": "public", "privacy": "restricted"}}', "privacy"),
        ('{"title": "a", "title": "a"}', "title"),
        ('{"resources": [{"path": "patients.csv", "path": "labs.csv"}]}', "path"),
    ],
)
def test_a_key_that_stands_twice_in_the_descriptor_is_told(mine, text, key):
    """A privacy that can be read either way is neither; the cohort counts as restricted."""
    ((table, _, value, rule, remedy),) = told(mine, text)

    assert (table, value, rule) == ("datapackage.json", key, "datapackage.json gives each key once")
    assert "restricted" in remedy


@pytest.mark.parametrize(
    ("resource", "shown"),
    [
        ({"path": "labs.csv"}, "labs.csv"),
        ({"path": "../patients.csv"}, "../patients.csv"),
        ({"path": "data/patients.csv"}, "data/patients.csv"),
        ({"path": ["patients.csv"]}, '["patients.csv"]'),
    ],
)
def test_a_resource_that_does_not_lie_in_the_folder_is_told(mine, resource, shown):
    """A table that is listed and absent, or lies elsewhere, was not read; one beside it is fine."""
    resources = [{"path": "patients.csv"}, resource]
    ((table, column, value, rule, _),) = told(mine, json.dumps({"resources": resources}))

    assert (table, column, value) == ("datapackage.json", "resources", shown)
    assert rule == "each resource is one file in the cohort's folder"


@pytest.mark.parametrize(
    ("column", "nearest"),
    [("labs.ANCC", "labs.ANC"), ("patients.sexx", "patients.sex"), ("labs.valu", "labs.value")],
)
def test_an_invented_column_that_does_not_exist_is_told(mine, column, nearest):
    """Mistyped, it would pass for observed; the right names beside it are no faults."""
    columns = ["labs.PLT", "patients.birth_date", column]
    text = json.dumps({"incohort": {"synthetic_columns": columns}})
    ((_, place, value, rule, remedy),) = told(mine, text)

    assert (place, value) == ("incohort.synthetic_columns", column)
    assert rule == "the column is in the data dictionary"
    assert remedy.endswith(f"Did you mean {nearest!r}?")
