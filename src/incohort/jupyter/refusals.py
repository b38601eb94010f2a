"""A user's mistake in a notebook: one line, as on the command line, and no traceback."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from incohort.errors import CohortFaultsError, IncohortError

_ROOM = Path(__file__).resolve().parents[1]


def tell_in_one_line(shell: Any) -> None:
    """Let this IPython shell show our errors so."""
    if hasattr(shell, "set_custom_exc"):  # what only formats has no errors to show
        shell.set_custom_exc((IncohortError,), _show)


def line_of(kind: type[BaseException], error: BaseException) -> str:
    """What is said of an error."""
    more = ""
    if isinstance(error, CohortFaultsError):
        more = f"; `incohort check {error.cohort}` lists them"
    return f"{kind.__name__}: {error}{more}"


def _show(
    shell: Any,
    kind: type[BaseException],
    error: BaseException,
    traceback: TracebackType | None,
    tb_offset: int | None = None,
) -> list[str]:
    """Show an error that was raised in here in one line; one that a cell raised itself, in full."""
    if _is_ours(traceback):
        lines = [line_of(kind, error)]
    else:
        lines = shell.InteractiveTB.structured_traceback(kind, error, traceback, tb_offset)
    shell._showtraceback(kind, error, lines)  # noqa: SLF001 — IPython's own way to show a text
    return lines


def _is_ours(traceback: TracebackType | None) -> bool:
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is not None and _ROOM in Path(traceback.tb_frame.f_code.co_filename).parents
