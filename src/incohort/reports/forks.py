"""Processes that start with everything imported: a fork server, and kernels forked from it.

Most of a report's time used to go into importing the same libraries again. One server imports
them once; each kernel is a fork of it, so it starts in milliseconds and shares nothing with the
others that it could change. Where forking is not safe (macOS, Windows) kernels start as usual.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, ClassVar, Protocol

from incohort.stopping import at_stop, remove_folder, scratch, settle, unbroken

CAN_FORK = sys.platform == "linux"
_LONGEST_FOLDER = 70  # a socket's name has at most 107 bytes; /pymp-…/listener-… takes 31
_SERVER_IS_GONE = 255  # what multiprocessing then gives as the exit code of what it forked
# Threads of linear algebra in the server would not survive a fork; hash order is fixed so that
# nothing can come to depend on it.
_SERVER_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}


class CanBeKilled(Protocol):
    """A process that can be ended."""

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""

    def kill(self) -> None:
        """End it; nothing happens where it has ended already."""


class _Kernels:
    """The processes that work for this one."""

    running: ClassVar[list[CanBeKilled]] = []
    loaded: ClassVar[tuple[str, ...]] = ()
    is_closed = False
    server = 0


def start_server(preload: Sequence[str]) -> None:
    """Let the server import `preload` while this process goes on with something else."""
    expect_kernels()
    _Kernels.loaded = ("incohort.reports.kernels", *preload)
    if not CAN_FORK:
        at_stop(end_kernels, first=True)
        return
    os.environ.update(_SERVER_ENVIRONMENT)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*_Kernels.loaded])
    from multiprocessing import forkserver, resource_tracker  # noqa: PLC0415 — as below

    resource_tracker.ensure_running()  # it would take the mask away
    with unbroken(), _without_interrupts():
        sockets = _folder_of_sockets()
        forkserver.ensure_running()
        known, _Kernels.server = _Kernels.server, _server()
        if known == 0:
            at_stop(lambda: remove_folder(sockets))
            # A kernel that is being started waits for the server: that one goes first.
            at_stop(lambda: os.kill(_Kernels.server, signal.SIGKILL), first=True)
            at_stop(end_kernels, first=True)  # but it can still tell who has ended


def loaded() -> tuple[str, ...]:
    """The modules that the server has imported for its kernels; none where none was asked for."""
    return _Kernels.loaded


def _folder_of_sockets() -> Path:
    """Where the server listens: with other scratch files, where a socket can be named so long.

    Then it is the user's own runtime folder, or the system's scratch folder. No row lies there.
    """
    from multiprocessing import util  # noqa: PLC0415 — as below

    usual = tempfile.gettempdir()
    if len(os.fsencode(usual)) > _LONGEST_FOLDER:
        tempfile.tempdir = os.environ.get("XDG_RUNTIME_DIR") or "/tmp"  # noqa: S108 — mkdtemp's
    try:
        return Path(util.get_temp_dir())  # it keeps to what it has answered once
    finally:
        tempfile.tempdir = usual


def _server() -> int:
    """The process of the fork server."""
    from multiprocessing import forkserver  # noqa: PLC0415 — absent on Windows

    server = forkserver._forkserver  # noqa: SLF001 — nothing public tells it
    return int(vars(server)["_forkserver_pid"])


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """What is started here hears no Ctrl-C: a terminal tells its whole group, the runner answers.

    The server takes seconds to import before it ignores one by itself.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def call(place: str, *arguments: object) -> Any:
    """What the function at `module:name` returns, computed where everything is imported.

    It goes by its name, so that this process need not import what it needs.

    Raises:
        Exception: Whatever the function raises there.
        RuntimeError: The process ended without an answer.
    """
    if not CAN_FORK:
        return _function(place)(*arguments)
    context = multiprocessing.get_context("forkserver")
    receiver, sender = context.Pipe(duplex=False)
    with scratch() as folder:  # rows may be put aside there
        process = context.Process(target=_answer, args=(sender, str(folder), place, arguments))
        with unbroken():
            process.start()
            remember_kernel(ForkedKernel(process))
        sender.close()
        try:
            answer, error = receiver.recv()
        except EOFError:
            process.join()
            settle()
            msg = f"a process ended without an answer (exit code {process.exitcode})"
            raise RuntimeError(msg) from None
        process.join()
    if error is not None:
        raise error
    return answer


def _function(place: str) -> Callable[..., Any]:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)  # type: ignore[no-any-return]  # by its name


def _answer(sender: Connection, folder: str, place: str, arguments: tuple[object, ...]) -> None:
    _follow_parent()
    tempfile.tempdir = folder
    try:
        answer, error = _function(place)(*arguments), None
    except Exception as caught:  # noqa: BLE001 — raised again on the other side
        answer, error = None, caught
    sender.send((answer, error))


def fork_kernel(command: list[str], environment: Mapping[str, str], cwd: str) -> ForkedKernel:
    """A kernel started from the server; `command` is what would start it without one."""
    connection_file = command[command.index("-f") + 1]
    context = multiprocessing.get_context("forkserver")
    process = context.Process(
        target=_be_kernel, args=(connection_file, dict(environment), cwd), daemon=False
    )
    with unbroken():
        process.start()
        kernel = ForkedKernel(process)
        remember_kernel(kernel)
    return kernel


def expect_kernels() -> None:
    """From now on kernels may be started, until `end_kernels`."""
    with unbroken():
        _Kernels.is_closed = False


def remember_kernel(kernel: CanBeKilled) -> None:
    """Keep a kernel in mind, however it was started, so that `end_kernels` ends it."""
    with unbroken():
        _Kernels.running[:] = [other for other in _Kernels.running if other.poll() is None]
        _Kernels.running.append(kernel)
        if _Kernels.is_closed:  # it was being started when the others were ended
            kernel.kill()


def end_kernels() -> None:
    """End every kernel that still runs or is being started; whoever waits hears that it died."""
    _Kernels.is_closed = True
    for kernel in [*_Kernels.running]:
        kernel.kill()
    _Kernels.running.clear()


class ForkedKernel:
    """A forked kernel with the few methods of `subprocess.Popen` that Jupyter calls."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        """Wrap a process that was started."""
        self._process = process
        self.pid = process.pid or 0

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit code, once it has ended."""
        self._process.join(timeout)
        return self._process.exitcode

    def send_signal(self, signum: int) -> None:
        """Signal the kernel; the server tells whether it still runs, as long as there is one."""
        if self.pid and self._process.exitcode in {None, _SERVER_IS_GONE}:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def _be_kernel(connection_file: str, environment: dict[str, str], cwd: str) -> None:
    """Become an IPython kernel; returns when it is shut down."""
    from ipykernel.kernelapp import IPKernelApp  # noqa: PLC0415 — imported in the server already

    os.setsid()  # a Ctrl-C in the terminal is the runner's to handle
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # here only a notebook sends one
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # the server's; the kernel has its own
    os.chdir(cwd)
    sys.path.insert(0, "")
    _follow_parent()
    IPKernelApp.launch_instance(
        argv=[
            f"--IPKernelApp.connection_file={connection_file}",
            "--IPKernelApp.log_level=40",  # no advice on its transport either
            "--IPKernelApp.parent_handle=1",  # someone waits for it: no advice on the terminal
            "--HistoryManager.enabled=False",
            "--InteractiveShellApp.exec_PYTHONSTARTUP=False",
            # The server imported incohort where no shell was, so its display is registered here.
            "--InteractiveShellApp.extra_extensions=incohort",
        ]
    )


def _follow_parent() -> None:
    """End this process as soon as the one that asked for it has ended, however it ended."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def private_directories(folder: Path) -> dict[str, str]:
    """Settings that keep a kernel within its folder, which is removed however the kernel ends.

    Jupyter reads no profile in the user's home and writes nothing there; what the cohort's engine
    puts aside, rows among it, lies in the folder too.
    """
    names = {"IPYTHONDIR": "ipython", "JUPYTER_RUNTIME_DIR": "runtime", "TMPDIR": "tmp"}
    (folder / names["TMPDIR"]).mkdir()
    return {variable: str(folder / name) for variable, name in names.items()}
