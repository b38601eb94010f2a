"""The frame that a reader is given: a copy, in the types that other libraries take."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from incohort.dictionary import ColumnType
from incohort.dictionary.frames import FrameColumn, frame, in_words
from incohort.shapes import vocabulary
from incohort.shapes.sets import Base


class ColumnsTold(pd.DataFrame):
    """What the columns of a frame are: of no patient, so that it is shown everywhere."""


def typed(rows: pd.DataFrame, base: Base) -> pd.DataFrame:
    """Rows of a base as a reader is given them.

    Numbers are float64, whole ones Int64, flags `boolean`, dates datetime64[s], words of columns
    with categories `category` in the dictionary's order; what is missing is missing in all of
    them. A copy: changing it changes no result.
    """
    known = frame(base.unit).by_name
    columns = {name: _typed(rows[name], column, base) for name, column in known.items()}
    return pd.DataFrame(columns, index=rows.index)


def described(name: str) -> ColumnsTold:
    """The columns of a frame: what each is, its type and unit.

    Args:
        name: `patients` or `episodes`.

    Returns:
        A row a column, under its name: `label`, `type`, `unit`, `description`.

    Raises:
        UsageError: There is no such frame.
    """
    columns = frame(name).columns
    return ColumnsTold(
        {
            "label": [column.label for column in columns],
            "type": [str(column.type) for column in columns],
            "unit": [in_words(column.unit) for column in columns],
            "description": [column.description for column in columns],
        },
        index=pd.Index([column.name for column in columns], name="column"),
    )


def _typed(values: pd.Series, column: FrameColumn, base: Base) -> pd.Series:
    match column.type:
        case ColumnType.NUMBER:
            return pd.to_numeric(values).astype("float64")
        case ColumnType.INTEGER:
            return pd.to_numeric(values).astype("Int64")
        case ColumnType.BOOLEAN:
            return values.astype("boolean")
        case ColumnType.DATE:
            return pd.to_datetime(values).astype("datetime64[s]")
        case ColumnType.CATEGORY:
            return values.astype(pd.CategoricalDtype(_words(values, column.name, base)))
        case _:
            return values.copy()


def _words(values: pd.Series, name: str, base: Base) -> list[str]:
    """The categories in the dictionary's order, then what the rows have beside them."""
    known = base.recorded_words(name) if name in base.census.axes else results(name)
    return [*dict.fromkeys((*known, *sorted(set(values.dropna().astype(str)))))]


def results(name: str) -> Iterable[str]:
    """What an assay may have said, where the column is an assay's."""
    return vocabulary.labels("antibody_tests", "result") if name.startswith("assay_") else ()
