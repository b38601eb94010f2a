"""What the shell gets to see: lines, tables and the one message, whatever it can print."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from incohort.errors import CohortFaultsError, FaultKind, kinds_of
from incohort.stopping import settle

if TYPE_CHECKING:
    from incohort.results import Concern

_MOST_KINDS = 40  # of faults; further ones are counted
# What a terminal without these letters gets instead; 10⁹ must not become 109.
_PLAIN = {
    "✓": "done:",
    "✗": "failed:",
    "×": "x",
    "≥": ">=",
    "≤": "<=",
    "−": "-",
    "–": "-",
    "…": "...",
}
_PLAIN |= {superscript: f"^{digit}" for digit, superscript in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_HANDLER = "incohort"


def prepare() -> None:
    """Let standard output and error take every text: a letter that they lack is written out."""
    codecs.register_error(_HANDLER, _written_out)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_HANDLER)


def say(text: str) -> None:
    """One line on standard output; where its reader has gone, nothing."""
    _write(sys.stdout, text)


def refuse(message: str, code: int) -> int:
    """The one message on standard error, and the exit code that goes with it."""
    settle()  # who was stopped needs no account of what that broke
    _write(sys.stderr, f"incohort: {message}")
    return code


def mention(text: str) -> None:
    """One line on standard error beside what a command says."""
    _write(sys.stderr, f"incohort: {text}")


def finish(code: int) -> int:
    """The exit code once all is written; 2 where it could not be."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)
    except OSError as error:
        _silence(sys.stdout)
        return refuse(f"The output could not be written: {error.strerror}.", 2)
    return code


def print_faults(error: CohortFaultsError, outcome: str, *, with_patients: bool = False) -> int:
    """The list of what is wrong with a cohort, one row a kind; returns its exit code."""
    kinds = kinds_of(error.faults)
    heads = ("Where", "For instance", "Rule", "What to do", "Rows", "Patients")
    rows = [_fault_row(kind, with_patients=with_patients) for kind in kinds[:_MOST_KINDS]]
    more = len(kinds) - len(rows)
    print_table(str(error), heads, rows, f"And {more:,} more." if more > 0 else "")
    return refuse(f"{error}. {outcome}", error.exit_code)


def _fault_row(kind: FaultKind, *, with_patients: bool) -> tuple[str, ...]:
    number = str(kind.n_patients or "")
    return (
        kind.where,
        "; ".join(kind.examples),
        kind.rule,
        kind.remedy,
        str(kind.count),
        f"{number}: {kind.patients}" if with_patients and kind.patients else number,
    )


def print_worth_a_look(concerns: Sequence[Concern], *, with_patients: bool = False) -> None:
    """The list of what is worth a look, one row a kind with its first rows; nothing of none."""
    if not concerns:
        return
    rows = [
        (
            concern.look.where,
            concern.look.sentence,
            concern.look.count,
            "; ".join(example.words(with_patient=with_patients) for example in concern.examples),
            concern.look.remedy,
        )
        for concern in concerns
    ]
    heads = ("Where", "What was seen", "How many", "For instance", "What to do")
    print_table(f"Worth a look: {len(rows)}. None of it stops a report.", heads, rows)


def print_table(
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    text: str = "",
    *,
    most: int | None = None,
) -> None:
    """A table as wide as the terminal, or one block a row where that would break words.

    Texts stand for themselves, not for rich's markup. Where data decide how many rows there are,
    `most` of them are shown and the others counted.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if sys.stdout is None:
        return
    console = Console()
    shown = rows[:most]
    more = len(rows) - len(shown)
    widths = [_longest_word(column) for column in zip(heads, *shown, strict=True)]
    table = Table(title=Text(title), title_justify="left", box=SIMPLE_HEAD)
    if sum(width + 3 for width in widths) > console.width:  # words would be broken: one block a row
        table.show_header = False
        table.add_column()
        table.add_column(overflow="fold")
        for row in shown:
            filled = [pair for pair in zip(heads, row, strict=True) if pair[1]]
            for head, cell in filled:
                table.add_row(Text(head), Text(cell), end_section=head == filled[-1][0])
    else:
        for head, width in zip(heads, widths, strict=True):
            table.add_column(Text(head), overflow="fold", min_width=width)
        for row in shown:
            table.add_row(*map(Text, row))
    told = " ".join(filter(None, (f"And {more:,} more." if more > 0 else "", text)))
    with console.capture() as printed:  # rich itself would end the command at a closed pipe
        console.print(table)
        if told:
            console.print(Text(told), end="\n\n")
    _write(sys.stdout, printed.get(), end="")


def _longest_word(cells: Sequence[str]) -> int:
    return max((len(word) for cell in cells for word in cell.split()), default=0)


def _write(stream: TextIO | None, text: str, *, end: str = "\n") -> None:
    if stream is None:  # closed before we began
        return
    try:
        stream.write(f"{text}{end}")
        stream.flush()
    except BrokenPipeError:
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Nobody reads on: what is still written goes nowhere, and the command does what it does."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _written_out(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    plain = "".join(
        _PLAIN.get(letter, letter.encode("ascii", "backslashreplace").decode()) for letter in text
    )
    return plain, error.end
