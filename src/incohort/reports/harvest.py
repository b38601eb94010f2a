"""What a run produced, taken from the display bundles: what is shown is what is recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat.notebooknode import from_dict

from incohort.reports.jobs import Failure
from incohort.reports.kernels import Execution
from incohort.results import Findings, Result, findings_from_json
from incohort.results.serialise import MIME_TYPE

_WITHHELD = (
    "Withheld: this output has not passed the disclosure gate. Only results of an analysis are "
    "shown of a restricted cohort."
)
_OWN_ERRORS = frozenset({"UsageError", "CohortFaultsError", "DeadKernelError", "MissingTableError"})
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PATH = re.compile(r"(?<![\w.:/])(?:/[\w.@+~-]+){2,}/?|\b[A-Za-z]:\\[^\s'\"]+")
_NO_TIMES = ("papermill", "execution")


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """An executed notebook made fit to be handed on, with its findings in order.

    `failure` is fit to be handed on as well; `seconds` are how long each code cell took.
    """

    node: Any
    findings: tuple[Findings, ...]
    failure: Failure | None
    seconds: tuple[float, ...]

    @property
    def results(self) -> dict[str, Result]:
        """Every result of the report under its key."""
        return {key: result for found in self.findings for key, result in found.by_key.items()}


def harvest(execution: Execution, *, shows_rows: bool) -> Harvest:
    """The findings of an executed notebook, and the notebook without paths, names or times.

    Args:
        execution: What papermill left.
        shows_rows: Whether outputs that did not pass the gate may stay: only where the cohort
            is public or the run internal.
    """
    node, failure = execution.node, execution.failure
    seconds = tuple(_seconds(cell) for cell in node.cells if cell.cell_type == "code")
    if failure is not None:
        failure = _fit(failure, shows_rows=shows_rows)
    findings: list[Findings] = []
    for number, cell in enumerate(node.cells, 1):
        _strip(cell, number)
        if cell.cell_type == "code":
            cell.outputs = [_output(o, failure, shows_rows=shows_rows) for o in cell.outputs]
            findings += [f for o in cell.outputs if (f := findings_of(o)) is not None]
    node.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    failure = failure or _clash(findings)
    return Harvest(node=node, findings=tuple(findings), failure=failure, seconds=seconds)


def findings_of(output: Any) -> Findings | None:
    """The findings that an output displays, or None where it displays something else."""
    data = output.get("data", {}).get(MIME_TYPE)
    return findings_from_json(data) if data is not None else None


def without_paths(text: str) -> str:
    """A text in which each absolute path is only its last part."""
    plain = _COLOURS.sub("", text)
    return _PATH.sub(lambda found: Path(found.group().replace("\\", "/")).name, plain)


def _seconds(cell: Any) -> float:
    return float(cell.metadata.papermill.get("duration") or 0.0)


def _strip(cell: Any, number: int) -> None:
    """Take away what differs between two equal runs: times, and names drawn at random."""
    for name in _NO_TIMES:
        cell.metadata.pop(name, None)
    if not cell.metadata.get("tags", True):
        del cell.metadata["tags"]
    cell["id"] = f"cell-{number}"


def _output(output: Any, failure: Failure | None, *, shows_rows: bool) -> Any:
    """An output that may be handed on, or the note that stands in its place."""
    if output.output_type == "error":
        message = failure.message if failure else ""
        return _with(output, evalue=message, traceback=[f"{output.ename}: {message}"])
    if output.output_type == "stream":
        text = without_paths(output.text) if shows_rows else f"{_WITHHELD}\n"
        return _with(output, text=text)
    if MIME_TYPE in output.data and (shows_rows or _is_gated(output.data[MIME_TYPE])):
        return output
    if not shows_rows:
        return _with(output, data={"text/plain": _WITHHELD}, metadata={})
    kept = {
        kind: without_paths(value) if kind.startswith("text/") else value
        for kind, value in output.data.items()
    }
    return _with(output, data=kept)


def _is_gated(findings: Any) -> bool:
    """Whether findings say themselves that a profile was applied, or hold no number at all."""
    is_applied = findings.get("profile") not in {None, "", "none"}
    return bool(is_applied or not (findings["results"] or findings["layout"]["figures"]))


def _with(output: Any, **changes: Any) -> Any:
    return from_dict({**output, **changes})


def _fit(failure: Failure, *, shows_rows: bool) -> Failure:
    """The failure without paths, and without what may quote a row of a restricted cohort."""
    if shows_rows or failure.name in _OWN_ERRORS:
        message = without_paths(failure.message)
    else:
        message = "The message is withheld, as it may quote a patient's data. The terminal has it."
    return Failure(cell=failure.cell, name=failure.name, message=message)


def _clash(findings: list[Findings]) -> Failure | None:
    """A key that two cells show with different results: then the report contradicts itself."""
    seen: dict[str, Result] = {}
    for found in findings:
        for key, result in found.by_key.items():
            if seen.setdefault(key, result) != result:
                message = f"The key {key!r} stands for two different results."
                return Failure(cell=0, name="ContradictionError", message=message)
    return None
