"""What a cohort says of itself in its descriptor, held against its folder."""

from __future__ import annotations

import json

import pytest

from incohort.cohort.opened import of_source
from incohort.errors import UsageError
from incohort.sources import check, read


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


@pytest.mark.parametrize(
    ("name", "rule", "remedy"),
    [
        ("death", "what was collected is in the data dictionary", "Did you mean 'deaths'?"),
        ("weather", "what was collected is in the data dictionary", "all_diagnoses, all_visits."),
        (
            "all_visits",
            "what was collected has its table, visits",
            "Add visits.csv, which may have a header and no row, or take it off the list.",
        ),
    ],
)
def test_what_was_collected_is_known_and_has_its_table(mine, name, rule, remedy):
    """A misspelt one would make of an absent row a no, or of a no nothing."""
    mine.write("events", {})
    text = json.dumps({"incohort": {"collected": ["infections", name]}})
    ((_, place, value, told_rule, told_remedy),) = told(mine, text)

    assert (place, value, told_rule) == ("incohort.collected", name, rule)
    assert told_remedy.endswith(remedy)


@pytest.mark.parametrize(
    ("about", "deaths", "infections"),
    [
        ({}, None, None),
        ({"collected": []}, False, False),
        ({"collected": ["deaths"]}, True, False),
        ({"collected": ["infections", "deaths"]}, True, True),
    ],
)
def test_a_cohort_tells_what_it_collected(mine, about, deaths, infections):
    """Of one that says nothing, nothing is known; the rest of a list was not collected."""
    mine.text("events.csv", "patient_id,event,occurred_on\n")
    mine.text("datapackage.json", json.dumps({"incohort": about}))
    cohort = of_source(read(mine.path))

    assert (cohort.collects("deaths"), cohort.collects("infections")) == (deaths, infections)
    with pytest.raises(UsageError, match="Did you mean 'infections'"):
        cohort.collects("infection")


PUBLIC = {"privacy": "public"}


@pytest.mark.parametrize(
    ("content", "place", "meant"),
    [
        ({"Incohort": {"privacy": "restricted"}, "incohort": PUBLIC}, "Incohort", "incohort"),
        ({"INCOHORT": {"privacy": "restricted"}}, "INCOHORT", "incohort"),
        ({"incohrt": {"privacy": "restricted"}, "incohort": PUBLIC}, "incohrt", "incohort"),
        ({"incohort ": {"privacy": "restricted"}}, "incohort ", "incohort"),
        ({"іncohort": {"privacy": "restricted"}}, "іncohort", "incohort"),
        ({"privacy": "restricted", "incohort": PUBLIC}, "privacy", "incohort.privacy"),
        ({"privacy": "public", "incohort": PUBLIC}, "privacy", "incohort.privacy"),
        ({"Privacy": "restricted"}, "Privacy", "incohort.privacy"),
        ({"privcy": "restricted", "incohort": PUBLIC}, "privcy", "incohort.privacy"),
        ({"incohort.privacy": "restricted"}, "incohort.privacy", "incohort.privacy"),
        ({"incohort_privacy": "public"}, "incohort_privacy", "incohort.privacy"),
        ({"data-privacy": "restricted"}, "data-privacy", "incohort.privacy"),
        ({"private": True, "incohort": PUBLIC}, "private", "incohort.privacy"),
        ({"Public": False, "incohort": PUBLIC}, "Public", "incohort.privacy"),
        ({"synthetic_column": ["labs.PLT"]}, "synthetic_column", "incohort.synthetic_columns"),
        (
            {"resources": [{"path": "patients.csv", "privacy": "restricted"}], "incohort": PUBLIC},
            "resources.0.privacy",
            "incohort.privacy",
        ),
        (
            {"resources": [{"path": "patients.csv", "incohort": {"privacy": "restricted"}}]},
            "resources.0.incohort",
            "incohort",
        ),
    ],
)
def test_a_word_on_privacy_where_nobody_reads_it_is_a_fault(mine, content, place, meant):
    """Beside the real one it contradicts it, alone it does nothing: neither passes in silence."""
    found = told(mine, json.dumps(content))

    assert found[0][1] == place
    assert f"Did you mean {meant!r}?" in found[0][-1]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"incohort": {"privacy": "Public"}}', "incohort.privacy"),
        ('{"incohort": {"privacy": " public"}}', "incohort.privacy"),
        ('{"incohort": {"privacy": "open"}}', "incohort.privacy"),
        ('{"incohort": {"privacy": ["public"]}}', "incohort.privacy"),
        ('{"incohort": {"privacy": true}}', "incohort.privacy"),
        ('{"incohort": {"privacy": null}}', "incohort.privacy"),
        ('{"incohort": {"Privacy": "restricted", "privacy": "public"}}', "incohort.Privacy"),
        ('{"incohort": {"privacy": "public", "private": true}}', "incohort.private"),
        ('{"incohort": "public"}', "incohort"),
        ('{"incohort": null}', "incohort"),
        ('{"incohort": [{"privacy": "public"}]}', "incohort"),
    ],
)
def test_a_privacy_that_is_neither_word_is_a_fault(mine, text, place):
    """Public and restricted are the only words, written so; nothing is guessed from another."""
    assert place in [column for _, column, *_ in told(mine, text)]


def test_what_data_packages_hold_is_no_word_on_privacy(mine):
    """The standard's own names, others' additions and columns of any name are let through."""
    content = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "mine",
        "id": "x",
        "profile": "tabular-data-package",
        "title": "Public data on privacy",
        "description": "incohort",
        "homepage": "https://example.org",
        "version": "1",
        "created": "2026-01-01T00:00:00Z",
        "keywords": ["privacy"],
        "contributors": [{"title": "A", "roles": ["contact"]}],
        "image": "a.png",
        "licenses": [{"name": "CC0-1.0"}],
        "sources": [{"title": "A"}],
        "x_funding": "none",
        "privacyPolicy": "https://example.org",
        "incohort": {"privacy": "public"},
        "resources": [
            {
                "path": "patients.csv",
                "schema": {"fields": [{"name": "privacy"}, {"name": "incohort"}]},
            }
        ],
    }
    assert told(mine, json.dumps(content)) == []
