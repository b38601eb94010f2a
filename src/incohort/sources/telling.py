"""How faults are told: as many as one can read, all of them counted, and nothing that can act."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from incohort.errors import Fault

MOST = 20  # faults of one rule told one by one; the last one told counts the rest
_LONGEST = 200  # characters of a cell or a name
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, formats, lone surrogates, separators


def capped(faults: Sequence[Fault], n_rows: int) -> tuple[Fault, ...]:
    """The first faults of one rule, the last of them standing for all rows not told.

    Args:
        faults: In the order of their rows; more than `MOST` are cut.
        n_rows: How many rows break the rule.
    """
    first_faults = list(faults[:MOST])
    rest = n_rows - sum(fault.count for fault in first_faults)
    if first_faults and rest > 0:
        last = first_faults[-1]
        more = "1 more row breaks" if rest == 1 else f"{rest} more rows break"
        first_faults[-1] = replace(
            last, count=last.count + rest, remedy=f"{last.remedy} {more} this rule further down."
        )
    return tuple(first_faults)


def presentable(fault: Fault) -> Fault:
    """The fault with every text that came from data made harmless to a terminal, and short."""
    return replace(
        fault,
        table=visible(fault.table),
        column=visible(fault.column),
        value=visible(fault.value),
        remedy=visible(fault.remedy, longest=3 * _LONGEST),
        hint=visible(fault.hint, longest=3 * _LONGEST),
        patients=tuple(map(visible, fault.patients)),
    )


def visible(text: str, *, longest: int = _LONGEST) -> str:
    r"""A text with its unseen characters written out, cut where it is too long to read.

    >>> visible("a\x1b[31m\n")
    'a\\x1b[31m\\n'
    """
    shown = text if len(text) <= longest else f"{text[:longest]}…"
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _UNSEEN
        else character
        for character in shown
    )


def limits(low: float | None, high: float | None, unit: str | None) -> str:
    """A range in words, to stand behind the name of what lies in it.

    >>> limits(0, 500, "10*9/L"), limits(0, None, None)
    ('lies between 0 and 500 10*9/L', 'is at least 0')
    """
    behind = f" {unit}" if unit else ""
    match (low, high):
        case (None, None):
            return "is any number"
        case (None, _):
            return f"is at most {high:.15g}{behind}"
        case (_, None):
            return f"is at least {low:.15g}{behind}"
        case _:
            return f"lies between {low:.15g} and {high:.15g}{behind}"
