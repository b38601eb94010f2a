"""A text file's form, told from its bytes in one pass: how many lines, and where it is damaged."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 20  # bytes
_LONGEST_LINE = 100_000_000  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How many lines a file has, its last one too where no break ends it, and where it breaks off.

    `n_nul` NUL bytes stand in it, the first of them in the line `nul_line` (from 1). From
    `damaged_from` bytes on nothing can be read: there the line `damaged_line` begins, which is too
    long, or ends in NUL bytes as an interrupted copy leaves them.
    """

    n_lines: int
    n_nul: int = 0
    nul_line: int = 0
    damaged_from: int | None = None
    damaged_line: int = 0


def form_of(path: Path) -> Form:
    r"""The form of a file. A line ends with \n, \r\n or \r."""
    n_breaks = n_nul = nul_line = position = line_start = 0
    last = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            ends = _breaks(chunk, last)
            if b"\0" in chunk:
                at = chunk.index(b"\0")
                nul_line = nul_line or n_breaks + _breaks(chunk[:at], last) + 1
                n_nul += chunk.count(b"\0")
            is_blank = not chunk.strip(b"\0")
            if not ends and (position + len(chunk) - line_start > _LONGEST_LINE or is_blank):
                return Form(
                    n_lines=n_breaks, n_nul=n_nul, nul_line=nul_line,
                    damaged_from=line_start, damaged_line=n_breaks + 1,
                )  # fmt: skip
            if ends:
                line_start = position + max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) + 1
            n_breaks += ends
            position += len(chunk)
            last = chunk[-1:]
    is_open = bool(last) and last not in b"\r\n"
    if last == b"\0":
        return Form(
            n_lines=n_breaks, n_nul=n_nul, nul_line=nul_line,
            damaged_from=line_start, damaged_line=n_breaks + 1,
        )  # fmt: skip
    return Form(n_lines=n_breaks + is_open, n_nul=n_nul, nul_line=nul_line)


def _breaks(chunk: bytes, last: bytes) -> int:
    r"""How many breaks end in a chunk; the \n of a \r\n across two chunks is none again."""
    n_breaks = chunk.count(b"\n")
    if b"\r" in chunk:
        n_breaks += chunk.count(b"\r") - chunk.count(b"\r\n")
    return n_breaks - (last == b"\r" and chunk[:1] == b"\n")


def beginning(path: Path, n_bytes: int, copy: Path) -> None:
    """Copy a file up to where it is damaged."""
    with path.open("rb") as original, copy.open("wb") as file:
        while n_bytes > 0 and (chunk := original.read(min(_CHUNK, n_bytes))):
            file.write(chunk)
            n_bytes -= len(chunk)


def is_read_whole(path: Path, form: Form, n_rows: int) -> bool:
    """Whether the rows that were read are all that a CSV file has, and in the lines they seem in.

    A line each is the rule. Only where there are more lines than rows does it take a reader of its
    own to tell line breaks inside cells and empty lines at the end from rows that were lost, and
    from empty lines between rows, where the numbers of rows would be wrong.
    """
    if form.n_lines == n_rows + 1:
        return True
    n_records = 0
    has_blank = False
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        try:
            for record in csv.reader(file, strict=True):
                if record and has_blank:
                    return False
                has_blank = not record
                n_records += bool(record)
        except csv.Error:
            return False
    return n_records == n_rows + 1
