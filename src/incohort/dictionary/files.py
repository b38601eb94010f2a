"""Where the files that come with incohort lie: in the checkout, or inside the installed wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def bundled(part: Literal["data_dictionary", "notebooks"]) -> Path:
    """The folder of that name which belongs to this installation.

    Raises:
        FileNotFoundError: The installation is incomplete.
    """
    for root in (_PACKAGE / "_bundled", _PACKAGE.parent.parent):
        if (root / part).is_dir():
            return root / part
    msg = f"this installation of incohort has no {part}; install it again"
    raise FileNotFoundError(msg)
