"""Somebody who has all releases of a growing cohort, knows the software, and an integer program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from attacking import CLOSED, found_out

from incohort.cohort import open_cohort
from incohort.disclosure import PROFILES, Ledger, across, gate
from incohort.disclosure.account import Account, account_of
from incohort.disclosure.across import conflicts
from incohort.disclosure.profiles import Profile
from incohort.disclosure.secrets import Shown
from incohort.results import Findings, Layout, Result, Suppressed
from incohort.results.groups import GroupName
from incohort.shapes.making import Scope
from incohort.shapes.sets import Base
from incohort.shapes.telling import telling

SEXES, CAUSES = ("female", "male", "unknown"), ("thyroid", "drug", "other")
CAME = (0, 1, 2, 4, 6, 9, 15, 30)  # patients between two releases
# some of sixty, among them those in which a rule alone keeps a secret
WORLDS = (5, 7, 12, 14, 20, 25, 42, 48, 52, 54, 57)


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report: what was found, what the gate left of it, and the account that the ledger has."""

    before: Findings
    after: Findings
    account: Account


@cache
def scope() -> Scope:
    """What the keys begin with."""
    return Scope(cohort=open_cohort("kyritsi2015"), prefix="s")


def reported(people: pd.DataFrame, profile: Profile) -> Report:
    """How many there are, of each sex, of each cause, and of each cause how many women."""
    base = Base("patients", people.reset_index(drop=True))
    base.cut("sex", base.frame["sex"], SEXES)
    base.cut("cause", base.frame["cause"], CAUSES)
    draft, everybody = telling(scope()), base.everybody
    draft.count_in("n", "all", everybody)
    for sex in SEXES:
        draft.count_in(f"sex/{sex}", sex, everybody.where("sex", sex))
    for cause in CAUSES:
        of_cause = everybody.where("cause", cause)
        draft.count_in(f"cause/{cause}", cause, of_cause)
        draft.count_in(f"women/{cause}", cause, of_cause.where("sex", "female"), of=of_cause)
    ledger = Ledger()
    before = draft.findings("s", "S", Layout())
    after = gate(before, profile, ledger)
    return Report(before=before, after=after, account=account_of(ledger, profile))


def drawn(random: np.random.Generator, names: Sequence[str]) -> pd.DataFrame:
    """Patients of some sex and cause."""
    return pd.DataFrame(
        {
            "patient_id": list(names),
            "sex": random.choice(SEXES, len(names), p=[0.6, 0.34, 0.06]),
            "cause": random.choice(CAUSES, len(names), p=[0.6, 0.3, 0.1]),
        }
    )


def growing(seed: int, n_releases: int) -> list[pd.DataFrame]:
    """A cohort as it was at each release: some came, sometimes only women or men are asked."""
    random = np.random.default_rng(seed)
    people = drawn(random, [f"P{n:03}" for n in range(int(random.integers(40, 90)))])
    asked = []
    for number in range(n_releases):
        if number:
            came = [f"N{number}{n:03}" for n in range(int(random.choice(CAME)))]
            people = pd.concat([people, drawn(random, came)])
        kept = str(random.choice(["all", "all", "female", "male", "known", "usual"]))
        masks = {
            "all": people["sex"] != "", "female": people["sex"] == "female",
            "male": people["sex"] == "male", "known": people["sex"] != "unknown",
            "usual": people["cause"] != "other",
        }  # fmt: skip
        asked.append(people[masks[kept]])
    return asked


def coarsened(report: Report, before: Sequence[Account]) -> Report:
    """The report without the numbers that the ledger refuses, until it refuses none."""
    while refused := {conflict.key for conflict in conflicts(report.account, before)}:
        report = Report(
            before=report.before,
            after=replace(
                report.after,
                results=tuple(
                    Suppressed(key=r.key, label=r.label, reason="") if r.key in refused else r
                    for r in report.after.results
                ),
            ),
            account=replace(
                report.account,
                shown={**report.account.shown, **dict.fromkeys(refused, Shown.NOTHING)},
            ),
        )
    return report


def released(
    asked: Sequence[pd.DataFrame], profiles: Sequence[Profile], *, is_checked: bool
) -> list[Report]:
    """What leaves of each report, by the ledger or without one."""
    reports: list[Report] = []
    for people, profile in zip(asked, profiles, strict=True):
        report = reported(people, profile)
        past = [one.account for one in reports]
        reports.append(coarsened(report, past) if is_checked else report)
    return reports


def read_together(
    reports: Sequence[Report], asked: Sequence[pd.DataFrame]
) -> tuple[list[Findings], list[Findings]]:
    """All reports as one whose rows are everybody: who was in which is a column.

    That column is parted by hand here, and nothing of the ledger's own joining is used. Those who
    came between two releases are secrets, too, though no report names them.
    """
    everybody = pd.concat(asked).drop_duplicates("patient_id").reset_index(drop=True)
    inside = [everybody["patient_id"].isin(people["patient_id"]) for people in asked]
    patterns = pd.Series(
        ["".join("ny"[int(own[at])] for own in inside) for at in range(len(everybody))]
    )
    base = Base("patients", everybody)
    base.cut("in", patterns, sorted(set(patterns)))
    base.cut("sex", everybody["sex"], SEXES)
    base.cut("cause", everybody["cause"], CAUSES)
    before, after = [], []
    for number, report in enumerate(reports):
        words = [p for p in sorted(set(patterns)) if p[number] == "y"]
        before.append(moved(report.before, number, base, lambda g, w=words: g.where("in", w)))
        after.append(moved(report.after, number, base, lambda g: g))
    draft = telling(scope())
    for pattern in sorted(set(patterns)):
        draft.count_in(
            f"only/{pattern}", "who were in these alone", base.everybody.where("in", pattern)
        )
    secret = draft.findings("s", "S", Layout())
    before.append(secret)
    after.append(replace(secret, results=tuple(map(hidden, secret.results)), whose=()))
    return before, after


def moved(
    findings: Findings, number: int, base: Base, cut: Callable[[GroupName], GroupName]
) -> Findings:
    """Findings of one release under names of their own, of sets of everybody's rows."""
    return replace(
        findings,
        results=tuple(replace(r, key=f"{number}/{r.key}") for r in findings.results),
        whose=tuple(
            replace(
                own, key=f"{number}/{own.key}", of=cut(own.of),
                events=None if own.events is None else cut(own.events),
            )
            for own in findings.whose
        ),
        censuses=(base.census,) if findings.censuses else (),
    )  # fmt: skip


def hidden(result: Result) -> Suppressed:
    """What nobody is told."""
    return Suppressed(key=result.key, label=result.label, reason="")


def worked_out(
    asked: Sequence[pd.DataFrame],
    profiles: Sequence[Profile],
    *,
    is_checked: bool,
    n_read: int | None = None,
) -> dict[str, int]:
    """The small numbers that all releases together give away, or the first `n_read` of them."""
    reports = released(asked, profiles, is_checked=is_checked)
    before, after = read_together(reports, asked)
    for number in range(len(reports) if n_read is None else n_read, len(reports)):
        after[number] = replace(after[number], results=tuple(map(hidden, after[number].results)))
    strictest = max(profiles, key=lambda profile: profile.limit)

    def printed_by(key: str) -> Profile:
        number = key.partition("/")[0]
        return profiles[int(number)] if number.isdigit() else strictest

    return found_out(before, after, strictest, printed_by)


@pytest.mark.parametrize("profile", CLOSED, ids=lambda profile: profile.name)
@pytest.mark.parametrize("n_releases", [2, 3])
def test_nobody_works_out_a_small_number_from_several_releases(profile, n_releases):
    """Of cohorts that grow, or are asked in part, no withheld number is known to be small."""
    for seed in WORLDS:
        asked = growing(seed, n_releases)
        assert worked_out(asked, [profile] * n_releases, is_checked=True) == {}, seed


@pytest.mark.parametrize("profile", CLOSED, ids=lambda profile: profile.name)
@pytest.mark.parametrize("n_releases", [2, 3])
def test_without_the_ledger_the_same_attacker_wins(profile, n_releases):
    """Each report is safe by itself, and several of them are not."""
    won = [
        seed
        for seed in WORLDS
        if worked_out(growing(seed, n_releases), [profile] * n_releases, is_checked=False)
    ]
    assert won


@pytest.mark.parametrize("name", ["opensafely", "darwin"])
def test_what_the_names_of_sets_give_away_needs_more_than_two_sets_side_by_side(name, monkeypatch):
    """Without the third rule the attacker adds up sets of three releases, of which no two are near.

    So the rule is not there for nothing.
    """
    monkeypatch.setattr(across._Releases, "bounded", lambda *_: iter(()))
    profiles = [PROFILES[name]] * 3
    assert any(worked_out(growing(seed, 3), profiles, is_checked=True) for seed in WORLDS)


@pytest.mark.parametrize("names", [("opensafely", "darwin"), ("darwin", "acro"),
                                   ("darwin", "opensafely")], ids=" then ".join)  # fmt: skip
def test_another_profile_is_no_way_round(names):
    """The exact counts of one profile beside the rounded ones of another tell nothing of few.

    What the first told by itself is past recall: 5 patients under darwin, whom acro would withhold.
    """
    profiles = [PROFILES[name] for name in names]
    for seed in WORLDS:
        asked = growing(seed, 1) * 2
        first = worked_out(asked, profiles, is_checked=True, n_read=1)
        assert worked_out(asked, profiles, is_checked=True).keys() <= first.keys(), seed
