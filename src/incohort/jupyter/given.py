"""The parameters that a notebook's cells give: what `ic.parameters()` finds.

A kernel knows what was run, not what stands in the notebook. So the newest value of a name counts,
and of a cell that was edited and run again only its newest text. JupyterLab says which cell a run
is of, but only once incohort was imported; before that a parameters cell is known by the names that
it declares.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from incohort.dictionary.nearest import nearest
from incohort.errors import UsageError
from incohort.jupyter.assigned import CellRun
from incohort.params.model import Parameters
from incohort.params.renamed import RENAMED, refusal_of_name


@dataclass(slots=True)
class _Told:
    """What this kernel told since incohort was imported."""

    cells: dict[int, str] = field(default_factory=dict)
    calls: list[int] = field(default_factory=list)
    opened: dict[str, int] = field(default_factory=dict)


_TOLD = _Told()


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The runs of a notebook's cells so far, and the newest values of what they assign."""

    runs: Sequence[CellRun]
    values: Mapping[str, Any]

    def asked_of(self, model: type[Parameters]) -> dict[str, Any]:
        """The values of a study's parameters.

        Raises:
            UsageError: A cell assigns a name that is meant for a parameter, and is none.
        """
        known = model.model_fields
        for name in self._strays(tuple(known), _TOLD.opened.get(model.study)):
            raise refusal_of_name(name, known)
        names = {name for run in self._counting for name in run.names}
        return {n: self.values[n] for n in known if n in names and n in self.values}

    @property
    def _counting(self) -> list[CellRun]:
        """The runs that no later one replaces."""
        return [
            run
            for place, run in enumerate(self.runs)
            if not any(run.is_replaced_by(later) for later in self.runs[place + 1 :])
        ]

    def _strays(self, known: Sequence[str], opened: int | None) -> list[str]:
        """Names that are meant for a parameter, and are none.

        Before the study was opened that is every name with a written value. What is run for the
        first time after that may as well be a reader's own: there it is only what is like a
        parameter's name, or stands among parameters.
        """
        strays = []
        for place, run in enumerate(self.runs):
            later = self.runs[place + 1 :]
            if any(
                run.is_replaced_by(successor) or run.may_be_replaced_by(successor)
                for successor in later
            ):
                continue
            is_before = opened is None or place < opened
            is_ours = is_before or any(name in known for name in run.written)
            strays += [
                name
                for name in run.written
                if name not in known and name in self.values and not name.startswith("_")
                if is_ours or name in RENAMED or nearest(name, known)
            ]
        return strays


def parameters() -> Given:
    """What the cells before this one assign, for a study: `ic.anc_recovery(ic.parameters())`.

    Raises:
        UsageError: This is no notebook.
    """
    runs, values = runs_so_far()
    _TOLD.calls.append(len(runs))
    return Given(runs=runs, values=values)


def remember_opened(study: str, given: Given) -> None:
    """Keep that a study was opened, so that what is run from now on may be a reader's own."""
    _TOLD.opened.setdefault(study, len(given.runs))


def watch(shell: Any) -> None:
    """Keep which cell each run is of, where the notebook's program says so."""

    def keep(info: Any) -> None:
        if getattr(info, "cell_id", None) and info.store_history:
            _TOLD.cells[shell.execution_count] = str(info.cell_id)

    if hasattr(shell, "events"):
        shell.events.register("pre_run_cell", keep)


def runs_so_far() -> tuple[tuple[CellRun, ...], Mapping[str, Any]]:
    """The runs in this kernel, the present one last, and its names.

    Raises:
        UsageError: This is no notebook.
    """
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython else None
    if shell is None:
        raise UsageError(
            "ic.parameters() reads the cells of a notebook. Elsewhere name the parameters, as in "
            "ic.anc_recovery(cohort='din_synthetic', recovery_threshold=1.0)."
        )
    texts = shell.history_manager.input_hist_parsed[1:]
    runs = tuple(
        CellRun(
            text=text,
            cell=_TOLD.cells.get(number, ""),
            calls=sum(number > called for called in _TOLD.calls),
        )
        for number, text in enumerate(texts, 1)
    )
    return runs, shell.user_ns
