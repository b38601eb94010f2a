"""A reader's own patients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from incohort.analyses.cohort_overview.parameters import OverviewParameters
from incohort.analyses.cohort_overview.question import Question
from incohort.cohort import Cohort
from incohort.results import Findings
from incohort.shapes.characteristics_table import characteristics
from incohort.shapes.compared import EVENTS, comparison, event_of, two_of
from incohort.shapes.groups import OVERALL, sources_of
from incohort.shapes.kept import Kept, slug, words
from incohort.shapes.people import words_of
from incohort.shapes.recorded import NOT_RECORDED
from incohort.shapes.two_by_two import TwoByTwo


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Patients(Kept):
    """Patients with their columns and the steps that led to them; `frame` has one row a patient."""

    noun: ClassVar[str] = "patients"

    def table_one(self, by: str = "none", *, p_values: bool = False) -> Findings:
        """Their characteristics, overall and by the categories of a column.

        Raises:
            UsageError: There is no such column of categories.
        """
        name, groups = f"table_one/by_{slug(by)}", self._groups(by)
        return characteristics(self.telling(), name, groups, by, has_tests=p_values)

    def compare(
        self,
        outcome: str,
        by: str,
        groups: tuple[str, str] | None = None,
        event: str | None = None,
    ) -> Findings:
        """Whether an outcome is more frequent in one group than in another.

        Difference of risks, risk ratio and odds ratio with intervals, and Fisher's exact test.

        Args:
            outcome: A column of categories: `has_recurrent_infections`, `assay_gift`.
            by: The column that makes the groups.
            groups: Two of its categories, the first held against the second; the only two that
                there are where not given.
            event: The category of `outcome` that is asked for; `yes` or `positive` where not given.

        Raises:
            UsageError: There is no such column or category, or which is meant is open.
        """
        axis, name = self._axis(outcome), f"compare/{slug(outcome)}/by_{slug(by)}"
        apart = {g.name: g for g in self._groups(by) if g.name not in {OVERALL, NOT_RECORDED}}
        first, second = two_of(by, groups, apart)
        word = event_of(outcome, event, self._labels(outcome))
        draft = self.telling(*sources_of(outcome), *sources_of(by))
        compared = TwoByTwo(
            draft=draft, first=first.members, second=second.members, axis=axis,
            events=words_of(axis, word), whole=(first.members | second.members).known(axis),
        )  # fmt: skip
        title = words(outcome, self.noun)
        if word not in EVENTS:
            title = f"{title}: {self._labels(outcome)[word]}"
        return draft.findings(name, title, comparison(compared, (first, second), name, title))


def patients(cohort: Cohort, *, is_open: bool = False, **choices: object) -> Patients:
    """All patients of a cohort.

    Args:
        cohort: From `open_cohort`.
        is_open: As in `Kept`.
        choices: Parameters of the overview, by name: whom to describe, whose limits grade them.

    Raises:
        UsageError: A name is not known, or its value is refused.
    """
    cohort = replace(cohort, is_internal=cohort.is_internal or is_open)
    question = Question(cohort, OverviewParameters.of({**choices, "cohort": cohort.card.name}))
    return Patients(
        cohort=cohort,
        members=question.everybody,
        steps=question.population.applied,
        severity=question.grades,
        restricted_by=question.population.restricted_by,
        conf_level=question.design.conf_level,
        is_open=cohort.is_open,
    )
