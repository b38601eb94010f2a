"""Printed means, ratios, P values and rates, each against what was printed beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from incohort.claims.by_itself.judged import Context, Outcome, Shown, Why
from incohort.dictionary.figures import MeanCheck, PCheck, RateCheck, RatioCheck
from incohort.stats import NoEstimate
from incohort.stats.printed import (
    EventsFit,
    PByTest,
    Printed,
    events_behind_rate,
    grim,
    grimmer,
    is_narrow,
    p_from_interval,
    p_of_rates,
    p_of_statistic,
    p_of_table,
    rate_prints,
    read_printed,
    symmetric,
    tables_behind_ratio,
)
from incohort.tables.numbers import ratio as set_ratio
from incohort.tables.numbers import rounded, small_p_value

_CENTI = 100
_MOST_TABLES = 4_000_000  # 2×2 tables that are tried
_SMALL, _TINY = 0.0001, 0.000001
_BY_RIGHT = {"exact", "profile", "bootstrap", "bayes", "model"}
_TESTS = {
    "fisher": "Fisher's exact test",
    "pearson": "Pearson's chi-square test",
    "yates": "chi-square test with Yates' correction",
    "mid_p": "mid-P version of Fisher's test",
    "likelihood_ratio": "likelihood-ratio chi-square",
}
_PARTS = {"rate": "the rate", "low": "the lower limit", "high": "the upper limit"}
_OFTEN_CUT = {_TESTS["fisher"], _TESTS["pearson"]}


def judge_mean(shown: Shown, mean: MeanCheck) -> Outcome:
    """Whether whole numbers can have the mean and its standard deviation."""
    if mean.granularity is None:
        words = "Whether whole numbers were measured was not said: fractions can have any mean."
        return Outcome(Why.UNCHECKED, words)
    text = shown.figure.as_printed
    if mean.sd is None:
        fit = grim(text, mean.n, mean.granularity)
    else:
        fit = grimmer(text, mean.sd, mean.n, mean.granularity)
    if not fit.mean_fits:
        return Outcome(Why.NO_COUNT, f"No {mean.n} whole numbers have this mean.")
    if fit.sd_fits is False:
        words = f"{mean.n} whole numbers can have this mean, but not with this standard deviation."
        return Outcome(Why.NO_COUNT, words)
    weak = "" if fit.is_telling else " Of so many some sum always gives such a mean."
    return Outcome(Why.FITS, f"{mean.n} whole numbers can have it.{weak}")


def judge_ratio(shown: Shown, ratio: RatioCheck) -> Outcome:
    """Whether the interval lies about its estimate as one of Wald's does."""
    text = shown.figure.as_printed
    symmetry = symmetric(text, *ratio.ci, scale=ratio.scale)
    if isinstance(symmetry, NoEstimate):
        return Outcome(Why.UNCHECKED, _as_sentence(symmetry.reason))
    readings = _tables(text, ratio)
    if symmetry.is_symmetric:
        words = f"The middle of the limits is {set_ratio(symmetry.middle)}, as printed."
        return Outcome(Why.FITS, words, readings)
    gap = (
        f"{rounded(_CENTI * symmetry.gap, 1)} %"
        if ratio.scale == "log"
        else rounded(symmetry.gap, 2)
    )
    said = (
        f"The middle of the limits is {set_ratio(symmetry.middle)}; the printed "
        f"{read_printed(text).value} lies {gap} off it"
    )
    if ratio.method in _BY_RIGHT:
        return Outcome(Why.UNCHECKED, f"{said}, as an interval of this kind may ({ratio.method}).")
    implied = p_from_interval(text, *ratio.ci, conf_level=ratio.conf_level, scale=ratio.scale)
    p = (
        ""
        if isinstance(implied, NoEstimate)
        else f" As Wald's it would mean P {_is_p(implied.p_value)}."
    )
    words = (
        f"{said}: no interval of Wald's. It would have to be another kind (exact, profile, "
        f"bootstrap, Bayesian), or one of the three numbers another.{p}"
    )
    return Outcome(Why.NOT_SYMMETRIC, words, readings)


def judge_p(shown: Shown, p: PCheck, context: Context) -> Outcome:
    """Whether the P value comes out of what was printed beside it."""
    printed = read_printed(f"{p.comparator}{shown.figure.as_printed}")
    if p.comparator:
        number = read_printed(shown.figure.as_printed).value
        printed = read_printed(f"{p.comparator} {number}")
    if p.table is not None or p.rates is not None:
        first, second = p.rates or ((0, 1.0), (0, 1.0))
        results = p_of_table(p.table) if p.table is not None else p_of_rates(*first, *second)
        if isinstance(results, NoEstimate):
            return Outcome(Why.UNCHECKED, _as_sentence(results.reason))
        return _by_tests(printed, results, p.test)
    if p.statistic is not None:
        name, value, df = p.statistic.name, p.statistic.value, p.statistic.df
        span = p_of_statistic(name, value, df, sided=p.sided)
        where = f"{name} = {value}" + (f" ({', '.join(f'{d:g}' for d in df)} df)" if df else "")
        return _by_range(printed, (span.p_value, span.low, span.high), where)
    other = context.figures[p.interval_of].figure
    if other.ratio is None:
        return Outcome(Why.UNCHECKED, f"{other.label} was printed without an interval.")
    low, high = other.ratio.ci
    implied = p_from_interval(
        other.as_printed, low, high, conf_level=other.ratio.conf_level, scale=other.ratio.scale
    )
    if isinstance(implied, NoEstimate):
        return Outcome(Why.UNCHECKED, _as_sentence(implied.reason))
    where = f"the interval {low} to {high}"
    return _by_range(printed, (implied.p_value, implied.low, implied.high), where)


def judge_rate(shown: Shown, rate: RateCheck) -> Outcome:
    """Whether the rate and its limits come out of its counts, or of any."""
    text, (low, high) = shown.figure.as_printed, rate.ci or ("", "")
    if rate.events is not None and rate.person_time is not None:
        known = {"events": rate.events, "time": rate.person_time, "per": rate.per}
        styles = rate_prints(text, low, high, **known)  # type: ignore[arg-type]
        said = f"{rate.events:,} events in {rate.person_time:,g} {rate.unit}".rstrip()
        if all("rounded" in matches for matches in styles.values()):
            return Outcome(Why.FITS, f"{said} give it{', by the exact interval' if low else ''}.")
        if all(styles.values()):
            parts = [_PARTS[part] for part, matches in styles.items() if "rounded" not in matches]
            were = "was" if len(parts) == 1 else "were"
            return Outcome(Why.CUT, f"{said} give it where {_and(parts)} {were} cut, not rounded.")
        lost = [_PARTS[part] for part, matches in styles.items() if not matches]
        words = f"{said} give another number ({_and(lost)}): others would have to be true."
        return Outcome(Why.OTHER_COUNT, words)
    if is_narrow(low, high):
        words = "Its limits lie so close that more events lie behind them than are tried."
        return Outcome(Why.UNCHECKED, words)
    exact = events_behind_rate(text, low, high, per=rate.per)
    wald = events_behind_rate(text, low, high, per=rate.per, method="log_wald")
    ways = (("exact interval", exact), ("Wald interval on the logarithm", wald))
    readings = tuple(f"{_events(fits)} ({name})" for name, fits in ways if fits)
    if not readings:
        words = "No number of events gives the rate and both limits, by neither interval."
        return Outcome(Why.NO_COUNT, f"{words} Another interval would have to be meant.")
    return Outcome(Why.FITS, "The rate and its limits fit each other.", readings)


def _tables(text: str, ratio: RatioCheck) -> tuple[str, ...]:
    if ratio.groups is None or ratio.scale != "log" or math.prod(ratio.groups) > _MOST_TABLES:
        return ()
    first, second = ratio.groups
    tables = tables_behind_ratio(first, second, text, *ratio.ci)
    return tuple(f"{a:,} of {a + b:,} against {c:,} of {c + d:,}" for a, b, c, d in tables)


def _by_tests(printed: Printed, results: Sequence[PByTest], named: str) -> Outcome:
    wanted = _TESTS.get(named, "")
    p_values = "; ".join(f"{result.test} {_p(result.p_value)}" for result in results)
    fits = [result.test for result in results if printed.holds(result.p_value)]
    if fits and (not wanted or wanted in fits):
        return Outcome(Why.FITS, f"It is that of {_and([wanted] if wanted else fits)}.")
    cut = [
        result.test
        for result in results
        if result.test == wanted or (not wanted and result.test in _OFTEN_CUT)
        if printed.holds(result.p_value, "cut")
    ]
    if cut:
        return Outcome(Why.CUT, f"It is that of {_and(cut)}, cut and not rounded: {p_values}.")
    whose = f"{wanted} does not give it" if wanted else "By none of these tests"
    also = f" It would have to be {_and(fits)}." if fits else ""
    words = f"{whose}: {p_values}.{also}"
    if not fits:
        words += " Another test, or other counts, would have to be true."
    return Outcome(Why.P_DIFFERS, words)


def _by_range(printed: Printed, span: tuple[float, float, float], where: str) -> Outcome:
    p, low, high = span
    if printed.meets(low, high):
        return Outcome(Why.FITS, f"As {where} implies: {_p(p)}.")
    words = (
        f"{_as_sentence(where)[:-1]} implies P {_is_p(p)} ({_p(low)} to {_p(high)} by its digits)."
    )
    return Outcome(
        Why.P_DIFFERS, f"{words} Another test, or another number, would have to be true."
    )


def _events(fits: Sequence[EventsFit]) -> str:
    first, last = fits[0], fits[-1]
    number = f"{first.events:,}" if len(fits) == 1 else f"{first.events:,} to {last.events:,}"
    return f"{number} events in {first.time_low:,.0f} to {last.time_high:,.0f}"


def _p(value: float) -> str:
    if value < _TINY:
        return "below 0.000001"
    return small_p_value(value) if value < _SMALL else rounded(value, 4)


def _is_p(value: float) -> str:
    return _p(value) if value < _TINY else f"= {_p(value)}"


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _as_sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}."
