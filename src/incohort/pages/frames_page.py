"""The frames' columns as a page for people: docs/frames.md, written from the dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from incohort.dictionary.frames import Frame, FrameColumn, frames, in_words
from incohort.pages.dictionary_page import in_markdown

_FILE = Path("docs") / "frames.md"
_INTRODUCTION = """# Frames

What `ic.patients(cohort).frame` and `ic.episodes(cohort).frame` have in their columns; `make pages`
writes this page from `data_dictionary/frames.yaml`, and `ic.columns("patients")` shows the same in
a notebook.

A frame is a copy: changing it changes no result. Numbers are `float64` and whole numbers `Int64`,
flags `boolean`, dates `datetime64[s]`, words `category` in the dictionary's order. What is not
recorded is missing, and is no answer: a flag that is missing is neither true nor false, so
`.keep(…)` asks what is to become of it."""


def frames_page() -> str:
    """The whole page as GitHub Markdown."""
    parts = [_INTRODUCTION, *(part for frame in frames().values() for part in _frame(frame))]
    return "\n\n".join(parts) + "\n"


def _frame(frame: Frame) -> Iterator[str]:
    yield f"## ic.{frame.name}(…).frame"
    yield f"One row per {frame.one_row_per}."
    heads = ("Column", "What it is", "Type", "Unit")
    rows = [heads, ("---",) * len(heads), *map(_row, frame.columns)]
    yield "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(column: FrameColumn) -> tuple[str, ...]:
    text = f"{column.label}. {column.description}" if column.description else column.label
    return f"`{column.name}`", in_markdown(text), str(column.type), in_words(column.unit)


if __name__ == "__main__":
    _FILE.write_text(frames_page(), encoding="utf-8")
