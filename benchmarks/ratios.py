"""What a benchmark shares: CPU seconds of several programs on one task, and the table of ratios.

Seconds are of the process's CPU time, one thread each, the least of several rounds in which the
programs take turns, so that what else the machine does decides nothing. Quick calls are timed in
batches, R's inside R.
"""

from __future__ import annotations

import gc
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
os.environ.update(ONE_THREAD)  # before NumPy is imported

OURS = "incohort"
BATCH = 0.05  # seconds that a batch of quick calls takes
LONGEST = 2.0  # seconds: a peer that took longer, and was behind, is not asked about more rows
HOPELESS = 0.05  # our time by a peer's: one so far behind is not asked after a tenth of that

Call = Callable[[], object]
Seconds = dict[str, float]  # by program

R_TIMED = """
asked <- strsplit(commandArgs(TRUE)[2], ";")[[1]]; d <- read.csv(commandArgs(TRUE)[1])
has <- function(name) suppressWarnings(suppressMessages(requireNamespace(name, quietly = TRUE)))
timed <- function(program, task, f) {
  if (!(paste0(program, ",", task) %in% asked)) return(invisible())
  cpu <- function(k) sum(system.time(for (i in seq_len(k)) f())[1:2]) / k
  one <- cpu(1)
  taken <- if (one > 2) one else {
    k <- max(1, ceiling(BATCH / max(one, 0.001))); min(replicate(if (one > 0.5) 2 else 5, cpu(k))) }
  cat(sprintf("%s;%s;%.7f\\n", program, task, taken))
}
""".replace("BATCH", str(BATCH))


@dataclass
class Ratios:
    """The table, a line for each task and number of rows, and which of its cells are not held."""

    peers: tuple[str, ...]
    missed: list[str] = field(default_factory=list)
    dropped: set[tuple[str, str]] = field(default_factory=set)

    def head(self) -> None:
        """Say what the columns are."""
        print(f"{'rows':>9} {'task':<23}{'seconds':>10}   our CPU time by that of")
        print(" " * 43 + "".join(f"{peer:>16}" for peer in self.peers))

    def is_asked(self, peer: str, task: str) -> bool:
        """Whether a peer was quick enough on fewer rows."""
        return (peer, task) not in self.dropped

    def add(self, n: int, task: str, seconds: Seconds) -> None:
        """One line; a dash where a peer lacks the task, is not here or was dropped."""
        own, cells = seconds[OURS], []
        for peer in self.peers:
            taken = seconds.get(peer)
            if taken is None:
                cells.append(f"{'–':>16}")
                continue
            ratio = own / taken if taken > 0 else math.inf
            cells.append(f"{ratio:>15.4f}" + ("!" if ratio > 1 else " "))
            if ratio > 1:
                self.missed.append(f"{task} of {n:,} rows: {ratio:.2f} times what {peer} takes")
            elif taken > (LONGEST if ratio > HOPELESS else LONGEST / 10):
                self.dropped.add((peer, task))
        print(f"{n:>9,} {task:<23}{own:10.5f}" + "".join(cells), flush=True)

    def end(self) -> int:
        """Name every cell that is not held; the exit code."""
        for line in self.missed:
            print(f"not held: {line}")
        if not self.missed:
            print("ahead of every peer asked")
        return 1 if self.missed else 0


def cpu_seconds(calls: dict[str, Call]) -> Seconds:
    """The least CPU seconds of a call of each program; they take turns."""
    gc.collect()
    gc.disable()
    first = {program: _seconds(call, 1) for program, call in calls.items()}
    least = {program: taken for program, taken in first.items() if taken > LONGEST}
    batch = {p: max(1, math.ceil(BATCH / max(taken, 1e-6))) for p, taken in first.items()}
    rounds = 3 if max(first.values()) > LONGEST / 4 else 7
    for _ in range(rounds):
        for program, call in calls.items():
            if first[program] <= LONGEST:
                taken = _seconds(call, batch[program])
                least[program] = min(taken, least.get(program, math.inf))
    gc.enable()
    return least


def _seconds(call: Call, times: int) -> float:
    started = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - started) / times


def r_seconds(rows_csv: str, program: str, asked: Iterable[tuple[str, str]]) -> dict[str, Seconds]:
    """CPU seconds by task and program, measured inside R; nothing where R is not."""
    pairs = ";".join(",".join(pair) for pair in sorted(asked))
    if shutil.which("Rscript") is None or not pairs:
        return {}
    with tempfile.TemporaryDirectory() as name:
        rows, script = Path(name) / "rows.csv", Path(name) / "program.R"
        rows.write_text(rows_csv, encoding="utf-8")
        script.write_text(R_TIMED + program, encoding="utf-8")
        done = subprocess.run(
            ["Rscript", str(script), str(rows), pairs], capture_output=True, text=True, check=False
        )
    if done.returncode:
        print(f"R: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
    found: dict[str, Seconds] = {}
    for line in done.stdout.splitlines():
        peer, task, taken = line.split(";")
        found.setdefault(task, {})[peer] = float(taken)
    return found
