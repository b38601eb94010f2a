"""The command line: arguments and exit codes, nothing else. Imports are lazy."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, CycloptsError, Parameter

from incohort.errors import CohortFaultsError, ExitCode, IncohortError, UsageError

if TYPE_CHECKING:
    from incohort.lab.reporting import Request
    from incohort.reports.jobs import Outcome, Settings
    from incohort.reports.reading import LeftOut

_COMPLETE = Parameter(negative=())
_FIRST = 10  # of a list on the terminal

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
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """The exit code of a command; a user's mistake prints one message, no traceback."""
    try:
        code = app(list(arguments), exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return _refuse(f"{error} `incohort --help` lists the commands.", ExitCode.USAGE)
    except CohortFaultsError as error:
        _print_faults(error)
        return error.exit_code
    except IncohortError as error:
        return _refuse(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _refuse("Stopped.", 130)
    return int(code or ExitCode.DONE)


@app.command
def demo(*, out: Path = Path("reports"), jobs: int | None = None) -> int:
    """Run every notebook on the cohorts that come along.

    Args:
        out: The folder for the reports.
        jobs: How many run at a time; as many as there are processors, unless given.
    """
    from incohort.lab.reporting import demo_requests
    from incohort.reports.jobs import Settings

    return _report(demo_requests(), Settings(out=out, jobs=_workers(jobs)))


@app.command(name="run")
def run_notebooks(
    *notebooks: str,
    cohort: str | None = None,
    parameter: Annotated[tuple[str, ...], Parameter(name=["-p", "--parameter"])] = (),
    out: Path = Path("reports"),
    jobs: int | None = None,
    profile: str = "",
    internal: Annotated[bool, _COMPLETE] = False,
    strict: Annotated[bool, _COMPLETE] = False,
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
    """
    from incohort.lab.reporting import Request
    from incohort.reports.jobs import Settings

    if not notebooks:
        raise UsageError("Name a notebook, for instance: incohort run 01_cohort_overview")
    requests = [Request(notebook=n, cohort=cohort, assignments=parameter) for n in notebooks]
    settings = Settings(out=out, jobs=_workers(jobs), profile=profile, is_internal=internal)
    return _report(requests, settings, is_strict=strict)


@app.command
def params(notebook: str) -> None:
    """List a notebook's parameters.

    Args:
        notebook: A notebook that comes along, or an .ipynb file.
    """
    from incohort.reports.notebooks import read_notebook

    found = read_notebook(notebook)
    rows = [(p.name, p.describes, str(p.default), p.help) for p in found.parameters]
    _print_table(found.title, ("Parameter", "May be", "Default", "What it does"), rows)


@app.command
def check(cohort: str, *, html: Path | None = None) -> int:
    """List all faults of a cohort against the data dictionary.

    Args:
        cohort: A cohort that comes along, or your own folder or .duckdb file.
        html: A file for the same list as a page.
    """
    from incohort import sources

    path = sources.locate(cohort)
    faults = sources.check(path)
    name = sources.visible(sources.cohort_name(path))
    if html is not None:
        from incohort.reports.place import cannot_write, write_whole
        from incohort.reports.templating import faults_page

        try:
            write_whole(html, faults_page(name, faults))
        except OSError as error:
            raise cannot_write(html, error, option="--html") from None
    if faults:
        raise CohortFaultsError(name, faults)
    print(f"{name}: no faults.")  # noqa: T201 — what the command is for
    return ExitCode.DONE


@importers.command
def meds(file: Path, *, out: Path, mapping: str = "mimic_meds") -> int:
    """Turn a file of MEDS events into a restricted cohort folder.

    Args:
        file: One Parquet file of MEDS events.
        out: The cohort's folder.
        mapping: What the codes of the file mean: a mapping that comes along, or a .yaml file.
    """
    from incohort.lab.importing import import_meds

    imported = import_meds(file, mapping, out)
    heads = ("What", "Where or why", "How many")
    _print_table(f"{imported.name}: what became of each event", heads, imported.summary.as_rows())
    if imported.faults:
        found = CohortFaultsError(imported.name, imported.faults)
        _print_faults(found, "It was written; correct the rows there, or the mapping.")
        return found.exit_code
    print(f"{imported.name}: no faults.")  # noqa: T201 — what the command is for
    return ExitCode.DONE


@dictionary.command
def show(name: str | None = None) -> None:
    """List the tables of a cohort, or tell of one table, analyte, definition or drug.

    Args:
        name: A table, an analyte such as ANC, a definition such as chronic, a drug or its ATC code;
            or one of the lists analytes, definitions, severity and drugs.
    """
    from incohort.dictionary.describe import describe

    for listing in describe(name):
        filled = listing.without_empty_columns()
        _print_table(filled.title, filled.heads, filled.rows, filled.text)


@app.command
def claims(study: str | None = None, *, reports: Path = Path("reports")) -> None:
    """List the studies, or the figures that one of them printed, with the verdicts on them.

    Args:
        study: A study's name.
        reports: The folder whose reports are asked for their verdicts.
    """
    from incohort.dictionary import studies
    from incohort.dictionary import study as find

    if study is None:
        rows = [(name, find(name).citation) for name in studies()]
        _print_table("Studies", ("Study", "Citation"), rows)
        return
    from incohort.reports.entries import entries_in
    from incohort.reports.register import judgements_in, verdicts_of

    found = find(study)
    if not found.claims:
        text = "No analysis here computes a figure of it."
        _print_table(found.citation, ("Printed",), [(note,) for note in found.notes], text)
        return
    entries, left_out = entries_in(reports)
    judgements = judgements_in(entries, reports)
    _tell_left_out((*left_out, *judgements.left_out))
    verdicts = verdicts_of(judgements, study)
    figures = [
        (c.label, c.as_printed, str(c.certainty), verdicts.get((c.key, c.field), "no report yet"))
        for c in found.claims
    ]
    heads = ("Figure", "As printed", "Certainty", "Verdict")
    _print_table(found.citation, heads, figures)


@app.command
def lab(cohort: str | None = None, *, into: Path = Path("incohort-notebooks")) -> int:
    """Open JupyterLab on the notebooks.

    Args:
        cohort: A cohort that comes along, or your own folder; the notebooks then start with it.
        into: The folder for your copy of the notebooks, where one is needed.
    """
    from incohort.lab.jupyter import open_lab

    return open_lab(cohort, into)


def _report(requests: Sequence[Request], settings: Settings, *, is_strict: bool = False) -> int:
    """Make the reports, tell of each as it is done, and say how it went."""
    from incohort.lab.reporting import make_reports

    outcomes = make_reports(requests, settings, _tell, _tell_left_out)
    print(f"\nOpen {settings.out / 'index.html'}")  # noqa: T201 — where to go on
    if any(outcome.failure for outcome in outcomes):
        return ExitCode.NOTEBOOK_FAILED
    if is_strict and any(outcome.not_reproduced for outcome in outcomes):
        return _refuse("A published figure was not reproduced.", ExitCode.NOT_REPRODUCED)
    return ExitCode.DONE


def _tell(outcome: Outcome) -> None:
    if outcome.failure is None:
        print(f"✓ {outcome.folder}", flush=True)  # noqa: T201 — progress
        return
    failure = outcome.failure
    place = f" in cell {failure.cell}" if failure.cell else ""
    print(f"✗ {outcome.folder}", flush=True)  # noqa: T201 — progress
    _refuse(f"{outcome.folder} stopped{place}: {failure.name}: {failure.message}", 1)


def _tell_left_out(files: Sequence[LeftOut]) -> None:
    """A line for each file that no list can show; of very many the first ones."""
    for file in files[:_FIRST]:
        print(f"incohort: {file}.", file=sys.stderr, flush=True)  # noqa: T201 — as is told
    if len(files) > _FIRST:
        more = len(files) - _FIRST
        print(f"incohort: and {more} more are left out.", file=sys.stderr, flush=True)  # noqa: T201


def _refuse(message: str, code: int) -> int:
    print(f"incohort: {message}", file=sys.stderr, flush=True)  # noqa: T201 — the one message
    return code


def _print_faults(error: CohortFaultsError, outcome: str = "Nothing was run or written.") -> None:
    rows = [
        (
            ".".join(filter(None, (fault.table, fault.column))),
            str(fault.row or ""),
            fault.value,
            fault.rule,
            fault.remedy,
            str(fault.count),
        )
        for fault in error.faults
    ]
    heads = ("Where", "Row", "Value", "Rule", "What to do", "Rows")
    _print_table(str(error), heads, rows)
    _refuse(f"{error}. {outcome}", error.exit_code)


def _print_table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], text: str = ""
) -> None:
    """A table as wide as the terminal, or one block a row where that would break words.

    Texts stand for themselves, not for rich's markup.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    widths = [_longest_word(column) for column in zip(heads, *rows, strict=True)]
    table = Table(title=Text(title), title_justify="left", box=SIMPLE_HEAD)
    if sum(width + 3 for width in widths) > console.width:  # words would be broken: one block a row
        table.show_header = False
        table.add_column()
        table.add_column(overflow="fold")
        for row in rows:
            filled = [pair for pair in zip(heads, row, strict=True) if pair[1]]
            for head, cell in filled:
                table.add_row(Text(head), Text(cell), end_section=head == filled[-1][0])
    else:
        for head, width in zip(heads, widths, strict=True):
            table.add_column(Text(head), overflow="fold", min_width=width)
        for row in rows:
            table.add_row(*map(Text, row))
    console.print(table)
    if text:
        console.print(Text(text), end="\n\n")


def _longest_word(cells: Sequence[str]) -> int:
    return max((len(word) for cell in cells for word in cell.split()), default=0)


def _workers(jobs: int | None) -> int:
    if jobs is not None and jobs < 1:
        raise UsageError(f"--jobs must be a whole number of at least 1; got {jobs}.")
    return jobs or os.cpu_count() or 1


def _version() -> str:
    from importlib.metadata import version

    return version("incohort")
