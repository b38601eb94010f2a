"""The parameters cell and what may be typed for it."""

from __future__ import annotations

from datetime import date

import pytest

from incohort.analyses.cohort_overview.parameters import OverviewParameters
from incohort.dictionary import load
from incohort.errors import UsageError
from incohort.params.parameter import effective, read_overrides
from incohort.reports.notebooks import read_notebook
from incohort.reports.parameters_cell import parse_parameters

CELL = """from datetime import date
from typing import Literal

cohort: str = "kyritsi2015"  # the cohort's name, or the folder that holds it
conf_level: float = 0.95  # (0.5 to 0.999) how wide every interval is
min_tested: int = 1  # (at least 1) fewest tested patients that a subtype needs
most: float | None = None  # (at most 5)
subtypes: str = "hashimoto, graves"  # (any of hashimoto, graves, ttm) counted as autoimmune
index_assay: Literal["gift", "gat"] = "gift"  # the assay that decides who is positive
costs: str = ""  # (costs of gift, gat) what one test costs
code: str = ""  # a code of the laboratory (free text)
adults_only: bool = True  # leave children out
until: date | None = None  # the last index date that counts
since: date = date(2000, 1, 31)
"""


@pytest.fixture
def parameters():
    return parse_parameters(CELL, "a_notebook")


def test_the_cell_runs_as_it_stands():
    """What declares the types needs nothing but the two imports that it may hold."""
    exec(CELL, {})  # noqa: S102 — that is the claim


def test_names_defaults_and_help_are_read(parameters):
    """Names keep their order, rules are taken out of the help, other parentheses stay in it."""
    by_name = {p.name: p for p in parameters}

    assert next(iter(by_name)) == "cohort"
    assert by_name["conf_level"].help == "how wide every interval is"
    assert by_name["code"].help == "a code of the laboratory (free text)"
    assert by_name["since"].default == date(2000, 1, 31)
    assert by_name["conf_level"].describes == "a number from 0.5 to 0.999"
    assert by_name["index_assay"].describes == "one of gift, gat"
    assert by_name["until"].describes == "a date like 2024-01-31, or None"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("conf_level=0.9", 0.9),
        ("conf_level=0.5", 0.5),
        ("conf_level=9e-1", 0.9),
        ("min_tested=007", 7),
        ("most=-3", -3.0),
        ("most=None", None),
        ("costs=gift=30, gat=20.5", "gift=30, gat=20.5"),
        ("costs=", ""),
        ("code=007", "007"),
        ("code=", ""),
        ("code=a=b", "a=b"),
        ("code=None", "None"),
        ("adults_only=false", False),
        ("adults_only=True", True),
        ("subtypes=ttm", "ttm"),
        ("subtypes=ttm,graves", "ttm,graves"),
        ("index_assay=gat", "gat"),
        ("until=2024-02-29", date(2024, 2, 29)),
    ],
)
def test_a_text_becomes_the_declared_type(parameters, typed, value):
    """What is typed for a parameter becomes its type, and nothing else."""
    (found,) = read_overrides(parameters, [typed]).values()

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "typed",
    [
        "conf_level=1",
        "conf_level=0.4999",
        "conf_level=nan",
        "conf_level=inf",
        "conf_level=1e999",
        "conf_level=0,9",
        "conf_level=None",
        "conf_level= 0.9",
        "conf_level=٠.٩",
        "min_tested=0",
        "min_tested=1.0",
        "min_tested=1_000",
        "min_tested=true",
        "adults_only=0",
        "adults_only=no",
        "adults_only=",
        "subtypes=",
        "subtypes=ttm,,graves",
        "subtypes=Graves",
        "costs=gift",
        "costs=gift=-1",
        "costs=gift=nan",
        "costs=gift=٣",
        "costs=gift=1, gift=2",
        "costs=lift=3",
        "index_assay=lift",
        "until=2024-02-30",
        "until=29.02.2024",
        "until=20240229",
    ],
)
def test_a_wrong_value_is_refused_with_what_it_may_be(parameters, typed):
    """No value of another type, out of range or unknown gets through, and the refusal says why."""
    name, _, text = typed.partition("=")
    (parameter,) = [p for p in parameters if p.name == name]

    with pytest.raises(UsageError) as refused:
        read_overrides(parameters, [typed])
    assert parameter.describes in str(refused.value)
    assert repr(text) in str(refused.value)


def test_an_unknown_name_is_refused_with_the_nearest_and_the_list(parameters):
    """A slip of the finger is answered with the name that was meant, and with all there are."""
    with pytest.raises(UsageError, match=r"'conf_levl'.*'conf_level'.*adults_only, code"):
        read_overrides(parameters, ["conf_levl=0.9"])


def test_a_wrong_choice_is_refused_with_the_nearest(parameters):
    """A misspelt name in a list is answered with the one that was meant."""
    with pytest.raises(UsageError, match="Did you mean 'hashimoto'"):
        read_overrides(parameters, ["subtypes=graves, hashimotto"])


def test_a_cost_of_an_unknown_assay_is_refused_with_the_nearest(parameters):
    """Costs are read before a notebook starts, and a misspelt assay is answered with its name."""
    with pytest.raises(UsageError, match=r"'costs'.*'gift=30, gta=20'.*Did you mean 'gat'"):
        read_overrides(parameters, ["costs=gift=30, gta=20"])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["conf_level"], "name=value"),
        (["conf_level=0.9", "conf_level=0.8"], "given twice"),
        (["cohort=other"], "--cohort"),
    ],
)
def test_a_wrong_form_is_refused(parameters, typed, said):
    """An assignment stands once, has a value, and leaves the cohort to its own option."""
    with pytest.raises(UsageError, match=said):
        read_overrides(parameters, typed)


def test_defaults_stand_where_nothing_is_changed(parameters):
    """Every parameter has a value in a run, changed or not."""
    values = effective(parameters, {"conf_level": 0.9})

    assert values["conf_level"] == 0.9
    assert values["min_tested"] == 1
    assert list(values) == [p.name for p in parameters]


@pytest.mark.parametrize(
    "line",
    [
        "conf_level = 0.95",
        "conf_level: float",
        "conf_level: float = 1 / 2",
        "conf_level: float = 1.5  # (0.5 to 0.999) out of its own range",
        "conf_level: float = True",
        "n: int = 1.0",
        "n: bool = 1",
        "n: str = None",
        "n: list[str] = []",
        "n: Literal[other] = 1",
        'n: Literal["a", "b"] = "c"',
        "n: int = 1  # (one to three) a rule that nothing enforces",
        "n: str = ''  # (0 to 3) a rule for numbers",
        "n: int = 1  # (costs of gift) a rule for text",
        "n: str = 'gift'  # (costs of gift) a default that is no cost",
        "when: date = date(2024, 2, 30)",
        "import os",
        "from typing import Any",
        "from typing import Literal as L",
        "print('computed')",
        "n: int = 1\nn: int = 2",
        "n: int = (",
    ],
)
def test_a_cell_that_promises_more_than_can_be_kept_is_refused(line):
    """Nothing derived, no unknown type, no rule that could not be enforced, no untyped value."""
    with pytest.raises(UsageError, match="'a_notebook'"):
        parse_parameters(line, "a_notebook")


def test_a_limit_of_many_digits_is_written_in_full():
    """A clinician reads 2147483647, not 2.14748e+09."""
    (seed,) = parse_parameters("seed: int = 1  # (0 to 2147483647) where to begin\n", "a_notebook")

    assert seed.describes == "a whole number from 0 to 2147483647"


def test_the_assays_a_notebook_lists_are_those_of_the_dictionary():
    """An assay that is added to the dictionary can be compared, and have a cost, at once."""
    by_name = {p.name: p for p in read_notebook("03_assay_yield").parameters}
    tests = load().table("antibody_tests").columns
    assays = {c.value for column in tests if column.name == "assay" for c in column.categories}

    assert set(by_name["assays"].choices) == set(by_name["costs"].costs_of) == assays


def test_what_is_changed_is_changed_and_none_changes_nothing():
    """A method of a study takes its parameters over, but for those that are given to it."""
    asked = OverviewParameters.of({"cohort": "mine", "conf_level": 0.9})
    assert asked.but(conf_level=None) is asked
    assert asked.but(conf_level=0.99, sex=None).values == {**asked.values, "conf_level": 0.99}
    with pytest.raises(UsageError):
        asked.but(conf_level=2.0)
