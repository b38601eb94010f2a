"""A printed number: its digits, and which exact numbers print as it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Style = Literal["rounded", "cut"]
Exact = Fraction | Decimal | int | float

_SPACED = ",\u202f\u2009\u00a0"  # what sets thousands apart
_DIGITS = rf"(?:\d{{1,3}}(?:[{_SPACED}]\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_POWER = r"(?:[eE]([-+−]?\d+)|\s*[×x]\s*10([⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?"
# No digit or comma stands at either end: 43,1 is no number here, and not the number 1.
_START, _END = r"([<>≤≥]?)\s*([-+−]?)\s*(?<![\d.,])", r"(?![.,]?\d)"
_NUMBER = re.compile(f"{_START}({_DIGITS}){_POWER}{_END}")
_SHARE = re.compile(rf"{_START}({_DIGITS}){_POWER}{_END}\s*%")
_LOWERED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "+-0123456789-")
_LARGEST, _SMALLEST = Decimal("1e15"), -300  # beyond these nothing is printed, and floats end
_NOISE = Fraction(1, 10**12)  # of a float that stands in for an exact number


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as it stands on a page: `value`, and `unit`, which is one of its last digit.

    `sign` is `<`, `>`, `≤` or `≥` where one stands before it, which makes it a bound.
    """

    text: str
    value: Decimal
    unit: Decimal
    sign: str = ""

    @property
    def decimals(self) -> int:
        """How many digits stand behind the point."""
        return max(0, -int(self.unit.as_tuple().exponent))

    def range_of(self, style: Style) -> tuple[Fraction, Fraction]:
        """The exact numbers that print so, from the lowest to the highest.

        Rounding takes half a unit to each side, both ends with it: at a tie both ways are in use.
        Cutting takes what lies from the number outwards to the next one, which it leaves out.
        """
        value, unit = Fraction(self.value), Fraction(self.unit)
        if style == "rounded":
            return value - unit / 2, value + unit / 2
        return (value, value + unit) if self.value >= 0 else (value - unit, value)

    def holds(self, exact: Exact, style: Style = "rounded") -> bool:
        """Whether an exact number prints so; of a bound, whether it lies on its side."""
        number = Fraction(exact)
        match self.sign:
            case "<" | "≤":
                return number <= Fraction(self.value)
            case ">" | "≥":
                return number >= Fraction(self.value)
        low, high = self.range_of(style)
        slack = _NOISE * (1 + abs(number)) if isinstance(exact, float) else Fraction(0)
        if style == "rounded":
            return low - slack <= number <= high + slack
        if self.value >= 0:
            return low - slack <= number < high
        return low < number <= high + slack

    def meets(self, low: float, high: float, style: Style = "rounded") -> bool:
        """Whether some number from `low` to `high` prints so."""
        if self.sign in {"<", "≤"}:
            return Fraction(low) <= Fraction(self.value)
        if self.sign in {">", "≥"}:
            return Fraction(high) >= Fraction(self.value)
        ends = self.range_of(style)
        return Fraction(low) <= ends[1] + _NOISE and Fraction(high) >= ends[0] - _NOISE


def read_printed(text: str) -> Printed:
    """The first number in a text, its digits kept: trailing zeros count.

    Args:
        text: As printed; thousands may be set apart, and a zero before the point left out.

    Raises:
        ValueError: There is no number in it.

    >>> number = read_printed("0.70")
    >>> number.value, number.unit
    (Decimal('0.70'), Decimal('0.01'))
    """
    return _read(_NUMBER, text, "number")


def read_percent(text: str) -> Printed:
    """The first percentage in a text, or its only number where no sign of per cent stands.

    Args:
        text: As printed.

    Raises:
        ValueError: There is none.

    >>> read_percent("15 of 143 (11 %)").value
    Decimal('11')
    """
    if "%" in text:
        return _read(_SHARE, text, "percentage")
    if len(_NUMBER.findall(text)) > 1:
        msg = f"which number of {text!r} is the percentage: write it with %"
        raise ValueError(msg)
    return read_printed(text)


def _read(pattern: re.Pattern[str], text: str, what: str) -> Printed:
    match = pattern.search(text)
    if match is None:
        hint = ": write decimals with a point" if re.search(r"\d,\d", text) else ""
        msg = f"there is no {what} in {text!r}{hint}"
        raise ValueError(msg)
    sign, minus, digits, by_letter, raised = match.groups()
    power = int((by_letter or raised or "0").translate(_LOWERED))
    plain = Decimal(re.sub(f"[{_SPACED}]", "", digits))
    value = plain.scaleb(power) if abs(power) <= -_SMALLEST else _LARGEST
    exponent = int(value.as_tuple().exponent)
    if value >= _LARGEST or exponent < _SMALLEST:
        msg = f"{text!r} is beyond any number that is printed"
        raise ValueError(msg)
    unit = Decimal(1).scaleb(exponent)
    return Printed(text=text, value=-value if minus in {"-", "−"} else value, unit=unit, sign=sign)
