"""Reading JSON that anybody may have put there: what is not as it should be is told, not raised."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

_LARGEST = 64 * 2**20  # bytes; a report's own records are a hundred times smaller


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that was left out, by its folder's name and its own, and why, as a clause."""

    file: str
    reason: str

    def __str__(self) -> str:
        """One line for the terminal, whatever the folder is called."""
        return f"{self.file.encode('unicode_escape').decode()} is left out: {self.reason}"


def _is_writable(text: str) -> str:
    text.encode()  # half of a surrogate pair is no text: a ValueError, which pydantic tells
    return text


Text = Annotated[str, AfterValidator(_is_writable)]


class Shape(BaseModel):
    """What a file must hold at least; what else it holds is nobody's concern."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


S = TypeVar("S", bound=Shape)


def read_shape(path: Path, shape: type[S]) -> S | str:
    """What a JSON file holds, or a clause on why it can't be read.

    A device, a pipe or a folder of that name is not opened: it might never answer.
    """
    try:
        kind = path.stat()
        if not stat.S_ISREG(kind.st_mode):
            return "it is no file"
        if kind.st_size > _LARGEST:
            return "it is far too large"
        return shape.model_validate(json.loads(path.read_bytes()))
    except OSError as error:
        return f"it can't be read ({(error.strerror or type(error).__name__).lower()})"
    except ValidationError:
        return "it holds something else than a report's record"
    except (ValueError, RecursionError):  # no JSON, no text, a number beyond Python's digits
        return "it is damaged or no JSON"
