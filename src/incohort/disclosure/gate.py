"""The gate itself: one cell's findings, in the knowledge of what the cells before have shown."""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakValueDictionary

from incohort.disclosure.curves import as_drawn
from incohort.disclosure.ledger import Ledger
from incohort.disclosure.lessened import without_words
from incohort.disclosure.persons import EVENTS, N, parts
from incohort.disclosure.profiles import Profile
from incohort.disclosure.rounding import Counts, as_shown, from_rounded, rounded_counts
from incohort.disclosure.secrets import Shown
from incohort.results import (
    Band,
    Curve,
    Estimate,
    Findings,
    Measure,
    NotEstimable,
    PatientTracks,
    Result,
    Suppressed,
    spoken,
)

# What the gate has made in this process. That findings say they passed is no proof: anybody can
# write a profile's name on them.
_GATED: WeakValueDictionary[int, Findings] = WeakValueDictionary()


def gate(findings: Findings, profile: Profile, ledger: Ledger | None = None) -> Findings:
    """The findings as they may be shown under a profile; the same again if they come back.

    Args:
        findings: Results and layout of one cell. A result that names no set of patients, or is
            another number than is in it, and is not said to be nobody's, is a programming error:
            nothing is shown of it but that.
        profile: From `PROFILES`.
        ledger: What the cells before have shown; it is added to. Without one the findings
            stand alone.

    Returns:
        Findings in which what must not be shown is `Suppressed` with the rule that withheld it,
        and in which only those sentences are left whose numbers are all shown.
    """
    if findings.profile == profile.name and _GATED.get(id(findings)) is findings:
        return findings
    if profile.is_open or not findings.results:
        return _marked(findings, findings.results, profile)
    ledger = Ledger() if ledger is None else ledger
    shown = ledger.shown_of(findings, profile)
    full = {r.key: r for r in findings.results if shown.get(r.key) is Shown.ALL}
    alone = {r.key: _count(r) for r in findings.results if shown.get(r.key) is Shown.EVENTS}
    of_persons = {key: r for key, r in full.items() if key not in findings.given}
    counts = rounded_counts(of_persons | alone, ledger.additions_in(findings), profile)

    def gated(result: Result) -> Result:
        key = result.key
        if key in findings.given:  # no person's number
            return result
        if key not in shown:
            return _refused(result, profile)
        if key in full and profile.is_rounding and key in findings.from_counts:
            again = from_rounded(result, findings.from_counts[key], profile)
            return _withheld(result, profile) if again is None else again
        if key in full:
            return _shown(result, profile, counts)
        if key not in alone:
            return _left(result, profile, is_apart=key in ledger.apart)
        if isinstance(result, Estimate) and result.measure is Measure.COUNT:
            return _shown(alone[key], profile, counts)
        return replace(_withheld(result, profile), events=counts[key][EVENTS])

    shown_results = tuple(map(gated, findings.results))
    return _marked(findings, shown_results, profile, is_lessened=bool(ledger.barred))


def _count(result: Result) -> Estimate:
    """The count of a share, or of how many were looked at, without of how many it is."""
    assert isinstance(result, Estimate)  # noqa: S101 — nothing else has events
    return replace(
        result, measure=Measure.COUNT, value=float(parts(result)[EVENTS]), n=None, events=None,
        ci_low=None, ci_high=None, conf_level=None, method="",
    )  # fmt: skip


def _marked(
    findings: Findings, results: tuple[Result, ...], profile: Profile, *, is_lessened: bool = False
) -> Findings:
    """The findings with these results, known from now on as what the gate itself has made."""
    by_key = {result.key: result for result in results}
    layout = spoken(findings.layout, by_key)
    if is_lessened:
        layout = without_words(layout, by_key)
    gated = replace(
        findings,
        results=results,
        layout=layout,
        profile=profile.name,
        whose=(),
        censuses=(),
        given=frozenset(),
        from_counts={},
        after=(),
    )
    _GATED[id(gated)] = gated
    return gated


def _left(result: Result, profile: Profile, *, is_apart: bool) -> Result:
    """What may be shown of a result that can't be shown as it is: of a number only that it is."""
    match result:
        case Suppressed():
            return result
        case Curve() | Band() | PatientTracks() if not is_apart:
            return as_drawn(result, profile)
        case _:
            return _withheld(result, profile)


def _refused(result: Result, profile: Profile) -> Suppressed:
    """In place of a result of which the gate does not know whose it is, with what to do instead."""
    reason = (
        f"{result.key!r} names no set of patients, or is not how many are in it: make it with "
        "count_in, share_in or statistic_in of ic.patients(cohort).telling(), or, where it is no "
        f"person's number, with given (disclosure profile {profile.name})"
    )
    return Suppressed(key=result.key, label=result.label, reason=reason)


def _withheld(result: Result, profile: Profile) -> Suppressed:
    """In place of a result; the reason does not tell which of the rules withheld it."""
    reason = f"it shows single patients (disclosure profile {profile.name})"
    if isinstance(result, Estimate | NotEstimable | Curve):
        reason = (
            f"it rests on {profile.limit} patients or fewer, or would give such a count back "
            f"(disclosure profile {profile.name})"
        )
    return Suppressed(key=result.key, label=result.label, reason=reason)


def _shown(result: Result, profile: Profile, counts: Counts) -> Result:
    """The result as it may be shown."""
    if not isinstance(result, Estimate):
        return result
    printed = counts[result.key]
    if result.measure is Measure.PROPORTION and printed.get(N) == 0:  # rounded: a share of nobody
        return _withheld(result, profile)
    return as_shown(result, printed, profile)
