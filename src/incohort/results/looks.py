"""What is worth a look in a cohort: nothing that is surely wrong, nothing to believe unseen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One kind of thing that is worth a look, without a row, an id or a value of a patient.

    `rule` is its name for machines, `subject` what it is about where a column holds several things
    (`ANC in 10*9/L`). `sentence` says what was seen, `remedy` what to do. `n_rows` rows of
    `n_patients` patients have it, of `of` patients who could; None where the disclosure rules
    withhold it, or where it was not asked. What `is_grave` may turn a result round and comes first.
    """

    rule: str
    table: str
    column: str
    subject: str = ""
    sentence: str
    remedy: str
    is_grave: bool = False
    n_rows: int | None = None
    n_patients: int | None = None
    of: int | None = None

    @property
    def where(self) -> str:
        """The column, and what of it: `labs.value, ANC in 10*9/L`."""
        place = f"{self.table}.{self.column}" if self.column else self.table
        return f"{place}, {self.subject}" if self.subject else place

    @property
    def count(self) -> str:
        """How many rows of how many patients, in words."""
        if self.n_patients is None:
            return "how many is withheld"
        people = f"{self.n_patients:,} patient{'' if self.n_patients == 1 else 's'}"
        if self.n_rows is None:
            return people
        rows = f"{self.n_rows:,} row{'' if self.n_rows == 1 else 's'}"
        return f"{rows} of {people}" if self.n_patients else rows  # rows that name no patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A row in which it was seen, counted with the header as row 1, and what stands there."""

    row: int
    patient: str
    value: str

    def words(self, *, with_patient: bool) -> str:
        """The row and what stands there, with the patient for whoever may see that."""
        patient = f" ({self.patient})" if with_patient and self.patient else ""
        return f"row {self.row}{patient}" + (f": {self.value}" if self.value else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """What is worth a look, with its first rows: for those alone who may see patients' rows."""

    look: Look
    examples: tuple[Example, ...]
