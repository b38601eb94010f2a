"""Aalen–Johansen, Gray, Fine–Gray and the NPMLE beside R's packages and lifelines.

On the same rows in the same run. On every task and number of rows incohort is to take no more CPU
time than any of them. R's survival has Fine–Gray as finegray() with coxph. Interval-censored
times come twice: visits at anybody's own moment, so that nearly all bounds differ, and on whole
days, as cohorts have them. icenReg, which Debian lacks, joins where R has it; npsurv stands for R.
"""

from __future__ import annotations

import importlib
import sys
import warnings

from ratios import OURS, Call, Ratios, Seconds, cpu_seconds, r_seconds

import numpy as np  # isort: skip  # after ratios, which sets the number of threads
import pandas as pd

from incohort.stats.competing import aalen_johansen, fine_gray, gray_test
from incohort.stats.interval import npmle

SIZES = (1_000, 10_000, 100_000, 1_000_000)
OWN_MOMENTS = (200, 1_000, 10_000, 100_000)
PEERS = ("survival", "cmprsk", "prodlim", "npsurv", "icenReg", "lifelines")
# Beyond so many rows their time grows with the square, to minutes.
LARGEST = {
    ("cmprsk", "Fine-Gray"): 1_000,
    ("survival", "Fine-Gray"): 1_000,
    ("survival", "Aalen-Johansen"): 10_000,
    ("lifelines", "Aalen-Johansen"): 10_000,
    ("survival", "NPMLE, own moments"): 200,
    ("lifelines", "NPMLE, own moments"): 200,
    ("npsurv", "NPMLE, own moments"): 1_000,
    ("icenReg", "NPMLE, own moments"): 1_000,
}

R_COMPETING = """
suppressMessages({ library(survival); library(cmprsk) })
d$state <- factor(d$cause, 0:2); x <- as.matrix(d[, c("x0", "x1")])
timed("survival", "Aalen-Johansen", function() survfit(Surv(time, state) ~ 1, d))
timed("cmprsk", "Aalen-Johansen", function() cuminc(d$time, d$cause))
if (has("prodlim")) timed("prodlim", "Aalen-Johansen", function()
  prodlim::prodlim(prodlim::Hist(time, cause) ~ 1, data = d))
timed("cmprsk", "Gray's test", function() cuminc(d$time, d$cause, d$group))
timed("cmprsk", "Fine-Gray", function() crr(d$time, d$cause, x, gtol = 1e-12, maxiter = 50))
timed("survival", "Fine-Gray", function()
  coxph(Surv(fgstart, fgstop, fgstatus) ~ x0 + x1, finegray(Surv(time, state) ~ x0 + x1, d),
    weights = fgwt, ties = "breslow"))
"""

R_INTERVAL = """
suppressMessages(library(survival))
z <- as.matrix(unname(d)); right <- ifelse(is.infinite(d$right), NA, d$right)
left <- ifelse(d$left == 0, NA, d$left)
for (task in c("NPMLE, own moments", "NPMLE, whole days")) {
  if (has("npsurv")) timed("npsurv", task, function()
    npsurv::npsurv(z, maxit = 1000, tol = 1e-10))
  if (has("icenReg")) timed("icenReg", task, function() icenReg::ic_np(z))
  timed("survival", task, function() survfit(Surv(left, right, type = "interval2") ~ 1))
}
"""


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


def on_whole_days(d: pd.DataFrame) -> pd.DataFrame:
    """The same with the day of the last count below and of the first above, which differ."""
    unseen = np.isinf(d["right"])
    left, right = np.floor(d["left"]), np.floor(d["right"]) + 1
    return pd.DataFrame({"left": left.where(~unseen, left + 1), "right": right})


def competing(d: pd.DataFrame) -> dict[str, dict[str, Call]]:
    """Calls by task and program: curves with limits, models with the robust variance.

    lifelines jitters ties and has no Fine–Gray; its variance is as ours.
    """
    t, c, g = (d[name].to_numpy() for name in ("time", "cause", "group"))
    x = d[["x0", "x1"]].to_numpy()
    lifelines = importlib.import_module("lifelines")

    def curves() -> None:
        for cause in (1, 2):
            fitter = lifelines.AalenJohansenFitter(seed=1)
            fitter.fit(d["time"], d["cause"], event_of_interest=cause)

    return {
        "Aalen-Johansen": {OURS: lambda: aalen_johansen(t, c), "lifelines": curves},
        "Gray's test": {OURS: lambda: [gray_test(t, c, g, cause_of_interest=k) for k in (1, 2)]},
        "Fine-Gray": {OURS: lambda: fine_gray(t, c, x)},
    }


def interval(task: str, d: pd.DataFrame) -> dict[str, dict[str, Call]]:
    """Calls of the NPMLE; ours ends when its gap is closed, lifelines' when it moves little."""
    left, right = d["left"].to_numpy(), d["right"].to_numpy()
    lifelines = importlib.import_module("lifelines")

    def curve() -> None:
        lifelines.KaplanMeierFitter().fit_interval_censoring(left, right)

    return {task: {OURS: lambda: npmle(left, right), "lifelines": curve}}


def measured(
    d: pd.DataFrame, calls: dict[str, dict[str, Call]], program: str, table: Ratios
) -> dict[str, Seconds]:
    """Seconds by task and program."""
    asked = {
        (peer, task)
        for task in calls
        for peer in PEERS
        if table.is_asked(peer, task) and len(d) <= LARGEST.get((peer, task), len(d))
    }
    in_r = r_seconds(d.replace(np.inf, "Inf").to_csv(index=False), program, asked)
    return {
        task: in_r.get(task, {})
        | cpu_seconds({p: call for p, call in by.items() if p == OURS or (p, task) in asked})
        for task, by in calls.items()
    }


def main() -> int:
    """Print the table of ratios; 1 where one is above 1."""
    warnings.simplefilter("ignore")  # what a peer says while it computes
    table = Ratios(PEERS)
    table.head()
    for n in SIZES:
        d = patients(n)
        for task, seconds in measured(d, competing(d), R_COMPETING, table).items():
            table.add(n, task, seconds)
    for task, sizes in (("NPMLE, own moments", OWN_MOMENTS), ("NPMLE, whole days", SIZES)):
        for n in sizes:
            d = visited(n) if task == "NPMLE, own moments" else on_whole_days(visited(n))
            seconds = measured(d, interval(task, d), R_INTERVAL, table)[task]
            table.add(n, task, seconds)
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
