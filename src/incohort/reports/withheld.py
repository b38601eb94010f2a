"""What a report does not show, and how those who hold the data see it: its first screen says so."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from incohort.disclosure import NONE
from incohort.params.parameter import Value
from incohort.reports.harvest import Harvest, is_withheld
from incohort.reports.notebooks import bundled_notebooks
from incohort.results import Suppressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """How much is withheld and why, and the command for the custodian's own copy.

    Each result says on the page itself that it is withheld: to count them tells nothing more.
    """

    n: int
    n_all: int
    rules: tuple[str, ...]
    command: str


def withheld(
    harvested: Harvest, profile: str, notebook: str, changed: Mapping[str, Value]
) -> Withheld | None:
    """What a report withholds; None where no disclosure profile was applied.

    Args:
        harvested: What the notebook found.
        profile: The disclosure profile of the run.
        notebook: Its name.
        changed: The parameters that are not at their defaults.
    """
    if profile == NONE:
        return None
    gone = [result for result in harvested.results.values() if isinstance(result, Suppressed)]
    return Withheld(
        n=len(gone),
        n_all=len(harvested.results),
        rules=_rules(gone, harvested),
        command=own_copy(notebook, changed),
    )


def _rules(gone: list[Suppressed], harvested: Harvest) -> tuple[str, ...]:
    reasons = Counter(result.reason for result in gone)
    rules = [f"{_plain(reason)}: {number}" for reason, number in reasons.most_common()]
    code = [cell for cell in harvested.node.cells if cell.cell_type == "code"]
    cells = sum(any(map(is_withheld, cell.outputs)) for cell in code)
    if cells:
        noun = "one cell" if cells == 1 else f"{cells} cells"
        rules.append(f"It did not pass the disclosure gate: what {noun} printed or drew")
    return tuple(rules)


def _plain(reason: str) -> str:
    """A reason as a line begins with it, without the profile, which stands beside."""
    words = reason.partition(" (disclosure profile")[0]
    return words[:1].upper() + words[1:]


def own_copy(notebook: str, changed: Mapping[str, Value]) -> str:
    """The command that makes the same report with nothing withheld, where the rows are."""
    name = notebook if notebook in bundled_notebooks() else f"{notebook}.ipynb"
    chosen = [f"-p {shlex.quote(f'{name}={_typed(value)}')}" for name, value in changed.items()]
    words = ["incohort run", shlex.quote(name), "--cohort FOLDER", *chosen]
    return " ".join([*words, "--internal --out internal"])


def _typed(value: Value) -> str:
    """A parameter as it is typed on the command line."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)
