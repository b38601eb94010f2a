"""How numbers are set: the only place that rounds.

Rounding is half up, on the shortest decimal that is the number (so 0.125 becomes 0.13).
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal, assert_never

from incohort.results import Estimate, Measure

MINUS = "\u2212"
NO_BREAK = "\u00a0"
THIN = "\u202f"
INFINITY = "∞"
_MILLIONTH = 1e-6  # below it nobody counts noughts
_LONGEST = 999_999.5  # from here on nobody reads digits: a power of ten
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_THREE = Context(prec=3, rounding=ROUND_HALF_UP)
_ONE = Context(prec=1, rounding=ROUND_HALF_UP)
_DIGITS = Context(prec=400, rounding=ROUND_HALF_UP)  # the largest float has 309 before the point

Field = Literal["value", "n", "events", "ci_low", "ci_high"]

POINTS = "proportion"  # the unit of a difference of proportions
DAYS = "d"
_FEW = 10  # patients of whom each is ten percentage points or more
SMALL_P = 0.001  # below it a P value is printed as such, without its digits


def rounded(value: float, decimals: int) -> str:
    """A number with that many decimals and a true minus sign; never `−0.0`.

    >>> rounded(0.125, 2), rounded(-0.274, 3), rounded(-0.0001, 2)
    ('0.13', '−0.274', '0.00')
    """
    return _set_exact(_exact(value), decimals)


def _exact(value: float) -> Decimal:
    """The shortest decimal that is the number, whichever library's float it is."""
    return Decimal(repr(float(value)))


def _set_exact(value: Decimal, decimals: int, *, is_grouped: bool = False) -> str:
    """A decimal, rounded once; its thousands are set apart where asked for."""
    if value.is_infinite():
        return INFINITY if value > 0 else MINUS + INFINITY
    exact = _DIGITS.quantize(value, Decimal(1).scaleb(-decimals))
    text = f"{abs(exact):,f}".replace(",", THIN) if is_grouped else f"{abs(exact):f}"
    return MINUS + text if exact < 0 else text


def count(value: float) -> str:
    """A whole number, its thousands set apart from 10 000 on.

    >>> count(218), count(916166)
    ('218', '916\u202f166')
    """
    return _set_exact(_exact(value), 0, is_grouped=abs(value) >= 9_999.5)


def percent(value: float, *, sign: bool = True, n: int | None = None) -> str:
    """A proportion in [0, 1] as a percentage with one decimal; whole where it is of few patients.

    >>> percent(95 / 218, sign=False), percent(2 / 2, sign=False, n=2)
    ('43.6', '100')
    """
    decimals = 0 if n is not None and n < _FEW else 1
    text = _set_exact(_exact(value).scaleb(2), decimals)  # exact: 100 × a float may fall short
    return f"{text}{NO_BREAK}%" if sign else text


def p_value(value: float) -> str:
    """A P value with three decimals; what is smaller or larger is said so, never 0 or 1.

    >>> p_value(0.0524), p_value(0.00001), p_value(1.0)
    ('0.052', '<0.001', '>0.999')
    """
    if value < SMALL_P:
        return "<0.001"
    return ">0.999" if value >= 0.9995 else rounded(value, 3)


def small_p_value(value: float) -> str:
    """A P value below `SMALL_P` with one significant digit, for a comparison with a printed one.

    Below a millionth it is a power of ten.

    >>> small_p_value(0.00074), small_p_value(0.0000012), small_p_value(7.1e-38)
    ('0.0007', '0.000001', '7\u202f×\u202f10⁻³⁸')
    """
    if value <= 0:
        return "<0.001"
    if value < _MILLIONTH:
        return _in_powers(value, _ONE, decimals=0)
    return rounded(value, -math.floor(math.log10(value)))


def ratio(value: float) -> str:
    """A ratio with three significant digits, two decimals at most; beyond a million a power of ten.

    >>> ratio(4.6667), ratio(30.28), ratio(412.3), ratio(1e300)
    ('4.67', '30.3', '412', '1.00\u202f×\u202f10³⁰⁰')
    """
    return _in_three_digits(value)


def measured(value: float) -> str:
    """A measured value, set as a ratio is.

    >>> measured(1.26), measured(52.0), measured(612.4)
    ('1.26', '52.0', '612')
    """
    return _in_three_digits(value)


def days(value: float) -> str:
    """Days as they are counted: whole ones without decimals, the middle of two days with one.

    >>> days(8.0), days(11.5)
    ('8', '11.5')
    """
    return count(value) if float(value).is_integer() else rounded(value, 1)


def place(value: float) -> str:
    """Where something stands on an axis: whole numbers without decimals.

    >>> place(14.0), place(0.25)
    ('14', '0.25')
    """
    return count(value) if float(value).is_integer() else measured(value)


def _in_three_digits(value: float) -> str:
    if _LONGEST <= abs(value) < math.inf:
        return _in_powers(value)
    return rounded(value, _decimals(value))


def _in_powers(value: float, context: Context = _THREE, *, decimals: int = 2) -> str:
    """Three digits, or as many as the context has, and a power of ten."""
    digits, _, power = f"{context.plus(_exact(value)):.{decimals}e}".partition("e")
    sign = MINUS if value < 0 else ""
    return f"{sign}{digits.lstrip('-')}{THIN}×{THIN}10{str(int(power)).translate(_RAISED)}"


def _decimals(value: float) -> int:
    size = abs(value)
    if size >= 99.95:
        return 0
    return 1 if size >= 9.995 else 2


def format_estimate(estimate: Estimate, field: str = "value") -> str:
    """One number of an estimate as it is printed, without its interval.

    Args:
        estimate: Its measure decides how the number is set.
        field: `value`, `n`, `events`, `ci_low` or `ci_high`.
    """
    value = getattr(estimate, field)
    if value is None:
        return "–"
    if field in {"n", "events"}:
        return count(value)
    sign = f"{estimate.bound}{NO_BREAK}" if field == "value" and estimate.bound else ""
    return sign + _told(estimate, float(value))


def _told(estimate: Estimate, value: float) -> str:
    """As the measure asks, but with no more decimals than the disclosure gate has left.

    >>> from incohort.results import Estimate, Measure
    >>> cut = Estimate(key="k", label="", measure=Measure.HAZARD_RATIO, value=4.7, digits=2)
    >>> format_estimate(cut)
    '4.7'
    """
    full = _set(estimate.measure, value, estimate.unit, n=estimate.n)
    number, gap, sign = full.partition(NO_BREAK)
    _, point, decimals = number.partition(".")
    if estimate.digits is None or not point or not value or not decimals.isdigit():
        return full
    if number.startswith(("<", ">")):  # a P value's bound, which is no digit of it
        return full
    exact = _exact(value)
    if number != full or (estimate.measure, estimate.unit) == (Measure.DIFFERENCE, POINTS):
        exact = exact.scaleb(2)
    # what was left of the digits, and a zero that counts (1.0 of two digits)
    exponent = exact.normalize().as_tuple().exponent
    left = max(-int(exponent), estimate.digits - 1 - exact.adjusted(), 0)
    return _set_exact(exact, min(left, len(decimals))) + gap + sign


def _set(  # noqa: C901 — a case a measure
    measure: Measure, value: float, unit: str, *, n: int | None
) -> str:
    match measure:
        case Measure.COUNT:
            return count(value)
        case Measure.PROPORTION:
            return percent(value, n=n)
        case Measure.P_VALUE:
            return p_value(value)
        case (
            Measure.ODDS_RATIO | Measure.RISK_RATIO | Measure.HAZARD_RATIO | Measure.TIME_RATIO
            | Measure.RATE_RATIO
        ):  # fmt: skip
            return ratio(value)
        case Measure.CORRELATION | Measure.COEFFICIENT:
            return rounded(value, 3)
        case Measure.SMD:
            return rounded(value, 2)
        case Measure.STATISTIC:
            return _statistic(value)
        case Measure.DIFFERENCE:
            return percent(value, sign=False) if unit == POINTS else measured(value)
        case Measure.MEDIAN | Measure.QUANTILE if unit == DAYS:
            return days(value)
        case Measure.MEAN | Measure.SD if unit == DAYS:
            return rounded(value, 1)
        case Measure.MEAN | Measure.SD | Measure.MEDIAN | Measure.QUANTILE | Measure.RATE:
            return measured(value)
        case _:
            assert_never(measure)


def _statistic(value: float) -> str:
    """Two decimals; what they would make 0.00 as a power of ten.

    >>> _statistic(3.841), _statistic(0.0), _statistic(2.84e-13)
    ('3.84', '0', '2.84\u202f×\u202f10⁻¹³')
    """
    if 0 < abs(value) < 0.005:
        return _in_powers(value)
    return count(value) if float(value).is_integer() else rounded(value, 2)


def interval(estimate: Estimate) -> str:
    """The limits of an estimate, `37.2 to 50.2`; empty where it has none.

    Percentages leave the sign to the estimate before them.
    """
    if estimate.ci_low is None or estimate.ci_high is None:
        return ""
    if estimate.measure is Measure.PROPORTION:
        low, high = (
            _told(estimate, limit).removesuffix(f"{NO_BREAK}%")
            for limit in (estimate.ci_low, estimate.ci_high)
        )
    else:
        low, high = (_told(estimate, limit) for limit in (estimate.ci_low, estimate.ci_high))
    return f"{low} to {high}"
