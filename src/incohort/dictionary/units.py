"""The accepted unit that a spelling stands for, where it can be no other quantity."""

from __future__ import annotations

import re

from incohort.dictionary.models import Analyte, unit_key

# What stands for the same in any unit. A prefix (m, u, n, p, k) or U for IU is never among it: one
# letter makes a thousandth of a value, and a kit's own units are no international ones.
_SAME = (
    (r"(?<=[a-z0-9%}\])])per(?=[umdcnp]?l|mm|cumm)", "/"),
    (r"lit(?:er|re)s?", "l"),
    (r"micro(?=l)|mc(?=l)", "u"),
    (r"mm\^?3|cumm|mmc", "ul"),
    (r"\{?cells?\}?|#", ""),
    (r"(?<=10)e\+?(?=\d)", ""),
    (r"[\[\]{}()*^·.,_~]|\bx(?=10)", ""),
)


def unit_meant(analyte: Analyte, unit: str) -> str | None:
    """The accepted unit of which `unit` is another spelling; None where it may be another unit.

    Args:
        analyte: What was measured.
        unit: A unit that it doesn't accept as it is written.
    """
    key = _loose(unit)
    same = {entry.unit for entry in analyte.units for text in (entry.unit, *entry.aliases)
            if _loose(text) == key}  # fmt: skip
    return same.pop() if len(same) == 1 and key else None


def _loose(unit: str) -> str:
    text = unit_key(unit)
    for pattern, plain in _SAME:
        text = re.sub(pattern, plain, text)
    return text
