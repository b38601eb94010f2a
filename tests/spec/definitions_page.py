"""The clinical rules as small tables: read from `tables/`, and written as docs/definitions.md.

A file of `tables/` holds one rule: `= title`, text, then cases. A case is `== title`, text,
`choices: name = value; …`, `collected: name; …`, and tables under `name:` with cells between `|`.
The table `expected` says what must come out, `-` for nothing, and why. A case that has this table
alone is of the patients of the case before it. The tests next to this file run the same tables.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

TABLES = Path(__file__).parent / "tables"
EPISODE_TABLES = TABLES / "episodes"  # one row per episode where the others have one per patient
LGL_TABLES = TABLES / "lgl"
AUTOIMMUNE_TABLES = TABLES / "autoimmune"
LATE_ONSET_TABLES = TABLES / "late_onset"
TIME_TABLES = TABLES / "person_time"
CHECKPOINT_TABLES = TABLES / "checkpoint"
FOLDERS = (
    TABLES, EPISODE_TABLES, LATE_ONSET_TABLES, CHECKPOINT_TABLES, LGL_TABLES, AUTOIMMUNE_TABLES,
    TIME_TABLES,
)  # fmt: skip
PAGE = Path(__file__).parents[2] / "docs" / "definitions.md"
NOTHING = "-"
Row = dict[str, str]

_INTRODUCTION = """\
<!-- Written by `make pages` from tests/spec/tables/. Change the tables there, not this page. -->

# Clinical definitions, worked through

What each definition makes of a few patients, small enough to do again by hand. The same tables
are tests: when a definition changes, one of them fails. Which thresholds there are, and who set
them, stands in [the data dictionary](dictionary.md#definitions). Every patient's index date is 1
January 2020 unless a table says otherwise; an empty cell is a missing value, and a dash in a
result means that there is none."""


@dataclass(kw_only=True)
class Case:
    """Patients, the choices made, and what must come out; tables in the order of the file."""

    title: str
    text: list[str] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)
    tables: dict[str, list[Row]] = field(default_factory=dict)
    collected: list[str] = field(default_factory=list)
    is_of_those_before: bool = False

    @property
    def expected(self) -> list[Row]:
        """One row per patient."""
        return self.tables["expected"]


@dataclass(kw_only=True)
class Rule:
    """One clinical rule with its cases."""

    name: str
    title: str
    text: list[str]
    cases: list[Case]


def rules(folder: Path = TABLES) -> list[Rule]:
    """All rules of a folder, in the order of their files."""
    return [_read(path) for path in sorted(folder.glob("*.txt"))]


def _read(path: Path) -> Rule:
    head, *blocks = re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    title, *text = _paragraphs(head.removeprefix("= "))
    cases = [_case(block) for block in blocks]
    for before, case in pairwise(cases):
        if set(case.tables) == {"expected"}:
            case.tables = before.tables | case.tables
            case.is_of_those_before = True
    return Rule(name=path.stem, title=title, text=text, cases=cases)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def _case(block: str) -> Case:
    title, _, rest = block.partition("\n")
    words, *_ = re.split(r"^\w+:", rest, maxsplit=1, flags=re.MULTILINE)
    case = Case(title=title.strip(), text=_paragraphs(words))
    heads: list[str] = []
    rows: list[Row] = []
    for line in rest[len(words) :].splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if line.startswith("choices:"):
            pairs = (pair.split("=") for pair in line.removeprefix("choices:").split(";"))
            case.choices = {name.strip(): value.strip() for name, value in pairs}
        elif line.startswith("collected:"):
            case.collected = [name.strip() for name in line.partition(":")[2].split(";")]
        elif re.fullmatch(r"\w+:", line):
            heads, rows = [], []
            case.tables[line[:-1]] = rows
        elif line.strip() and not heads:
            heads = cells
        elif line.strip():
            rows.append(dict(zip(heads, cells, strict=True)))
    return case


def definitions_page() -> str:
    """The page, in GitHub Markdown."""
    found = [rule for folder in FOLDERS for rule in rules(folder)]
    contents = "\n".join(f"- [{rule.title}](#{_anchor(rule.title)})" for rule in found)
    parts = [_INTRODUCTION, contents, *(part for rule in found for part in _rule(rule))]
    return "\n\n".join(parts) + "\n"


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-")


def _rule(rule: Rule) -> Iterator[str]:
    yield f"## {rule.title}"
    yield from map(_text, rule.text)
    for case in rule.cases:
        yield f"### {case.title}"
        yield from map(_text, case.text)
        if case.choices:
            yield "With " + ", ".join(f"`{name}` {value}" for name, value in case.choices.items())
        if case.collected:
            names = ", ".join(f"`{name}`" for name in case.collected)
            yield f"The cohort says that it collected {names}."
        if case.is_of_those_before:
            yield "The same patients."
        for name, rows in case.tables.items():
            if case.is_of_those_before and name != "expected":
                continue
            yield "**This comes out:**" if name == "expected" else f"`{name}`"
            yield _table(rows)


def _table(rows: list[Row]) -> str:
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(f"| {' | '.join(map(_text, line))} |" for line in lines)


def _text(words: str) -> str:
    return re.sub(r"([\\*<>\[\]])", r"\\\1", words)


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    place.write_text(definitions_page(), encoding="utf-8")
