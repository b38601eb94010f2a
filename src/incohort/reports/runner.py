"""Notebooks on cohorts, several at a time, each into a report's folder of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

from incohort.claims import Verdict, VerdictKind, judge, told_in_report
from incohort.claims.alone import from_publications
from incohort.dictionary import studies, study
from incohort.disclosure import Profile, gate_card, profile_for
from incohort.reports.changes import changes_between
from incohort.reports.claims_view import study_view, tallies
from incohort.reports.crate import Times, crate_record
from incohort.reports.custody import Custody
from incohort.reports.document import compose
from incohort.reports.forks import end_kernels, expect_kernels, private_directories
from incohort.reports.handover import Handover
from incohort.reports.harvest import Harvest, harvest
from incohort.reports.identity import Identity
from incohort.reports.index import write_index
from incohort.reports.jobs import FAILED, Job, Outcome, Settings
from incohort.reports.kernels import Execution, execute, write_node
from incohort.reports.libraries import installed
from incohort.reports.looks import write_looks
from incohort.reports.manifest import CRATE, take_away
from incohort.reports.page import Run, marks_of, report_page
from incohort.reports.parameters_cell import names_a_place, text_in, with_default
from incohort.reports.place import aside, cannot_write
from incohort.reports.reading import LeftOut
from incohort.reports.records import as_json, claims_record, results_record
from incohort.reports.replacing import (
    Place,
    folders_for,
    refuse_others_folders,
    refuse_others_pages,
    replace_report,
)
from incohort.results import CohortCard
from incohort.stopping import scratch, settle


def run_reports(
    jobs: Sequence[Job],
    settings: Settings,
    on_done: Callable[[Outcome], None],
    on_left_out: Callable[[Sequence[LeftOut]], None] = lambda _: None,
) -> tuple[Outcome, ...]:
    """Make the reports and the list of them; a failing notebook stops none of the others.

    A report that failed lies in a folder whose name ends in `--failed`. It never replaces an
    earlier one that succeeded, and goes when the notebook succeeds again.

    Raises:
        UsageError: The profile is refused for a cohort, or nothing can be written to `out`.
    """
    wanted = {_identity(job, settings): job for job in reversed(jobs)}  # twins are one
    places = folders_for((_identity(job, settings) for job in jobs), settings.out, FAILED)
    refuse_others_pages(settings.out)
    refuse_others_folders(settings.out, places, FAILED)
    outcomes = []
    stop = Event()
    expect_kernels()
    Thread(target=installed, name="libraries").start()  # while kernels run
    with aside(settings.out) as folder, ThreadPoolExecutor(settings.jobs) as pool:
        waiting = [
            pool.submit(_make, wanted[identity], settings, _Place(folder, place), stop)
            for identity, place in places.items()
        ]
        try:
            for future in waiting:
                outcomes.append(future.result())
                on_done(outcomes[-1])
            changes = {done.folder: done.changes for done in outcomes if done.changes}
            on_left_out(write_index(settings.out, changes))
        except OSError as error:
            settle()
            raise cannot_write(settings.out, error) from error
        finally:  # after an error or a Ctrl-C nothing is begun or put in place any more
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            end_kernels()
    return tuple(outcomes)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a report is written, and where it belongs."""

    aside: Path
    at: Place


def _identity(job: Job, settings: Settings) -> Identity:
    """Which report it is to be; refuses a profile that may not be lifted."""
    applied = _applied(job, settings)
    internal = ["internal"] if settings.is_internal else []
    return job.identity((*internal, *([] if internal and applied.is_open else [applied.name])))


def _handover(job: Job, settings: Settings) -> Handover:
    return Handover(
        name=job.card.name,
        path=job.cohort_path,
        profile=settings.profile,
        is_internal=settings.is_internal,
        is_public=job.card.is_public,
        withheld=settings.withheld,
    )


def _make(job: Job, settings: Settings, place: _Place, stop: Event) -> Outcome:
    """One report: run, harvest, judge, write aside, rename into place."""
    handover = _handover(job, settings)
    names = {parameter.name for parameter in job.notebook.parameters}
    cohort = {"cohort": job.card.name} if "cohort" in names else {}
    started = datetime.now(UTC)
    with scratch() as folder:
        environment = {**os.environ, **handover.environment(), **private_directories(folder)}
        parameters = {**cohort, **job.overrides}
        execution = execute(job.notebook.path, parameters, environment, folder)
    ended = datetime.now(UTC)
    settle()
    if stop.is_set():
        raise CancelledError
    applied = _applied(job, settings)
    _hide_place(execution, job.card.name)
    shows_rows = job.card.is_public or settings.is_internal
    harvested = harvest(execution, shows_rows=shows_rows, profile=applied.name)
    run = Run(
        notebook=job.notebook,
        card=gate_card(job.card, applied),
        overrides=job.overrides,
        profile=_profile(harvested, applied),
        is_internal=settings.is_internal,
    )
    verdicts = _verdicts(harvested, job.card, applied)
    name = f"{place.at.name}{FAILED}" if harvested.failure else place.at.name
    written = place.aside / name
    _write(written, run, harvested, verdicts)
    write_looks(written, run.card, job.concerns if applied.is_open else (), settings.is_internal)
    times = Times(started=started, ended=ended)
    crate = crate_record(run, harvested, written, times, place.at.identity)
    (written / CRATE).write_text(as_json(crate), encoding="utf-8")
    no_release = "" if harvested.failure else _kept_evidence(job, settings, execution, written)
    changes = changes_between(settings.out / name, written)
    kept = replace_report(written, settings.out / name, place.aside)
    if harvested.failure is None:  # the account of an earlier failure is no longer true
        take_away(settings.out / f"{place.at.name}{FAILED}")
    return Outcome(
        folder=name,
        failure=execution.failure or harvested.failure,
        not_reproduced=_not_reproduced(verdicts),
        kept=kept,
        no_release=no_release,
        changes=str(changes or ""),
    )


def _kept_evidence(job: Job, settings: Settings, execution: Execution, report: Path) -> str:
    """Keep what the gate did on the custodian's side; why that is not possible, where it is not."""
    if execution.evidence is None:
        return ""
    custody = Custody(settings.ledger) if settings.ledger else Custody.beside(Path(job.cohort_path))
    try:
        custody.keep(report, execution.evidence)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        return f"nothing can be kept beside the cohort ({reason}); choose a place with --ledger"
    return ""


def _hide_place(execution: Execution, name: str) -> None:
    """A copy of a notebook may name its cohort by a path; a report has the cohort's name."""
    for cell in execution.node.cells:
        is_tagged = "parameters" in cell.metadata.get("tags", [])
        if is_tagged and names_a_place(text_in(cell.source, "cohort")):
            cell.source = with_default(cell.source, "cohort", name)


def _applied(job: Job, settings: Settings) -> Profile:
    """The disclosure profile of a job; refused where it may not be lifted."""
    requested = _handover(job, settings).requested_profile(is_public=job.card.is_public)
    return profile_for(job.card.is_public, requested, internal=settings.is_internal)


def _profile(harvested: Harvest, applied: Profile) -> str:
    """The profile that the findings with numbers passed, as they say themselves."""
    numbered = [section for section in harvested.findings if section.results]
    passed = sorted({section.profile for section in numbered if section.profile})
    return ", ".join(passed) or applied.name


def _verdicts(
    harvested: Harvest, card: CohortCard, applied: Profile
) -> dict[str, tuple[Verdict, ...]]:
    """The verdicts on the figures of each study that this report has to do with."""
    by_study = {}
    for name in studies():
        published = study(name)
        judged = judge(harvested.results, published, card, is_rounded=applied.is_rounding)
        by_study[name] = told_in_report(judged, published, card, from_publications())
    return {name: verdicts for name, verdicts in by_study.items() if verdicts}


def _not_reproduced(verdicts: dict[str, tuple[Verdict, ...]]) -> int:
    kinds = [verdict.verdict for judged in verdicts.values() for verdict in judged]
    return kinds.count(VerdictKind.NOT_REPRODUCED)


def _write(
    folder: Path, run: Run, harvested: Harvest, verdicts: dict[str, tuple[Verdict, ...]]
) -> None:
    marks = marks_of(run.card, harvested)
    document = compose(harvested.node, harvested, run.notebook.title, marks)
    views = [
        study_view(study(name), v, harvested.results, marks, is_own=name == run.card.study)
        for name, v in verdicts.items()
    ]
    record = results_record(run, harvested, tallies(verdicts))
    folder.mkdir()
    texts = {
        "report.html": report_page(run, document, harvested, views),
        "results.json": as_json(record),
        "claims.json": as_json(claims_record(verdicts)),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    write_node(harvested.node, folder / "notebook.ipynb")
