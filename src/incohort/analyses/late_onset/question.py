"""What is asked about late onset: who was dosed, who was counted, and what each definition says."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import pandas as pd

from incohort.analyses.asking import Asking
from incohort.analyses.late_onset.courses import courses, episodes, is_true, low_runs
from incohort.analyses.late_onset.parameters import LateOnsetParameters
from incohort.cohort import (
    LateOnsetChoices,
    LateOnsetDays,
    late_onset_days,
    late_onset_frame,
    on_treatment_frame,
)
from incohort.cohort.late_onset_days import LOW, fits
from incohort.shapes.episodes import rows_of
from incohort.shapes.recorded import first_reason, no_table
from incohort.shapes.sets import NO, YES, Base, Members
from incohort.shapes.telling import Draft, telling

# Definitions by name: what a reader is shown, one row each.
DEFINITIONS = {
    "tesfa": "Tesfa: below 1.5, 28 days or more after the last dose",
    "monaco": "Monaco: as Tesfa",
    "wolach": "Wolach: below 1.0, 21 days or more",
    "zonozi": "Zonozi: below 1.0 while B cells are depleted, unexplained",
    "nitta": "Nitta: 1.0 or lower",
    "abdulkader": "Abdulkader: 1.5 or lower, up to twelve months",
    "lecture_3wk": "Lecture: below 0.5, 21 days or more",
    "lecture_4wk": "Lecture: below 0.5, 28 days or more",
    "own": "Your own",
}
NAMES = {
    "tesfa": "Tesfa's", "monaco": "Monaco's", "wolach": "Wolach's", "zonozi": "Zonozi's",
    "nitta": "Nitta's", "abdulkader": "Abdulkader's", "lecture_3wk": "the lecture's (three weeks)",
    "lecture_4wk": "the lecture's (four weeks)", "own": "your own",
}  # fmt: skip
SOURCES = (
    "labs.ANC", "labs.taken_at", "medications.atc", "medications.drug", "medications.started_on",
    "medications.stopped_on",
)  # fmt: skip
_COUNTED = "counted after the first dose"
_ALL_LOW = "everybody counted after the first dose had a low count: that gives no frequency"
_NONE_BEFORE = "nobody has a count before the first dose: that gives no frequency"


class Question(Asking[LateOnsetParameters]):
    """One cohort, one class of drugs: the sets of patients that every answer is counted from."""

    def telling(self, *sources: str) -> Draft:
        """Results in the making, of counts and doses and these columns."""
        draft = telling(self.scope, *SOURCES, *sources)
        draft.absent = self.absent
        return draft

    @cached_property
    def late(self) -> LateOnsetChoices:
        """The class of drugs, and what the definitions leave open."""
        return self.design.part(LateOnsetChoices)

    @property
    def drugs(self) -> str:
        """The drugs as a sentence names them."""
        name = self.design.drug_class
        noun = name if name.endswith("inhibitor") else f"{name} drug"
        return f"an {noun}" if noun[0] in "aI" else f"a {noun}"

    @cached_property
    def absent(self) -> str:
        """Why nothing can be told of anybody; empty where it may."""
        return first_reason(no_table(self.cohort, "labs", "medications"))

    @cached_property
    def days(self) -> LateOnsetDays:
        """Counts and doses, by day."""
        return late_onset_days(self.cohort, self.late, self.design.recovery_threshold)

    @property
    def base(self) -> Base:
        """All patients of the cohort."""
        return self.population.members.base

    @cached_property
    def answers(self) -> pd.DataFrame:
        """What each definition answers of each patient, by definition and patient."""
        frame = late_onset_frame(self.cohort, self.late)
        return frame.set_index(["definition", "patient_id"])

    @cached_property
    def on_treatment(self) -> pd.DataFrame:
        """Who was given a drug continuously, and who had a low count on it, by patient."""
        limit = self.design.on_treatment_limit
        return on_treatment_frame(self.cohort, limit).set_index("patient_id")

    def by_patient(self, values: pd.Series) -> pd.Series:
        """Values by patient, in the order of the base."""
        return values.reindex(self.base.frame["patient_id"]).reset_index(drop=True)

    @cached_property
    def given(self) -> Members:
        """Those described who were given a drug of the class."""
        rows = self.answers.loc["tesfa"]
        is_given = rows["reason"].ne("not_exposed").astype(object)
        is_given = is_given.mask(rows["first_missing"].eq("drug"), None)
        axis = self.base.flag(f"given {self.drugs}", self.by_patient(is_given))
        return self.everybody.where(axis, YES)

    @cached_property
    def counted(self) -> Members:
        """Those of them with a count after the first dose."""
        return self.given.where(self._counted_axis, YES)

    @cached_property
    def _counted_axis(self) -> str:
        """Whether a count came after the first dose; not known where no dose is dated."""
        counts = self.days.counts
        is_dosed, patient = counts["is_dosed"], counts["patient_id"]
        some, open_ = (
            self.by_patient(flags.groupby(patient).any()).eq(other=True)
            for flags in (is_true(is_dosed), is_dosed.isna())
        )
        has_count = some.astype(object).mask(open_ & ~some, None)
        return self.base.flag(_COUNTED, has_count, self.whole(self.given))

    @cached_property
    def uncounted(self) -> Members:
        """Those given the drug who have no count after the first dose."""
        return self.given.where(self._counted_axis, NO)

    @cached_property
    def undated(self) -> Members:
        """Those given the drug and counted, though nobody knows which came first."""
        return self.given.unknown(self._counted_axis)

    @cached_property
    def no_frequency(self) -> str:
        """Why shares are no frequency; empty where they may be, and where that may not be told."""
        if self.absent or self.scope.lists_all or not len(self.counted):
            return ""
        counts = self.days.counts
        low = counts[is_true(counts["is_dosed"]) & is_true(counts[LOW])]["patient_id"]
        is_low = self.counted.frame["patient_id"].isin(low)
        return _ALL_LOW if is_low.all() else "" if len(self.analysed) else _NONE_BEFORE

    def whole(self, members: Members) -> Members:
        """The same set of everybody in the cohort, whoever is described."""
        described = self.everybody.name.by_axis
        whole = self.base.everybody
        for axis, words in members.name.by_axis.items():
            if axis not in described:
                whole = whole.where(axis, *words)
        return whole

    def told(self, definition: str, *, is_first: bool) -> Members:
        """Those counted of whom a definition's answer is known, of the first episode or of any."""
        return self.counted.known(self.axis(definition, is_first=is_first))

    def late_by(self, definition: str, *, is_first: bool) -> Members:
        """Those whose first episode, or any, is late-onset by a definition."""
        return self.counted.where(self.axis(definition, is_first=is_first), YES)

    def untold(self, definition: str, *, is_first: bool) -> Members:
        """Those counted of whom a definition can't tell."""
        return self.counted.unknown(self.axis(definition, is_first=is_first))

    def axis(self, definition: str, *, is_first: bool) -> str:
        """The column of what a definition answers of the first episode, or of any."""
        of = "first episode" if is_first else "any episode"
        name = f"{of} late-onset by {NAMES[definition]} definition"
        if name not in self.base.census.axes:
            values = self._firsts[definition] if is_first else self._any(definition)
            self.base.flag(name, self.by_patient(values), self.whole(self.counted))
        return name

    def _any(self, definition: str) -> pd.Series:
        return self.answers.loc[definition]["is_late_onset"]

    @cached_property
    def _firsts(self) -> pd.DataFrame:
        """What each definition says of each patient's first episode; a column each."""
        whole = {name: self._any(name).copy() for name in DEFINITIONS}
        firsts = dict(self.first_episodes())
        for name, answer in whole.items():
            for patient, rows in firsts.items():
                is_open = rows[fits(name)].isna().any()
                answer[patient] = (
                    True if is_true(rows[fits(name)]).any() else None if is_open else False
                )
        return pd.DataFrame(whole, dtype=object)

    def first_episodes(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """The counts of each patient's first episode after the first dose, by patient."""
        begins_with = (LOW, *map(fits, DEFINITIONS))
        for patient, counts in self.days.counts.groupby("patient_id", sort=False):
            first = next(low_runs(counts, begins_with), None)
            if first is not None:
                yield str(patient), first

    @cached_property
    def courses(self) -> pd.DataFrame:
        """Each patient's first course by the definition chosen, in the order of the base."""
        competes = self.design.other_treatment == "compete"
        rows = courses(self.days, self.design.definition, other_competes=competes)
        return rows.reindex(self.base.frame["patient_id"]).reset_index(drop=True)

    @cached_property
    def analysed(self) -> Members:
        """Those counted before the first dose and afterwards, with a dated first dose."""
        is_seen = self.courses["time"].notna() & self.courses["had_before"].eq(other=True)
        axis = "counted before and after the first dose"
        self.base.flag(axis, is_seen, self.whole(self.counted))
        return self.counted.where(axis, YES)

    @cached_property
    def episodes(self) -> Members:
        """Late-onset episodes of those described, by the definition chosen."""
        base = Base("late-onset episodes", episodes(self.days, self.design.definition))
        return rows_of(self.everybody, base)
