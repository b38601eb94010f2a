"""The parameters as a page for people: docs/parameters.md, written from the studies' models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from incohort.analyses.studies import STUDIES, model_of
from incohort.dictionary import load
from incohort.pages.dictionary_page import in_markdown
from incohort.params.parameter import Parameter, as_typed
from incohort.params.renamed import RENAMED

_FILE = Path("docs") / "parameters.md"
_INTRODUCTION = """# Parameters

What may be asked of each notebook. This page, the parameters cells of the notebooks, `incohort
params` and every refusal are written from the same models (`src/incohort/analyses/*/parameters.py`;
`make pages` writes the page anew).

A value is checked alike on the command line (`-p sex=female`), in a notebook's cell, after
`papermill -p sex female` and in Python (`ic.cohort_overview(sex="female")`): of another type, out
of range or misspelt it is refused in one line, before a row is read. `incohort params NOTEBOOK
--json-schema` prints the same as JSON Schema."""


def parameters_page() -> str:
    """The whole page as GitHub Markdown."""
    parts = [_INTRODUCTION, *(part for study in STUDIES for part in _study(study)), _renamed()]
    return "\n\n".join(parts) + "\n"


def _study(study: str) -> Iterator[str]:
    model = model_of(study)
    yield f"## {model.notebook}"
    yield f"`ic.{study}(…)`. {' '.join((model.__doc__ or '').split())}"
    heads = ("Parameter", "What it does", "May be", "Default", "Bears on", "Definition")
    rows = [heads, ("---",) * len(heads), *map(_row, model.parameters())]
    yield "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(parameter: Parameter) -> tuple[str, ...]:
    text = f"{parameter.help}. Acts only {parameter.acts}." if parameter.acts else parameter.help
    default = as_typed(parameter.default) if parameter.default is not None else "None"
    picked = f"[{parameter.picks}]({_address(parameter.picks)})" if parameter.picks else ""
    name = f"`{parameter.name}`{' (folded)' if parameter.is_rare else ''}"
    return (
        name,
        in_markdown(text),
        in_markdown(parameter.describes),
        f"`{default}`" if default else "empty",
        _borne(parameter),
        picked,
    )


def _borne(parameter: Parameter) -> str:
    """Which printed figures can't be held against a report that changed the parameter."""
    if parameter.name == "cohort":
        return ""
    if not parameter.bears:
        return "no printed figure"
    if "" in parameter.bears:
        return "every printed figure"
    return ", ".join(f"`{key}`" for key in parameter.bears)


def _address(definition: str) -> str:
    """Where the dictionary's page tells of it."""
    if definition == "severity_systems":
        return "dictionary.md#severity"
    words = re.sub(r"[^\w\s-]", "", load().definition(definition).label.lower())
    return f"dictionary.md#{words.replace(' ', '-')}"


def _renamed() -> str:
    rows = [("Was", "Is"), ("---", "---"), *((f"`{a}`", f"`{b}`") for a, b in RENAMED.items())]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return (
        "## Renamed\n\nAn old name is refused with the new one; [what else changed](migration.md) "
        f"stands on a page of its own.\n\n{table}"
    )


def main() -> None:
    """Write the page into the checkout that this is run from."""
    _FILE.write_text(parameters_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
