"""Units as a clinician writes them."""

from __future__ import annotations


def unit_words(unit: str) -> str:
    """A UCUM unit as a clinician writes it: `10*9/L` is 10⁹/L; annotations lose their braces.

    >>> unit_words("10*9/L"), unit_words("m[IU]/L"), unit_words("{tests}"), unit_words("/uL")
    ('10⁹/L', 'mIU/L', 'tests', '/µL')
    """
    for digits, raised in (("10*9", "10⁹"), ("10*8", "10⁸"), ("10*6", "10⁶"), ("10*3", "10³")):
        unit = unit.replace(digits, raised)
    plain = unit.translate({ord(mark): None for mark in "[]{}"})
    return plain.replace("uL", "µL").replace("ug", "µg").replace("uIU", "µIU")


def in_unit(figures: str, unit: str) -> str:
    """Figures with the unit after them, a power of ten multiplied."""
    times = "× " if unit.startswith("10*") else ""
    return f"{figures} {times}{unit_words(unit)}"
