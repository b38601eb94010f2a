"""Results that say whose they are: the sets that they were counted from, beside each number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from incohort.results import (
    Curve,
    Estimand,
    Estimate,
    Findings,
    Layout,
    Measure,
    PatientPoints,
    PatientTracks,
)
from incohort.results.groups import Census, FromCounts, Whose
from incohort.shapes.making import Details, Given, Made, Scope, part_of
from incohort.shapes.set_words import event_words, population_words
from incohort.shapes.sets import Members
from incohort.stats import NoEstimate

if TYPE_CHECKING:
    from incohort.shapes.making import Estimated, Tested

_NOT_THAT_FAR = "the curve does not come down that far"


@dataclass(kw_only=True)
class Draft(Made):
    """Results in the making, each under its key and with its sets.

    A count is counted here, from the set that it is of, so that the two can't differ. `ends` says
    what ends observation, of the times to an event that are told next: it is part of the estimand.
    `absent` says why there is nothing of what is told next: the cohort lacks a table.
    """

    noun: str = "patients"
    ends: str = ""
    absent: str = ""
    whose: dict[str, Whose] = field(default_factory=dict)
    censuses: dict[str, Members] = field(default_factory=dict)
    from_counts: dict[str, FromCounts] = field(default_factory=dict)
    others: dict[str, Census] = field(default_factory=dict)  # of what is told again

    @cached_property
    def given(self) -> Given:
        """Takes what is no person's number: published, a price, assumed. The gate shows it."""
        return Given(scope=replace(self.scope, restricted_by=()), results=self.results)

    def count_in(
        self, tail: str, label: str, members: Members, of: Members | None = None, *,
        absent: str = "",
    ) -> str:  # fmt: skip
        """How many are in a set, with `of` how many of those; `absent` is why it can't be told."""
        if absent or self.absent:
            return self.none_in(tail, label, absent or self.absent, members)
        n = len(members)
        key = self.count(tail, label, n, n=n if of is None else len(of))
        return self._of(key, members if of is None else of, None if of is None else members)

    def count_left(self, tail: str, label: str, kept: Members, before: Members) -> str:
        """How many of a set are not in a part of it."""
        return self.count_in(tail, label, before.less(kept))

    def share_in(
        self, tail: str, label: str, events: Members, of: Members, *, nobody: str = "",
        absent: str = "",
    ) -> str:  # fmt: skip
        """The share of a set who are in another.

        `nobody` says who is missing where nobody is in the set, `absent` why it can't be told.
        """
        if absent := absent or self.absent:
            return self.none_in(tail, label, absent, of)
        key = self.proportion(tail, label, len(events), len(of), nobody=nobody)
        return self._of(key, of, events)

    def share_as(
        self, tail: str, label: str, answer: Estimated, events: Members, of: Members
    ) -> str:
        """The share of a set who are in another, with its interval as an estimator gave it."""
        if self.absent:
            return self.none_in(tail, label, self.absent, of)
        n = len(of)
        key = self.interval(tail, label, Measure.PROPORTION, answer, n=n, events=len(events))
        return self._of(key, of, events)

    def none_in(self, tail: str, label: str, reason: str, members: Members) -> str:
        """What there is not of a set, for a reason that lies in no patient: a table is missing."""
        return self._of(self.none(tail, label, reason), members.base.everybody)

    def quartiles_in(
        self, tail: str, label: str, column: str, members: Members, *, unit: str, quantity: str = ""
    ) -> tuple[str, str, str]:
        """Median, first and third quartile of a column in those of a set in whom it is recorded."""
        known = members.known(members.base.recorded(column))
        values = known.frame[column].astype(float)
        keys = self.quartiles(tail, label, values, unit=unit, signs=known.signs(column))
        return self._quartiles_told(keys, known, quantity or column, rests_on=(members,))

    def quartiles_of(
        self, tail: str, label: str, values: Iterable[float], members: Members, *, unit: str,
        quantity: str,
    ) -> tuple[str, str, str]:  # fmt: skip
        """Median, first and third quartile of values that each row of a set has."""
        return self._quartiles_told(
            self.quartiles(tail, label, values, unit=unit), members, quantity
        )

    def _quartiles_told(
        self, keys: tuple[str, str, str], members: Members, quantity: str,
        rests_on: Sequence[Members] = (),
    ) -> tuple[str, str, str]:  # fmt: skip
        for key in keys:
            quartile = f"{quantity}/{key.rpartition('/')[2]}"
            self._of(key, members, rests_on=rests_on, quantity=quartile)
        return keys

    def test_in(
        self,
        tail: str,
        label: str,
        answer: Tested,
        sets: Sequence[Members],
        *,
        of: Members | None = None,
        **details: Unpack[Details],
    ) -> str:
        """The P value of a test; the rest as in `statistic_in`."""
        if self.absent:
            return self.none_in(tail, label, self.absent, sets[0])
        if details.get("n") is None:
            details["n"] = number_behind(answer, sets)
        key = self.p_value(tail, label, answer, **details)
        return self._of(key, sets[0] if of is None else of, rests_on=sets)

    def interval_in(
        self,
        tail: str,
        label: str,
        measure: Measure,
        answer: Estimated,
        members: Members,
        *,
        rests_on: Sequence[Members] = (),
        quantity: str = "",
        **details: Unpack[Details],
    ) -> str:
        """An estimate with its interval, of the values of a set."""
        if self.absent:
            return self.none_in(tail, label, self.absent, members)
        if isinstance(answer, NoEstimate) or not math.isfinite(answer.estimate):
            reason = answer.reason if isinstance(answer, NoEstimate) else _NOT_THAT_FAR
            key = self.none(tail, label, reason, n=number_behind(answer, (members, *rests_on)))
        else:
            details["n"] = members.n_persons
            key = self.interval(tail, label, measure, answer, **details)
        return self._of(key, members, rests_on=rests_on, quantity=quantity)

    def drawn_in(
        self, drawn: Curve | PatientPoints | PatientTracks, members: Members, quantity: str = ""
    ) -> str:
        """A curve of a set, a cloud of points, or its rows' own series."""
        self.results[drawn.key] = drawn
        return self._of(drawn.key, members, quantity=quantity)

    def points_in(
        self, tail: str, label: str, points: Iterable[tuple[float, float]], axes: tuple[str, str],
        members: Members,
    ) -> str:  # fmt: skip
        """One mark a row of a set, in an order that tells nothing of who; `axes` are x and y."""
        key, pairs = self.scope.key(tail), sorted(points)
        cloud = PatientPoints(
            key=key,
            label=label,
            x=tuple(float(x) for x, _ in pairs),
            y=tuple(float(y) for _, y in pairs),
            group=("",) * len(pairs),
            x_label=axes[0],
            y_label=axes[1],
            sources=self.sources,
            origin=self.scope.origin_of(key, self.sources),
        )
        return self.drawn_in(cloud, members)

    def no_curve_in(self, tail: str, label: str, reason: str, members: Members) -> str:
        """A curve that there is not, and why."""
        key = self.none(tail, label, reason, n=members.n_persons)
        return self._of(key, members)

    def statistic_in(
        self,
        tail: str,
        label: str,
        measure: Measure,
        answer: float | Estimated,
        sets: Sequence[Members],
        *,
        of: Members | None = None,
        quantity: str = "",
        **details: Unpack[Details],
    ) -> str:
        """A number worked out from sets, with its interval if it has one.

        Args:
            tail: Of the key.
            label: What it is.
            measure: Its kind.
            answer: As an estimator gave it, or the bare number.
            sets: The groups, or the cells of a table, that it was worked out from.
            of: Whom it is of: all of them together; the first set where not given.
            quantity: What values of the first set it sums up, and how; empty where it does not.
            details: What stands beside it. `n` is how many stand behind it: where not given, all in
                the sets; behind a reason for none, the patients in the smallest. A share by a model
                is of no number of patients. An interval has a method of its own.
        """
        if self.absent:
            return self.none_in(tail, label, self.absent, sets[0])
        if details.get("n") is None:
            details["n"] = number_behind(answer, sets)
        match answer:
            case NoEstimate():
                key = self.none(tail, label, answer.reason, n=details["n"])
            case float() | int():
                key = self.estimate(tail, label, measure, answer, **_of_model(measure, details))
            case _:
                key = self.interval(tail, label, measure, answer, **_of_model(measure, details))
        return self._of(key, sets[0] if of is None else of, rests_on=sets, quantity=quantity)

    def parts_in(
        self,
        tail: str,
        label: str,
        words: Mapping[str, str],
        measure: Measure,
        answer: object,
        sets: Sequence[Members],
        **details: Unpack[Details],
    ) -> list[str]:
        """The parts of one answer, each by its name and its words; the rest as `statistic_in`."""
        return [
            self.statistic_in(
                f"{tail}/{name}", f"{label}: {text}", measure, part_of(answer, name), sets,
                **details,
            )
            for name, text in words.items()
        ]  # fmt: skip

    def no_parts_in(
        self, tail: str, label: str, words: Mapping[str, str], reason: str, members: Members
    ) -> list[str]:
        """The same parts where there are none, for a reason that lies in no patient."""
        return [
            self.none_in(f"{tail}/{name}", f"{label}: {text}", reason, members)
            for name, text in words.items()
        ]

    def worked_out(
        self, key: str, sets: Sequence[Members], *, of: Members | None = None, quantity: str = ""
    ) -> str:
        """Says of any result that is there already what it was worked out from; its key again."""
        return self._of(key, sets[0] if of is None else of, rests_on=sets, quantity=quantity)

    def from_sets(self, key: str, sets: Sequence[Members], answer: Callable[..., object]) -> str:
        """Says of a result how it comes from how many are in some sets alone; its key again.

        Args:
            key: Of the result.
            sets: The cells of a table.
            answer: Takes how many are in each, and answers as an estimator does.
        """
        self.from_counts[key] = FromCounts(counts=tuple(map(len, sets)), answer=answer)
        return key

    def again(self, tail: str, key: str, parts: Iterable[Findings], label: str = "") -> str:
        """A number of another part of the report under a key of its own: of the same sets.

        Args:
            tail: Of the new key.
            key: Under which it stands there.
            parts: What the others answered.
            label: What it is called here; as it is there, where not given.

        Raises:
            KeyError: It stands in none of them.
            ValueError: It does not say whose it is.
        """
        part = next((part for part in parts if key in part.by_key), None)
        if part is None:
            raise KeyError(key)
        result = part.by_key[key]
        again = replace(result, key=self.scope.key(tail), label=label or result.label)
        if isinstance(again, Estimate):
            again = replace(again, again_of=key)
        self.results[again.key] = again
        whose = next((whose for whose in part.whose if whose.key == key), None)
        if whose is not None:
            self.whose[again.key] = replace(whose, key=again.key)
        elif key in part.given:
            self.given.keys.add(again.key)
        else:
            msg = f"{key!r} does not say whose it is"
            raise ValueError(msg)
        if key in part.from_counts:  # where counts are rounded it is worked out of them, as there
            self.from_counts[again.key] = part.from_counts[key]
        for census in part.censuses:
            known = self.others.get(census.unit)
            axes = census.axes.values()
            self.others[census.unit] = census if known is None else known.cut_by(*axes)
        return again.key

    def _of(
        self, key: str, of: Members, events: Members | None = None,
        rests_on: Iterable[Members] = (), quantity: str = "",
    ) -> str:  # fmt: skip
        if self.censuses.setdefault(of.base.unit, of).base is not of.base:
            msg = f"two bases are called {of.base.unit}"
            raise ValueError(msg)
        result = self.results[key]
        if isinstance(result, Estimate):
            estimand = Estimand(
                population=population_words(of),
                event="" if events is None else event_words(events, of),
                ends=self.ends,
                measure=result.measure.value,
            )
            self.results[key] = replace(result, estimand=estimand)
        self.whose[key] = Whose(
            key=key,
            unit=of.base.unit,
            of=of.name,
            events=None if events is None else events.name,
            rests_on=tuple(other.name for other in rests_on),
            quantity=quantity,
        )
        return key

    def findings(self, name: str, title: str, layout: Layout) -> Findings:
        """What one cell of the notebook shows."""
        return Findings(
            name=self.scope.key(name),
            title=title,
            results=tuple(self.results.values()),
            layout=layout,
            is_public=self.scope.cohort.card.is_public,
            whose=tuple(self.whose.values()),
            censuses=self._all_rows,
            given=frozenset(self.given.keys),
            from_counts=dict(self.from_counts),
        )

    @property
    def _all_rows(self) -> tuple[Census, ...]:
        rows = {unit: members.base.census for unit, members in self.censuses.items()}
        for unit, census in self.others.items():
            rows[unit] = rows[unit].cut_by(*census.axes.values()) if unit in rows else census
        return tuple(rows.values())


def number_behind(answer: object, sets: Sequence[Members]) -> int:
    """All in the sets; where there is no answer, or an infinite one, those in the smallest."""
    estimate = getattr(answer, "estimate", 0.0)
    if isinstance(answer, NoEstimate) or not math.isfinite(estimate):
        return min(members.n_persons for members in sets)
    return sum(map(len, sets))


def _of_model(measure: Measure, details: Details) -> Details:
    """The details of a number; a share by a model is of no number of patients."""
    return {**details, "n": None} if measure is Measure.PROPORTION else details


def telling(scope: Scope, *sources: str, noun: str = "patients") -> Draft:
    """Results in the making, of these columns; `noun` is what is counted."""
    return Draft(scope=scope, sources=tuple(dict.fromkeys(sources)), noun=noun)
