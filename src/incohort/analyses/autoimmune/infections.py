"""Infections in observed time: of patients with and without a low count, and by the count then."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from incohort.analyses.autoimmune.question import Question
from incohort.cohort import PersonTime, PersonTimeChoices, person_time
from incohort.cohort.infection_episodes import are_told
from incohort.results import Estimate, Findings, Layout, Measure, Row, Sentence
from incohort.shapes import tabular
from incohort.shapes.recorded import first_reason, instead, no_table
from incohort.shapes.sets import YES, Members
from incohort.shapes.telling import Draft
from incohort.stats import Interval, NoEstimate
from incohort.stats.rates import poisson_rate, rate_ratio, rate_test

_TITLE = "Do infections follow?"
_DAYS_A_MONTH = 30.4375
PER = 1000  # person-months
_UNIT = f"per {PER:,} person-months"
_FEW = 10  # events: of fewer no comparison is told without saying so
_NOBODY = "nobody was observed for any time"
_OPEN_ONLY = "with its interval it would give an exact count back"
_METHODS = (
    f"Exact Poisson intervals; a month is {_DAYS_A_MONTH} days. Ratio and P take the events of "
    "both groups as given. Time runs from the first count to the end of follow-up, death, "
    "transplantation or, where no end is recorded, the last count; infections fewer than 14 days "
    "apart are one."
)
_AFTERWARDS = {
    "ever": "Who was ever neutropenic is known only afterwards: time before the first low count is "
    "counted with the neutropenic.",
    "index": "Who was neutropenic at the index date may not have been so before or after it.",
}
_CAUTION = (
    "The rates take infections to come by themselves, each patient being as prone as the next."
)


def infections(question: Question) -> Findings:
    """Rates of infection of those who were neutropenic and those who were not."""
    rates = Rates(question, question.telling("events.event", "events.occurred_on", *_FOLLOWED))
    draft = rates.draft
    if reason := rates.reason:
        for name, label in _NAMES.items():
            draft.none_in(f"infection_rate/{name}", label, reason, question.ill)
        return draft.findings("infection_rate", _TITLE, Layout(sentences=instead(reason)))
    rows = [rates.row(place) for place in (0, 1)]
    ratio, p_value = rates.ratio(), rates.p_value()
    rows.append(
        tabular.row(
            "Ratio, and P", *[tabular.BLANK] * 4, tabular.cell("estimate_ci", ratio),
            tabular.cell("p_value", p_value),
        )
    )  # fmt: skip
    level = question.scope.level
    heads = (
        "Patients",
        "With an infection",
        "Infections",
        "Person-months",
        f"Rate {_UNIT} ({level} CI)",
        "P",
    )
    table = tabular.table(
        question.scope, "infection_rate", f"Infections, by the limit {question.limit:g} × 10⁹/L",
        "Patients", heads, rows, _METHODS, "" if rates.is_open else "Rates are for the study team.",
    )  # fmt: skip
    layout = Layout(
        sentences=rates.said(ratio, p_value),
        tables=(table,),
        cautions=(_AFTERWARDS[question.design.when], _CAUTION),
    )
    return draft.findings("infection_rate", _TITLE, layout)


_FOLLOWED = ("patients.followed_from", "patients.followed_until")
_NAMES = {
    "neutropenic": "Infections, neutropenic",
    "other": "Infections, not neutropenic",
    "ratio": "Ratio of the rates of infection",
    "p_value": "Rates of infection, P",
}


@dataclass(frozen=True, eq=False)
class Rates:
    """Infections in the observed time of the two groups that are compared."""

    question: Question
    draft: Draft

    @property
    def is_open(self) -> bool:
        """Whether rates may be told: of a restricted cohort they are for the study team."""
        return not self.question.lists_all

    @cached_property
    def choices(self) -> PersonTimeChoices:
        """How infections are counted."""
        return self.question.design.part(PersonTimeChoices)

    @cached_property
    def time(self) -> PersonTime:
        """The cohort's observed time."""
        return person_time(self.question.cohort, self.choices)

    @property
    def reason(self) -> str:
        """Why there are no rates of anybody."""
        cohort = self.question.cohort
        reason = first_reason(self.question.uncounted, no_table(cohort, "events"))
        if reason or not self.is_open or are_told(cohort, self.choices):
            return reason
        return "the cohort doesn't say that it collected infections, and records none with a date"

    @cached_property
    def groups(self) -> tuple[Members, Members]:
        """Those of either group who were observed for any time."""
        base = self.question.base
        days = self.time.follow_up.set_index("patient_id")["person_days"]
        known = days.reindex(base.frame["patient_id"]).reset_index(drop=True).fillna(0) > 0
        flag = base.flag("observed for any time", known)
        rows = self.time.infections
        ill = rows.loc[(rows["status"] == "counted") & (rows["stratum"] != "outside"), "patient_id"]
        base.flag("infected while observed", base.frame["patient_id"].isin(set(ill)))
        low, other = self.question.compared
        return low.where(flag, YES), other.where(flag, YES)

    def infected(self, place: int) -> Members:
        """Those of a group with an infection while they were observed."""
        return self.groups[place].where("infected while observed", YES)

    def numbers(self, place: int) -> tuple[int, float]:
        """A group's infections, and its person-months."""
        frame = self.groups[place].frame["patient_id"]
        time = self.time.time[self.time.time["patient_id"].isin(set(frame))]
        inside = time[time["stratum"] != "outside"]
        days = float(inside["person_days"].sum())
        return int(inside["events"].sum()), days / _DAYS_A_MONTH

    def row(self, place: int) -> Row:
        """How many patients, how many with an infection, in what time, at what rate."""
        draft, group, infected = self.draft, self.groups[place], self.infected(place)
        name = ("neutropenic", "other")[place]
        label = list(_NAMES.values())[place]
        question = self.question
        head = (f"Below {question.limit:g} {question.when}", question.not_low)[place]
        keys = (
            draft.count_in(f"infection_rate/{name}/patients/count", f"{label}: patients", group),
            draft.count_in(
                f"infection_rate/{name}/infected/count", f"{label}: with one", infected, of=group
            ),
            draft.statistic_in(
                f"infection_rate/{name}/events", f"{label}: number", Measure.STATISTIC,
                self._events(place), (group, infected), n=len(group),
            ),
            draft.statistic_in(
                f"infection_rate/{name}/months", f"{label}: person-months", Measure.STATISTIC,
                self._for_anybody(self.numbers(place)[1]), (group,), unit="months", n=len(group),
            ),
            draft.statistic_in(
                f"infection_rate/{name}", label, Measure.RATE, self._for_anybody(self._rate(place)),
                (group, infected), unit=_UNIT, n=len(group),
            ),
        )  # fmt: skip
        kinds = ("count", "count", "estimate", "estimate", "estimate_ci")
        return tabular.row(head, *tabular.cells(kinds, keys), tabular.BLANK)

    def _for_anybody(self, answer: float | Interval | NoEstimate) -> float | Interval | NoEstimate:
        if answer == 0.0:
            return NoEstimate(_NOBODY)
        return answer if self.is_open else NoEstimate(_OPEN_ONLY)

    def _events(self, place: int) -> float | NoEstimate:
        """How many infections: those of one patient fewer than 14 days apart are one."""
        if not len(self.groups[place]):
            return NoEstimate(_NOBODY)
        return float(self.numbers(place)[0]) if self.is_open else NoEstimate(_OPEN_ONLY)

    @cached_property
    def undated(self) -> str:
        """The key of how many infections of those who are compared have no date."""
        rows, both = self.time.infections, self.question.both
        who = set(both.frame["patient_id"])
        is_undated = (rows["status"] == "undated") & rows["patient_id"].isin(who)
        flag = self.question.base.flag(
            "infection without a date", self.question.base.frame["patient_id"].isin(
                set(rows.loc[is_undated, "patient_id"])
            ),
        )  # fmt: skip
        answer: float | NoEstimate = NoEstimate(_NOBODY)
        if len(both):
            answer = float(is_undated.sum()) if self.is_open else NoEstimate(_OPEN_ONLY)
        return self.draft.statistic_in(
            "infection_rate/undated", "Infections without a date", Measure.STATISTIC, answer,
            (both, both.where(flag, YES)), n=len(both),
        )  # fmt: skip

    def _rate(self, place: int) -> Interval | NoEstimate:
        events, months = self.numbers(place)
        level = self.question.scope.conf_level
        return poisson_rate(events, months / PER, conf_level=level)

    @property
    def _sets(self) -> tuple[Members, ...]:
        return (*self.groups, self.infected(0), self.infected(1))

    def ratio(self) -> str:
        """The rate of the neutropenic over that of the others."""
        counts = (*self.numbers(0), *self.numbers(1))
        answer = self._for_anybody(rate_ratio(*counts, conf_level=self.question.scope.conf_level))
        return self.draft.statistic_in(
            "infection_rate/ratio", _NAMES["ratio"], Measure.RATE_RATIO, answer, self._sets,
            n=sum(map(len, self.groups)),
        )  # fmt: skip

    def p_value(self) -> str:
        """Whether the two rates differ."""
        answer = rate_test(*self.numbers(0), *self.numbers(1))
        return self.draft.test_in(
            "infection_rate/p_value", _NAMES["p_value"],
            answer if self.is_open else NoEstimate(_OPEN_ONLY), self._sets,
            n=sum(map(len, self.groups)),
        )  # fmt: skip

    def said(self, ratio: str, p_value: str) -> tuple[Sentence, ...]:
        """The rates and their ratio; of few events, that they can't tell much."""
        low, other, events = (
            self.draft.scope.key(f"infection_rate/{name}")
            for name in ("neutropenic", "other", "neutropenic/events")
        )
        few = (
            f" Infections of the neutropenic: {{{events}:estimate}}, too few to tell one rate from "
            "another."
        )
        is_few = self.is_open and self.numbers(0)[0] < _FEW
        undated = self.undated
        result = self.draft.results[undated]
        return (
            Sentence(
                f"Infections came at {{{low}:estimate_ci}} {_UNIT} in the neutropenic and at "
                f"{{{other}:estimate_ci}} in the others, {{{ratio}:estimate_ci}} times as often "
                f"(P {{{p_value}:p_value}}).{few if is_few else ''}",
                is_key=True,
            ),
            Sentence(
                f"Infections without a date are left out: {{{undated}:estimate}}.",
                holds=isinstance(result, Estimate) and result.value > 0,
            ),
        )
