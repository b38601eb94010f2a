"""The forms of the data dictionary's files: one frozen model per kind of entry.

Unknown keys are refused everywhere, so a misspelt field can't be lost in silence.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Certainty = Literal["primary", "secondary", "lecture", "derived", "standard", "choice"]

_DAYS = {"d": 1.0, "wk": 7.0, "mo": 30.4375, "a": 365.25}


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

    @property
    def in_datapackage(self) -> str:
        """What a field of that type is called in a Frictionless descriptor."""
        return "string" if self is ColumnType.CATEGORY else str(self)


class Code(_Entry):
    """A term of a code system; `note` says what to beware of.

    `certainty` is primary where it was read in the system's own list or a study that prints it,
    secondary where others use it so, standard where it is well known and was not read again.
    """

    system: Literal[
        "LOINC", "HPO", "SNOMED", "ATC", "ICD-10", "ICD-10-CM", "ORPHA", "OMIM", "MONDO", "UCUM",
        "ISBT", "OMOP",
    ]  # fmt: skip
    code: str
    display: str
    note: str = ""
    certainty: Certainty = "primary"


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
    worth a look. Columns of one `share_of` are percentages of one whole and together no more than
    it. `categories_from` names a part of the dictionary that lists the values (`analytes`) in place
    of `categories`. An empty cell is missing, and stands for `default` where there is one;
    `missing_codes` are the only other spellings of empty. `pattern` is a regular expression that
    the whole cell must match, told to people in `pattern_text`. `excluded_codes` have been met in
    this column's place and mean something else.
    """

    name: str
    label: str
    type: ColumnType
    description: str = ""
    required: bool = False  # every row must have a value
    required_with: str | None = None  # must have a value wherever that column of the row has one
    unit: str | None = None
    share_of: str | None = None
    plausible: Range | None = None
    hard: Range | None = None
    categories: tuple[Category, ...] = ()
    categories_from: Literal["analytes"] | None = None
    default: str | None = None
    missing_codes: tuple[str, ...] = ()
    pattern: str | None = None
    pattern_text: str = ""
    codes: tuple[Code, ...] = ()
    excluded_codes: tuple[Code, ...] = ()


class DateOrder(_Entry):
    """A rule between two dates of one row, or of a row and its patient: `earlier` ≤ `later`.

    Either side is a column of this table, or a date of the same patient in another one:
    `patients.birth_date` is the patient's birth, `death.occurred_on` the earliest
    `events.occurred_on` whose `event` is `death`. Dates are compared by day, so a time on the
    day of death passes; a rule with a missing side holds. With a `column` it is asked only where
    that is `value`. `remedy` is what to do when it is broken.
    """

    earlier: str
    later: str
    column: str | None = None
    value: str | None = None
    remedy: str


class Contradiction(_Entry):
    """Two cells of one row that can't both be right.

    Where `column` is `value`, or another of its values than those in `unless`, `other` is `only`,
    or a text that the whole regular expression `like` matches, or empty; without these it is empty.
    `why` says what is known of the two, `remedy` what to do.
    """

    column: str
    value: str | None = None
    unless: tuple[str, ...] = ()
    other: str
    only: str | None = None
    like: str | None = None
    why: str
    remedy: str

    def refuses(self, value: str, other: str) -> bool:
        """Whether two cells' values can't both be right; neither is empty."""
        is_asked = value == self.value if self.value is not None else value not in self.unless
        if not is_asked:
            return False
        return not re.fullmatch(self.like, other) if self.like else other != self.only


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
    contradictions: tuple[Contradiction, ...] = ()
    columns: tuple[ColumnSpec, ...]

    def may_be(self, column: str, beside: tuple[str, str] | None = None) -> tuple[Category, ...]:
        """A column's categories, in order.

        Args:
            column: Its name.
            beside: Another column and its value, which not all categories may stand beside.
        """
        spec = next(entry for entry in self.columns if entry.name == column)
        if beside is None:
            return spec.categories
        return tuple(c for c in spec.categories if self._may_stand({column: c.value}, beside))

    def _may_stand(self, cell: dict[str, str], beside: tuple[str, str]) -> bool:
        """Whether no contradiction speaks against two cells of one row, each a column's value."""
        cells = cell | dict([beside])
        return not any(
            entry.refuses(cells[entry.column], cells[entry.other])
            for entry in self.contradictions
            if {entry.column, entry.other} == cells.keys()
        )


_GIGA_OR_MEGA = ("G/", "M/")


def unit_key(text: str) -> str:
    """A unit's spelling without what people vary: case, spaces, superscripts, micro and times.

    One case counts: `G/L` is giga, thousands of millions of cells, where `g/L` is grams, and `M/L`
    is millions where `m/L` is thousandths. Elsewhere (G/DL, MIU/L) capitals are a program's habit.

    >>> unit_key("× 10⁹ / L"), unit_key("cells/µL"), unit_key("G/L"), unit_key("g/L")
    ('x10^9/l', 'cells/ul', 'G/l', 'g/l')
    """
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda digits: f"^{digits.group()}", text)
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    key = plain.casefold().replace("μ", "u").replace("×", "x")
    return key[0].upper() + key[1:] if plain[:2] in _GIGA_OR_MEGA and key[1:] == "/l" else key


class Equivalent(_Entry):
    """The same substance as another analyte: `value × factor` is that one, in canonical units."""

    analyte: str
    factor: Annotated[float, Field(gt=0)]
    source: str


class PartOf(_Entry):
    """The analyte that counts the same cells and others besides, in one sample.

    The part may exceed it by the share `slack`, where two methods count them.
    """

    analyte: str
    slack: Annotated[float, Field(ge=0)] = 0.0


class Analyte(_Entry):
    """One thing a laboratory measures: the values `labs.analyte` may take.

    `unit` is canonical; `units` are all that are accepted, the canonical one among them with
    factor 1. A bare value without a unit is refused. `molar` and `mass` analytes of one substance
    are told apart by their units: neither accepts the other's, so a swap is a fault. What they
    have in common stands in `equivalent`. Values are compared with `hard` and `plausible` after
    conversion to the canonical unit. `part_of` is the whole, of a count another count, of a share
    the count that it is a share of; `gives` is the count which that share gives, the first analyte
    of a kind nearly all of it. `excluded_codes` have been met in this analyte's place and
    mean something else.
    """

    name: str
    label: str
    unit: str
    units: tuple[AcceptedUnit, ...]
    hard: Range
    plausible: Range
    codes: tuple[Code, ...] = ()
    excluded_codes: tuple[Code, ...] = ()
    equivalent: Equivalent | None = None
    part_of: PartOf | None = None
    gives: str | None = None
    description: str = ""

    def accepted(self, unit: str) -> AcceptedUnit | None:
        """The accepted unit that `unit` is a spelling of, or None."""
        return self._spellings.get(unit_key(unit))

    @cached_property
    def _spellings(self) -> dict[str, AcceptedUnit]:
        return {
            unit_key(spelling): entry
            for entry in self.units
            for spelling in (entry.unit, *entry.aliases)
        }


class Analytes(_Entry):
    """Everything in `analytes.yaml`."""

    analytes: tuple[Analyte, ...]


class Threshold(_Entry):
    """One clinical threshold: value, unit, where it comes from, how sure that is.

    `analyte` is what is compared with it, in that analyte's canonical unit.
    """

    name: str
    label: str
    value: float
    unit: str
    comparison: Literal["<", "<=", ">", ">="]
    analyte: str | None = None
    source: str
    certainty: Certainty
    note: str = ""

    @property
    def in_days(self) -> float:
        """A span of time in days, by UCUM: a week is 7, a month 30.4375, a year 365.25.

        Raises:
            ValueError: The threshold is no span of time.
        """
        if self.unit not in _DAYS:
            msg = f"{self.name!r} is in {self.unit!r}, which is no span of time"
            raise ValueError(msg)
        return self.value * _DAYS[self.unit]


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
    certainty: Certainty
    note: str = ""


class Statement(_Entry):
    """A figure that a source states about a condition, no threshold; `contradicts` says what."""

    text: str
    source: str
    certainty: Certainty
    contradicts: str = ""


class Definition(_Entry):
    """A clinical term with its alternatives where sources disagree; a parameter chooses.

    A definition of several criteria is several entries, one each.
    """

    name: str
    label: str
    text: str
    alternatives: tuple[Threshold, ...] = ()
    statements: tuple[Statement, ...] = ()
    codes: tuple[Code, ...] = ()


class Definitions(_Entry):
    """Everything in `definitions.yaml`."""

    severity_systems: tuple[SeveritySystem, ...]
    definitions: tuple[Definition, ...]


class Drug(_Entry):
    """One row of `drugs.csv`: a drug with its present ATC code and former ones.

    `also_atc` are present codes of the same drug for other uses.
    """

    name: str
    atc: str
    also_atc: tuple[str, ...] = ()
    former_atc: tuple[str, ...] = ()
    drug_class: str
    mechanism: str = ""  # how a biologic is thought to lower neutrophils; empty otherwise
    role: Literal["suspect", "treatment", "both"]
    certainty: Certainty  # of its codes

    @property
    def all_atc(self) -> tuple[str, ...]:
        """Every code that names this drug, present ones first."""
        return (self.atc, *self.also_atc, *self.former_atc)
