"""A study as a notebook or Python asks it: `ic.anc_recovery(recovery_threshold=1.0)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from incohort.analyses.studies import class_of, model_of
from incohort.cohort import Cohort
from incohort.errors import UsageError
from incohort.jupyter.given import Given, remember_opened
from incohort.jupyter.opening import open_cohort


def asker(study: str) -> Callable[..., Any]:
    """The function that asks a study."""

    def ask(given: Given | Mapping[str, object] | None = None, /, **values: object) -> Any:
        return asked(study, given, values)

    listed = ", ".join(parameter.name for parameter in model_of(study).parameters())
    ask.__name__ = ask.__qualname__ = study
    ask.__doc__ = (
        f"The study {study}, asked of a cohort.\n\n"
        "Args:\n"
        "    given: What `ic.parameters()` found in the cells before; or values by name.\n"
        f"    values: Parameters by name: {listed}.\n"
        "        `cohort` may be what `open_cohort` opened.\n\n"
        "Raises:\n"
        "    UsageError: A parameter has no such name, or its value is refused.\n"
    )
    return ask


def asked(
    study: str, given: Given | Mapping[str, object] | None, values: Mapping[str, object]
) -> Any:
    """A study with its parameters, all of them checked before a row is read."""
    model = model_of(study)
    if given is not None and not isinstance(given, Given | Mapping):
        msg = f"Name the cohort: ic.{study}(cohort=…). What comes first is ic.parameters()."
        raise UsageError(msg)
    first = given.asked_of(model) if isinstance(given, Given) else given or {}
    arguments: dict[str, object] = {**first, **values}
    opened = arguments.get("cohort")
    if isinstance(opened, Cohort):
        arguments["cohort"] = opened.card.name
    parameters = model.of(arguments)
    name: str = getattr(parameters, "cohort")  # noqa: B009 — every study has one
    cohort = opened if isinstance(opened, Cohort) else open_cohort(name)
    answer = class_of(study)(cohort, parameters)
    if isinstance(given, Given):
        remember_opened(study, given)
    return answer
