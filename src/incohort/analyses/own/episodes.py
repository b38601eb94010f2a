"""A reader's own episodes of neutropenia."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from incohort.analyses.anc_recovery.covariates import COVARIATES, Known
from incohort.analyses.anc_recovery.curves import LATE
from incohort.analyses.anc_recovery.models import models_of
from incohort.analyses.anc_recovery.parameters import RecoveryParameters
from incohort.analyses.anc_recovery.question import Question
from incohort.cohort import Cohort
from incohort.dictionary import load, unknown_name
from incohort.results import Findings
from incohort.shapes import vocabulary
from incohort.shapes.clock import TimesDraft
from incohort.shapes.curves import Curves
from incohort.shapes.episodes import TIMED, WHY_NOT_TIMED, rows_of, those
from incohort.shapes.incidence import Incidence
from incohort.shapes.kept import Kept, slug
from incohort.shapes.population import Selection, Step, Steps, refuse_other_ages
from incohort.shapes.rates import Rates


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
        draft, name = self._draft, f"km/by_{slug(by)}"
        layout = Curves(draft=draft, name=name, groups=self._groups(by)).layout()
        if self.question.zero.may_precede:
            layout = replace(layout, cautions=(*layout.cautions, LATE))
        return draft.findings(name, "How long until the neutrophils are back?", layout)

    def models(self, *covariates: str) -> Findings:
        """What delays recovery: three models of the time, by what is known at time zero.

        Args:
            covariates: `low_count`, `infection`, `age`, `female`, `comorbidity`, `crp`; where none
                is named, those of the parameter `covariates`.

        Raises:
            UsageError: There is no such covariate.
        """
        for name in covariates:
            if name not in COVARIATES:
                raise unknown_name("covariate", name, list(COVARIATES))
        known = Known(self.question, covariates or None)
        sources = dict.fromkeys((*self.question.sources, *known.sources))
        draft, name = self.telling(*sources), f"models/by_{'_'.join(known.chosen)}"
        shape = models_of(draft, self.question, known, self.members, name)
        return draft.findings(name, "What delays recovery?", shape.layout())

    def incidence(self, by: str = "none") -> Findings:
        """How many recover and how many die first: cumulative incidence, for all and each group.

        Raises:
            UsageError: There is no such column of categories.
        """
        draft, name = self._draft, f"incidence/by_{slug(by)}"
        shape = Incidence(draft=draft, name=name, groups=self._groups(by))
        return draft.findings(name, "How many recover, and how many die first?", shape.layout())

    def rates(self, by: str = "none") -> Findings:
        """How fast neutrophils come back: recoveries per 100 days at risk, for all and each group.

        Raises:
            UsageError: There is no such column of categories.
        """
        draft, name = self._draft, f"rates/by_{slug(by)}"
        shape = Rates(draft=draft, name=name, groups=self._groups(by), is_open=self.is_open)
        return draft.findings(name, "How fast do the neutrophils come back?", shape.layout())

    @property
    def _draft(self) -> TimesDraft:
        return TimesDraft(
            scope=self._scope, sources=self.question.sources, noun=self.noun,
            clock=self.question.clock, analysed=self.members, absent=self.question.absent,
        )  # fmt: skip


def episodes(cohort: Cohort, *, is_open: bool = False, **choices: object) -> Episodes:
    """The timed episodes of a cohort, each patient's first unless chosen otherwise.

    Args:
        cohort: From `open_cohort`.
        is_open: As in `Kept`.
        choices: Parameters of the study of recovery, by name.

    Raises:
        UsageError: A name is not known, or its value is refused.
    """
    cohort = replace(cohort, is_internal=cohort.is_internal or is_open)
    asked = RecoveryParameters.of({**choices, "cohort": cohort.card.name})
    refuse_other_ages(cohort, asked.part(Selection))
    question = Question(cohort, asked)
    sets, system = question.sets, load().severity_system(asked.severity_system)
    grades = (*(grade.name for grade in system.grades), "none")
    sets.base.cut("severity", sets.base.frame["severity"], grades)
    return Episodes(
        cohort=cohort,
        members=sets.analysed,
        steps=_steps(question),
        severity=vocabulary.severity_labels(system.name, system.upper_limit),
        restricted_by=question.population.restricted_by,
        conf_level=asked.conf_level,
        is_open=cohort.is_open,
        question=question,
    )


def _steps(question: Question) -> tuple[Step, ...]:
    """From all episodes of the cohort to those asked."""
    sets = question.sets
    steps = Steps("Episodes in the cohort", sets.of_the_cohort.episodes)
    for step in question.population.applied[1:]:
        members = those(rows_of(step.members, sets.base), ends=(*TIMED, *WHY_NOT_TIMED))
        steps.keep(step.name, step.label, members, step.reason)
    if sets.asks_for_criteria:
        label = "Meeting the criteria of drug-induced neutropenia"
        steps.keep("criteria", label, sets.eligible, "a criterion not met, or not known")
    timed = those(sets.eligible, ends=TIMED)
    steps.keep("timed", "With a time", timed, "no time could be told")
    if sets.takes_first:
        steps.keep("analysed", "Asked", sets.analysed, "a later episode")
    return tuple(steps.taken)
