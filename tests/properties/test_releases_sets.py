"""Sets of a new release beside those of earlier ones: which are too near, and which are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import pandas as pd
import pytest

from incohort.cohort import open_cohort
from incohort.disclosure import PROFILES, Ledger, gate, lattice
from incohort.disclosure.account import Account, account_from_json, account_of
from incohort.disclosure.across import conflicts
from incohort.results import Curve, Layout, Measure, Suppressed
from incohort.shapes.making import Scope
from incohort.shapes.sets import Base
from incohort.shapes.telling import Draft, telling

CLOSED = [profile for profile in PROFILES.values() if not profile.is_open]
BY_NAME = pytest.mark.parametrize("profile", CLOSED, ids=lambda profile: profile.name)


@cache
def scope() -> Scope:
    """What the keys begin with."""
    return Scope(cohort=open_cohort("kyritsi2015"), prefix="s")


def account(
    patients: Iterable[str],
    tell: Callable[[Draft, Base], object],
    profile: str = "darwin",
    **columns: Callable[[str], bool | None],
) -> Account:
    """What a report on some patients told, who have columns of yes and no by their names."""
    names = list(patients)
    base = Base("patients", pd.DataFrame({"patient_id": names}))
    for name, is_so in columns.items():
        base.flag(name, pd.Series([is_so(one) for one in names], dtype="object"))
    draft, ledger = telling(scope()), Ledger()
    tell(draft, base)
    gate(draft.findings("s", "S", Layout()), PROFILES[profile], ledger)
    # as it comes back from the ledger
    return account_from_json(account_of(ledger, PROFILES[profile]).as_json())


def everybody(draft: Draft, base: Base) -> str:
    """How many there are."""
    return draft.count_in("n", "all", base.everybody)


def those(name: str) -> Callable[[Draft, Base], str]:
    """How many there are of whom a column says yes."""
    return lambda draft, base: draft.count_in(name, name, base.everybody.where(name, "yes"))


def people(n: int, first: int = 0) -> list[str]:
    """Patients by number."""
    return [f"P{number:03}" for number in range(first, first + n)]


def number(name: str) -> int:
    """The number of a patient."""
    return int(name[1:])


def rules(new: Account, *before: Account) -> set[str]:
    """By which rules a release is refused."""
    return {conflict.rule for conflict in conflicts(new, before)}


@BY_NAME
def test_a_cohort_may_grow_by_more_than_the_limit_and_by_nobody(profile):
    """The same again tells nothing new; the limit more is refused, one beyond it is not."""
    limit, name = profile.limit, profile.name
    before = account(people(50), everybody, name)

    assert conflicts(account(reversed(people(50)), everybody, name), [before]) == ()
    for came in (1, limit):
        (conflict,) = conflicts(account(people(50 + came), everybody, name), [before])
        assert (conflict.rule, conflict.key, conflict.other_key) == ("nearly", "s/n", "s/n")
    assert conflicts(account(people(50 + limit + 1), everybody, name), [before]) == ()


def test_those_who_left_count_as_those_who_came():
    """Two went and two others came: by name it is the same set, and it differs by four."""
    before = account(people(50), everybody)
    assert rules(account(people(50, first=2), everybody), before) == {"nearly"}
    assert rules(account(people(50, first=3), everybody), before) == set()


def test_all_and_all_women_differ_by_the_few_men():
    """By name they are two sets; one is a part of the other, and whoever has both subtracts."""
    before = account(people(50), everybody)
    for men, rule in ((4, {"nearly"}), (5, set())):
        assert rules(account(people(50 - men), everybody), before) == rule


def test_a_limit_moved_by_a_hundredth_tells_of_those_between():
    """Below 1.5 are 30, below 1.49 are 28: the two between them are told by both numbers."""
    before = account(people(60), those("low"), low=lambda who: number(who) < 30)
    near = account(people(60), those("low"), low=lambda who: number(who) < 28)
    far = account(people(60), those("low"), low=lambda who: number(who) < 20)

    assert rules(near, before) == {"nearly"}
    assert rules(far, before) == set()


def test_sets_that_nobody_can_relate_are_no_conflict():
    """20 who were treated and 20 who recovered share 18: neither name tells of that."""
    before = account(people(60), those("treated"), treated=lambda who: number(who) < 20)
    other = account(people(60), those("better"), better=lambda who: 2 <= number(who) < 22)
    part = account(people(60), those("better"), better=lambda who: 2 <= number(who) < 20)

    assert rules(other, before) == set()
    assert rules(part, before) == {"nearly"}


def test_what_a_stricter_profile_withheld_stays_withheld():
    """Six of 60 are told under darwin and not under opensafely, whose release came first."""

    def few(who: str) -> bool:
        return number(who) < 6

    strict = account(people(60), those("few"), "opensafely", few=few)
    mild = account(people(60), those("few"), "darwin", few=few)

    assert rules(mild, strict) == {"stricter"}
    assert rules(mild) == set()


@pytest.mark.parametrize("is_filtered", [False, True], ids=["asked apart", "a cohort of its own"])
def test_a_third_number_gives_the_difference_of_two_away(is_filtered):
    """All are 60, women 40; the men are told later, 17: so the sex of three is unknown."""

    def sex(who: str) -> bool | None:
        return True if number(who) < 40 else False if number(who) < 57 else None

    def all_and_women(draft: Draft, base: Base) -> None:
        everybody(draft, base)
        those("woman")(draft, base)

    def men(draft: Draft, base: Base) -> None:
        draft.count_in("men", "men", base.everybody.where("woman", "no"))

    before = account(people(60), all_and_women, woman=sex)
    asked = people(20, first=40) if is_filtered else people(60)
    fewer = account(people(70), all_and_women, woman=sex)

    assert rules(account(asked, men, woman=sex), before) == {"bounded"}
    assert rules(account(people(60), men, woman=sex), fewer) == set()


def test_means_of_two_releases_tell_of_no_few():
    """The mean of 40, and later those of 20 and of 18 of them: each pair is far apart."""

    def mean(*columns: str) -> Callable[[Draft, Base], None]:
        def tell(draft: Draft, base: Base) -> None:
            for name in columns:
                group = base.everybody.where(name, "yes")
                draft.statistic_in(
                    f"{name}/mean", name, Measure.MEAN, 1.0, (group,), unit="d", quantity="days"
                )

        return tell

    whole = account(people(60), mean("all"), all=lambda who: number(who) < 40)
    halves = {
        "one": lambda who: number(who) < 20,
        "other": lambda who: 20 <= number(who) < 38,
    }

    assert rules(account(people(60), mean("one", "other"), **halves), whole) == {"values"}
    assert rules(account(people(60), mean("one"), **halves), whole) == set()


def test_another_episode_of_a_patient_is_a_difference():
    """51 episodes of 50 patients after 50: the patients are the same, the rows are not."""

    def episodes(names: list[str]) -> Account:
        base = Base("episodes", pd.DataFrame({"patient_id": names}))
        base.flag("seen", pd.Series([True] * len(names)))
        draft, ledger = telling(scope()), Ledger()
        draft.count_in("n", "all", base.everybody)
        gate(draft.findings("s", "S", Layout()), PROFILES["darwin"], ledger)
        return account_of(ledger, PROFILES["darwin"])

    before = episodes(people(50))
    assert rules(episodes([*people(50), "P003"]), before) == {"nearly"}
    assert rules(episodes(people(50)), before) == set()


def test_where_there_are_too_many_sets_to_be_judged_all_is_refused(monkeypatch):
    """Where the sums can't be worked out, nothing that is new may leave."""
    before, new = account(people(50), everybody), account(people(80), everybody)
    assert rules(new, before) == set()

    monkeypatch.setattr(lattice, "MOST_CELLS", 0)
    assert rules(new, before) == {"large"}


def test_what_is_barred_is_shown_in_no_part():
    """A count, a share of which the number with the event could stay, and a curve."""
    base = Base("patients", pd.DataFrame({"patient_id": people(60)}))
    base.flag("low", pd.Series([number(name) < 30 for name in people(60)], dtype="object"))
    draft, low = telling(scope()), base.everybody.where("low", "yes")
    keys = [
        draft.count_in("n", "all", base.everybody),
        draft.count_in("low", "low", low, of=base.everybody),
        draft.drawn_in(
            Curve(
                key="s/curve", label="c", x=(1.0, 2.0, 3.0), y=(0.8, 0.6, 0.4), x_label="x",
                y_label="y", measure="survival", n_at_risk=(60, 48, 36), n_events=(12, 12, 12),
                n_censored=(0, 0, 0), n_persons=(12, 12, 12), n=60,
            ),
            base.everybody,
        ),
    ]  # fmt: skip
    findings = draft.findings("s", "S", Layout())
    for profile in CLOSED:
        free = gate(findings, profile, Ledger()).by_key
        barred = gate(findings, profile, Ledger(barred=frozenset(keys))).by_key

        assert not [key for key in keys if isinstance(free[key], Suppressed)]
        assert not [key for key in keys if not isinstance(barred[key], Suppressed)]
        assert all(barred[key].events is None for key in keys)


def test_a_set_that_stayed_the_same_in_a_cohort_that_grew_tells_of_those_who_came():
    """None of the 20 who came is low: that is nobody's number, and yet it is about each of them."""
    before = account(people(60), those("low"), low=lambda who: number(who) < 30)
    same = account(people(80), those("low"), low=lambda who: number(who) < 30)

    assert rules(same, before) == {"bounded"}
