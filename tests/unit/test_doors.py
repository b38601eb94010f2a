"""A parameter is checked alike at every door: command line, notebook's cell, papermill, Python."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

import incohort as ic
from incohort.analyses.studies import STUDIES, class_of, model_of
from incohort.cohort import Choices, RecoveryChoices
from incohort.dictionary import load
from incohort.errors import UsageError
from incohort.jupyter.assigned import CellRun
from incohort.jupyter.given import Given
from incohort.params.cell import WIDTH, cells_of, literal
from incohort.params.parameter import Kind, Parameter, as_typed, read_overrides
from incohort.params.renamed import RENAMED
from incohort.params.schema import schema_of
from incohort.reports.study_cells import study_parameters
from incohort.shapes.population import Selection

EACH = [(study, p) for study in STUDIES for p in model_of(study).parameters()]
IDS = [f"{study}-{p.name}" for study, p in EACH]


def by_command(study: str, name: str, value: Any) -> Any:
    """As typed after `-p`."""
    typed = value if isinstance(value, str) else as_typed(value)
    return read_overrides(model_of(study).parameters(), [f"{name}={typed}"])[name]


def by_python(study: str, name: str, value: Any) -> Any:
    """As `ic.anc_recovery(name=value)` takes it."""
    return getattr(model_of(study).of({name: value}), name)


def by_cell(study: str, name: str, value: Any) -> Any:
    """As the cells of a notebook assign it, papermill's after the tagged one."""
    rare, usual = cells_of(model_of(study).parameters())
    runs = [CellRun(text=text) for text in (rare, usual, f"{name} = {value!r}")]
    names: dict[str, Any] = {}
    for run in runs:
        exec(run.text.replace(repr(value), "None") if run is runs[-1] else run.text, names)  # noqa: S102
    given = Given(runs=runs, values={**names, name: value})
    return getattr(model_of(study).of(given.asked_of(model_of(study))), name)


def by_file(study: str, name: str, value: Any) -> Any:
    """As a copy of the notebook says it, when a run reads the file."""
    cell = f"{name} = {value!r}"
    found = study_parameters(study, [cell], "a_copy")
    return next(p.default for p in found if p.name == name)


TYPED: tuple[Callable[..., Any], ...] = (by_python, by_cell, by_file)


def limits(parameter: Parameter) -> Iterator[float]:
    """Each limit of a number, of the parameter's type."""
    kind = int if parameter.kind is Kind.INT else float
    yield from (kind(x) for x in (parameter.low, parameter.high) if x is not None)


def just_outside(parameter: Parameter) -> Iterator[float]:
    """The next number beyond each limit."""
    for limit, way in ((parameter.low, -math.inf), (parameter.high, math.inf)):
        if limit is not None and parameter.kind is Kind.INT:
            yield int(limit) + (1 if way > 0 else -1)
        elif limit is not None:
            yield math.nextafter(limit, way)


def good(parameter: Parameter) -> Iterator[Any]:
    """Values that a reader may choose, the limits among them."""
    yield parameter.default
    yield from limits(parameter)
    if parameter.kind is Kind.LITERAL or parameter.choices:
        yield from parameter.choices
    if parameter.kind is Kind.BOOL:
        yield from (True, False)


def bad(parameter: Parameter) -> Iterator[Any]:
    """Values that no door may let in, whatever it is called: (value, how it is typed)."""
    yield from just_outside(parameter)
    yield from ([], {}, date(2024, 1, 31), b"x", 1j)
    match parameter.kind:
        case Kind.LITERAL:
            yield from (1, True, "", str(parameter.choices[0]) + "x", f" {parameter.choices[0]}")
            yield str(parameter.choices[0]).capitalize()
        case Kind.STR if parameter.choices:
            yield from (1, True, "", f"{parameter.choices[0]}x", f"{parameter.choices[0]},")
        case Kind.STR if parameter.costs_of:
            yield from (1, "gift", "gift=-1", "gft=3", "gift=1, gift=2")
        case Kind.STR:
            yield from (1, 0.5, True)
        case Kind.BOOL:
            yield from (0, 1, "true", "no", 0.5)
        case Kind.INT:
            yield from (True, 1.5, 100.0, "1000", math.nan)
        case Kind.FLOAT:
            yield from (True, "0.95", "0,95", math.nan, math.inf)
        case _:
            pytest.fail("no study has such a parameter")
    if not parameter.is_optional:
        yield None


@pytest.mark.parametrize(("study", "parameter"), EACH, ids=IDS)
def test_each_limit_and_choice_is_let_in_at_every_door(study, parameter):
    """What a parameter may be arrives as what it is, whichever way it came."""
    for value in good(parameter):
        doors = TYPED if parameter.name == "cohort" else (*TYPED, by_command)
        for door in doors:
            if door is by_command and value is None:
                continue
            found = door(study, parameter.name, value)
            assert found == value, (door, value)
            assert type(found) is type(value), (door, value)


@pytest.mark.parametrize(("study", "parameter"), EACH, ids=IDS)
def test_all_else_is_refused_at_every_door_in_the_same_words(study, parameter):
    """A wrong type, the next number outside, a misspelt choice: one line that says what may be."""
    for value in bad(parameter):
        said = []
        for door in (by_python, by_cell):
            with pytest.raises(UsageError) as refused:
                door(study, parameter.name, value)
            said.append(str(refused.value))
        assert said[0] == said[1]
        assert said[0].startswith(
            f"Parameter {parameter.name!r} must be {parameter.describes}; got "
        )
        assert "\n" not in said[0]
        is_written = isinstance(value, int | str | None) or (
            isinstance(value, float) and math.isfinite(value)
        )
        if is_written:
            with pytest.raises(UsageError) as refused:
                by_file(study, parameter.name, value)
            assert str(refused.value).endswith(said[0])


@pytest.mark.parametrize(("study", "parameter"), EACH, ids=IDS)
def test_the_command_line_refuses_the_same_numbers_and_names(study, parameter):
    """Out of range or misspelt is so however it is typed, and is told in the same words."""
    if parameter.name == "cohort":
        return
    values = [*just_outside(parameter)]
    if parameter.kind is Kind.LITERAL or parameter.choices or parameter.costs_of:
        values += [value for value in bad(parameter) if isinstance(value, str)]
    for value in values:
        said = []
        for door in (by_command, by_python):
            with pytest.raises(UsageError) as refused:
                door(study, parameter.name, value)
            said.append(str(refused.value))
        assert said[0] == said[1]


@pytest.mark.parametrize(
    ("study", "values", "said"),
    [
        ("cohort_overview", {"sex": "Female"}, "Did you mean 'female'"),
        ("anc_recovery", {"episodes": "frist"}, "Did you mean 'first'"),
        ("anc_recovery", {"criteria": "drug induced"}, "Did you mean 'drug_induced'"),
        ("anc_recovery", {"recovery_threshold": 1500}, "from 0.1 to 10, in 10⁹/L; got '1500'"),
        ("anc_recovery", {"resamples": 50}, "from 100 to 100000; got '50'"),
        ("anc_recovery", {"conf_level": "0.9"}, "without quotation marks"),
        ("anc_recovery", {"seed": True}, "a whole number"),
        ("anc_recovery", {"conf_levl": 0.9}, "Did you mean 'conf_level'"),
        ("assay_yield", {"costs": "gift=30, gta=20"}, "Did you mean 'gat'"),
        ("thyroid_antibodies", {"model_covariates": "age; anc"}, "separated by commas"),
        ("gcsf_evidence", {"approximate": "yes"}, "true or false"),
    ],
)
def test_a_slip_in_python_is_one_line_with_a_remedy(study, values, said):
    """No slip runs in silence, and none needs a traceback to be understood."""
    with pytest.raises(UsageError, match=said.replace("^", r"\^")):
        getattr(ic, study)(**values)


@pytest.mark.parametrize("old", RENAMED)
def test_a_renamed_parameter_is_refused_with_its_new_name(old):
    """Whoever types what they always typed is told what it is called now."""
    new = RENAMED[old]
    (model, *_) = (model_of(s) for s in STUDIES if new in model_of(s).model_fields)
    assert old not in model.model_fields
    with pytest.raises(UsageError, match=f"{old!r} is called {new!r}"):
        model.of({old: 1})


@pytest.mark.parametrize("study", STUDIES)
def test_shared_parameters_are_the_same_everywhere(study):
    """One name has one range, one unit and one help, whichever study asks it."""
    mine = {p.name: p for p in model_of(study).parameters()}
    for other in STUDIES:
        for p in model_of(other).parameters():
            if p.name in mine and p.name not in {"group_by", "index_assay"}:
                one, same = mine[p.name], p
                assert (one.kind, one.low, one.high, one.choices, one.unit, one.help) == (
                    same.kind, same.low, same.high, same.choices, same.unit, same.help,
                ), p.name  # fmt: skip


@pytest.mark.parametrize("study", STUDIES)
def test_choices_of_a_cohort_have_the_names_and_defaults_of_the_parameters(study):
    """What an analysis hands on is what the model says: nothing is renamed or defaulted twice."""
    asked = model_of(study)()
    for kind in (Choices, Selection, RecoveryChoices):
        standard, own = kind(), asked.part(kind)
        if kind is RecoveryChoices:
            assert own.recovered_from == standard.recovered_from
            continue
        if kind is Choices and study == "assay_yield":
            continue  # grades nobody by choice; its window is one of test results
        assert own == standard


@pytest.mark.parametrize("study", STUDIES)
def test_what_a_parameter_picks_is_in_the_dictionary(study):
    """A choice among alternatives of the dictionary names alternatives that it has."""
    for parameter in model_of(study).parameters():
        if parameter.picks == "severity_systems":
            assert {*parameter.choices} == {s.name for s in load().definitions.severity_systems}
        elif parameter.picks:
            found = {one.name for one in load().definition(parameter.picks).alternatives}
            values = {one.value for one in load().definition(parameter.picks).alternatives}
            assert {*parameter.choices} - {"as_adults"} <= found
            assert parameter.choices or parameter.default in values


@pytest.mark.parametrize("study", STUDIES)
def test_the_written_cells_run_and_say_what_the_model_says(study):
    """Pasted into a notebook the cells assign each default, in lines that fit the screen."""
    parameters = model_of(study).parameters()
    names: dict[str, Any] = {}
    for cell in cells_of(parameters):
        exec(cell, names)  # noqa: S102 — that is the claim
        assert max(map(len, cell.splitlines()), default=0) <= WIDTH
    assert {p.name: names[p.name] for p in parameters} == model_of(study).defaults()
    assert study_parameters(study, cells_of(parameters), "a_copy") == parameters


@pytest.mark.parametrize("study", STUDIES)
def test_the_json_schema_allows_what_the_model_allows(study):
    """Each default is of the schema's type, each limit and choice is in it."""
    schema = json.loads(schema_of(study, study, model_of(study).parameters()))
    assert schema["additionalProperties"] is False
    for p in model_of(study).parameters():
        found = schema["properties"][p.name]
        assert found["default"] == p.default
        assert (found.get("minimum"), found.get("maximum")) == (p.low, p.high)
        if p.kind is Kind.LITERAL:
            assert found["enum"] == [*p.choices]


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_is_a_function_that_lists_its_parameters(study):
    """Whoever asks for help in a notebook reads every name that may be given."""
    assert study in dir(ic)
    assert all(p.name in getattr(ic, study).__doc__ for p in model_of(study).parameters())
    assert class_of(study).parameters is model_of(study)


@pytest.mark.parametrize("gone", ["Choices", "RecoveryDesign", "AncRecovery"])
def test_what_a_notebook_packed_before_says_what_to_write(gone):
    """A copy of an older notebook stops with the way on."""
    with pytest.raises(AttributeError, match=r"ic\.parameters\(\)"):
        getattr(ic, gone)


def test_outside_a_notebook_there_are_no_cells_to_read():
    """In plain Python the parameters are named, and the refusal shows how."""
    with pytest.raises(UsageError, match=r"ic\.anc_recovery\(cohort="):
        ic.parameters()


def test_a_literal_is_python_in_double_quotes():
    """What stands in a cell is read back as the same value."""
    assert [literal(v) for v in ('a"b', 1.0, None, True)] == ['"a\\"b"', "1.0", "None", "True"]
