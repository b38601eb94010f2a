"""Aalen–Johansen, Gray, Fine–Gray and the NPMLE beside R's packages and lifelines.

Each on the same rows in the same run, the median of several calls, R timed inside R. A peer whose
time grows with the square of the rows is asked only while it takes seconds (`LARGEST`). On every
task but Gray's test, where it is only shown, incohort is to take at most what the quickest takes.
icenReg joins where R has it; Debian does not.
"""

from __future__ import annotations

import importlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from incohort.stats.competing import aalen_johansen, fine_gray, gray_test
from incohort.stats.interval import npmle

SIZES = (1_000, 10_000, 100_000, 1_000_000)
VISITED = (200, 2_000, 20_000)
LARGEST = {
    ("cmprsk", "Fine-Gray"): 1_000,  # 100 seconds at 10,000
    ("survfit", "Aalen-Johansen"): 10_000,
    ("lifelines", "Aalen-Johansen"): 10_000,
    ("survfit", "NPMLE"): 200,
    ("npsurv", "NPMLE"): 2_000,
    ("lifelines", "NPMLE"): 200,
}
HELD = ("Aalen-Johansen", "Fine-Gray", "NPMLE")

R_PROGRAM = """
arguments <- commandArgs(TRUE); d <- read.csv(arguments[1])
asked <- strsplit(arguments[2], ";")[[1]]
suppressMessages({ library(survival); library(cmprsk) })
timed <- function(program, task, f) {
  if (!(paste0(program, ",", task) %in% asked)) return(invisible())
  one <- system.time(f())[["elapsed"]]
  taken <- if (one > 1) one else median(replicate(3, system.time(f())[["elapsed"]]))
  cat(sprintf("%s;%s;%.6f\\n", program, task, taken))
}
has <- function(name) suppressWarnings(suppressMessages(requireNamespace(name, quietly = TRUE)))
if (!is.null(d$cause)) {
  state <- factor(d$cause, 0:2); x <- as.matrix(d[, c("x0", "x1")])
  timed("survfit", "Aalen-Johansen", function() survfit(Surv(d$time, state) ~ 1))
  timed("cmprsk", "Aalen-Johansen", function() cuminc(d$time, d$cause))
  timed("cmprsk", "Gray's test", function() cuminc(d$time, d$cause, d$group))
  timed("cmprsk", "Fine-Gray", function() crr(d$time, d$cause, x, gtol = 1e-12, maxiter = 50))
  if (has("prodlim")) timed("prodlim", "Aalen-Johansen", function()
    prodlim::prodlim(prodlim::Hist(time, cause) ~ 1, data = d))
} else {
  z <- as.matrix(unname(d)); right <- ifelse(is.infinite(d$right), NA, d$right)
  if (has("npsurv")) timed("npsurv", "NPMLE", function()
    npsurv::npsurv(z, maxit = 1000, tol = 1e-10))
  if (has("icenReg")) timed("icenReg", "NPMLE", function() icenReg::ic_np(z))
  timed("survfit", "NPMLE", function() survfit(Surv(left, right, type = "interval2") ~ 1, d))
}
"""

PEERS = {
    "Aalen-Johansen": ("survfit", "cmprsk", "prodlim", "lifelines"),
    "Gray's test": ("cmprsk",),
    "Fine-Gray": ("cmprsk",),
    "NPMLE": ("survfit", "npsurv", "icenReg", "lifelines"),
}
PROGRAMS = ("survfit", "cmprsk", "prodlim", "npsurv", "icenReg", "lifelines")


def patients(n: int) -> pd.DataFrame:
    """Recovery, death or censoring in days to two decimals, with covariates that matter."""
    generator = np.random.default_rng(n)
    x = generator.normal(size=(n, 2))
    recovery = generator.exponential(1000, size=n) * np.exp(-x @ [0.5, -0.3])
    death = generator.exponential(3000, size=n)
    censoring = generator.exponential(2000, size=n)
    first = np.minimum(np.minimum(recovery, death), censoring)
    cause = np.where(first == recovery, 1, np.where(first == death, 2, 0))
    frame = pd.DataFrame(x, columns=["x0", "x1"])
    return frame.assign(
        time=np.round(first, 2) + 0.01, cause=cause, group=generator.integers(0, 2, size=n)
    )


def visited(n: int) -> pd.DataFrame:
    """Recoveries seen only at visits whose times are each person's own; a fifth not seen."""
    generator = np.random.default_rng(n)
    recovery = 10 * generator.weibull(1.5, size=n)
    spacing = generator.uniform(1, 8, size=n)
    first = generator.uniform(0, 1, size=n) * spacing
    passed = np.ceil((recovery - first) / spacing)
    right = np.round(first + np.maximum(passed, 0) * spacing, 3)
    left = np.round(np.maximum(right - spacing, 0), 3)
    unseen = generator.random(n) < 0.2
    frame = pd.DataFrame({"left": left, "right": np.where(unseen, np.inf, right)})
    frame.loc[unseen, "left"] = np.maximum(left, 0.001)[unseen]  # survfit knows no (0, inf]
    return frame


def seconds(call: Callable[[], object]) -> float:
    """The median of up to five calls after one to warm up; a slow call is timed once."""
    started = time.perf_counter()
    call()
    first = time.perf_counter() - started
    if first > 1:
        return first
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def ours(d: pd.DataFrame) -> dict[str, Callable[[], object]]:
    """Calls of incohort: curves with limits, models with the robust variance, the gap closed."""
    if "left" in d:
        return {"NPMLE": lambda: npmle(d["left"].to_numpy(), d["right"].to_numpy())}
    t, c, g = (d[name].to_numpy() for name in ("time", "cause", "group"))
    x = d[["x0", "x1"]].to_numpy()
    return {
        "Aalen-Johansen": lambda: aalen_johansen(t, c),
        "Gray's test": lambda: [gray_test(t, c, g, cause_of_interest=k) for k in (1, 2)],
        "Fine-Gray": lambda: fine_gray(t, c, x),
    }


def with_lifelines(d: pd.DataFrame) -> dict[str, Callable[[], object]]:
    """Calls of lifelines, which jitters ties and has no Fine–Gray; its variance as ours."""
    lifelines = importlib.import_module("lifelines")
    if "left" in d:
        return {
            "NPMLE": lambda: lifelines.KaplanMeierFitter().fit_interval_censoring(
                d["left"], d["right"]
            )
        }

    def curves() -> None:
        for cause in (1, 2):
            fitter = lifelines.AalenJohansenFitter(seed=1)
            fitter.fit(d["time"], d["cause"], event_of_interest=cause)

    return {"Aalen-Johansen": curves}


def with_r(d: pd.DataFrame, asked: set[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """Seconds by program and task, measured inside R; nothing where R lacks cmprsk."""
    if shutil.which("Rscript") is None or not asked:
        return {}
    with tempfile.TemporaryDirectory() as name:
        rows, program = Path(name) / "rows.csv", Path(name) / "program.R"
        d.replace(np.inf, "Inf").to_csv(rows, index=False)
        program.write_text(R_PROGRAM, encoding="utf-8")
        pairs = ";".join(",".join(pair) for pair in sorted(asked))
        done = subprocess.run(
            ["Rscript", str(program), str(rows), pairs], capture_output=True, text=True, check=False
        )
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1])
    lines = (line.split(";") for line in done.stdout.splitlines())
    return {(program, task): float(taken) for program, task, taken in lines}


def measured(d: pd.DataFrame) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """Our seconds by task, and the peers' by program and task."""
    tasks = ours(d)
    own = {task: seconds(call) for task, call in tasks.items()}
    asked = {
        (peer, task)
        for task in tasks
        for peer in PEERS[task]
        if len(d) <= LARGEST.get((peer, task), len(d))
    }
    theirs = with_r(d, {pair for pair in asked if pair[0] != "lifelines"})
    for task, call in with_lifelines(d).items():
        if ("lifelines", task) in asked:
            theirs["lifelines", task] = seconds(call)
    return own, theirs


def main() -> int:
    """Print the seconds of each, and say whether the promise holds."""
    warnings.simplefilter("ignore")  # what a peer says while it computes
    slower = []
    print(" " * 26 + "".join(f"{p:>11}" for p in ("incohort", *PROGRAMS)))
    for make, sizes in ((patients, SIZES), (visited, VISITED)):
        for n in sizes:
            own, theirs = measured(make(n))
            for task, taken in own.items():
                cells = [
                    f"{theirs[peer, task]:11.4f}" if (peer, task) in theirs else f"{'–':>11}"
                    for peer in PROGRAMS
                ]
                print(f"{n:>9,} {task:<16}{taken:11.4f}" + "".join(cells), flush=True)
                best = min((t for (_, k), t in theirs.items() if k == task), default=np.inf)
                if task in HELD and taken > best:
                    slower.append(f"{task} at {n:,}")
    print(f"incohort is slower on: {', '.join(slower) or 'nothing'}")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
