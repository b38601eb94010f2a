"""A reader's own episodes of neutropenia."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from incohort.analyses.anc_recovery.frames import episodes_of
from incohort.analyses.anc_recovery.parameters import RecoveryParameters
from incohort.analyses.anc_recovery.question import Question
from incohort.analyses.own.kept import Kept, slug
from incohort.cohort import Cohort, RecoveryChoices
from incohort.dictionary import load
from incohort.results import Findings
from incohort.shapes import vocabulary
from incohort.shapes.curves import CENSORED, DEATH, OUTCOME, RECOVERY, Curves
from incohort.shapes.people import age_bands, band_names
from incohort.shapes.population import Step
from incohort.shapes.sets import Base
from incohort.shapes.telling import telling
from incohort.shapes.times import DIED, RECOVERED

_OUTCOMES = {0: CENSORED, RECOVERED: RECOVERY, DIED: DEATH}


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Episodes(Kept):
    """Timed episodes with their columns and the steps that led to them; one row an episode."""

    noun: ClassVar[str] = "episodes"

    question: Question

    def curves(self, by: str = "none") -> Findings:
        """How long until the neutrophils are back: a curve for all and for each group.

        Raises:
            UsageError: There is no such column of categories.
        """
        told = telling(self._scope, *self.question.sources, noun=self.noun)
        name = f"km/by_{slug(by)}"
        shape = Curves(told=told, clock=self.question.clock, name=name, groups=self._groups(by))
        return told.findings(name, "How long until the neutrophils are back?", shape.layout())


def episodes(cohort: Cohort, *, is_open: bool = False, **choices: object) -> Episodes:
    """The timed episodes of a cohort, each patient's first unless chosen otherwise.

    Args:
        cohort: From `open_cohort`.
        is_open: As in `Kept`.
        choices: Parameters of the study of recovery, by name.

    Raises:
        UsageError: A name is not known, or its value is refused.
    """
    asked = RecoveryParameters.of({**choices, "cohort": cohort.card.name})
    question = Question(cohort, asked)
    frame = episodes_of(cohort, asked.part(RecoveryChoices)).reset_index(drop=True)
    base = _base(frame, question)
    timed = base.everybody.where("is_timed", "yes")
    analysed = timed.where("is analysed", "yes")
    steps = (
        Step(name="cohort", label="Episodes in the cohort", members=base.everybody, before=None,
             reason=""),
        Step(name="timed", label="With a time", members=timed, before=base.everybody,
             reason="no time could be told"),
        Step(name="analysed", label="Asked", members=analysed, before=timed,
             reason="a later episode, or left out by a parameter"),
    )  # fmt: skip
    system = load().severity_system(asked.severity_system)
    return Episodes(
        cohort=cohort,
        members=analysed,
        steps=steps,
        severity=vocabulary.severity_labels(system.name, system.upper_limit),
        restricted_by=question.population.restricted_by,
        conf_level=asked.conf_level,
        is_open=is_open or cohort.card.is_public,
        question=question,
    )


def _base(frame: pd.DataFrame, question: Question) -> Base:
    """All episodes, cut by what they are asked by."""
    base = Base("episodes", frame)
    has_time = frame["is_timed"].eq(other=True).map({True: "yes", False: None})
    base.cut("is_timed", has_time, ("yes",))
    who = pd.MultiIndex.from_frame(frame[["patient_id", "episode"]])
    chosen = pd.MultiIndex.from_frame(question.timed[["patient_id", "episode"]])
    is_analysed = pd.Series(who.isin(chosen), index=frame.index)
    timed = base.everybody.where("is_timed", "yes")
    base.flag("is analysed", is_analysed, timed)
    words = frame["cause"].map(_OUTCOMES)
    base.cut(OUTCOME, words, _OUTCOMES.values(), timed)
    grades = [g.name for g in load().severity_system(question.choices.severity_system).grades]
    base.cut("severity", frame["severity"], (*grades, "none"))
    base.cut("sex", frame["sex"], vocabulary.labels("patients", "sex"))
    base.cut("age", age_bands(frame["age_years"]), band_names())
    return base
