"""Patients and episodes that questions about checkpoint inhibitors are answered from."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from incohort.analyses.asking import Asking
from incohort.analyses.checkpoint.parameters import CheckpointParameters
from incohort.cohort import CheckpointChoices, checkpoint_follow_up, checkpoint_frame
from incohort.cohort.checkpoint import MISSING
from incohort.cohort.derived import episodes_of, once
from incohort.results import Origin
from incohort.shapes.classified import Classes
from incohort.shapes.clock import Clock, TimesDraft
from incohort.shapes.episodes import EpisodeSets, episode_sets
from incohort.shapes.recorded import first_reason, no_table
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.telling import Draft, telling
from incohort.shapes.times import CENSORED

UNCLASSIFIED = "unclassified"
NO_DRUG = "nobody in this cohort was given a checkpoint inhibitor"
COUNTS = ("labs.ANC", "labs.taken_at")
DRUGS = ("medications.atc", "medications.drug", "medications.started_on")
DEATHS = ("events.event", "events.occurred_on")
SHORTLY = (7, 14)  # days by which recovery is told, beside the horizon
CLASSES = {
    "immune_related": "Immune-related: nothing else explains it",
    "rival_cause": "Another cause was near",
    "pre_existing": "Low before the first dose",
    "outside_window": "Too long after the last dose",
    "not_exposed": "No checkpoint inhibitor",
}
NO_EVENT = {"no_event": "No count of that grade"}
_ITEMS = {
    "drug": "whether the drug is a checkpoint inhibitor",
    "count_after": "a count after the first dose",
    "exposure_date": "days of the doses",
    "baseline_count": "a count before the first dose",
    "concurrent_drugs": "what else was taken",
    "other_cause": "marrow, malignancy or infection",
}
_STEPS = ("not treated", "treated, not counted after", "treated, low before", "at risk")
_DROPPED, _ROW = "a patient’s other row", "row of the patient"
# Which of a patient's classes counts, where several low counts have several.
_RANKS = ("immune_related", UNCLASSIFIED, "rival_cause", "outside_window", "pre_existing",
          "no_event", "not_exposed")  # fmt: skip
_UNASKED = {"attribution": UNCLASSIFIED, "first_missing": "drug"}  # without medications
UNRECORDED = "cause not recorded"
CAUSES = ("irae", "infection", "tumour", "other", "unknown", UNRECORDED)
INVENTED = (
    "how many died before they recovered was not published: who recovered and who died is dealt "
    "out at random here"
)
_NONE = "none recorded"
RULED_OUT, MAY_BE = "ruled_out", "may_be"


class Question(Asking[CheckpointParameters]):
    """One cohort, one way to tell what explains a low count."""

    @cached_property
    def rules(self) -> CheckpointChoices:
        """Grade, window, and how near another cause is."""
        return self.design.rules

    @cached_property
    def absent(self) -> str:
        """Why nothing can be told of drugs and counts; empty where something may be."""
        reason = no_table(self.cohort, "labs", "medications")
        return reason or ("" if self.follow_up["is_exposed"].ne(other=False).any() else NO_DRUG)

    @property
    def unasked(self) -> str:
        """The same, saying that nobody can be known to have had the drug where that is why."""
        if self.cohort.has("medications"):
            return self.absent
        return f"whether anybody was given a checkpoint inhibitor can't be told: {self.absent}"

    @property
    def grade(self) -> str:
        """What an event is, in words."""
        return f"grade {self.rules.grade} (below {self.rules.limit:g} × 10⁹/L)"

    @cached_property
    def follow_up(self) -> pd.DataFrame:
        """Doses, deaths and the end of observation, a row each patient of the cohort."""
        return self.aligned(once(self.cohort, checkpoint_follow_up))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Each low count of the cohort with what explains it; a row of who has none."""
        return once(self.cohort, checkpoint_frame, self.rules)

    @cached_property
    def everybody(self) -> Members:
        """The patients described, one row each where two rows are said to be one patient."""
        members = self.population.members
        ids = members.base.frame["patient_id"]
        other = self.follow_up["same_as"]
        is_pair = other.isin(set(ids))
        if not is_pair.any():
            return members
        is_later = is_pair & (ids > other.fillna(""))
        is_dropped = is_later if self.design.conflicting_rows == "first" else is_pair & ~is_later
        words = is_dropped.map({True: _DROPPED, False: "counted"})
        return members.where(members.base.cut(_ROW, words, ("counted", _DROPPED)), "counted")

    def telling(self, *sources: str) -> Draft:
        """Results in the making that rest on counts, drugs and these columns."""
        draft = telling(self.scope, *COUNTS, *DRUGS, *sources)
        draft.absent = self.absent
        return draft

    def aligned(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame of one row a patient, in the order of all patients."""
        ids = self.population.members.base.frame["patient_id"]
        return frame.set_index("patient_id").reindex(ids).reset_index()

    @cached_property
    def of_patients(self) -> pd.DataFrame:
        """The class of each patient: immune-related where one low count is, open where one may be.

        Of the unclassified the item that is missing first of any of their low counts.
        """
        frame = self.frame.assign(
            rank=self.frame["attribution"].map(_RANKS.index),
            item=self.frame["first_missing"].map({item: i for i, item in enumerate(MISSING)}),
        )
        first = frame.sort_values(["rank", "item", "episode"], kind="stable")
        return self.aligned(first.drop_duplicates("patient_id"))

    @cached_property
    def treated(self) -> Members:
        """Those described who were given a checkpoint inhibitor, or a drug that may be one."""
        return self.everybody.where(self._step, *_STEPS[1:])

    @cached_property
    def counted(self) -> Members:
        """Those of them with a count after the first dose, as far as can be told."""
        return self.everybody.where(self._step, *_STEPS[2:])

    @cached_property
    def at_risk(self) -> Members:
        """Those of them whose last count before the first dose was not low, or is not there."""
        return self.everybody.where(self._step, *_STEPS[3:])

    @cached_property
    def not_low(self) -> Members:
        """Those treated whose count was not low before, whether anybody counted afterwards."""
        return self.everybody.where(self._step, _STEPS[1], _STEPS[3])

    @property
    def has_immune(self) -> bool:
        """Whether anybody at risk has an immune-related low count; of a restricted cohort: said."""
        if self.absent or self.scope.lists_all:
            return not self.absent
        return len(self.at_risk.where(self.classes.axis, "immune_related")) > 0

    @property
    def steps(self) -> tuple[tuple[str, str, Members, str], ...]:
        """The steps to those at risk: names, labels, who is left, why others are not."""
        low = f"Not known to be below {self.rules.baseline_limit:g} × 10⁹/L before it"
        return (
            ("treated", "Given a checkpoint inhibitor, or a drug that may be one", self.treated,
             "no checkpoint inhibitor"),
            ("counted_after", "Counted after the first dose", self.counted, "no count after it"),
            ("at_risk", low, self.at_risk, "low before the first dose"),
        )  # fmt: skip

    @property
    def not_known(self) -> tuple[tuple[str, str, Members], ...]:
        """Of each step: its name, what of whom is not known, and who they are."""
        base, follow = self.everybody.base, self.follow_up
        asked = (
            ("treated", "whether the drug is a checkpoint inhibitor", follow["is_exposed"],
             self.treated),
            ("counted_after", "the day of the first dose", follow["first_dose_on"], self.counted),
            ("at_risk", "a count before the first dose", self.of_patients["baseline_low"],
             self.at_risk),
        )  # fmt: skip
        return tuple(
            (name, f"of these not known: {words}",
             members.where(base.flag(f"known: {words}", column.notna()), NO))
            for name, words, column, members in asked
        )  # fmt: skip

    def never_counted(self, members: Members) -> Members:
        """Those of a set whom nobody counted after the first dose."""
        return members.where(self._step, _STEPS[1])

    @cached_property
    def _step(self) -> str:
        """The column that says how far each patient of the cohort comes, one for all steps."""
        unexposed, uncounted, low, at_risk = _STEPS
        rows = zip(
            self.follow_up["is_exposed"], self.of_patients["first_missing"],
            self.of_patients["baseline_low"], strict=True,
        )  # fmt: skip
        words = [
            unexposed if exposed is False
            else uncounted if missing == "count_after"
            else low if is_low is True
            else at_risk
            for exposed, missing, is_low in rows
        ]  # fmt: skip
        return self.everybody.base.cut("treated, counted, low before", pd.Series(words), _STEPS)

    @cached_property
    def classes(self) -> Classes:
        """What explains the low counts of each patient."""
        asked = self._classes("class", "Class", CLASSES | NO_EVENT, "patient")
        asked.cut(
            self.everybody.base, self.of_patients["attribution"], self.of_patients["first_missing"]
        )
        return asked

    @cached_property
    def attributed(self) -> Classes:
        """What explains each episode."""
        asked = self._classes("attribution", "Attribution", CLASSES, "episode")
        asked.cut(self.sets.base, self.of_rows("attribution"), self.of_rows("first_missing"))
        return asked

    def _classes(self, name: str, label: str, labels: dict[str, str], noun: str) -> Classes:
        return Classes(
            name=name, label=label, axis=f"attribution of the {noun}", labels=labels,
            missing=f"missing first of the {noun}", items=_ITEMS,
            nobody="of nobody described can it be told", open_word=UNCLASSIFIED,
            reason=self.absent, sources=DRUGS,
        )  # fmt: skip

    @cached_property
    def sets(self) -> EpisodeSets:
        """The episodes of the grade, of those described and of all."""
        frame = episodes_of(self.cohort, self.rules.recovery)
        if self.design.unknown_recovery == "not_recovered":
            longer = frame["time"].clip(lower=self.design.horizon_days)
            frame = frame.assign(time=frame["time"].where(frame["cause"] != CENSORED, longer))
        return episode_sets(frame, self.everybody, asks_for_criteria=False, takes_first=False)

    def of_rows(self, column: str) -> pd.Series:
        """A column of the attribution, a value each row of the episodes; none without episode."""
        known = self.frame[self.frame["episode"].notna()]
        places = zip(known["patient_id"], known["episode"], strict=True)
        by_episode = dict(zip(places, known[column], strict=True))
        rows = self.sets.base.frame[["patient_id", "episode"]].itertuples(index=False, name=None)
        values = [
            None if pd.isna(place[1]) else by_episode.get(place, _UNASKED.get(column))
            for place in rows
        ]
        return pd.Series(values, dtype="object")

    @cached_property
    def described(self) -> Members:
        """The episodes whose recovery is described."""
        words = self.of_rows("is_immune_related").map(
            lambda flag: MAY_BE if flag is None else (YES if flag else RULED_OUT)
        )
        words[self.sets.base.frame["episode"].isna()] = None
        axis = self.sets.base.cut("immune-related", words, (YES, MAY_BE, RULED_OUT))
        kept = (YES,) if self.design.recovery_of == "immune_related" else (YES, MAY_BE)
        return self.sets.episodes.where(axis, *kept)

    @cached_property
    def with_episode(self) -> Members:
        """The patients of these episodes."""
        every = self.sets.base.everybody
        of_all = every.where("immune-related", *self.described.name.by_axis["immune-related"])
        is_in = self.everybody.base.frame["patient_id"].isin(of_all.frame["patient_id"])
        axis = self.everybody.base.flag(f"patient of {self.whose}", is_in)
        return self.everybody.where(axis, YES)

    @cached_property
    def died(self) -> str:
        """The column of which death is recorded of a patient."""
        causes = self.follow_up["cause"].fillna(UNRECORDED)
        causes = causes.where(self.follow_up["has_died"].notna())
        return self.everybody.base.cut("death", causes.fillna(_NONE), (*CAUSES, _NONE))

    @cached_property
    def no_deaths(self) -> str:
        """Why nothing is known of deaths; empty where something is.

        Of a restricted cohort only that it has no such table.
        """
        reason = first_reason(self.absent, no_table(self.cohort, "events"))
        if reason or self.scope.lists_all or self.cohort.collects("deaths"):
            return reason
        is_told = self.cohort.records("events", "event", "death")
        return "" if is_told else "deaths were not recorded in this cohort"

    @cached_property
    def no_causes(self) -> str:
        """Why nothing is known of what they died of; empty where something is, or nobody died.

        Of a restricted cohort only that the whole column is empty.
        """
        if self.no_deaths:
            return self.no_deaths
        reason = "of no death is the cause recorded"
        if self.scope.lists_all:
            events = self.cohort.tables["events"]
            n_recorded = events.filter(events["cause"] != "").count().execute()
            return "" if int(n_recorded) else reason
        died = self.with_episode.where(self.died, *CAUSES)
        n_open = len(died.where(self.died, UNRECORDED))
        return reason if n_open and n_open == len(died) else ""

    @cached_property
    def no_pairing(self) -> str:
        """Why who died before recovery can't be told where both are; empty where it can be.

        A cohort rebuilt from printed counts has as many of each as were printed, and no more.
        """
        card, origins = self.cohort.card, self.cohort.origins
        is_dealt = any(origins.get(name) is Origin.SYNTHETIC for name in DEATHS)
        return INVENTED if card.origin is Origin.RECONSTRUCTED and is_dealt else ""

    @property
    def whose(self) -> str:
        """Whose recovery is described, in words."""
        if self.design.recovery_of == "immune_related":
            return "immune-related episodes"
        return "episodes in which the drug is not ruled out"

    @cached_property
    def clock(self) -> Clock:
        """What recovery is and where the days are counted from."""
        return Clock(
            threshold=f"{self.rules.recovery_count:g} × 10⁹/L", zero="the first low count",
            days="Days from the first low count",
            has_died=bool(self.described.frame["cause"].eq(2).any()),
        )  # fmt: skip

    def timing(self) -> TimesDraft:
        """Results in the making that rest on the times to recovery."""
        days = {day for day in SHORTLY if day < self.design.horizon_days}
        return TimesDraft(
            scope=self.scope, sources=(*COUNTS, *DEATHS, *DRUGS), noun="episodes",
            absent=self.absent, clock=self.clock, analysed=self.described,
            days=(*sorted(days), self.design.horizon_days),
        )  # fmt: skip
