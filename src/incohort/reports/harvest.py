"""What a run produced, taken from the display bundles: what is shown is what is recorded."""

from __future__ import annotations

import builtins
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incohort.reports.imports import without_slow_validators
from incohort.reports.jobs import Failure
from incohort.reports.kernels import Execution
from incohort.reports.seal import MARK
from incohort.results import Findings, Result, findings_from_json
from incohort.results.serialise import MIME_TYPE

with without_slow_validators():
    from nbformat.notebooknode import from_dict

_WITHHELD = (
    "Withheld: this output has not passed the disclosure gate. Only results of an analysis are "
    "shown of a restricted cohort."
)
_NOT_OURS = "Not shown: it looks like findings, and has not passed the disclosure gate."
_NO_MESSAGE = "The message is withheld, as it may quote a patient's data. The terminal has it."
_ANY_ERROR = "Error"  # a class can be given any name
_OWN_ERRORS = frozenset(
    {
        *("UsageError", "CohortFaultsError", "MissingTableError"),
        *("DeadKernelError", "CellTimeoutError"),
    }
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PATH = re.compile(r"(?<![\w.:/])(?:/[\w.@+~-]+){2,}/?|\b[A-Za-z]:\\[^\s'\"]+")
_NO_TIMES = ("papermill", "execution")


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """An executed notebook made fit to be handed on, with its findings in order.

    `failure` is fit to be handed on as well; `seconds` are how long each code cell took; `modules`
    are the names that its kernel noted as imported.
    """

    node: Any
    findings: tuple[Findings, ...]
    failure: Failure | None
    seconds: tuple[float, ...]
    modules: frozenset[str] = frozenset()

    @property
    def results(self) -> dict[str, Result]:
        """Every result of the report under its key."""
        return {key: result for section in self.findings for key, result in section.by_key.items()}


def harvest(execution: Execution, *, shows_rows: bool, profile: str = "") -> Harvest:
    """The findings of an executed notebook, and the notebook without paths, names or times.

    Args:
        execution: What papermill left.
        shows_rows: Whether outputs that did not pass the gate may stay: only where the cohort
            is public or the run internal.
        profile: The disclosure profile of the run, which findings must have passed where rows
            may not be shown.
    """
    node, failure = execution.node, execution.failure
    seconds = tuple(_seconds(cell) for cell in node.cells if cell.cell_type == "code")
    if failure is not None:
        failure = _fit(failure, execution, shows_rows=shows_rows)
    findings: list[Findings] = []
    n_code = 0
    for number, cell in enumerate(node.cells, 1):
        _strip(cell, number)
        if cell.cell_type == "code":
            n_code += 1
            taken = [_taken(output, execution, profile, shows_rows=shows_rows)
                     for output in cell.outputs]  # fmt: skip
            if shows_rows:
                pairs = zip(taken, cell.outputs, strict=True)
                cell.outputs = [passed or _output(output, failure) for passed, output in pairs]
            else:
                _close(cell, n_code, taken, failure)
            findings += [f for o in cell.outputs if (f := findings_of(o)) is not None]
    node.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    failure = failure or _clash(findings)
    return Harvest(
        node=node,
        findings=tuple(findings),
        failure=failure,
        seconds=seconds,
        modules=execution.modules,
    )


def findings_of(output: Any) -> Findings | None:
    """The findings that an output displays, or None where it displays something else."""
    data = output.get("data", {}).get(MIME_TYPE)
    return findings_from_json(data) if data is not None else None


def is_withheld(output: Any) -> bool:
    """Whether an output is the note that stands for what did not pass the gate."""
    return bool(output.get("text", "").strip() == _WITHHELD)


def without_paths(text: str) -> str:
    """A text in which each absolute path is only its last part."""
    plain = _COLOURS.sub("", text)
    return _PATH.sub(lambda match: Path(match.group().replace("\\", "/")).name, plain)


def _seconds(cell: Any) -> float:
    return float(cell.metadata.papermill.get("duration") or 0.0)


def _strip(cell: Any, number: int) -> None:
    """Take away what differs between two equal runs: times, and names drawn at random."""
    for name in _NO_TIMES:
        cell.metadata.pop(name, None)
    if not cell.metadata.get("tags", True):
        del cell.metadata["tags"]
    cell["id"] = f"cell-{number}"


def _taken(output: Any, execution: Execution, profile: str, *, shows_rows: bool) -> Any | None:
    """The output as findings that the gate let pass, or None where it is anything else.

    Findings are believed by their seal and not by what they say: a bundle that somebody wrote by
    hand, or changed in any part, has none that fits.
    """
    data = output.get("data", {})
    if MIME_TYPE not in data:
        return None
    if execution.seal is not None:
        opened = execution.seal.opened(data)
    else:
        opened = dict(data) if shows_rows else None
    if opened is None or not (shows_rows or opened[MIME_TYPE]["profile"] == profile):
        return None
    return _with(output, data=opened, metadata={})


def _output(output: Any, failure: Failure | None) -> Any:
    """An output that did not pass the gate and need not, without paths."""
    if output.output_type == "error":
        return _error(output.ename, failure)
    if output.output_type == "stream":
        return _with(output, text=without_paths(output.text))
    kept = {
        kind: without_paths(value) if kind.startswith("text/") else value
        for kind, value in output.data.items()
        if kind not in {MIME_TYPE, MARK}
    }
    return _with(output, data=kept or {"text/plain": _NOT_OURS})


def _close(cell: Any, number: int, taken: list[Any | None], failure: Failure | None) -> None:
    """Leave of a cell's outputs what passed the gate; one note stands for all the others.

    Their kind, their order and how many there were could each be made to say something, as could
    the number that the kernel gives the cell.
    """
    if cell.execution_count is not None:
        cell.execution_count = number
    kept = [
        {"output_type": output.output_type, "data": output.data, "metadata": {},
         **({"execution_count": number} if output.output_type == "execute_result" else {})}
        for output in taken if output is not None
    ]  # fmt: skip
    others = [o for passed, o in zip(taken, cell.outputs, strict=True) if passed is None]
    if any(output.output_type != "error" for output in others):
        kept.append({"output_type": "stream", "name": "stdout", "text": f"{_WITHHELD}\n"})
    outputs = [from_dict(output) for output in kept]
    if any(output.output_type == "error" for output in others):
        outputs.append(_error(failure.name if failure else _ANY_ERROR, failure))
    cell.outputs = outputs


def _error(name: str, failure: Failure | None) -> Any:
    message = failure.message if failure else ""
    error = {"ename": name, "evalue": message, "traceback": [f"{name}: {message}"]}
    return from_dict({"output_type": "error", **error})


def _with(output: Any, **changes: Any) -> Any:
    return from_dict({**output, **changes})


def _fit(failure: Failure, execution: Execution, *, shows_rows: bool) -> Failure:
    """The failure without paths, and without what may quote a row of a restricted cohort.

    A message of ours is told only where it was raised by ours: a notebook can raise our errors,
    too, or name its own like them.
    """
    is_ours = failure.name in _OWN_ERRORS and execution.is_refusal
    message = without_paths(failure.message) if shows_rows or is_ours else _NO_MESSAGE
    is_known = failure.name in _OWN_ERRORS or isinstance(
        getattr(builtins, failure.name, None), type
    )
    name = failure.name if shows_rows or is_known else _ANY_ERROR
    return Failure(cell=failure.cell, name=name, message=message)


def _clash(findings: list[Findings]) -> Failure | None:
    """A key that two cells show with different results: then the report contradicts itself."""
    seen: dict[str, Result] = {}
    for section in findings:
        for key, result in section.by_key.items():
            if seen.setdefault(key, result) != result:
                message = f"The key {key!r} stands for two different results."
                return Failure(cell=0, name="ContradictionError", message=message)
    return None
