"""`make pages`: the parameters cells of the suite's notebooks, written from the studies' models.

A study that has no notebook yet gets one: a cell for each of its answers, with what the answer's
docstring says above it, for its author to put into better words.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

from incohort.analyses.studies import STUDIES, class_of, model_of
from incohort.dictionary.files import bundled
from incohort.params.cell import RARE_TAG, cells_of
from incohort.params.parameter import Parameter

_KERNEL = {
    "metadata": {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}
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


def begun(study: str) -> str:
    """A first notebook of a study: its question, the parameters, and a cell for each answer."""
    asked, name = class_of(study), study.rpartition("_")[2]
    title, _, rest = (inspect.getdoc(asked) or "").partition("\n\n")
    cells = [_told(f"# {_sentence(study)}\n\n{title}{_paragraph(rest)}")]
    cells += [_code("", tags=["parameters"]), _code(
        f"import incohort as ic\n\n{name} = ic.{study}(ic.parameters())", tags=["setup"]
    )]  # fmt: skip
    for answer, method in vars(asked).items():
        if inspect.isfunction(method) and not answer.startswith("_"):
            heading, _, more = (inspect.getdoc(method) or "").partition("\n\n")
            cells.append(_told(f"## {_sentence(answer)}\n\n{heading}{_paragraph(more)}"))
            cells.append(_code(f"{name}.{answer}()"))
    for number, cell in enumerate(cells):
        cell["id"] = f"{study[:24]}-{number}"
    return json.dumps({"cells": cells, **_KERNEL}, ensure_ascii=False)


def _sentence(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _paragraph(text: str) -> str:
    """The first paragraph of what a docstring says further, if it is one for readers."""
    first = text.partition("\n\n")[0]
    return "" if not first or first.startswith(("Args:", "Raises:")) else f" {first}"


def _told(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(source: str, tags: list[str] | None = None) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": tags} if tags else {},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def notebook_of(study: str) -> Path:
    """The notebook that asks a study."""
    return bundled("notebooks") / f"{model_of(study).notebook}.ipynb"


if __name__ == "__main__":
    for name in STUDIES:
        path = notebook_of(name)
        text = path.read_text("utf-8") if path.is_file() else begun(name)
        text = written(text, model_of(name).parameters())
        path.write_text(text, encoding="utf-8")
