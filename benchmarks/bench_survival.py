"""Kaplan–Meier, log-rank, Cox and the bootstrapped median beside R, lifelines and statsmodels.

Each on the same rows in the same run, the median of several calls, R timed inside R. On every task
of 100,000 rows incohort is to take at most what the quickest takes, and a quarter for noise.
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

from incohort.stats.survival import bootstrap_quantile, cox, kaplan_meier, logrank

SIZES = (1_000, 10_000, 100_000, 1_000_000)
HELD_AT = 100_000
AT_MOST = 1.25
LONGEST = 20.0  # seconds: a peer that took longer is not asked about ten times the rows
RESAMPLES = 200
COVARIATES = 5

R_PROGRAM = """
suppressMessages(library(survival))
arguments <- commandArgs(TRUE); d <- read.csv(arguments[1])
timed <- function(task, f) {
  one <- system.time(f())[["elapsed"]]
  taken <- if (one > 3) one else median(replicate(3, system.time(f())[["elapsed"]]))
  cat(sprintf("%s;%.6f\\n", task, taken))
}
timed("Kaplan-Meier", function() survfit(Surv(time, event) ~ 1, d, conf.type = "log-log"))
timed("log-rank", function() survdiff(Surv(time, event) ~ group, d))
timed("Cox, Efron", function() coxph(Surv(time, event) ~ x0 + x1 + x2 + x3 + x4, d))
timed("Cox, delayed entry", function() coxph(Surv(enter, time, event) ~ x0 + x1 + x2 + x3 + x4, d))
if (nrow(d) <= 10000) timed("bootstrap", function() replicate(RESAMPLES, {
  k <- sample.int(nrow(d), replace = TRUE)
  quantile(survfit(Surv(time[k], event[k]) ~ 1, d, se.fit = FALSE), .5, conf.int = FALSE)
}))
"""


def patients(n: int) -> pd.DataFrame:
    """Recovery times in days to two decimals, a tenth of them tied, with covariates that matter."""
    generator = np.random.default_rng(n)
    x = generator.normal(size=(n, COVARIATES))
    event_time = generator.exponential(1000, size=n) * np.exp(-x @ [0.5, -0.3, 0.2, 0.0, 0.1])
    censoring = generator.exponential(2000, size=n)
    observed = np.round(np.minimum(event_time, censoring), 2) + 0.01
    frame = pd.DataFrame(x, columns=[f"x{k}" for k in range(COVARIATES)])
    frame["time"] = observed
    frame["event"] = event_time <= censoring
    frame["group"] = generator.integers(0, 2, size=n)
    frame["enter"] = np.round(observed * generator.random(n) / 2, 3)
    return frame


def seconds(call: Callable[[], object]) -> float:
    """The median of up to five calls after one to warm up; a slow call is timed once."""
    started = time.perf_counter()
    call()
    first = time.perf_counter() - started
    if first > 3:
        return first
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def ours(d: pd.DataFrame) -> dict[str, Callable[[], object]]:
    """Calls of incohort; the Cox models end with coefficients, errors and three tests."""
    t, e, g, enter = (d[name].to_numpy() for name in ("time", "event", "group", "enter"))
    x = d[[f"x{k}" for k in range(COVARIATES)]].to_numpy()
    return {
        "Kaplan-Meier": lambda: kaplan_meier(t, e),
        "log-rank": lambda: logrank(t, e, g),
        "Cox, Efron": lambda: cox(t, e, x),
        "Cox, delayed entry": lambda: cox(t, e, x, time_enter=enter),
        "bootstrap": lambda: bootstrap_quantile(t, e, seed=1, n_resamples=RESAMPLES),
    }


def with_lifelines(d: pd.DataFrame) -> dict[str, Callable[[], object]]:
    """Calls of lifelines; its Cox model is held to the precision that ours has."""
    lifelines = importlib.import_module("lifelines")
    test = importlib.import_module("lifelines.statistics").logrank_test
    first, rows = d["group"] == 0, d.drop(columns=["group", "enter"])
    late = d.drop(columns="group")
    precise = {"fit_options": {"precision": 1e-12}}

    def bootstrap() -> None:
        generator = np.random.default_rng(1)
        for _ in range(RESAMPLES):
            k = generator.integers(0, len(d), size=len(d))
            fitter = lifelines.KaplanMeierFitter()
            _ = fitter.fit(d["time"].to_numpy()[k], d["event"].to_numpy()[k]).median_survival_time_

    return {
        "Kaplan-Meier": lambda: lifelines.KaplanMeierFitter().fit(d["time"], d["event"]),
        "log-rank": lambda: test(
            d["time"][first], d["time"][~first], d["event"][first], d["event"][~first]
        ),
        "Cox, Efron": lambda: lifelines.CoxPHFitter().fit(rows, "time", "event", **precise),
        "Cox, delayed entry": lambda: lifelines.CoxPHFitter().fit(
            late, "time", "event", entry_col="enter", **precise
        ),
        "bootstrap": bootstrap,
    }


def with_statsmodels(d: pd.DataFrame) -> dict[str, Callable[[], object]]:
    """Calls of statsmodels, where it has them: its curve has errors and no limits."""
    duration = importlib.import_module("statsmodels.duration.api")
    t, e, g = (d[name].to_numpy() for name in ("time", "event", "group"))
    x = d[[f"x{k}" for k in range(COVARIATES)]].to_numpy()

    def bootstrap() -> None:
        generator = np.random.default_rng(1)
        for _ in range(RESAMPLES):
            k = generator.integers(0, len(t), size=len(t))
            duration.SurvfuncRight(t[k], e[k]).quantile(0.5)

    return {
        "Kaplan-Meier": lambda: duration.SurvfuncRight(t, e),
        "log-rank": lambda: duration.survdiff(t, e, g),
        "Cox, Efron": lambda: duration.PHReg(t, x, status=e, ties="efron").fit(),
        "bootstrap": bootstrap,
    }


def with_r(d: pd.DataFrame) -> dict[str, float]:
    """Seconds that R's survival package takes for each task, measured inside R."""
    if shutil.which("Rscript") is None:
        return {}
    with tempfile.TemporaryDirectory() as name:
        rows = Path(name) / "rows.csv"
        d.assign(event=d["event"].astype(int)).to_csv(rows, index=False)
        program = Path(name) / "program.R"
        program.write_text(R_PROGRAM.replace("RESAMPLES", str(RESAMPLES)), encoding="utf-8")
        done = subprocess.run(
            ["Rscript", str(program), str(rows)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:  # no survival package
        return {}
    lines = (line.split(";") for line in done.stdout.splitlines())
    return {task: float(taken) for task, taken in lines}


def row(n: int, task: str, table: dict[str, dict[str, float]]) -> str:
    """One line of the table; a dash where a program was not asked."""
    cells = [
        f"{column[task]:12.4f}" if task in column else f"{'–':>12}" for column in table.values()
    ]
    return f"{n:>9,} {task:<19}" + "".join(cells)


def measured(n: int, too_slow: set[tuple[str, str]]) -> dict[str, dict[str, float]]:
    """Seconds by program and task; whatever took too long at this size joins `too_slow`."""
    d = patients(n)
    tasks = ours(d)
    if n > HELD_AT:
        del tasks["bootstrap"]  # minutes for us, hours for the others
    table = {"incohort": {task: seconds(call) for task, call in tasks.items()}, "R": with_r(d)}
    for peer, calls in (("lifelines", with_lifelines), ("statsmodels", with_statsmodels)):
        asked = {
            task: call
            for task, call in calls(d).items()
            if task in tasks and (peer, task) not in too_slow
        }
        table[peer] = {task: seconds(call) for task, call in asked.items()}
        too_slow |= {(peer, t) for t, taken in table[peer].items() if taken > LONGEST / 10}
    return table


def main() -> int:
    """Print the seconds of each, and say whether the promise holds."""
    warnings.simplefilter("ignore")  # what a peer says while it computes
    too_slow: set[tuple[str, str]] = set()
    slower = []
    print(" " * 29 + "".join(f"{p:>12}" for p in ("incohort", "R", "lifelines", "statsmodels")))
    for n in SIZES:
        table = measured(n, too_slow)
        for task, own in table["incohort"].items():
            print(row(n, task, table), flush=True)
            theirs = [table[peer].get(task, np.inf) for peer in ("R", "lifelines", "statsmodels")]
            if n == HELD_AT and own > AT_MOST * min(theirs):
                slower.append(task)
    print(f"at {HELD_AT:,} rows incohort is slower on: {', '.join(slower) or 'nothing'}")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
