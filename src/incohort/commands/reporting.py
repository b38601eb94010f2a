"""From what a user typed to reports: cohorts let in, parameters enforced, then the runner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from incohort.analyses.studies import STUDIES, home_of, model_of, needs_of
from incohort.dictionary import study
from incohort.errors import CohortFaultsError, UsageError
from incohort.params.parameter import Value, read_overrides
from incohort.reports import forks
from incohort.reports.jobs import Admission, Job, Outcome, Settings
from incohort.reports.notebooks import Notebook, bundled_notebooks, read_notebook
from incohort.reports.reading import LeftOut
from incohort.results import CohortCard
from incohort.sources.descriptor import read_descriptor
from incohort.sources.place import bundled_cohorts, bundled_tables, locate

# What a notebook needs, by name: the server imports it while this process parses and checks.
_PRELOAD = (
    "ipykernel.kernelapp",
    "incohort.jupyter.admission",
    "incohort.jupyter.opening",
    "incohort.jupyter.display",
    *map(home_of, STUDIES),
    "scipy.stats",  # which the estimators would import when they first need it
    "ibis.backends.duckdb",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "incohort.reports.collecting",  # the last: it is about all that was imported before
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A notebook on a cohort, as asked for; no cohort means the notebook's own default."""

    notebook: str
    cohort: str | None = None
    assignments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """A request that is right as far as it can be told without looking at the cohort."""

    notebook: Notebook
    cohort: str
    overrides: dict[str, Value]


def demo_requests() -> tuple[Request, ...]:
    """Every notebook on every cohort that ships and that it is asked of.

    A cohort of a published study is asked what that study's figures answer; one of no study, what
    it was made for, else everything that it has the tables for.
    """
    return tuple(
        Request(notebook=notebook, cohort=cohort)
        for cohort in bundled_cohorts()
        for notebook in bundled_notebooks()
        if _is_asked_of(notebook, cohort)
    )


def _is_asked_of(notebook: str, cohort: str) -> bool:
    """Whether a notebook's study is asked of a cohort: by a figure of the study it was made of."""
    about, _ = read_descriptor(locate(cohort))
    if about.study is None and not about.made_for:
        return {*needs_of(notebook)} <= bundled_tables(cohort)
    asked = {*about.made_for}
    if about.study is not None:
        asked |= {claim.key.partition("/")[0] for claim in study(about.study).claims}
    return any(name in asked for name in STUDIES if model_of(name).notebook == notebook)


def make_reports(
    requests: Sequence[Request],
    settings: Settings,
    on_done: Callable[[Outcome], None],
    on_left_out: Callable[[Sequence[LeftOut]], None] = lambda _: None,
) -> tuple[Outcome, ...]:
    """The reports asked for; nothing is run or written before all that was typed is right.

    Raises:
        UsageError: A notebook, cohort, parameter or profile is refused.
        CohortFaultsError: A cohort breaks the dictionary's rules.
    """
    wanted = [_wanted(request) for request in requests]
    forks.start_server(_PRELOAD)
    # Imported while the server imports: together they take as long as the longer one.
    from incohort.reports.runner import run_reports  # noqa: PLC0415 — see above

    admitted = {name: _admitted(name) for name in dict.fromkeys(want.cohort for want in wanted)}
    jobs = [
        Job(
            notebook=want.notebook,
            card=admitted[want.cohort][0],
            cohort_path=admitted[want.cohort][1].path,
            overrides=want.overrides,
            concerns=admitted[want.cohort][1].concerns,
        )
        for want in wanted
    ]
    return run_reports(jobs, settings, on_done, on_left_out)


def _wanted(request: Request) -> _Wanted:
    notebook = read_notebook(request.notebook)
    defaults = {parameter.name: parameter.default for parameter in notebook.parameters}
    cohort = request.cohort or defaults.get("cohort")
    if not isinstance(cohort, str) or not cohort:
        raise UsageError(f"Notebook {notebook.name!r} names no cohort; choose one with --cohort.")
    overrides = read_overrides(notebook.parameters, request.assignments)
    if notebook.study:  # refuses values that don't go together
        values = {name: value for name, value in defaults.items() if name != "cohort"}
        model_of(notebook.study).of(values | overrides)
    return _Wanted(notebook=notebook, cohort=cohort, overrides=overrides)


def _admitted(name: str) -> tuple[CohortCard, Admission]:
    """The card of a cohort that keeps to the dictionary, and what else the door said of it."""
    admission: Admission = forks.call("incohort.jupyter.admission:admit", name)
    if admission.card is None:
        raise CohortFaultsError(admission.name, admission.faults)
    return admission.card, admission
