"""The columns of the frames that a reader's notebook is given, with types and units."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal

from incohort.dictionary.files import bundled
from incohort.dictionary.load import Dictionary, load
from incohort.dictionary.models import ColumnType, _Entry
from incohort.dictionary.nearest import unknown_name
from incohort.dictionary.parse import parse_file
from incohort.dictionary.wording import unit_words


class FrameColumn(_Entry):
    """One column: `unit` is a UCUM unit, or empty for what has none.

    `sources` are the columns of the data that it comes from, as `table.column` or `labs.ANALYTE`;
    empty where it is the column of that name of the table `patients`.
    """

    name: str
    label: str
    type: ColumnType
    unit: str = ""
    description: str = ""
    sources: tuple[str, ...] = ()


class Frame(_Entry):
    """A frame with one row for each of something."""

    name: Literal["patients", "episodes"]
    label: str
    one_row_per: str
    columns: tuple[FrameColumn, ...]

    @property
    def by_name(self) -> dict[str, FrameColumn]:
        """The columns under their names."""
        return {column.name: column for column in self.columns}


class _Frames(_Entry):
    frames: tuple[Frame, ...]


@cache
def frames() -> dict[str, Frame]:
    """Every frame, one column for each analyte and assay that the dictionary knows.

    Raises:
        DictionaryError: The file is not as its model says.
    """
    known = parse_file(bundled("data_dictionary") / "frames.yaml", _Frames).frames
    dictionary = load()
    return {
        frame.name: frame.model_copy(
            update={
                "columns": tuple(c for column in frame.columns for c in _each(column, dictionary))
            }
        )
        for frame in known
    }


def frame(name: str) -> Frame:
    """The frame of that name, or a refusal with the nearest one."""
    if name not in frames():
        raise unknown_name("frame", name, frames())
    return frames()[name]


def in_words(unit: str) -> str:
    """A unit of a frame's column as it is printed; of times the whole word."""
    return {"a": "years", "d": "days"}.get(unit, unit_words(unit))


def _each(column: FrameColumn, dictionary: Dictionary) -> Iterator[FrameColumn]:
    """A column, or one for each analyte or assay where its name says so."""
    if "{analyte}" in column.name:
        for analyte in dictionary.analytes.values():
            words = {"analyte": analyte.name, "label": analyte.label, "unit": analyte.unit}
            yield _filled(column, words)
    elif "{assay}" in column.name:
        (assay,) = (c for c in dictionary.table("antibody_tests").columns if c.name == "assay")
        for category in assay.categories:
            yield _filled(column, {"assay": category.value, "label": category.label, "unit": ""})
    else:
        yield column


def _filled(column: FrameColumn, words: dict[str, str]) -> FrameColumn:
    texts = {name: getattr(column, name).format(**words) for name in ("name", "label", "unit")}
    sources = tuple(source.format(**words) for source in column.sources)
    return column.model_copy(update={**texts, "sources": sources})
