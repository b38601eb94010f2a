"""The episodes of a cohort as a base, in which patients without one have a row, too.

What became of an episode, and why it is not analysed, is one column, `fate`, whose categories form
a tree. Of each patient one row counts as the patient, so that the flow of patients and that of
episodes are sets of the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from incohort.results.groups import NOT_RECORDED
from incohort.shapes import vocabulary
from incohort.shapes.people import age_bands, band_names
from incohort.shapes.sets import NO, YES, Base, Members
from incohort.shapes.times import CENSORED, DIED, RECOVERED

FATE = "fate"
NEVER_COUNTED, NEVER_LOW = "never_counted", "never_low"
WHY_NOT_TIMED = (
    "no_suspect", "no_withdrawal_date", "no_admission_date", "no_date",
    "recovered_before_time_zero", "no_count_after_time_zero",
)  # fmt: skip
WHY_CENSORED = (
    "follow_up_ended", "end_of_study", "lost_to_follow_up", "not_confirmed", "death_without_date",
    "horizon",
)  # fmt: skip
# How a timed episode ended; those censored by the reason.
ENDS = {
    "recovered": ("recovered",),
    "died": ("died",),
    "censored": ("censored", *WHY_CENSORED),
}
TIMED = tuple(word for words in ENDS.values() for word in words)
DRUG_INDUCED = ("criterion_onset", "criterion_recovery", "criterion_exclusions")
# Which of a patient's timed episodes: the first, another that is the first of those that meet the
# criteria, or of those that don't, or a later one.
FIRST, FIRST_OF_ITS_KIND, LATER, UNTIMED = "first", "first_of_its_kind", "later", "untimed"
_ORDERS = (FIRST, FIRST_OF_ITS_KIND, LATER)
_MET, _FAILED = "met", "failed"
_ROWS = _AS_PATIENT, _AS_EPISODE = "as_patient", "as_episode"
_WITHOUT = (NEVER_COUNTED, NEVER_LOW)


def meets_criteria(frame: pd.DataFrame) -> pd.Series:
    """Which episodes meet each criterion of drug-induced neutropenia that all can be asked."""
    flags = [frame[name].eq(other=True) for name in DRUG_INDUCED]
    met: pd.Series = flags[0] & flags[1] & flags[2]
    return met


def those(
    members: Members,
    *,
    ends: Iterable[str] | None = None,
    orders: Iterable[str] | None = None,
    meets: bool | None = None,
    are_patients: bool | None = None,
) -> Members:
    """Those of a set by what became of them.

    Args:
        members: Some of the rows of `episodes_base`.
        ends: How a timed episode ended (`TIMED`), why it is not timed (`WHY_NOT_TIMED`), why a
            patient has none (`NEVER_COUNTED`, `NEVER_LOW`).
        orders: Which of a patient's timed episodes it is.
        meets: Whether it meets the criteria of drug-induced neutropenia.
        are_patients: Whether it is the row by which its patient is counted.
    """
    asked = (
        None if ends is None else set(ends),
        None if orders is None else set(orders),
        None if meets is None else {_MET if meets else _FAILED},
        None if are_patients is None else {_AS_PATIENT if are_patients else _AS_EPISODE},
    )
    words = (
        word
        for word in members.base.axis(FATE).categories
        if word != NOT_RECORDED
        and all(
            kept is None or part in kept for kept, part in zip(asked, _parts(word), strict=True)
        )
    )
    return members.where(FATE, *words)


def ended(members: Members, how: str) -> Members:
    """Those of some timed episodes that ended so: `recovered`, `died` or `censored`."""
    return those(members, ends=ENDS[how])


@dataclass(frozen=True, eq=False, kw_only=True)
class EpisodeSets:
    """The sets that every question on recovery is asked of.

    Args:
        everybody: All rows, of the patients described or of the whole cohort.
        asks_for_criteria: Whether only those episodes take part that meet the criteria.
        takes_first: Whether of each patient only the first timed one that takes part is analysed.
    """

    everybody: Members
    asks_for_criteria: bool
    takes_first: bool

    @property
    def base(self) -> Base:
        """All rows of the cohort."""
        return self.everybody.base

    @property
    def patients(self) -> Members:
        """One row a patient: the one analysed, else the first that takes part, else the first."""
        return those(self.everybody, are_patients=True)

    @property
    def with_episode(self) -> Members:
        """Patients with an episode."""
        return those(self.patients, ends=(*TIMED, *WHY_NOT_TIMED))

    @property
    def episodes(self) -> Members:
        """Every episode, those that fail the criteria, too."""
        return those(self.everybody, ends=(*TIMED, *WHY_NOT_TIMED))

    @property
    def eligible(self) -> Members:
        """The episodes that take part by the criteria, timed or not."""
        return those(self.episodes, meets=True) if self.asks_for_criteria else self.episodes

    @property
    def analysed(self) -> Members:
        """The timed ones among them, and only each patient's first where so chosen."""
        return self.analysed_of(meets=True if self.asks_for_criteria else None)

    def analysed_of(self, *, meets: bool | None) -> Members:
        """What would be analysed if only those took part that meet the criteria, or don't."""
        timed = those(self.episodes, ends=TIMED, meets=meets)
        if not self.takes_first:
            return timed
        return those(timed, orders=(FIRST,) if meets is None else (FIRST, FIRST_OF_ITS_KIND))

    @property
    def of_the_cohort(self) -> EpisodeSets:
        """The same sets of the whole cohort, whoever is described."""
        return replace(self, everybody=self.base.everybody)

    def cut(self, name: str, values: pd.Series, categories: Iterable[str]) -> str:
        """Make a column known that is asked of analysed episodes; its name again.

        Args:
            name: What it is called.
            values: One category for each analysed episode of the whole cohort, in their order.
            categories: All that there may be.
        """
        analysed = self.of_the_cohort.analysed
        every = pd.Series(None, index=self.base.frame.index, dtype="object")
        every[analysed.mask.to_numpy()] = values.to_numpy()
        return self.base.cut(name, every, categories, analysed)

    def flag(self, name: str, values: pd.Series) -> str:
        """The same for a column of yes and no; missing where nothing is known."""
        words = [None if pd.isna(value) else (YES if value else NO) for value in values]
        return self.cut(name, pd.Series(words, dtype="object"), (YES, NO))


def episode_sets(
    frame: pd.DataFrame, described: Members, *, asks_for_criteria: bool, takes_first: bool,
    unit: str = "episodes",
) -> EpisodeSets:  # fmt: skip
    """All episodes of a cohort, cut by what became of them and by who is described.

    Args:
        frame: From `episode_frame`, of the whole cohort.
        described: The patients described, as a set of all.
        asks_for_criteria: As in `EpisodeSets`.
        takes_first: Likewise.
        unit: What a row is: two bases of one report that hold other episodes have other names.
    """
    people = described.base.frame
    without = people[~people["patient_id"].isin(frame["patient_id"])]
    rows = frame.reset_index(drop=True).reindex(range(len(frame) + len(without)))
    blank = rows.index[len(frame) :]
    for name in ("patient_id", "sex", "age_years"):
        rows.loc[blank, name] = without[name].to_numpy()
    base = Base(unit, rows)
    fates = _fates(rows, people, asks_for_criteria=asks_for_criteria)
    base.cut(FATE, fates, _possible(asks_for_criteria=asks_for_criteria), words=_said)
    base.cut("sex", rows["sex"], vocabulary.labels("patients", "sex"))
    base.cut("age", age_bands(rows["age_years"]), band_names())
    return EpisodeSets(
        everybody=rows_of(described, base),
        asks_for_criteria=asks_for_criteria,
        takes_first=takes_first,
    )


def rows_of(patients: Members, episodes: Base) -> Members:
    """The rows of some patients, by the same columns."""
    members = episodes.everybody
    for axis, words in patients.name.by_axis.items():
        members = members.where(_carried(axis, patients.base, episodes), *words)
    return members


def _carried(axis: str, people: Base, episodes: Base) -> str:
    """A column of patients as one of their episodes; that of a grade is another one there."""
    column = people.axis(axis)
    words = pd.Series(np.array(column.categories, dtype=object)[column.codes])
    by_patient = dict(zip(people.frame["patient_id"], words, strict=True))
    values = episodes.frame["patient_id"].map(by_patient)
    name = "severity of the patient" if axis == "severity" else axis
    known = [word for word in column.categories if word != NOT_RECORDED]
    return episodes.cut(name, values.mask(values == NOT_RECORDED, None), known)


def _fates(frame: pd.DataFrame, people: pd.DataFrame, *, asks_for_criteria: bool) -> pd.Series:
    """What became of each row, as a word."""
    counted = set(people.loc[people["n_anc"].gt(0), "patient_id"])
    has_none = frame["onset_on"].isna()
    is_timed, meets = frame["is_timed"].eq(other=True), meets_criteria(frame)
    ways = {CENSORED: "censored", RECOVERED: "recovered", DIED: "died"}
    ends = frame["cause"].map(ways).where(frame["cause"] != CENSORED, frame["censored_because"])
    ends = ends.where(is_timed, frame["not_timed_because"]).fillna("censored")
    never = [NEVER_LOW if name in counted else NEVER_COUNTED for name in frame["patient_id"]]
    ends = ends.mask(has_none, pd.Series(never, index=frame.index))
    patient = frame["patient_id"]
    timed = pd.DataFrame({"patient": patient, "meets": meets})[is_timed]
    order = pd.Series(UNTIMED, index=frame.index)
    order[is_timed] = LATER
    order[timed.index[~timed.duplicated()]] = FIRST_OF_ITS_KIND
    order[timed.index[~timed.duplicated("patient")]] = FIRST
    takes_part = meets if asks_for_criteria else ~has_none
    rank = pd.Series(np.where(takes_part & is_timed, 0, np.where(takes_part, 1, 2)))
    first = pd.DataFrame({"patient": patient, "rank": rank}).sort_values("rank", kind="stable")
    is_patient = pd.Series(~first.duplicated("patient")).sort_index()
    return pd.Series(
        [
            _word(end, which, _MET if met else _FAILED, _AS_PATIENT if first else _AS_EPISODE)
            for end, which, met, first in zip(ends, order, meets, is_patient, strict=True)
        ],
        index=frame.index,
        dtype="object",
    )


def _said(words: frozenset[str]) -> list[str]:
    """Whom some categories of the column are, in words."""
    parts = [_parts(word) for word in words if word != NOT_RECORDED]
    if not parts:
        return ["nobody"]
    ends, orders, meets, rows = map(set, zip(*parts, strict=True))
    said = [_ends_said(ends)] if ends < {*TIMED, *WHY_NOT_TIMED} else []
    is_first = FIRST in orders and LATER not in orders
    if is_first and UNTIMED not in orders:
        said.append("the first of each patient")
    elif rows == {_AS_PATIENT}:
        said.append("one for each patient")
    elif orders == {LATER, FIRST_OF_ITS_KIND}:
        said.append("a later one of a patient")
    if len(meets) == 1:
        is_met = meets == {_MET}
        said.append(f"{'meets' if is_met else 'fails'} the criteria of drug-induced neutropenia")
    return said


def _ends_said(ends: set[str]) -> str:
    together = {frozenset(words): how for how, words in ENDS.items()} | {frozenset(TIMED): "timed"}
    return together.get(frozenset(ends), " or ".join(sorted(ends)).replace("_", " "))


def _possible(*, asks_for_criteria: bool) -> list[str]:
    """Every category that there can be: no other tells anybody apart."""
    words = [
        _word(end, order, meets, row)
        for end, order, meets, row in product(TIMED, _ORDERS, (_MET, _FAILED), _ROWS)
        if row in _rows_of(order, meets, asks_for_criteria=asks_for_criteria)
    ]
    words += [_word(*parts) for parts in product(WHY_NOT_TIMED, (UNTIMED,), (_MET, _FAILED), _ROWS)]
    return [*words, *(_word(end, UNTIMED, _FAILED, _AS_PATIENT) for end in _WITHOUT)]


def _rows_of(order: str, meets: str, *, asks_for_criteria: bool) -> tuple[str, ...]:
    """Whether a timed episode is the row by which its patient is counted, or may be."""
    if order == LATER:
        return (_AS_EPISODE,)
    if not asks_for_criteria or (order, meets) == (FIRST_OF_ITS_KIND, _FAILED):
        return (_AS_PATIENT,) if order == FIRST else (_AS_EPISODE,)
    return (_AS_PATIENT,) if meets == _MET else _ROWS


def _word(*parts: str) -> str:
    return ", ".join(parts)


def _parts(word: str) -> list[str]:
    return word.split(", ")
