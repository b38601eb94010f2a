"""CSV files of the dictionary into frozen models, with the file and line of what is wrong."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from incohort.dictionary.parse import DictionaryError

_LISTED = "|"  # stands between several values in one cell

ModelT = TypeVar("ModelT", bound=BaseModel)


def parse_rows(
    path: Path, model: type[ModelT], *, listed: Iterable[str] = (), optional: Iterable[str] = ()
) -> tuple[ModelT, ...]:
    """The entries that a CSV file holds, one a line, in the file's order.

    Args:
        path: The file; messages name it by its last part only.
        model: The form that each row must have.
        listed: Columns whose cells may hold several values, parted by `|`.
        optional: Columns that are left out of a row whose cell is empty.

    Raises:
        DictionaryError: Not readable, or a row with an unknown column or a wrong cell.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        msg = f"{path.name}: cannot be read ({error.strerror or type(error).__name__})."
        raise DictionaryError(msg) from error
    left_out = set(optional)
    entries: list[ModelT] = []
    for line, row in enumerate(csv.DictReader(text.splitlines(), strict=True), start=2):
        several = {
            name: tuple(filter(None, (row.get(name) or "").split(_LISTED))) for name in listed
        }
        given = {name: cell for name, cell in row.items() if cell or name not in left_out}
        try:
            entries.append(model.model_validate(given | several))
        except ValidationError as error:
            wrong = ", ".join(
                ".".join(map(str, detail["loc"])) or detail["msg"] for detail in error.errors()
            )
            msg = f"{path.name}:{line}: wrong or unknown: {wrong}."
            raise DictionaryError(msg) from error
    return tuple(entries)
