"""`make pages`: the parameters cells of the suite's notebooks, written from the studies' models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from incohort.analyses.studies import STUDIES, model_of
from incohort.dictionary.files import bundled
from incohort.params.cell import RARE_TAG, cells_of
from incohort.params.parameter import Parameter

_FOLDED = {"jupyter": {"source_hidden": True}, "tags": [RARE_TAG]}


def written(text: str, parameters: tuple[Parameter, ...]) -> str:
    """A notebook's text with its parameters cells as the model has them."""
    document: dict[str, Any] = json.loads(text)
    rare, usual = cells_of(parameters)
    cells = [cell for cell in document["cells"] if RARE_TAG not in cell["metadata"].get("tags", [])]
    place = next(i for i, c in enumerate(cells) if "parameters" in c["metadata"].get("tags", []))
    cells[place]["source"] = usual.splitlines(keepends=True)
    if rare:
        folded = {
            "cell_type": "code",
            "execution_count": None,
            "id": RARE_TAG,
            "metadata": _FOLDED,
            "outputs": [],
            "source": rare.splitlines(keepends=True),
        }
        cells.insert(place, folded)
    return json.dumps(document | {"cells": cells}, ensure_ascii=False, indent=1) + "\n"


def notebook_of(study: str) -> Path:
    """The notebook that asks a study."""
    return bundled("notebooks") / f"{model_of(study).notebook}.ipynb"


if __name__ == "__main__":
    for name in STUDIES:
        path = notebook_of(name)
        text = written(path.read_text("utf-8"), model_of(name).parameters())
        path.write_text(text, encoding="utf-8")
