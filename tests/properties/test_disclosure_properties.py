"""Relations that hold for the gate whatever is counted, and an attacker who tries to undo it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from incohort.disclosure import PROFILES, Ledger, gate
from incohort.results import (
    Estimate,
    Findings,
    Layout,
    Margin,
    Measure,
    Suppressed,
    findings_to_json,
)

CLOSED = [profile for profile in PROFILES.values() if not profile.is_open]
profiles = st.sampled_from(CLOSED)
cells = st.integers(0, 40) | st.integers(0, 9)


def count(key: str, value: int) -> Estimate:
    return Estimate(key=key, label=key, measure=Measure.COUNT, value=float(value), n=value)


def share(key: str, events: int, n: int) -> Estimate:
    return Estimate(
        key=key,
        label=key,
        measure=Measure.PROPORTION,
        value=events / n,
        events=events,
        n=n,
        ci_low=0.0,
        ci_high=1.0,
        conf_level=0.95,
        method="Wilson score interval",
    )


@st.composite
def crossed(draw) -> Findings:
    """A table of counts with the margins of its rows and columns and the grand total."""
    n_rows, n_columns = draw(st.integers(1, 3)), draw(st.integers(2, 4))
    table = [[draw(cells) for _ in range(n_columns)] for _ in range(n_rows)]
    results, margins = [], []
    for i, row in enumerate(table):
        results += [count(f"t/{i}/{j}", value) for j, value in enumerate(row)]
        results.append(count(f"t/{i}/all", sum(row)))
        margins.append(
            Margin(total=f"t/{i}/all", parts=tuple(f"t/{i}/{j}" for j in range(n_columns)))
        )
    columns = [sum(row[j] for row in table) for j in range(n_columns)]
    results += [count(f"t/all/{j}", value) for j, value in enumerate(columns)]
    results.append(count("t/all/all", sum(columns)))
    margins += [
        Margin(total=f"t/all/{j}", parts=tuple(f"t/{i}/{j}" for i in range(n_rows)))
        for j in range(n_columns)
    ]
    margins.append(Margin(total="t/all/all", parts=tuple(f"t/all/{j}" for j in range(n_columns))))
    margins.append(Margin(total="t/all/all", parts=tuple(f"t/{i}/all" for i in range(n_rows))))
    layout = Layout(margins=tuple(margins))
    return Findings(name="t", title="T", results=tuple(results), layout=layout)


@st.composite
def distributed(draw) -> Findings:
    """Shares of those in whom a property is known, and how many are missing."""
    values = draw(st.lists(cells, min_size=2, max_size=5).filter(any))
    missing = draw(cells)
    known = sum(values)
    keys = [f"d/{i}/proportion" for i in range(len(values))]
    results = [share(key, value, known) for key, value in zip(keys, values, strict=True)]
    results += [count("d/missing/count", missing), count("d/all/count", known + missing)]
    margin = Margin(total="d/all/count", parts=(*keys, "d/missing/count"))
    return Findings(name="d", title="D", results=tuple(results), layout=Layout(margins=(margin,)))


tables = crossed() | distributed()


def numbers(findings: Findings) -> dict[str, int]:
    """Every count by its key, and the denominators of shares as `key#n`, once where equal."""
    found = {}
    for result in findings.results:
        if result.measure is Measure.COUNT:
            found[result.key] = int(result.value)
        else:
            found[result.key] = result.events
            found[f"{result.key}#n"] = result.n
    return found


def equations(findings: Findings) -> list[dict[str, int]]:
    """What a reader of the page knows adds up to nothing."""
    known = [
        {margin.total: -1} | dict.fromkeys(margin.parts, 1) for margin in findings.layout.margins
    ]
    shares = [r.key for r in findings.results if r.measure is Measure.PROPORTION]
    known += [dict.fromkeys(shares, 1) | {f"{key}#n": -1} for key in shares]
    return known


def ranges(before: Findings, after: Findings, profile) -> dict[str, tuple[int, int]]:
    """What an attacker with an integer program learns of each withheld count.

    Rounded counts are taken for what rounds to them, totals too: more than the page tells.
    """
    true, named = numbers(before), list(numbers(before))
    gone = {result.key for result in after.results if isinstance(result, Suppressed)}
    rows = np.array([[sum_.get(name, 0) for name in named] for sum_ in equations(before)])
    low, high = np.zeros(len(named)), np.full(len(named), 1000.0)
    for i, name in enumerate(named):
        if name.partition("#")[0] not in gone:
            middle = int((true[name] + profile.base / 2) // profile.base) * profile.base
            low[i], high[i] = (
                max(middle - profile.base // 2, 0),
                middle + profile.base // 2,
            )
    answer = {}
    for i, name in enumerate(named):
        if name not in gone:
            continue
        ends = []
        for sign in (1, -1):
            cost = np.zeros(len(named))
            cost[i] = sign
            found = optimize.milp(
                cost,
                constraints=optimize.LinearConstraint(rows, 0, 0),
                bounds=optimize.Bounds(low, high),
                integrality=np.ones(len(named)),
            )
            assert found.success
            ends.append(round(found.x[i]))
        answer[name] = tuple(ends)
    return answer


@settings(deadline=None, max_examples=25)
@given(tables, profiles)
def test_no_small_count_can_be_worked_out(findings, profile):
    """An integer program over all margins never finds a withheld count, nor that it is small.

    But that nobody is missing where as many are known as there are in all: whatever is withheld,
    two names for one number are a sum of their own, and it tells nothing about anybody.
    """
    true = numbers(findings)
    none_missing = true.get("d/0/proportion#n") == true.get("d/all/count", -1)
    for key, (low, high) in ranges(findings, gate(findings, profile), profile).items():
        if key == "d/missing/count" and none_missing:
            continue
        if true[key] <= profile.limit:
            assert low < high, key
            assert profile.is_rounding or high > profile.limit, key


@settings(deadline=None, max_examples=25)
@given(distributed(), profiles)
def test_shares_of_one_denominator_need_no_margin(findings, profile):
    """An analysis that forgets to say that its shares add up gives no small count away."""
    forgotten = replace(findings, layout=Layout())
    true = numbers(forgotten)
    for key, (low, high) in ranges(forgotten, gate(forgotten, profile), profile).items():
        if true[key] <= profile.limit:
            assert low < high, key
            assert profile.is_rounding or high > profile.limit, key


@settings(deadline=None, max_examples=25)
@given(tables, profiles)
def test_gating_twice_is_gating_once(findings, profile):
    """What has passed a profile passes it unchanged, even when it no longer says so."""
    once = gate(findings, profile)

    assert gate(once, profile) == once
    if not profile.is_rounding:  # rounded parts need not add up any more
        again = gate(replace(once, profile=""), profile)
        assert {r.key for r in again.results if isinstance(r, Suppressed)} >= {
            r.key for r in once.results if isinstance(r, Suppressed)
        }


@settings(deadline=None, max_examples=25)
@given(tables, st.sampled_from([1, 5]), st.integers(0, 8), st.integers(1, 4))
def test_a_higher_threshold_never_shows_more(findings, base, limit, more):
    """What is withheld at one threshold is withheld at every higher one."""
    kind = replace(PROFILES["darwin"], base=base)
    lower, higher = (
        {r.key for r in gate(findings, replace(kind, limit=x)).results if isinstance(r, Suppressed)}
        for x in (limit, limit + more)
    )
    assert lower <= higher


@settings(deadline=None, max_examples=25)
@given(tables, profiles)
def test_nothing_small_is_in_the_record(findings, profile):
    """No count, numerator, denominator or complement up to the limit reaches the JSON."""
    for item in findings_to_json(gate(findings, profile))["results"]:
        if item["kind"] == "suppressed":
            assert set(item) == {"kind", "key", "label", "reason"}
            continue
        counts = [item[name] for name in ("events", "n") if item[name] is not None]
        if item["measure"] == "proportion":
            counts.append(item["n"] - item["events"])
            assert 0 < item["value"] < 1
        else:
            counts.append(item["value"])
        assert min(counts) > profile.limit
        assert item["smallest"] is None


@settings(deadline=None, max_examples=25)
@given(crossed())
def test_totals_are_sums_of_their_rounded_parts(findings):
    """Where all parts are shown, a reader who adds them up gets the total of the first margin."""
    after = gate(findings, PROFILES["opensafely"]).by_key
    first: dict[str, Margin] = {}
    for margin in findings.layout.margins:
        shown = [after[key] for key in (margin.total, *margin.parts)]
        if len(margin.parts) > 1 and not any(isinstance(r, Suppressed) for r in shown):
            first.setdefault(margin.total, margin)
    for margin in first.values():
        assert after[margin.total].value == sum(after[key].value for key in margin.parts)


@settings(deadline=None, max_examples=25)
@given(crossed(), profiles)
def test_tables_shown_one_after_the_other_are_as_safe_as_together(findings, profile):
    """Rows first and their totals in later cells: the ledger keeps what the first ones withheld."""
    margins = findings.layout.margins
    inner = [r for r in findings.results if "all" not in r.key]
    outer = [r for r in findings.results if "all" in r.key]
    ledger, shown = Ledger(), []
    for name, some in (("inner", inner), ("outer", outer)):
        own = Findings(name=name, title="", results=tuple(some), layout=Layout(margins=margins))
        shown += gate(own, profile, ledger).results
    together = replace(findings, results=tuple(shown))
    true = numbers(findings)
    for key, (low, high) in ranges(findings, together, profile).items():
        if true[key] <= profile.limit:
            assert low < high, key
            assert profile.is_rounding or high > profile.limit, key
