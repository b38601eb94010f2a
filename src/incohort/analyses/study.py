"""What all studies have in common: a cohort, what is asked of it, and answers worked out once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from incohort.cohort import Cohort
from incohort.params.model import Parameters
from incohort.results import Findings
from incohort.shapes.population import Selection, refuse_other_ages

_P = TypeVar("_P", bound=Parameters)
_Answer = Callable[[Any], Findings]


def part(
    answer: Callable[..., Findings], after: Sequence[_Answer] = ()
) -> Callable[[Study[Any]], Findings]:
    """What one part of a study answers, as a method of the study: with the part's own words.

    Args:
        answer: Is asked the study's question, and where it tells other parts again, gets theirs.
        after: Those other parts.
    """

    def method(self: Study[Any]) -> Findings:
        if after:
            parts = tuple(map(self._of, after))
            return replace(answer(self._question, parts), after=parts)
        return self._of(answer)

    method.__name__, method.__doc__ = answer.__name__, answer.__doc__
    return method


class Study(Generic[_P]):
    """A study's questions, asked of one cohort.

    A study names its model of `parameters` and, where it has parts, the `question` that they are
    asked, which is made of a cohort and the parameters.

    Args:
        cohort: From `open_cohort`.
        asked: The study's parameters; their defaults where not given.
        values: Parameters by name, instead of those or beside them.

    Raises:
        UsageError: A parameter has no such name, or its value is refused; or it parts a restricted
            cohort by other ages than the dictionary's.
    """

    parameters: ClassVar[type[Parameters]]
    question: ClassVar[type[Any]]

    def __init__(self, cohort: Cohort, asked: _P | None = None, **values: object) -> None:
        """Keep the question; rows are read when the first answer is asked for."""
        given = {} if asked is None else asked.values
        chosen: Any = self.parameters.of({**given, **values, "cohort": cohort.card.name})
        self.asked: _P = chosen
        refuse_other_ages(cohort, chosen.part(Selection))
        self._cohort = cohort
        self._answers: dict[_Answer, Findings] = {}

    @cached_property
    def _question(self) -> Any:
        """What the study's parts are asked."""
        return type(self).question(self._cohort, self.asked)

    def _of(self, part: _Answer) -> Findings:
        """What one part answers; worked out once, since later parts may tell it again."""
        if part not in self._answers:
            self._answers[part] = part(self._question)
        return self._answers[part]
