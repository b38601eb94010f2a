"""What may be shown of curves and of patients' own series: steps of many, quartiles of many."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from incohort.disclosure.profiles import PROFILES, Profile
from incohort.disclosure.rounding import ESTIMATED_DIGITS, cut, outward
from incohort.results import Band, Curve, PatientTracks, Result, Suppressed

_BIN_DAYS = (1, 7, 28, 91, 364)
_MOST_BINS = 26
_ENDS = {0.0, 1.0}  # of a share before anybody had the event
_DIGITS = 2  # of quartiles: a third would tell of how many they are
_LEAST_BASE = 5  # what is above the limit of any profile stays so


def as_drawn(result: Curve | Band | PatientTracks, profile: Profile) -> Result:
    """What may be shown of a curve, of quartiles or of patients' series; the same if it comes back.

    Args:
        result: As an analysis made it, or as this function did.
        profile: One that is not open.

    Returns:
        A `Curve` of which each step, and what follows the last, rests on more than the profile's
        limit of persons and of events; a `Band` of bins with more patients than the limit, and more
        than few beyond each quartile; or `Suppressed`.
    """
    match result:
        case Curve():
            return _curve(result, profile)
        case Band():
            return _band(result, profile)
        case PatientTracks():
            return _band(band_of(result), profile)
        case _:
            assert_never(result)


@dataclass(frozen=True, slots=True)
class _Step:
    """What happened since the point kept before, up to the point with number `at`."""

    at: int
    persons: int
    events: int
    censored: int

    def after(self, other: _Step) -> _Step:
        """Both steps as one."""
        return _Step(
            self.at, self.persons + other.persons, self.events + other.events,
            self.censored + other.censored,
        )  # fmt: skip


def _curve(curve: Curve, profile: Profile) -> Result:
    if not curve.n_persons:
        return _withheld(curve, profile)
    zeros = (0,) * len(curve.x)
    events, censored = curve.n_events or zeros, curve.n_censored or zeros
    steps = [
        _Step(at, *counts)
        for at, counts in enumerate(zip(curve.n_persons, events, censored, strict=True))
    ]
    all_persons = sum(curve.n_persons) if curve.n is None else curve.n
    is_start = steps[0] == _Step(0, 0, 0, 0) and curve.y[0] in _ENDS
    origin, steps = steps[: int(is_start)], steps[int(is_start) :]
    # One profile's limit after the other: a stricter one keeps a part of what a milder one keeps,
    # so that two reports under different profiles tell no more than the milder.
    for limit in _limits_up_to(profile.limit):
        steps = _merged(steps, limit, has_events=bool(curve.n_events))
        steps = _followed(steps, all_persons, _left_after(curve), limit)
    thinned = _thinned(curve, origin, steps, all_persons, profile)
    if thinned is None:  # too many steps of few make more than all: steps of more, then
        most = (profile.limit // _step(profile)) * _step(profile) + _step(profile) - 1
        steps = _merged(steps, most, has_events=bool(curve.n_events))
        while (thinned := _thinned(curve, origin, steps, all_persons, profile)) is None:
            steps = steps[:-1]
    return thinned if len(thinned.x) > 1 else _withheld(curve, profile)


def _limits_up_to(limit: int) -> list[int]:
    return sorted(
        {profile.limit for profile in PROFILES.values() if 0 <= profile.limit < limit} | {limit}
    )


def _merged(steps: Iterable[_Step], limit: int, *, has_events: bool) -> list[_Step]:
    """Steps of more persons, and of more events, than the limit; what is left over has no point."""
    kept: list[_Step] = []
    last: _Step | None = None
    for step in steps:
        last = step if last is None else step.after(last)
        if last.persons > limit and (last.events > limit or not has_events):
            kept.append(last)
            last = None
    return kept


def _left_after(curve: Curve) -> Sequence[int]:
    """Those at risk after each point; none where the curve does not tell."""
    if not curve.n_at_risk:
        return ()
    gone = sum(counts[-1] for counts in (curve.n_events, curve.n_censored) if counts)
    return (*curve.n_at_risk[1:], curve.n_at_risk[-1] - gone)


def _followed(
    steps: Sequence[_Step], all_persons: int, left_after: Sequence[int], limit: int
) -> list[_Step]:
    """The steps after which more persons than the limit are left, of whom the curve tells no more.

    A step to 0 or 1 has nobody after it: it would tell what became of everybody.
    """
    kept: list[_Step] = []
    left = all_persons
    for step in steps:
        left -= step.persons
        if min(left, left_after[step.at] if left_after else left) <= limit:
            break
        kept.append(step)
    return kept


def _thinned(
    curve: Curve, origin: Sequence[_Step], steps: Sequence[_Step], all_persons: int,
    profile: Profile,
) -> Curve | None:  # fmt: skip
    """The curve at these points, its counts added up from their rounded parts.

    None where the parts together would be further from all there are than one rounding.
    """
    steps = [*origin, *steps]
    places = [step.at for step in steps]
    limits = [
        outward(curve.ci_low[place], curve.ci_high[place]) for place in places if curve.ci_low
    ]
    events = [_rounded(step.events, profile) for step in steps] if curve.n_events else []
    rest = all_persons - sum(step.persons for step in steps)
    censored: list[int] = []
    if _is_closed(curve):
        exact = _put_off([step.censored for step in steps], profile.limit)
        gone = [number for pair in zip(steps, exact, strict=True) for number in _gone(*pair)]
        counts = _together([*gone, curve.n_at_risk[0] - sum(gone)], profile)
        if counts is None:
            return None
        events, censored = counts[:-1:2], counts[1:-1:2]
        persons = [sum(pair) for pair in zip(events, censored, strict=True)]
    else:
        counts = _together([*(step.persons for step in steps), rest], profile)
        if counts is None:
            return None
        persons = counts[:-1]
    n = sum(persons) + counts[-1]
    left = [n - sum(persons[:place]) for place in range(len(persons))]
    return replace(
        curve,
        x=tuple(curve.x[place] for place in places),
        y=tuple(cut(curve.y[place], ESTIMATED_DIGITS) for place in places),
        ci_low=tuple(low for low, _ in limits), ci_high=tuple(high for _, high in limits),
        n_persons=tuple(persons), n_events=tuple(events), n_censored=tuple(censored),
        n_at_risk=tuple(left) if censored else (), n=n, notes=(),
    )  # fmt: skip


def _gone(step: _Step, censored: int) -> tuple[int, int]:
    return step.events, censored


def _together(numbers: Sequence[int], profile: Profile) -> list[int] | None:
    """The numbers as they are told, so that their sum is within one rounding of what it is.

    Each goes to the nearest multiple, or where the errors before it add up to the other one, but
    never to one that would be withheld. None where no choice keeps the sum.
    """
    step = _step(profile)
    ways: dict[int, list[int]] = {0: []}  # by how far the sum is off so far
    for number in numbers:
        near = _rounded(number, profile)
        other = near + step if near < number else near - step
        possible = [near] if near == number or other <= profile.limit else [near, other]
        longer: dict[int, list[int]] = {}
        for multiple in possible:  # the nearest first
            for off, way in ways.items():
                if abs(off + multiple - number) < step:
                    longer.setdefault(off + multiple - number, [*way, multiple])
        ways = longer
    return next(iter(ways.values()), None)


def _is_closed(curve: Curve) -> bool:
    """Whether those at risk are all who neither had the event nor were censored before.

    Where others enter later the counts can't be added up again.
    """
    if not (curve.n_at_risk and curve.n_events and curve.n_censored):
        return False
    left = curve.n_at_risk[0]
    for number, gone in enumerate(zip(curve.n_events, curve.n_censored, strict=True)):
        if curve.n_at_risk[number] != left:
            return False
        left -= sum(gone)
    return True


def _put_off(censored: Sequence[int], limit: int) -> list[int]:
    """Those censored in each step, told only once there are more than the limit of them."""
    counts: list[int] = []
    waiting = 0
    for number in censored:
        waiting += number
        counts.append(waiting if waiting > limit else 0)
        waiting -= counts[-1]
    return counts


def _rounded(number: int, profile: Profile) -> int:
    """A count as it is told: rounded under each profile.

    From an exact number of those with a curve somebody could count those without one.
    """
    base = _step(profile)
    return (number + base // 2) // base * base


def _step(profile: Profile) -> int:
    return max(profile.base, _LEAST_BASE)


def band_of(tracks: PatientTracks) -> Band:
    """Quartiles in bins of days of the patients' own medians in each bin, with how many they are.

    Each patient counts once in a bin, however often they were measured. Bins are a day, a week, or
    a number of weeks wide, so that there are not too many; no bin of fewer than two patients.
    """
    days = [day for track in tracks.tracks for day, _ in zip(track.x, track.y, strict=False)]
    span = max(days, default=0.0) - min(days, default=0.0)
    width = next((days for days in _BIN_DAYS if span / days <= _MOST_BINS), _BIN_DAYS[-1])
    bins: dict[int, list[float]] = {}
    for track in tracks.tracks:
        by_bin: dict[int, list[float]] = {}
        for day, value in zip(track.x, track.y, strict=False):
            by_bin.setdefault(math.floor(day / width), []).append(value)
        for number, values in by_bin.items():
            bins.setdefault(number, []).append(statistics.median(values))
    full = sorted(number for number, values in bins.items() if len(values) > 1)
    quartiles = [statistics.quantiles(bins[number], method="inclusive") for number in full]
    q1, median, q3 = zip(*quartiles, strict=True) if quartiles else ((), (), ())
    return Band(
        key=tracks.key, label=tracks.label, x=tuple((number + 0.5) * width for number in full),
        q1=q1, median=median, q3=q3, n=tuple(len(bins[number]) for number in full),
        x_label=tracks.x_label, y_label=tracks.y_label, sources=tracks.sources,
        origin=tracks.origin,
    )  # fmt: skip


def _band(band: Band, profile: Profile) -> Result:
    """The bins of more patients than the limit, with more than few beyond their quartiles."""
    kept = [place for place, n in enumerate(band.n) if n > profile.limit and n // 4 > profile.few]
    if not kept:
        return _withheld(band, profile)

    def at(values: Sequence[float]) -> tuple[float, ...]:
        return tuple(cut(values[place], _DIGITS) for place in kept)

    return replace(
        band,
        x=tuple(band.x[place] for place in kept),
        q1=at(band.q1), median=at(band.median), q3=at(band.q3),
        n=tuple(_rounded(band.n[place], profile) for place in kept),
    )  # fmt: skip


def _withheld(result: Curve | Band, profile: Profile) -> Suppressed:
    reason = (
        f"what it shows rests on {profile.limit} patients or fewer (disclosure profile "
        f"{profile.name})"
    )
    return Suppressed(key=result.key, label=result.label, reason=reason)
