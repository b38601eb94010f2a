"""The mapping file: what is wrong in it is told with its line and the nearest name."""

from __future__ import annotations

import pytest

from incohort.dictionary import DictionaryError, load
from incohort.errors import UsageError
from incohort.imports.meds.mapping import locate_mapping, mappings, read_mapping

GOOD = """name: ours
title: Ours
index_date: [first_count]
labs:
  - {analyte: ANC, unit: K/uL, codes: ["LAB//1//K/uL"]}
"""


@pytest.mark.parametrize(
    ("was", "becomes", "line", "said"),
    [
        ("title: Ours", "titel: Ours", 2, "did you mean 'title'"),
        ("analyte: ANC", "analyte: ANCC", 5, "did you mean 'ANC'"),
        ("unit: K/uL", "unit: KuL", 5, "no unit of ANC"),
        ("unit: K/uL", "unit: mg/dL", 5, "accepts 10*9/L"),
        ("[first_count]", "[first_cuont]", 3, "first_count"),
        ("[first_count]", "[]", 3, "at least 1 item"),
        ("LAB//1//K/uL", "LAB//*//K/uL", 5, "beginning followed by one *"),
        ('["LAB//1//K/uL"]', '["LAB//1//K/uL", "LAB//1//K/uL"]', 1, "stands twice"),
        ("title: Ours", "title: Ours\nsex: [{sex: femal, codes: [F]}]", 3, "did you mean 'female'"),
        ("title: Ours", "title: Ours\ndrugs: [{drug: clozapin, codes: [D]}]", 3, "'clozapine'"),
        (
            "title: Ours",
            "title: Ours\ndiagnoses: [{condition: thyroid, code_system: icd10, codes: [E05]}]",
            3,
            "did you mean 'thyroid_disease'",
        ),
    ],
)
def test_fault_of_a_mapping_names_line_and_nearest(tmp_path, was, becomes, line, said):
    """A wrong name is refused where it stands, with the one that was probably meant."""
    path = tmp_path / "ours.yaml"
    assert was in GOOD
    path.write_text(GOOD.replace(was, becomes), encoding="utf-8")

    with pytest.raises(DictionaryError) as refusal:
        read_mapping(path)
    assert f"ours.yaml:{line}: " in str(refusal.value)
    assert said.lower() in str(refusal.value).lower()


def test_unknown_mapping_is_refused_with_those_that_come_along():
    """A mapping that is neither a name nor a file is refused with the nearest name."""
    with pytest.raises(UsageError, match="Did you mean 'mimic_meds'"):
        locate_mapping("mimic_med")


@pytest.mark.parametrize("name", mappings())
def test_mapping_that_comes_along_is_whole(name):
    """Each mapping that ships is right, bears its file's name, and names its source."""
    mapping = read_mapping(locate_mapping(name))

    assert mapping.name == name
    assert mapping.licence is not None
    assert mapping.sources
    assert {entry.analyte for entry in mapping.labs} <= set(load().analytes)
