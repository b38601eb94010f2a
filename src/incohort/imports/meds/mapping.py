"""What a hospital's MEDS codes mean in the data dictionary: a mapping file and its form."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from incohort.dictionary import bundled, load, unknown_name
from incohort.dictionary.files import is_regular, typed_path
from incohort.dictionary.nearest import nearest_name
from incohort.dictionary.parse import parse_file
from incohort.dictionary.units import unit_meant

DEFAULT = "mimic_meds"
ANY_END = "*"


def _refusal(message: str) -> PydanticCustomError:
    return PydanticCustomError("mapping", "{message}", {"message": message})


def _known(kind: str, value: str, candidates: Iterable[str]) -> str:
    known = tuple(candidates)
    if value in known:
        return value
    match = nearest_name(value, known)
    hint = f"; did you mean {match!r}?" if match else ""
    raise _refusal(f"not {kind} of the dictionary{hint}")


def _category(table: str, column: str, value: str) -> str:
    spec = next(c for c in load().table(table).columns if c.name == column)
    return _known(f"a value of {table}.{column}", value, (c.value for c in spec.categories))


def _pattern(code: str) -> str:
    if ANY_END in code[:-1] or code in {"", ANY_END}:
        raise _refusal(f"a code is whole, or its beginning followed by one {ANY_END}")
    return code


CodePattern = Annotated[str, AfterValidator(_pattern)]
Codes = Annotated[tuple[CodePattern, ...], Field(min_length=1)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Licence(_Entry):
    """Under which terms the data came, as `datapackage.json` names it."""

    name: str
    title: str
    path: str


class DataSource(_Entry):
    """Where the data came from."""

    title: str
    path: str = ""


class Coded(_Entry):
    """The codes of one kind of event; each is whole, or a beginning followed by `*`."""

    codes: Codes


class Birth(Coded):
    """The codes of birth, and how much of its date is real.

    `year`: the file gives 1 January for every birth. Then no date of birth is written, but the age
    as index year minus birth year. `day`: the date is written as it stands.
    """

    known_to: Literal["year", "day"]


class SexCodes(Coded):
    """The codes that say one sex."""

    sex: Annotated[str, AfterValidator(lambda value: _category("patients", "sex", value))]


class LabCodes(Coded):
    """The codes of one analyte, all in one unit: the file's own, in any accepted spelling."""

    analyte: Annotated[
        str, AfterValidator(lambda value: _known("an analyte", value, load().analytes))
    ]
    unit: str

    @model_validator(mode="after")
    def _has_accepted_unit(self) -> LabCodes:
        analyte = load().analytes[self.analyte]
        if analyte.accepted(self.unit) is None:
            match = unit_meant(analyte, self.unit)
            hint = f"; did you mean {match!r}?" if match else ""
            accepted = ", ".join(u.unit for u in analyte.units)
            raise _refusal(
                f"{self.unit!r} is no unit of {self.analyte}, which accepts {accepted}{hint}"
            )
        return self

    @property
    def factor(self) -> float:
        """`value × factor` is in the analyte's canonical unit."""
        accepted = load().analytes[self.analyte].accepted(self.unit)
        return accepted.factor if accepted else float("nan")  # refused when it was read


class DerivedCount(_Entry):
    """How ANC is worked out where none was reported: WBC × (NEUT_PCT + BANDS_PCT) / 100.

    `missing_bands`: `zero` where a differential without bands counts them among the neutrophils;
    `not_derived` where their absence means that nobody looked.
    """

    missing_bands: Literal["zero", "not_derived"]


class DrugCodes(Coded):
    """The codes that say that one drug was ordered or given from that time on."""

    drug: Annotated[
        str,
        AfterValidator(lambda value: _known("a drug", value, (d.name for d in load().drugs))),
    ]


class DiagnosisCodes(Coded):
    """The codes of one condition; what follows the last `//` is the code that is written."""

    condition: Annotated[
        str, AfterValidator(lambda value: _category("diagnoses", "condition", value))
    ]
    subtype: Annotated[
        str | None,
        AfterValidator(lambda v: v if v is None else _category("diagnoses", "subtype", v)),
    ] = None
    code_system: Annotated[
        str, AfterValidator(lambda value: _category("diagnoses", "code_system", value))
    ]


IndexRule = Literal["first_count", "first_admission"]


class Mapping(_Entry):
    """Everything in a mapping file.

    `index_date` lists rules in order: the first that a patient has a date by is taken.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    title: str
    description: str = ""
    licence: Licence | None = None
    sources: tuple[DataSource, ...] = ()
    notices: tuple[str, ...] = ()
    index_date: Annotated[tuple[IndexRule, ...], Field(min_length=1)]
    sex: tuple[SexCodes, ...] = ()
    birth: Birth | None = None
    death: Coded | None = None
    admission: Coded | None = None
    labs: Annotated[tuple[LabCodes, ...], Field(min_length=1)]
    derive_anc: DerivedCount | None = None
    drugs: tuple[DrugCodes, ...] = ()
    diagnoses: tuple[DiagnosisCodes, ...] = ()

    @model_validator(mode="after")
    def _has_no_twins(self) -> Mapping:
        seen: set[str] = set()
        for entry in self.entries:
            for code in entry.codes:
                if code in seen:
                    raise _refusal(f"the code {code!r} stands twice")
                seen.add(code)
        return self

    @property
    def entries(self) -> tuple[Coded, ...]:
        """Every entry that has codes, in the order of the file."""
        single = tuple(e for e in (self.birth, self.death, self.admission) if e is not None)
        return (*self.sex, *single, *self.labs, *self.drugs, *self.diagnoses)


def mappings() -> tuple[str, ...]:
    """The names of the mappings that come along, sorted."""
    return tuple(sorted(path.stem for path in _folder().glob("*.yaml")))


def locate_mapping(name_or_path: str) -> Path:
    """The file of a mapping that comes along, by name, or one of the user's.

    Raises:
        UsageError: There is none of that name, nor such a file; names the nearest.
    """
    if name_or_path in mappings():
        return _folder() / f"{name_or_path}.yaml"
    path = typed_path(name_or_path, "mapping")
    if is_regular(path):
        return path
    raise unknown_name("mapping", name_or_path, mappings())


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file.

    Raises:
        DictionaryError: It is not as the form says; all faults with file and line.
    """
    return parse_file(path, Mapping)


def _folder() -> Path:
    return bundled("data_dictionary") / "mappings"
