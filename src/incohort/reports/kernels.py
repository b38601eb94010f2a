"""Running one notebook through papermill, on a kernel of our own that is told its cohort."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from incohort.reports import evidence, libraries
from incohort.reports.evidence import Evidence
from incohort.reports.forks import CAN_FORK, ForkedKernel, fork_kernel, loaded, remember_kernel
from incohort.reports.imports import without_slow_validators
from incohort.reports.jobs import Failure
from incohort.reports.seal import Seal, new_seal

with without_slow_validators():
    import nbformat
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.engines import NBClientEngine, papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook, remove_error_markers
    from papermill.translators import PythonTranslator, papermill_translators

ENGINE = "incohort"
_COMMAND = [
    *(sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"),
    # Before the first cell, so that no cell sees the seal.
    "--InteractiveShellApp.extra_extensions=incohort",
]
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_FRAME = re.compile(r"(?:File (?P<file>.+?):\d+, in |Cell In\b)")
_LONGEST_SOCKET_NAME = 90  # of the 107 bytes that Linux allows, with room for what zmq appends


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """A notebook after its run: papermill's own node, and the failure if there was one.

    `seal` is the one that its kernel was handed; without one nothing is known to have passed the
    gate. `is_refusal` says whether what failed was raised inside incohort and not in a cell;
    `modules` are what the kernel says that it imported, `evidence` what its gate did.
    """

    node: Any
    failure: Failure | None
    seal: Seal | None = None
    is_refusal: bool = True
    modules: frozenset[str] = frozenset()
    evidence: Evidence | None = None


@dataclass(slots=True)
class _Kept:
    """What papermill gives back only when nothing fails."""

    nodes: list[Any] = field(default_factory=list)


class _Provisioner(LocalProvisioner):  # type: ignore[misc]  # Jupyter is not typed here
    """Starts the kernel as a fork of the server."""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        kernel = fork_kernel(cmd, options["env"], options["cwd"])
        self.process, self.pid = kernel, kernel.pid
        return self.connection_info


class _Manager(AsyncKernelManager):  # type: ignore[misc]  # as above
    """A kernel manager that hands over an environment and a working directory.

    papermill has no argument for either, so each run makes a subclass that holds them.
    """

    handed_environment: Mapping[str, str] = {}
    folder: Path = Path()

    async def _async_pre_start_kernel(self, **options: Any) -> Any:
        self.connection_file = str(self.folder / "kernel.json")
        # This interpreter, whatever kernels its user has installed for their own work.
        self._kernel_spec = KernelSpec(argv=_COMMAND, display_name="Python 3", language="python")
        if CAN_FORK:
            if len(self.connection_file) < _LONGEST_SOCKET_NAME:
                self.transport = "ipc"  # nothing that another user of the machine could listen to
            self.provisioner = _Provisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )
        options |= {"env": dict(self.handed_environment), "cwd": str(self.folder / "work")}
        return await super()._async_pre_start_kernel(**options)

    async def _async_launch_kernel(self, kernel_cmd: list[str], **options: Any) -> None:
        await super()._async_launch_kernel(kernel_cmd, **options)
        if not isinstance(self.provisioner.process, ForkedKernel):  # that one is remembered
            remember_kernel(self.provisioner.process)


class _Engine(NBClientEngine):  # type: ignore[misc]  # as above
    """papermill's engine, which lets go of nothing when a cell fails."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, kept: _Kept, **options: Any
    ) -> Any:
        nb_man.nb.metadata.papermill["parameters"] = {}  # a date is no JSON
        kept.nodes.append(nb_man.nb)
        return super().execute_managed_notebook(nb_man, kernel_name, **options)


class _Translator(PythonTranslator):  # type: ignore[misc]  # as above
    """papermill's translator, which knows dates: it would write them as text."""

    @classmethod
    def translate(cls, val: Any) -> str:
        if isinstance(val, date):
            return f"date({val.year}, {val.month}, {val.day})"
        return str(super().translate(val))


papermill_engines.register(ENGINE, _Engine)
papermill_translators.register("python", _Translator)
logging.getLogger("papermill").setLevel(logging.CRITICAL)  # the report tells of it


def execute(
    notebook: Path, parameters: Mapping[str, Any], environment: Mapping[str, str], folder: Path
) -> Execution:
    """The notebook with its outputs; `folder` is the kernel's own, and empty.

    A failing cell is an answer here, not an exception: the report says which one it was.
    """
    (folder / "work").mkdir()
    kept = _Kept()
    failure: Failure | None = None
    is_refusal = True
    seal = new_seal()
    note, notes = folder / "modules", folder / "evidence"
    variables = {
        **environment,
        **seal.environment(),
        **libraries.environment(note, loaded()),
        **evidence.environment(notes),
    }
    handed = {"handed_environment": variables, "folder": folder}
    try:
        execute_notebook(
            notebook,
            None,
            parameters=dict(parameters),
            engine_name=ENGINE,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            kernel_manager_class=type("_HandedManager", (_Manager,), handed),
            shutdown_kernel="immediate",
            kept=kept,
        )
    except PapermillExecutionError as error:
        cell = _failed_cell(kept.nodes[0])
        failure = Failure(cell=cell, name=error.ename, message=error.evalue)
        is_refusal = _was_raised_inside(error)
    except DeadKernelError:
        failure = Failure(
            cell=_running_cell(kept.nodes[0]),
            name="DeadKernelError",
            message="The kernel ended before the cell did; it was killed, or ran out of memory.",
        )
    except CellTimeoutError:  # an OSError, but nothing that the system refused
        failure = Failure(
            cell=_running_cell(kept.nodes[0]),
            name="CellTimeoutError",
            message="The cell took longer than a cell may.",
        )
    node = remove_error_markers(kept.nodes[0])
    return Execution(
        node=node,
        failure=failure,
        seal=seal,
        is_refusal=is_refusal,
        modules=libraries.noted_in(note),
        evidence=evidence.evidence_in(notes),
    )


def _failed_cell(node: Any) -> int:
    """Which code cell, counted from 1, left an error; the kernel's own count can be set."""
    cells = [cell for cell in node.cells if cell.cell_type == "code"]
    left = [any(output.output_type == "error" for output in cell.outputs) for cell in cells]
    return left.index(True) + 1 if True in left else 0


def _was_raised_inside(error: PapermillExecutionError) -> bool:
    """Whether an error was raised in a file of ours.

    A user's mistake stands in one line, which the kernel writes only where it was raised inside;
    of any other error the last frame tells, as IPython writes it.
    """
    lines = [_COLOURS.sub("", part) for part in error.traceback]
    if len(lines) == 1 and lines[0].startswith(f"{error.ename}: "):
        return True
    frames = [part for part in lines if _FRAME.match(part)]
    place = _FRAME.match(frames[-1]) if frames else None
    return place is not None and bool(place["file"]) and "incohort" in Path(place["file"]).parts


def _running_cell(node: Any) -> int:
    """Which code cell, counted from 1, had begun and not completed."""
    cells = [cell for cell in node.cells if cell.cell_type == "code"]
    begun = [n for n, cell in enumerate(cells, 1) if cell.metadata.papermill["start_time"]]
    return begun[-1] if begun else 0


def write_node(node: Any, path: Path) -> None:
    """The notebook as a file: sorted keys, one trailing newline, validated."""
    nbformat.validate(node)
    path.write_text(nbformat.writes(node) + "\n", encoding="utf-8")
