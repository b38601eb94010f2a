"""The single gate: estimates in, what may be shown of them out.

Counts up to a limit are withheld, and so are complements, statistics that rest on so few, marks
per patient, and whatever in a table would give a withheld count back by subtraction. What stays is
rounded where the profile says so. Everything that draws comes after this room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from incohort.dictionary import unknown_name
from incohort.errors import UsageError
from incohort.results import (
    Estimate,
    Findings,
    Margin,
    Measure,
    NotEstimable,
    PatientPoints,
    Result,
    Suppressed,
)
from incohort.stats import NoEstimate
from incohort.stats.proportions import ProportionMethod, proportion

NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A named set of rules.

    Counts of persons from 0 to `limit` are withheld, zero among them: it tells something about
    everybody. What is shown is rounded to a multiple of `base`. `degrees` is how many residual
    degrees of freedom a model must have.
    """

    name: str
    limit: int
    base: int
    degrees: int
    description: str

    @property
    def is_open(self) -> bool:
        """Whether everything is shown."""
        return self.name == NONE


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            name=NONE, limit=-1, base=1, degrees=0,
            description="Nothing is withheld or rounded.",
        ),
        Profile(
            name="opensafely", limit=7, base=5, degrees=0,
            description="Counts of 7 or fewer are withheld, the others rounded to the nearest 5; "
            "percentages come from the rounded counts.",
        ),
        Profile(
            name="darwin", limit=4, base=1, degrees=0,
            description="Counts below 5 are withheld.",
        ),
        Profile(
            name="acro", limit=9, base=1, degrees=10,
            description="Counts below 10 are withheld, and models with fewer than 10 residual "
            "degrees of freedom.",
        ),
    )
}  # fmt: skip

_METHODS: Mapping[str, ProportionMethod] = {
    "Wilson score interval": "wilson",
    "Clopper–Pearson exact interval": "clopper_pearson",
    "Jeffreys interval": "jeffreys",
}


def profile_for(is_public: bool, requested: str, *, internal: bool) -> Profile:
    """The profile that applies to a cohort's results.

    Args:
        is_public: Whether the cohort says that it is public.
        requested: The profile's name.
        internal: Whether the run stays within the study team.

    Raises:
        UsageError: No such profile; or `none` for a restricted cohort in a run that is not internal.
    """
    if requested not in PROFILES:
        raise unknown_name("disclosure profile", requested, PROFILES)
    profile = PROFILES[requested]
    if profile.is_open and not (is_public or internal):
        msg = (
            "The cohort is restricted, so its results go through a disclosure profile: "
            f"{', '.join(name for name in PROFILES if name != NONE)}. To see everything within the "
            "study team use --internal; every page is then marked."
        )
        raise UsageError(msg)
    return profile


def gate(findings: Findings, profile: Profile) -> Findings:
    """The findings as they may be shown under a profile; the same again if they come back.

    Args:
        findings: Results and layout of one cell.
        profile: From `PROFILES`.

    Returns:
        Findings in which what must not be shown is `Suppressed` with the rule that withheld it.
    """
    if findings.profile == profile.name:
        return findings
    if profile.is_open:
        return replace(findings, profile=profile.name)
    hidden = {r.key: reason for r in findings.results if (reason := _primary(r, profile))}
    hidden |= _secondary(findings, profile, hidden)
    results = tuple(_shown(r, profile, hidden.get(r.key, "")) for r in findings.results)
    return replace(findings, results=results, profile=profile.name)


def _primary(result: Result, profile: Profile) -> str:
    """Why a result may not be shown on its own account; empty where it may."""
    few = f"it rests on {profile.limit} patients or fewer (disclosure profile {profile.name})"
    match result:
        case Suppressed():
            return result.reason
        case PatientPoints():
            return f"it shows single patients (disclosure profile {profile.name})"
        case NotEstimable():
            return few if result.n is not None and result.n <= profile.limit else ""
        case Estimate():
            if any(count <= profile.limit for count in _persons(result)):
                return few
            return ""
        case _:
            assert_never(result)


def _persons(estimate: Estimate) -> Iterator[float]:
    """Every count of persons that an estimate tells, its complement included."""
    if estimate.smallest is not None:
        yield estimate.smallest
    if estimate.measure is Measure.COUNT:
        yield estimate.value
        if estimate.n is not None and estimate.n != estimate.value:
            yield estimate.n - estimate.value
        return
    if estimate.n is not None:
        yield estimate.n
    if estimate.measure is Measure.PROPORTION and estimate.n is not None:
        events = estimate.value * estimate.n if estimate.events is None else estimate.events
        yield events
        yield estimate.n - events


def _secondary(findings: Findings, profile: Profile, hidden: Mapping[str, str]) -> dict[str, str]:
    """What else has to go so that no margin gives a hidden count back, until nothing changes.

    In each margin the hidden parts must together exceed the limit, and there must be two of them:
    the smallest shown part goes first, the total last.
    """
    reason = f"it would give a withheld count back (disclosure profile {profile.name})"
    more: dict[str, str] = {}
    equations = [e for margin in findings.layout.margins for e in _equations(margin, findings)]
    is_changed = True
    while is_changed:
        is_changed = False
        for total, parts in equations:
            gone = {key for key in (*parts, *total) if key in hidden or key in more}
            if not gone & set(parts) and not gone & set(total):
                continue
            victim = _victim(total, parts, gone, profile)
            if victim:
                more[victim] = reason
                is_changed = True
    return more


Equation = tuple[dict[str, float], dict[str, float]]  # the total, and the parts that add up to it


def _equations(margin: Margin, findings: Findings) -> Iterator[Equation]:
    """The sums that a margin states: of events or counts, and of denominators where they add up."""
    for of in (_events, _others):
        total = (
            {margin.total: value}
            if (value := of(findings.by_key[margin.total])) is not None
            else {}
        )
        parts = {
            key: value for key in margin.parts if (value := of(findings.by_key[key])) is not None
        }
        if not total or not parts:
            continue
        if abs(sum(parts.values()) - sum(total.values())) < 0.5:
            yield total, parts


def _events(result: Result) -> float | None:
    """The count behind a result."""
    if not isinstance(result, Estimate):
        return None
    return result.value if result.measure is Measure.COUNT else result.events


def _others(result: Result) -> float | None:
    """Those of the denominator who are not counted."""
    if not isinstance(result, Estimate) or result.n is None:
        return None
    count = _events(result)
    is_all = result.measure is Measure.COUNT and result.value == result.n
    return None if count is None or is_all else result.n - count


def _victim(
    total: dict[str, float], parts: dict[str, float], gone: set[str], profile: Profile
) -> str | None:
    """The next key to withhold in one sum, or None where it is safe.

    With the total shown, the hidden parts are known as a sum; with the total hidden too, only a
    single hidden part would be left to guess, and then nothing can be subtracted.
    """
    shown = {key: value for key, value in parts.items() if key not in gone}
    lost = [value for key, value in parts.items() if key in gone]
    (total_key,) = total
    if total_key in gone:
        # The total comes back as the sum of its parts where all of them are shown.
        return min(shown, key=lambda key: (shown[key], key)) if not lost and shown else None
    if not lost or (len(lost) > 1 and sum(lost) > profile.limit):
        return None
    return min(shown, key=lambda key: (shown[key], key)) if shown else total_key


def _shown(result: Result, profile: Profile, reason: str) -> Result:
    """The result as it may be shown."""
    if reason:
        return Suppressed(key=result.key, label=result.label, reason=reason)
    match result:
        case Estimate():
            return _rounded(result, profile)
        case NotEstimable():
            return replace(result, n=None)
        case Suppressed() | PatientPoints():
            return result
        case _:
            assert_never(result)


def _rounded(estimate: Estimate, profile: Profile) -> Estimate:
    """The estimate from rounded counts; other statistics keep their value, not their exact n."""
    to = _to_multiple(profile.base)
    n = None if estimate.n is None else to(estimate.n)
    plain = replace(estimate, n=n, smallest=None)
    if profile.base == 1:
        return plain
    if estimate.measure is Measure.COUNT:
        return replace(plain, value=float(to(estimate.value)))
    if estimate.measure is Measure.PROPORTION and estimate.events is not None and n:
        return _recomputed(plain, to(estimate.events), n)
    return plain


def _recomputed(estimate: Estimate, events: int, n: int) -> Estimate:
    """A proportion and its interval from rounded counts, so that no exact one can be worked out."""
    method = _METHODS.get(estimate.method)
    value = events / n
    if method is None or estimate.conf_level is None:
        return replace(estimate, value=value, events=events, n=n, ci_low=None, ci_high=None)
    answer = proportion(events, n, conf_level=estimate.conf_level, method=method)
    if isinstance(answer, NoEstimate):
        return replace(estimate, value=value, events=events, n=n, ci_low=None, ci_high=None)
    return replace(
        estimate, value=value, events=events, n=n, ci_low=answer.ci_low, ci_high=answer.ci_high
    )


def _to_multiple(base: int) -> Callable[[float], int]:
    """Rounding to the nearest multiple, halves up."""
    return lambda value: int((value + base / 2) // base) * base
