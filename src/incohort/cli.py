"""The command line: arguments and exit codes, nothing else. Imports are lazy."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, CycloptsError, Parameter

from incohort.commands import terminal
from incohort.commands.terminal import print_table as _print_table
from incohort.commands.terminal import refuse as _refuse
from incohort.commands.terminal import say
from incohort.errors import (
    CohortFaultsError,
    ExitCode,
    IncohortError,
    UsageError,
    refuse_url,
    unforeseen,
)
from incohort.stopping import STOPPED, listen, settle

if TYPE_CHECKING:
    from incohort.commands.reporting import Request
    from incohort.reports.jobs import Settings

_COMPLETE = Parameter(negative=())
_MOST = 60  # rows of a list whose length a file decides

app = App(
    name="incohort",
    help="Reports on cohorts of immune neutropenia, from rows to a page that can be checked.",
    version=lambda: _version(),  # noqa: PLW0108 — it is defined below
    version_flags=["--version"],
    help_flags=["--help", "-h"],
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
importers = App(name="import", help="Turn data kept elsewhere into a cohort folder.")
dictionary = App(name="dictionary", help="What every table and column means.")
app.command(importers)
app.command(dictionary)


def main() -> None:
    """Run the command that was typed and answer the shell."""
    listen()
    terminal.prepare()
    try:
        code = terminal.finish(run(sys.argv[1:]))
    finally:
        settle()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """The exit code of a command; what goes wrong prints one message, no traceback."""
    try:
        code = app(list(arguments), exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return _refuse(f"{error} `incohort --help` lists the commands.", ExitCode.USAGE)
    except CohortFaultsError as error:
        return terminal.print_faults(error, "Nothing was run or written.")
    except IncohortError as error:
        return _refuse(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _refuse("Stopped.", STOPPED)
    except SystemExit:  # rich ends the help so where its reader has gone
        return ExitCode.DONE
    except Exception as error:  # noqa: BLE001 — the last net: exit code 1 is a notebook's
        return _refuse(unforeseen(error), ExitCode.USAGE)
    return int(code or ExitCode.DONE)


@app.command
def demo(*, out: Path = Path("reports"), jobs: int | None = None) -> int:
    """Run the notebooks on the cohorts that come along and have the tables they need.

    Args:
        out: The folder for the reports.
        jobs: How many run at a time; as many as there are processors, unless given.
    """
    from incohort.commands.reporting import demo_requests
    from incohort.reports.jobs import Settings

    return _report(demo_requests(), Settings(out=out, jobs=_workers(jobs)))


@app.command(name="run")
def run_notebooks(  # noqa: PLR0913 — the options of a command
    *notebooks: str,
    cohort: str | None = None,
    parameter: Annotated[tuple[str, ...], Parameter(name=["-p", "--parameter"])] = (),
    out: Path = Path("reports"),
    jobs: int | None = None,
    profile: str = "",
    internal: Annotated[bool, _COMPLETE] = False,
    strict: Annotated[bool, _COMPLETE] = False,
    ledger: Path | None = None,
) -> int:
    """Run notebooks on a cohort.

    Args:
        notebooks: Names of notebooks that come along, or .ipynb files.
        cohort: A cohort that comes along, or your own folder or .duckdb file.
        parameter: A parameter as name=value; repeat it for more. `incohort params` lists them.
        out: The folder for the reports.
        jobs: How many run at a time; as many as there are processors, unless given.
        profile: The disclosure profile: none, opensafely, darwin or acro.
        internal: Withhold nothing, and mark every page as internal.
        strict: Exit with 4 when a published figure is not reproduced.
        ledger: The folder of a restricted cohort's releases; beside the cohort, unless given.
    """
    from incohort.commands.reporting import Request
    from incohort.reports.jobs import Settings

    if not notebooks:
        raise UsageError("Name a notebook, for instance: incohort run 01_cohort_overview")
    requests = [Request(notebook=n, cohort=cohort, assignments=parameter) for n in notebooks]
    settings = Settings(
        out=out, jobs=_workers(jobs), profile=profile, is_internal=internal, ledger=ledger
    )
    return _report(requests, settings, is_strict=strict)


@app.command
def release(
    report: str,
    *,
    cohort: str = "",
    ledger: Path | None = None,
    out: Path = Path("released"),
    coarsen: Annotated[bool, _COMPLETE] = False,
) -> int:
    """Put a restricted cohort's report aside for handing over, unless it tells of a few patients.

    Args:
        report: A report's folder, or the folder of a batch, which is one release.
        cohort: Where the cohort lies; its ledger of releases is beside it.
        ledger: The folder of the releases, where it is elsewhere.
        out: The folder for the copies that may leave.
        coarsen: Where it is refused, make it again without the numbers that tell of a few.
    """
    from incohort.commands.releasing import Asked, release_reports

    asked = Asked(report=report, cohort=cohort, ledger=ledger, out=out, coarsens=coarsen)
    return release_reports(asked)


@app.command
def params(notebook: str, *, json_schema: Annotated[bool, _COMPLETE] = False) -> None:
    """List a notebook's parameters.

    Args:
        notebook: A notebook that comes along, or an .ipynb file.
        json_schema: Print them as JSON Schema instead.
    """
    from incohort.reports.notebooks import read_notebook

    contents = read_notebook(notebook)
    if json_schema:
        from incohort.params.schema import schema_of

        say(schema_of(contents.name, contents.title, contents.parameters))
        return
    rows = [(p.name, p.describes, str(p.default), p.does) for p in contents.parameters]
    _print_table(
        contents.title, ("Parameter", "May be", "Default", "What it does"), rows, most=_MOST
    )


@app.command
def check(
    cohort: str, *, html: Path | None = None, internal: Annotated[bool, _COMPLETE] = False
) -> int:
    """List all faults of a cohort against the data dictionary, and what is worth a look.

    Args:
        cohort: A cohort that comes along, or your own folder or .duckdb file.
        html: A file for the same list as a page.
        internal: Name the patients of the rows that are told, and mark the page as internal.
    """
    from incohort.commands.checking import check_cohort

    return check_cohort(cohort, html, is_internal=internal)


@importers.command
def meds(file: Path, *, out: Path, mapping: str = "mimic_meds") -> int:
    """Turn a file of MEDS events into a restricted cohort folder.

    Args:
        file: One Parquet file of MEDS events.
        out: The cohort's folder.
        mapping: What the codes of the file mean: a mapping that comes along, or a .yaml file.
    """
    from incohort.commands.importing import import_meds

    imported = import_meds(file, mapping, out)
    heads = ("What", "Where or why", "How many")
    _print_table(
        f"{imported.name}: what became of each event", heads, imported.summary.as_rows(), most=_MOST
    )
    if imported.faults:
        error = CohortFaultsError(imported.name, imported.faults)
        return terminal.print_faults(
            error, "It was written; correct the rows there, or the mapping."
        )
    say(f"{imported.name}: no faults.")
    return ExitCode.DONE


@dictionary.command
def show(name: str | None = None) -> None:
    """List the tables of a cohort, or tell of one table, analyte, definition or drug.

    Args:
        name: A table, an analyte such as ANC, a definition such as chronic, a drug or its ATC code;
            or one of the lists analytes, definitions, severity and drugs.
    """
    from incohort.pages.describe import describe

    for listing in describe(name):
        filled = listing.without_empty_columns()
        _print_table(filled.title, filled.heads, filled.rows, filled.text)


@app.command
def claims(
    study: str | None = None,
    *,
    judge: Annotated[bool, _COMPLETE] = False,
    reports: Path = Path("reports"),
) -> None:
    """List the studies, or the figures that one of them printed, with the verdicts on them.

    Args:
        study: A study's name; with --judge also a YAML file with figures of your own.
        judge: Hold each figure against what was printed beside it, without any patients.
        reports: The folder whose reports are asked for their verdicts.
    """
    if judge:
        from incohort.commands.judging import judge_figures

        judge_figures(study)
        return
    from incohort.commands.claiming import list_claims

    list_claims(study, reports)


@app.command
def export(
    report: str, *, to: str, out: str = "", replace: Annotated[bool, _COMPLETE] = False
) -> None:
    """Write a report as a Word document, a workbook, a CSV file or a PDF.

    Args:
        report: The folder that `incohort run` wrote, or the report.html in it.
        to: docx, xlsx, csv or pdf.
        out: The file; one called as the report in the current folder, unless given.
        replace: Replace a file of that name.
    """
    from incohort.commands import exporting

    exporting.export(report, to, out, replace=replace)


@app.command
def lab(
    *cohort: str,
    into: Path = Path("incohort-notebooks"),
    allow_root: Annotated[bool, _COMPLETE] = False,
) -> int:
    """Open JupyterLab on copies of the notebooks, which are yours to change.

    Args:
        cohort: A cohort that comes along, or your own folder or .duckdb file, which the notebooks
            then start with; after -- JupyterLab's own options, such as --port 9999.
        into: The folder for the copies; each cohort has its own in it.
        allow_root: Let JupyterLab run as root, which it refuses otherwise.
    """
    from incohort.jupyter.launcher import open_lab

    refuse_url(str(into))
    named = cohort[:1] if cohort and not cohort[0].startswith("-") else ()
    options = [*(("--allow-root",) if allow_root else ()), *cohort[len(named) :]]
    if options and not options[0].startswith("-"):
        raise UsageError(
            f"One cohort at a time; got {options[0]!r}, too. JupyterLab's options begin with -."
        )
    return open_lab(named[0] if named else None, into, options)


def _report(requests: Sequence[Request], settings: Settings, *, is_strict: bool = False) -> int:
    """Make the reports, tell of each as it is done, and say how it went."""
    from incohort.commands.reporting import make_reports
    from incohort.commands.telling import end_of, tell, tell_left_out

    refuse_url(str(settings.out))
    outcomes = make_reports(requests, settings, tell, tell_left_out)
    say(f"\nOpen {settings.out / 'index.html'}")
    return end_of(outcomes, is_strict=is_strict)


def _workers(jobs: int | None) -> int:
    if jobs is not None and jobs < 1:
        raise UsageError(f"--jobs must be a whole number of at least 1; got {jobs}.")
    return jobs or os.cpu_count() or 1


def _version() -> str:
    from importlib.metadata import version

    return version("incohort")
