"""Relations that hold for the gate whatever is counted, and an attacker who tries to undo it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from incohort.cohort import open_cohort
from incohort.disclosure import PROFILES, Ledger, gate
from incohort.results import Findings, Layout, Measure, Suppressed, findings_to_json
from incohort.shapes.making import Scope
from incohort.shapes.sets import Base
from incohort.shapes.telling import Draft, telling

CLOSED = [profile for profile in PROFILES.values() if not profile.is_open]
profiles = st.sampled_from(CLOSED)
cells = st.integers(0, 40) | st.integers(0, 9)


@dataclass
class Page:
    """Numbers of sets in the making, and what a reader knows to add up: a total and its parts."""

    draft: Draft = field(default_factory=lambda: telling(scope()))
    sums: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def findings(self) -> Findings:
        """The page, before any gate."""
        return self.draft.findings("t", "T", Layout())


@cache
def scope() -> Scope:
    """What the keys begin with."""
    return Scope(cohort=open_cohort("kyritsi2015"), prefix="t")


def people(n: int, **columns: list) -> Base:
    """Patients, with a category each of some columns; None where it is not recorded."""
    frame = pd.DataFrame({"patient_id": [f"P{number}" for number in range(n)]})
    base = Base("patients", frame)
    for name, (values, words) in columns.items():
        base.cut(name, pd.Series(values, dtype="object"), words)
    return base


@st.composite
def crossed(draw) -> Page:
    """A table of counts with the sums of its rows and columns and the grand total."""
    n_rows, n_columns = draw(st.integers(1, 3)), draw(st.integers(2, 4))
    table = {(f"r{i}", f"c{j}"): draw(cells) for i in range(n_rows) for j in range(n_columns)}
    each = [cell for cell, n in table.items() for _ in range(n)]
    rows, columns = (list(dict.fromkeys(names)) for names in zip(*table, strict=True))
    base = people(
        len(each), row=([r for r, _ in each], rows), column=([c for _, c in each], columns)
    )
    page, everybody = Page(), base.everybody
    for row, column in table:
        inside = everybody.where("row", row).where("column", column)
        page.draft.count_in(f"{row}/{column}", "", inside)
    for row in rows:
        page.draft.count_in(f"{row}/all", "", everybody.where("row", row))
        page.sums.append((f"t/{row}/all", [f"t/{row}/{column}" for column in columns]))
    for column in columns:
        page.draft.count_in(f"all/{column}", "", everybody.where("column", column))
        page.sums.append((f"t/all/{column}", [f"t/{row}/{column}" for row in rows]))
    page.draft.count_in("all/all", "", everybody)
    page.sums.append(("t/all/all", [f"t/all/{column}" for column in columns]))
    page.sums.append(("t/all/all", [f"t/{row}/all" for row in rows]))
    return page


@st.composite
def distributed(draw) -> Page:
    """Shares of those in whom a property is known, and how many are missing."""
    values = draw(st.lists(cells, min_size=2, max_size=5).filter(any))
    missing = draw(cells)
    words = [f"{i}" for i in range(len(values))]
    each = [word for word, n in zip(words, values, strict=True) for _ in range(n)]
    base = people(len(each) + missing, kind=([*each, *[None] * missing], words))
    page, known = Page(), base.everybody.known("kind")
    for word in words:
        page.draft.share_in(f"{word}/proportion", "", known.where("kind", word), known)
    page.draft.count_in("missing/count", "", base.everybody.unknown("kind"))
    page.draft.count_in("all/count", "", base.everybody)
    keys = [f"t/{word}/proportion" for word in words]
    page.sums.append(("t/all/count", [*keys, "t/missing/count"]))
    page.sums += [(f"{key}#n", keys) for key in keys]
    return page


pages = crossed() | distributed()


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


def ranges(page: Page, after: Findings, profile) -> dict[str, tuple[int, int]]:
    """What an attacker with an integer program learns of each withheld count.

    Rounded counts are taken for what rounds to them, totals too: more than the page tells.
    """
    true = numbers(page.findings)
    named = list(true)
    stays = {result.key for result in after.results if not isinstance(result, Suppressed)}
    stays |= {f"{key}#n" for key in stays}
    stays |= {r.key for r in after.results if isinstance(r, Suppressed) and r.events is not None}
    rows = np.array([
        [-1 if name == total else int(name in parts) for name in named]
        for total, parts in page.sums
    ])  # fmt: skip
    low, high = np.zeros(len(named)), np.full(len(named), 1000.0)
    for i, name in enumerate(named):
        if name in stays:
            middle = int((true[name] + profile.base / 2) // profile.base) * profile.base
            low[i], high[i] = (
                max(middle - profile.base // 2, 0),
                middle + profile.base // 2,
            )
    answer = {}
    for i, name in enumerate(named):
        if name in stays:
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
@given(pages, profiles)
def test_no_small_count_can_be_worked_out(page, profile):
    """An integer program over all sums never finds a withheld count, nor that it is small.

    But that nobody is missing where as many are known as there are in all: whatever is withheld,
    two names for one number are a sum of their own, and it tells nothing about anybody.
    """
    true = numbers(page.findings)
    none_missing = true.get("t/0/proportion#n") == true.get("t/all/count", -1)
    for key, (low, high) in ranges(page, gate(page.findings, profile), profile).items():
        if key == "t/missing/count" and none_missing:
            continue
        if true[key] <= profile.limit:
            assert low < high, key
            assert high > profile.limit, key


@settings(deadline=None, max_examples=25)
@given(pages, profiles)
def test_gating_twice_is_gating_once(page, profile):
    """What has passed a profile passes it unchanged; without its mark nothing of it is shown.

    The gate has taken the sets away, so that it can't tell any more whose the numbers are.
    """
    once = gate(page.findings, profile)

    assert gate(once, profile) is once
    again = gate(replace(once, profile=""), profile)
    assert all(isinstance(r, Suppressed) and r.events is None for r in again.results)


@settings(deadline=None, max_examples=25)
@given(pages, profiles)
def test_nothing_small_is_in_the_record(page, profile):
    """No count, numerator, denominator or complement up to the limit reaches the JSON."""
    for item in findings_to_json(gate(page.findings, profile))["results"]:
        if item["kind"] == "suppressed":
            assert set(item) <= {"kind", "key", "label", "reason", "events"}
            assert item.get("events", profile.limit + 1) > profile.limit
            continue
        counts = [item[name] for name in ("events", "n") if item[name] is not None]
        if item["measure"] == "proportion":
            counts.append(item["n"] - item["events"])
            assert 0 < item["value"] < 1
        else:
            counts.append(item["value"])
        assert min(counts) > profile.limit


@settings(deadline=None, max_examples=25)
@given(crossed())
def test_totals_are_sums_of_their_rounded_parts(page):
    """Where all parts are shown, a reader who adds them up in one direction gets the total."""
    after = gate(page.findings, PROFILES["opensafely"]).by_key
    sums: dict[str, list[float]] = {}
    for total, parts in page.sums:
        shown = [after[key] for key in (total, *parts)]
        if len(parts) > 1 and not any(isinstance(r, Suppressed) for r in shown):
            sums.setdefault(total, []).append(sum(after[key].value for key in parts))
    for total, possible in sums.items():
        assert after[total].value in possible


@settings(deadline=None, max_examples=25)
@given(crossed(), profiles)
def test_tables_shown_one_after_the_other_are_as_safe_as_together(page, profile):
    """Cells first and their totals in a later table: the ledger keeps what the first withheld."""
    whole = page.findings
    ledger, shown = Ledger(), []
    for is_outer in (False, True):
        some = tuple(r for r in whole.results if ("all" in r.key) is is_outer)
        shown += gate(replace(whole, results=some), profile, ledger).results
    true = numbers(whole)
    for key, (low, high) in ranges(page, replace(whole, results=tuple(shown)), profile).items():
        if true[key] <= profile.limit:
            assert low < high, key
            assert high > profile.limit, key
