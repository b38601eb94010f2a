"""The gate itself: one cell's findings, in the knowledge of what the cells before have shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from weakref import WeakValueDictionary

from incohort.disclosure.apart import told_apart
from incohort.disclosure.curves import as_drawn
from incohort.disclosure.linked import Universe, with_what_rests_on, withheld
from incohort.disclosure.persons import EVENTS, parts
from incohort.disclosure.profiles import Profile
from incohort.disclosure.rounding import Counts, as_shown, from_rounded, rounded_counts
from incohort.disclosure.secrets import Shown
from incohort.disclosure.set_ledger import SetLedger
from incohort.disclosure.sums import sums_of
from incohort.results import (
    Band,
    Behind,
    Curve,
    Estimate,
    Findings,
    Margin,
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


@dataclass(kw_only=True)
class Ledger:
    """What one run has shown and withheld so far, so that linked tables are judged together.

    It holds exact counts and stays where the rows are: in the notebook's kernel. What was shown
    can't be taken back, so a later table withholds what would undo an earlier one.
    """

    results: dict[str, Result] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    margins: dict[Margin, None] = field(default_factory=dict)
    behind: dict[str, Behind] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)
    sets: SetLedger = field(default_factory=SetLedger)


def gate(findings: Findings, profile: Profile, ledger: Ledger | None = None) -> Findings:
    """The findings as they may be shown under a profile; the same again if they come back.

    Args:
        findings: Results and layout of one cell.
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
    if findings.whose or findings.given:
        shown = ledger.sets.shown_of(findings, profile)
        margins = ledger.sets.margins_of(findings)
        ledger.apart |= ledger.sets.apart
    else:
        hidden, margins = _hidden(findings, profile, ledger), findings.layout.margins
        shown = {key: Shown(2 * (key not in hidden)) for key in findings.by_key}
    full = {r.key: r for r in findings.results if shown[r.key] is Shown.ALL}
    alone = {r.key: _count(r) for r in findings.results if shown[r.key] is Shown.EVENTS}
    told = {key: r for key, r in full.items() if key not in findings.given}
    counts = rounded_counts(told | alone, margins, profile)

    def gated(result: Result) -> Result:
        key = result.key
        if key in findings.given:  # no person's number
            return result
        if key in full and profile.is_rounding and key in findings.from_risks:
            again = from_rounded(result, findings.from_risks[key], profile)
            return _withheld(result, profile) if again is None else again
        if key in full:
            return _shown(result, profile, counts)
        if key not in alone:
            return _left(result, profile, is_apart=key in ledger.apart)
        if isinstance(result, Estimate) and result.measure is Measure.COUNT:
            return _shown(alone[key], profile, counts)
        return replace(_withheld(result, profile), events=counts[key][EVENTS])

    return _marked(findings, tuple(map(gated, findings.results)), profile)


def _count(result: Result) -> Estimate:
    """The count of a share, or of how many were looked at, without of how many it is."""
    assert isinstance(result, Estimate)  # noqa: S101 — nothing else has events
    return replace(
        result, measure=Measure.COUNT, value=float(parts(result)[EVENTS]), n=None, events=None,
        ci_low=None, ci_high=None, conf_level=None, method="",
    )  # fmt: skip


def _marked(findings: Findings, results: tuple[Result, ...], profile: Profile) -> Findings:
    """The findings with these results, known from now on as what the gate itself has made."""
    layout = spoken(findings.layout, {result.key: result for result in results})
    gated = replace(
        findings,
        results=results,
        layout=layout,
        profile=profile.name,
        behind=(),
        whose=(),
        censuses=(),
        given=frozenset(),
        from_risks={},
    )
    _GATED[id(gated)] = gated
    return gated


def _hidden(findings: Findings, profile: Profile, ledger: Ledger) -> set[str]:
    """The keys to withhold, judged together with all that the ledger knows; it learns of them."""
    own = findings.by_key
    again = {key for key, result in own.items() if ledger.results.get(key) == result}
    before = ledger.results.keys() - (own.keys() - again)
    ledger.results |= own
    ledger.margins |= dict.fromkeys(findings.layout.margins)
    ledger.behind |= {one.key: one for one in findings.behind}
    told, guessed = (
        Universe(
            results=ledger.results,
            sums=sums_of(ledger.results, ledger.margins, has_guesses=has_guesses),
            shown=frozenset(before - ledger.hidden),
            hidden=frozenset(before & ledger.hidden),
            behind=ledger.behind,
        )
        for has_guesses in (False, True)
    )
    ledger.hidden = withheld(told, guessed, profile)
    _keep_apart(profile, ledger, before)
    ledger.hidden = with_what_rests_on(told, ledger.hidden)
    return ledger.hidden


def _keep_apart(profile: Profile, ledger: Ledger, before: Collection[str]) -> None:
    """Withhold what would tell of the few by whom two groups differ.

    A curve is always in `hidden`, for it is drawn from what may be told of it; it counts as shown.
    """
    curves = {key for key in ledger.behind if isinstance(ledger.results.get(key), Curve)}
    known = ledger.results.keys() & ledger.behind.keys()
    shown = (known - ledger.hidden | curves) - ledger.apart
    gone = told_apart(ledger.behind, shown, set(before) & shown, profile.limit)
    ledger.apart |= gone
    ledger.hidden |= gone


def _left(result: Result, profile: Profile, *, is_apart: bool) -> Result:
    """What may be shown of a result that can't be shown as it is: of a number only that it is."""
    match result:
        case Suppressed():
            return result
        case Curve() | Band() | PatientTracks() if not is_apart:
            return as_drawn(result, profile)
        case _:
            return _withheld(result, profile)


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
    if isinstance(result, Estimate):
        return as_shown(result, counts[result.key], profile)
    return result
