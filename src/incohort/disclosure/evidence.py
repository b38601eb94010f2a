"""What a custodian checks before a report leaves: each number before the gate, after it, and why.

The reasons that stand in a report don't tell which of the rules withheld a number, since that would
tell something of it. These do, so they stay on the custodian's side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from incohort.disclosure.ledger import Ledger
from incohort.disclosure.persons import EVENTS, N, has_few_degrees, is_near_an_end, parts
from incohort.disclosure.profiles import Profile
from incohort.results import (
    Band,
    Curve,
    Estimate,
    Findings,
    Measure,
    NotEstimable,
    PatientPoints,
    PatientTracks,
    Result,
    Suppressed,
)

SHOWN, CHANGED, WITHHELD = "shown", "changed", "withheld"
_OTHER = "figures and sentences"  # what stands in no table


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One number of a table: where it stands, how many are behind it, what became of it."""

    part: str
    table: str
    row: str
    column: str
    key: str
    label: str
    kind: str
    n_before: int | None
    events_before: int | None
    smallest: int | None
    status: str
    n_after: int | None
    events_after: int | None
    rule: str


def lines_of(
    before: Findings, after: Findings, ledger: Ledger, profile: Profile
) -> tuple[Line, ...]:
    """A line for each number of one cell of a notebook, table by table.

    Args:
        before: As the analysis made them.
        after: As the gate left them.
        ledger: By which it did.
        profile: Under which.
    """
    sizes = dict(_smallest(before))
    lines = []
    for table, row, column, key in _places(after):
        exact, shown = before.by_key[key], after.by_key[key]
        n_before, events_before = _counts(exact)
        n_after, events_after = _counts(shown)
        rule = _rule(exact, shown, before, sizes.get(key), ledger, profile)
        lines.append(
            Line(
                part=before.title, table=table, row=row, column=column, key=key, label=exact.label,
                kind=_kind(exact), n_before=n_before, events_before=events_before,
                smallest=sizes.get(key), status=_status(exact, shown), n_after=n_after,
                events_after=events_after, rule=rule,
            )
        )  # fmt: skip
    return tuple(lines)


def _places(findings: Findings) -> Iterator[tuple[str, str, str, str]]:
    """Each number with its table, row and column; at last what stands in none."""
    placed = set()
    for table in findings.layout.tables:
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=False):
                head = ": ".join(filter(None, (column.spanner, column.label)))
                for key in cell.keys:
                    if key in findings.by_key:
                        placed.add(key)
                        yield table.caption, row.label, head, key
    yield from ((_OTHER, "", "", key) for key in findings.by_key if key not in placed)


def _smallest(findings: Findings) -> Iterator[tuple[str, int]]:
    """Of each result how many patients the smallest set has that it tells of."""
    censuses = {census.unit: census for census in findings.censuses}
    for scope in findings.whose:
        if scope.unit not in censuses:
            continue
        census = censuses[scope.unit]
        sizes = [census.n_persons(group) for group in scope.groups]
        if scope.events is not None:
            left = census.rows(scope.of) & ~census.rows(scope.events)
            sizes.append(len(set(census.persons[left].tolist())))
        yield scope.key, min(sizes)


def _counts(result: Result) -> tuple[int | None, int | None]:
    """How many are behind a result, and how many of them have the event."""
    match result:
        case Estimate():
            counts = parts(result)
            return counts.get(N, result.n), counts.get(EVENTS, result.events)
        case NotEstimable():
            return result.n, None
        case Suppressed():
            return None, result.events
        case PatientPoints():
            return len(result.x), None
        case Curve() | Band() | PatientTracks():
            return None, None


def _kind(result: Result) -> str:
    return result.measure.value if isinstance(result, Estimate) else _KINDS[type(result)]


_KINDS: Mapping[type, str] = {
    NotEstimable: "not estimable", Suppressed: "withheld before", PatientPoints: "a mark a patient",
    Curve: "curve", Band: "quartiles", PatientTracks: "a series a patient",
}  # fmt: skip


def _status(exact: Result, shown: Result) -> str:
    if isinstance(shown, Suppressed):
        return WITHHELD if shown.events is None else CHANGED
    return SHOWN if _is_the_same(exact, shown) else CHANGED


def _is_the_same(exact: Result, shown: Result) -> bool:
    """Whether a reader sees the number as it is; what only the gate may know is no number."""
    if not (isinstance(exact, Estimate) and isinstance(shown, Estimate)):
        return exact == shown
    exact_numbers, shown_numbers = (
        (each.value, each.ci_low, each.ci_high, *_counts(each)[1:]) for each in (exact, shown)
    )
    return exact_numbers == shown_numbers


def _rule(
    exact: Result, shown: Result, before: Findings, smallest: int | None, ledger: Ledger,
    profile: Profile,
) -> str:  # fmt: skip
    if exact.key in before.given:
        return "given: no person's number"
    if not isinstance(shown, Suppressed):
        return "" if _is_the_same(exact, shown) else _changed(exact, profile)
    if exact.key in ledger.barred:
        return "released before: beside earlier releases it would tell of a few"
    if smallest is None:
        return "unnamed: it names no set of patients"
    if isinstance(exact, PatientPoints | PatientTracks):
        return "marks: one for each patient"
    if isinstance(exact, Estimate) and is_near_an_end(exact, profile):
        return f"few beyond: {profile.few} patients or fewer lie beyond it"
    if isinstance(exact, Estimate) and has_few_degrees(exact, profile):
        return f"degrees of freedom: fewer than {profile.degrees}"
    if smallest <= profile.limit:
        return f"threshold: a set of {smallest}, and the limit is {profile.limit}"
    if exact.key in ledger.apart:
        return "dominance: nearly the same patients as another statistic that is shown"
    return "secondary: together with what is shown it would give a small count back"


def _changed(exact: Result, profile: Profile) -> str:
    if not isinstance(exact, Estimate):
        return f"drawn: no step of {profile.limit} patients or fewer"
    if profile.is_rounding and exact.measure in {Measure.COUNT, Measure.PROPORTION}:
        return f"rounding: counts to the nearest {profile.base}"
    return "digits: as many as its patients support"
