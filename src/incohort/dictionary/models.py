"""The forms of the data dictionary's files: one frozen model per kind of entry.

Unknown keys are refused everywhere, so a misspelt field can't be lost in silence.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnType(StrEnum):
    """What a column's cells are."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    CATEGORY = "category"


class Code(_Entry):
    """A term of a code system; `note` says what to beware of."""

    system: Literal["LOINC", "HPO", "SNOMED", "ATC", "ORPHA", "OMIM", "MONDO", "UCUM", "ISBT"]
    code: str
    display: str
    note: str = ""


class Category(_Entry):
    """One allowed value of a category column."""

    value: str
    label: str
    description: str = ""
    codes: tuple[Code, ...] = ()


class Range(_Entry):
    """Lowest and highest value, both allowed; None is open."""

    low: float | None = None
    high: float | None = None


class AcceptedUnit(_Entry):
    """A unit that is taken in: `value × factor` is in the canonical unit."""

    unit: str
    factor: Annotated[float, Field(gt=0)]
    aliases: tuple[str, ...] = ()


class ColumnSpec(_Entry):
    """One column of a table.

    `hard` is the range outside which a value is a fault; `plausible` the one outside which it is
    worth a look. `categories_from` names a part of the dictionary that lists the values
    (`analytes`, `drugs`) in place of `categories`.
    """

    name: str
    label: str
    type: ColumnType
    description: str = ""
    required: bool = False  # every row must have a value
    unit: str | None = None
    plausible: Range | None = None
    hard: Range | None = None
    categories: tuple[Category, ...] = ()
    categories_from: Literal["analytes"] | None = None
    missing_codes: tuple[str, ...] = ()
    codes: tuple[Code, ...] = ()


class DateOrder(_Entry):
    """A rule between two dates of one row, or of a row and its patient: `earlier` ≤ `later`."""

    earlier: str  # "column" of this table, or "patients.birth_date", "death.occurred_on"
    later: str
    remedy: str


class TableSpec(_Entry):
    """One table of the cohort format."""

    name: str
    label: str
    one_row_per: str
    description: str = ""
    required: bool = False
    primary_key: tuple[str, ...]
    foreign_keys: tuple[Literal["patient_id"], ...] = ()
    date_orders: tuple[DateOrder, ...] = ()
    columns: tuple[ColumnSpec, ...]


class Analyte(_Entry):
    """One thing a laboratory measures: the values `labs.analyte` may take.

    `unit` is canonical; `units` are all that are accepted, the canonical one among them with
    factor 1. A bare value without a unit is refused. `molar` and `mass` analytes of one substance
    are told apart by their unit's factor.
    """

    name: str
    label: str
    unit: str
    units: tuple[AcceptedUnit, ...]
    hard: Range
    plausible: Range
    codes: tuple[Code, ...] = ()
    description: str = ""


class Threshold(_Entry):
    """One clinical threshold: value, unit, where it comes from, how sure that is."""

    name: str
    label: str
    value: float
    unit: str
    comparison: Literal["<", "<=", ">", ">="]
    source: str
    certainty: Literal["primary", "secondary", "lecture", "derived", "standard"]
    note: str = ""


class Grade(_Entry):
    """One grade of a severity system: `low` ≤ ANC < `high`, in 10*9/L; None is open."""

    name: str
    label: str
    low: float | None
    high: float | None


class SeveritySystem(_Entry):
    """A way to grade neutropenia by ANC; `upper_limit` is where neutropenia begins."""

    name: str
    label: str
    upper_limit: float
    grades: tuple[Grade, ...]
    source: str
    certainty: Literal["primary", "secondary", "lecture", "derived", "standard"]
    note: str = ""


class Definition(_Entry):
    """A clinical term with its alternatives where sources disagree; a parameter chooses."""

    name: str
    label: str
    text: str
    alternatives: tuple[Threshold, ...] = ()
    codes: tuple[Code, ...] = ()


class Definitions(_Entry):
    """Everything in `definitions.yaml`."""

    severity_systems: tuple[SeveritySystem, ...]
    definitions: tuple[Definition, ...]


class Drug(_Entry):
    """One row of `drugs.csv`: a drug with its present ATC code and former ones."""

    name: str
    atc: str
    former_atc: tuple[str, ...] = ()
    drug_class: str
    mechanism: str = ""  # how a biologic is thought to lower neutrophils; empty otherwise
    role: Literal["suspect", "treatment", "both"]


class Claim(_Entry):
    """One printed figure of a study, under the key of the estimate that should equal it.

    `value` None means printed in words only (`direction` then says which way). `tolerance` is half
    a unit of the last printed digit. `as_printed` is what stands on the page, misprint included.
    """

    key: str
    label: str
    as_printed: str
    value: float | None
    tolerance: float = 0.0
    field: Literal["value", "n", "events", "ci_low", "ci_high"] = "value"
    direction: Literal["higher", "lower"] | None = None
    certainty: Literal["primary", "secondary", "lecture", "derived", "standard"]
    location: str
    impossible: str = ""  # why it can't be as printed, and how it is read here
    note: str = ""


class NotPublished(_Entry):
    """Something a reader would look for that the study does not print."""

    what: str
    consequence: str


class Study(_Entry):
    """Everything in one `published/<study>.yaml`."""

    name: str
    title: str
    citation: str
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    design: str
    claims: tuple[Claim, ...]
    not_published: tuple[NotPublished, ...] = ()
    notes: tuple[str, ...] = ()
