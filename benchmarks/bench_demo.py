"""Reports beside papermill's and nbconvert's command lines over the same work, in turn.

Every notebook on two cohorts, in at most half their time. The whole `incohort demo` and one report
of the thyroid study, from a warm shell, are timed as well.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
COHORTS = ("kyritsi2015", "din_synthetic")
BIN = Path(sys.executable).parent
AT_MOST = 0.5
REPEATS = 3


def seconds(command: list[object]) -> float:
    """How long one command takes; its output is kept for the case that it fails."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, env=environment
    )
    return time.perf_counter() - started


def peers(folder: Path) -> float:
    """papermill, then nbconvert, for each notebook on each cohort."""
    total = 0.0
    for notebook in NOTEBOOKS:
        for cohort in COHORTS:
            executed = folder / f"{notebook.stem}--{cohort}.ipynb"
            run = [BIN / "papermill", notebook, executed, "-k", "python3", "-p", "cohort", cohort]
            total += seconds(run)
            total += seconds([BIN / "jupyter", "nbconvert", "--to", "html", executed])
    return total


def ours(folder: Path) -> float:
    """The same, all notebooks at once for each cohort."""
    run = [BIN / "incohort", "run", *(notebook.stem for notebook in NOTEBOOKS)]
    return sum(seconds([*run, "--cohort", c, "--out", folder / c]) for c in COHORTS)


def main() -> int:
    """Print what each takes and say whether the promise holds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        one = [BIN / "incohort", "run", "02_thyroid_antibodies", "--out", folder / "one"]
        warm = min(seconds(one) for _ in range(REPEATS))
        we = min(ours(folder) for _ in range(REPEATS))
        theirs = peers(folder)
        demo = seconds([BIN / "incohort", "demo", "--out", folder / "demo"])
    reports = len(NOTEBOOKS) * len(COHORTS)
    print(f"papermill + nbconvert, {reports} reports in turn {theirs:7.2f} s")
    print(f"incohort run, {reports} reports                  {we:7.2f} s")
    print(f"incohort takes {we / theirs:.2f} of their time (at most {AT_MOST})")
    print(f"incohort demo, every cohort that ships    {demo:7.2f} s")
    print(f"one thyroid report from a warm shell      {warm:7.2f} s")
    return 0 if we <= AT_MOST * theirs else 1


if __name__ == "__main__":
    sys.exit(main())
