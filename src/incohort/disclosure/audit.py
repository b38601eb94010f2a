"""The gate's own attacker: what the numbers shown tell of those withheld.

It knows every equation and, where counts are rounded, from which counts each can have come. First
limits are handed through the sums until nothing changes; where that finds nothing, linear
programs look at all sums at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from incohort.disclosure.profiles import Profile
from incohort.disclosure.sums import Equation, components
from incohort.stats.bounds import Possible

Range = tuple[float, float]
_ANYTHING: Range = (0.0, float("inf"))
# Programs of more sums take seconds. Only rounded tables hang together so widely, and each of
# their counts is already uncertain by itself.
_MOST_EQUATIONS = 60
_MOST_ROUNDS = 200  # limits of rounded counts may creep; what is found by then is true


def range_of(shown: int, profile: Profile) -> Range:
    """The counts that are shown as this one is: itself, or all that round to the same."""
    if not profile.is_rounding:
        return (float(shown), float(shown))
    low = (shown + profile.base // 2) // profile.base * profile.base - profile.base // 2
    return (float(max(low, 0)), float(low + profile.base - 1))


def found_out(
    equations: Iterable[Equation],
    known: Mapping[int, Range],
    secret: Mapping[int, int],
    limit: int,
    profile: Profile,
) -> set[int]:
    """Which secret counts the numbers shown give away.

    Where counts are exact, a secret is safe as long as it could be larger than the limit: nobody
    can tell that it is small. Where they are rounded, as long as it could be another number.

    Args:
        equations: Every sum.
        known: The limits of what is shown.
        secret: The atoms to be kept, with their counts.
        limit: The largest count that is withheld.
        profile: Tells whether counts are rounded.
    """
    found = set[int]()
    fixed = {atom for atom, (low, high) in known.items() if low == high}
    for component in components(equations, fixed):
        inside = secret.keys() & {atom for equation in component for atom in equation.atoms}
        if not inside:
            continue
        named = dict.fromkeys(a for e in component for a in (e.total, *e.parts))
        ranges = _propagated(component, tuple((a, known[a]) for a in named if a in known))
        goal = {a: float(secret[a] if profile.is_rounding else limit) + 1.0 for a in inside}
        near = {atom for atom in inside if ranges[atom][1] < goal[atom]}
        rest = {atom: goal[atom] for atom in inside - near}
        if rest and 1 < len(component) <= _MOST_EQUATIONS:
            near |= _possible(component, tuple(ranges.items())).out_of_reach(rest)
        if profile.is_rounding:  # it can be no larger: smaller will do
            near = {atom for atom in near if ranges[atom][0] > secret[atom] - 1}
        found |= near
    return found


@lru_cache(maxsize=512)
def _possible(component: tuple[Equation, ...], ranges: tuple[tuple[int, Range], ...]) -> Possible:
    """The worlds of a component; it is asked again at each limit, mostly with nothing changed."""
    return Possible([(e.total, e.parts) for e in component], dict(ranges))


@lru_cache(maxsize=4096)
def _propagated(
    component: tuple[Equation, ...], known: tuple[tuple[int, Range], ...]
) -> Mapping[int, Range]:
    """The limits of every atom after each sum has narrowed the others'."""
    ranges = {atom: _ANYTHING for equation in component for atom in equation.atoms}
    ranges |= known
    for _ in range(_MOST_ROUNDS):
        before = dict(ranges)
        for equation in component:
            _narrow(equation, ranges)
        if ranges == before:
            break
    return ranges


def _narrow(equation: Equation, ranges: dict[int, Range]) -> None:
    lows = sum(ranges[part][0] for part in equation.parts)
    highs = sum(ranges[part][1] for part in equation.parts)
    total = equation.total
    ranges[total] = (max(ranges[total][0], lows), min(ranges[total][1], highs))
    low, high = ranges[total]
    unbounded = [part for part in equation.parts if ranges[part][1] == float("inf")]
    for part in dict.fromkeys(equation.parts):
        others_low = lows - ranges[part][0]
        has_open = any(other != part for other in unbounded) or unbounded.count(part) > 1
        others_high = float("inf") if has_open else sum(
            ranges[other][1] for other in _without(equation.parts, part)
        )  # fmt: skip
        ranges[part] = (
            max(ranges[part][0], low - others_high),
            min(ranges[part][1], high - others_low),
        )
        lows = sum(ranges[other][0] for other in equation.parts)


def _without(items: tuple[int, ...], one: int) -> list[int]:
    rest = list(items)
    rest.remove(one)
    return rest
