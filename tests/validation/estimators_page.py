"""Every public estimator with its paper and its R check, written as docs/estimators.md.

An estimator is a public function of `stats` whose docstring has a `Source:`. There the papers
stand, separated by semicolons; then `R's f, g of package` where R has it; then the file that checks
it. Which notebook uses it follows from the imports.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "incohort"
PAGE = ROOT / "docs" / "estimators.md"
CITED = re.compile(r"(?:tests|benchmarks)/[\w./-]*\w")
Name = tuple[str, str]  # module and name

_INTRODUCTION = """\
<!-- Written by `make pages` from the docstrings of src/incohort/stats. Change them, not this. -->

# Estimators

Every statistic of a report comes from one of these functions: arrays in, a frozen dataclass out, a
reason in place of what can't be estimated. All are public. Import them from the module that stands
above each table, for instance `from incohort.stats.proportions import proportion`;
`help(proportion)` tells arguments and results. Those that no notebook uses are for your own.

*In R* is the function that a test holds the estimator against; where none is named, R does the
paper's arithmetic, or the check is a worked example. *Notebooks* are told by their numbers."""
_HEADS = ("Estimator", "What it gives", "Paper", "In R", "Checked in", "Notebooks")


@dataclass(frozen=True, kw_only=True)
class Estimator:
    """One function of `stats`, and what its docstring says."""

    module: str
    name: str
    what: str
    papers: tuple[str, ...]
    in_r: tuple[str, ...]
    cited: tuple[str, ...]


@cache
def parsed(path: Path) -> ast.Module:
    """A module of the package, read but not run."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def modules() -> dict[str, Path]:
    """Every module of the package under its dotted name."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def estimators() -> list[Estimator]:
    """All of them, by module."""
    return [found for module in modules() for found in _estimators_of(module)]


def _estimators_of(module: str) -> Iterator[Estimator]:
    if not module.startswith("incohort.stats.") or module.rpartition(".")[2].startswith("_"):
        return
    for node in parsed(modules()[module]).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        text = ast.get_docstring(node) or ""
        if "Source:" in text:
            parts = _source_of(text)
            yield Estimator(
                module=module,
                name=node.name,
                what=" ".join(text.partition("\n\n")[0].split()),
                papers=tuple(p for p in parts if not p.startswith("R's ") and not CITED.search(p)),
                in_r=tuple(p.removeprefix("R's ") for p in parts if p.startswith("R's ")),
                cited=tuple(CITED.findall(text)),
            )


def _source_of(text: str) -> list[str]:
    """The parts of a docstring's source; a file after `in` stands by itself."""
    source = " ".join(text.partition("Source:")[2].partition("\n\n")[0].split()).removesuffix(".")
    return [part.strip() for part in re.split(r"; |(?<=\w|\)) in (?=tests/)", source)]


def notebooks_using() -> dict[Name, set[str]]:
    """The numbers of the notebooks that each function of `stats` works for."""
    using: dict[Name, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for name in reached(_entries(path)):
            using[name].add(path.stem.partition("_")[0])
    return using


def _entries(notebook: Path) -> set[str]:
    """The modules that a notebook's `ic.…` lead to."""
    homes = _homes()
    said = set(re.findall(r"\bic\.(\w+)", notebook.read_text(encoding="utf-8")))
    return {homes[name] for name in said & set(homes)}


def _homes() -> dict[str, str]:
    from incohort import _HOMES  # noqa: PLC0415 — the names that `ic` offers, and the studies
    from incohort.analyses.studies import STUDIES, home_of  # noqa: PLC0415

    return _HOMES | {study: home_of(study) for study in STUDIES}


def reached(entries: set[str]) -> set[Name]:
    """The functions of `stats` that run for these modules of other rooms, directly or not."""
    todo: list[Name] = []
    seen_modules: set[str] = set()
    waiting = list(entries)
    while waiting:
        module = waiting.pop()
        if module in seen_modules or module.startswith("incohort.stats"):
            continue
        seen_modules.add(module)
        for home, name in _imported(module).values():
            if home.startswith("incohort.stats"):
                todo.append(_defined(home, name))
            elif f"{home}.{name}" in modules():
                waiting.append(f"{home}.{name}")
            elif home in modules():
                waiting.append(home)
    seen: set[Name] = set()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += _called_by(name)
    return seen


@cache
def _imported(module: str) -> dict[str, Name]:
    """What each name of a module stands for, as far as it comes from the package."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(parsed(modules()[module]))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("incohort")
        for alias in node.names
    }


def _defined(module: str, name: str) -> Name:
    """Where a name is defined that a room's `__init__` may only pass on."""
    while name in _imported(module):
        module, name = _imported(module)[name]
    return module, name


@cache
def _called_by(name: Name) -> list[Name]:
    """The functions and classes of `stats` that a function names, in its module or from others."""
    module, own = name
    if module not in modules():
        return []
    body = parsed(modules()[module]).body
    local = {n.name: n for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    if own not in local:
        return []
    said = {n.id for n in ast.walk(local[own]) if isinstance(n, ast.Name)}
    said |= {n.attr for n in ast.walk(local[own]) if isinstance(n, ast.Attribute)}
    here = [(module, word) for word in sorted(said & set(local)) if word != own]
    there = [_defined(module, word) for word in sorted(said & set(_imported(module)))]
    return here + there


def tests_of() -> dict[str, list[str]]:
    """The test files that name each function, the ones with R's values first."""
    found: dict[str, list[str]] = defaultdict(list)
    for folder in ("validation", "properties", "spec", "unit"):
        for path in sorted((ROOT / "tests" / folder).rglob("test_*.py")):
            named = {n.id for n in ast.walk(parsed(path)) if isinstance(n, ast.Name)}
            for name in named:
                found[name].append(path.relative_to(ROOT).as_posix())
    return found


def estimators_page() -> str:
    """The page; the same sources give the same text."""
    using, tests = notebooks_using(), tests_of()
    parts, of_module = [_INTRODUCTION], defaultdict(list)
    for found in estimators():
        of_module[found.module].append(found)
    for module, listed in of_module.items():
        about = (ast.get_docstring(parsed(modules()[module])) or "").partition("\n\n")[0]
        rows = [_row(one, using, tests) for one in listed]
        lines = [_HEADS, ("---",) * len(_HEADS), *rows]
        table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        parts += [f"## `{module}`", " ".join(about.split()), table]
    return "\n\n".join(parts) + "\n"


def _row(
    one: Estimator, using: dict[Name, set[str]], tests: dict[str, list[str]]
) -> tuple[str, ...]:
    topic = one.module.rpartition(".")[2]
    by_topic = sorted(tests[one.name], key=lambda place: topic not in place)
    checked = dict.fromkeys([*one.cited, *by_topic[:1]])
    files = [f"[{Path(place).name}](../{place})" for place in checked]
    numbers = ", ".join(sorted(using.get((one.module, one.name), ())))
    texts = (one.what, "; ".join(one.papers), "; ".join(one.in_r))
    return (f"`{one.name}`", *map(_text, texts), ", ".join(files), numbers)


def _text(words: str) -> str:
    """Words that Markdown leaves as they are."""
    return re.sub(r"([\\|*<>\[\]~_])", r"\\\1", words)


if __name__ == "__main__":
    (Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE).write_text(estimators_page(), "utf-8")
