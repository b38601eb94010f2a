"""What the shell gets to see: lines, tables and the one message, whatever it can print."""

from __future__ import annotations

import codecs
import os
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from incohort.errors import CohortFaultsError, FaultKind, kinds_of, without_passwords
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
_BESIDE = 3  # columns that a table needs beside each of its own, and one more


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
    _write(sys.stderr, f"incohort: {without_passwords(message)}")
    return code


def mention(text: str) -> None:
    """One line on standard error beside what a command says."""
    _write(sys.stderr, f"incohort: {without_passwords(text)}")


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
    from rich.console import Console

    if sys.stdout is None:
        return
    width = Console().width
    shown = rows[:most]
    more = len(rows) - len(shown)
    remark = " ".join(filter(None, (f"And {more:,} more." if more > 0 else "", text)))
    _write(sys.stdout, _wrapped(title, width))
    _write(sys.stdout, _as_table(heads, shown, width) or _as_blocks(heads, shown, width), end="")
    if remark:
        _write(sys.stdout, f"{_wrapped(remark, width)}\n")


def _as_table(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> str:
    """The rows side by side; empty where a word of theirs would be broken."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    widths = _widths(list(zip(heads, *rows, strict=True)), width)
    if not widths:
        return ""
    table = Table(box=SIMPLE_HEAD)
    for head, column_width in zip(heads, widths, strict=True):
        table.add_column(Text(head), overflow="fold", width=column_width)
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console(width=width)
    with console.capture() as printed:  # rich itself would end the command at a closed pipe
        console.print(table)
    return printed.get()


def _widths(columns: Sequence[Sequence[str]], width: int) -> list[int]:
    """How wide each column is, none less than its longest word; empty where that is too wide.

    What is left beyond the longest words goes to the narrowest columns first, as far as their
    texts need it.
    """
    from rich.cells import cell_len

    left = width - _BESIDE * len(columns) - 1
    least = [_longest_word(cells) for cells in columns]
    if sum(least) > left:
        return []
    wanted = [
        max((cell_len(line) for cell in cells for line in cell.splitlines()), default=0)
        for cells in columns
    ]
    most = min(max(*wanted, 1), max(left, 1))
    for cap in range(most, 0, -1):
        widths = [max(low, min(high, cap)) for low, high in zip(least, wanted, strict=True)]
        if sum(widths) <= left:
            return widths
    return least


def _as_blocks(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> str:
    """One block a row: each head with its cell beside it, or below it where a word is too long."""
    column = max(map(len, heads)) + 4
    is_beside = column + _longest_word([cell for row in rows for cell in row]) <= width
    indent = " " * (column if is_beside else 4)
    lines = []
    for row in rows:
        for head, cell in zip(heads, row, strict=True):
            if not cell:
                continue
            first = f"  {head}".ljust(column) if is_beside else f"  {head}\n{indent}"
            lines.append(first + _wrapped(cell, width - len(indent)).replace("\n", f"\n{indent}"))
        lines.append("")
    return "\n" + "".join(f"{line}\n" for line in lines)


def _wrapped(text: str, width: int) -> str:
    """A text in lines of that width; a word that is longer stays whole."""
    lines = (
        textwrap.wrap(line, max(width, 1), break_long_words=False, break_on_hyphens=False)
        for line in text.splitlines()
    )
    return "\n".join("\n".join(line) for line in lines)


def _longest_word(cells: Sequence[str]) -> int:
    """The columns that the longest word takes on a terminal, where some letters take two."""
    from rich.cells import cell_len

    return max((cell_len(word) for cell in cells for word in cell.split()), default=0)


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
