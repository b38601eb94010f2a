"""Rules for cells that tell rows and patients apart: what a reader sees must be all there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import ibis.expr.types as ir

from incohort.dictionary import ColumnSpec, ColumnType, TableSpec

# Format characters (zero-width, soft hyphen, byte-order mark, direction of writing) and letters of
# Unicode that are drawn as nothing: fillers, joiners, variation selectors.
UNSEEN = (
    r"[\p{Cf}\p{Zl}\p{Zp}\x{034F}\x{115F}\x{1160}\x{17B4}\x{17B5}\x{180B}-\x{180F}"
    r"\x{2800}\x{3164}\x{FE00}-\x{FE0F}\x{FFA0}\x{E0100}-\x{E01EF}]"
)
# What programs write where nothing is known, and what stands below a table instead of a patient.
_NOBODY = (
    "na", "<na>", "n.a.", "n.a", "n/a", "#n/a", "#na", "nan", "#nan", "-nan", "null", "#null!",
    "nil", "none", "nat", "<none>", "<null>", "undefined", "missing", "(missing)", "unknown",
    "unbekannt", "not available", "not known", "not applicable", "(blank)", "blank", "empty",
    "#ref!", "#value!", "#div/0!", "#name?", "#num!", "#error!", "inf", "-inf",
    "-", "--", "---", ".", "..", "...", "?", "??", "???", "*", "_",
    "total", "totals", "total:", "grand total", "sub total", "subtotal", "sum", "sum:", "sums",
    "summe", "gesamt", "insgesamt", "gesamtergebnis", "mean", "average", "median", "mittelwert",
    "patient_id", "patient id", "patientid",
)  # fmt: skip
CONTROLS = "It holds control characters, shown as \\x1b and the like. Remove them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: where it is broken, which cell to show, what to say.

    `by_value` rules tell each wrong value once, with how many rows have it.
    """

    column: str
    broken: ir.BooleanValue
    shown: ir.StringValue
    rule: str
    remedy: str
    by_value: tuple[str, ...] | None = None  # the values to look for the nearest among
    suspect: ir.BooleanValue | None = None  # cheaper than `broken`, and true wherever that is


def is_key(spec: TableSpec, column: ColumnSpec) -> bool:
    """Whether a column's text tells rows apart."""
    return column.type is ColumnType.STRING and (
        column.name in spec.primary_key or column.name in spec.foreign_keys
    )


def is_nobody(text: ir.StringValue) -> ir.BooleanValue:
    """Whether a text says that there is no patient: a missing value of some program, or a sum."""
    return text.lower().isin(_NOBODY)


def key_rules(
    column: ColumnSpec, value: ir.StringValue, suspect: ir.BooleanValue, broken: ir.BooleanValue
) -> Iterator[Rule]:
    """What keeps a text from being a key.

    Args:
        column: The key's column.
        value: Its cells.
        suspect: Cheaper than `broken`, and true wherever that is.
        broken: The cells that can't be read, but for those that spaces stand around.
    """
    is_unseen = value.re_search(UNSEEN)

    def rule(condition: ir.BooleanValue, text: str, remedy: str) -> Rule:
        return Rule(
            column=column.name,
            broken=broken & condition,
            shown=value,
            rule=text,
            remedy=remedy,
            suspect=suspect,
        )

    yield rule(
        is_unseen,
        f"{column.name} has no characters that nobody can see",
        "They are shown as \\u200b and the like, and make two of what looks like one. Remove them.",
    )
    if column.name != "patient_id":
        yield rule(~is_unseen, "the cell is plain text", CONTROLS)
        return
    yield rule(~is_unseen & ~is_nobody(value), "the cell is plain text", CONTROLS)
    yield rule(
        ~is_unseen & is_nobody(value),
        "patient_id names a patient",
        "It is what programs write for a missing value, a heading or a sum. Write the patient's "
        "number, or remove the row where it is nobody's.",
    )
