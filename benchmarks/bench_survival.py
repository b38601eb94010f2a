"""Kaplan–Meier, log-rank, Cox and the bootstrapped median beside R and three Python libraries.

On the same rows in the same run. On every task and number of rows incohort is to take no more CPU
time than any of them. A peer is asked what it can answer: statsmodels' curve has errors and no
limits, scikit-survival has no delayed entry. A peer's bootstrap is a loop over resamples, so it is
timed on some of them.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import warnings

from ratios import OURS, Call, Ratios, Seconds, cpu_seconds, r_seconds

import numpy as np  # isort: skip  # after ratios, which sets the number of threads
import pandas as pd

from incohort.stats.survival import bootstrap_quantile, cox, kaplan_meier, logrank

SIZES = (1_000, 10_000, 100_000, 1_000_000)
RESAMPLES = 200
OF_A_PEER = 10  # of the resamples, for all of which it takes so many times longer
COVARIATES = 5
PEERS = ("R", "statsmodels", "lifelines", "scikit-survival")
TASKS = (
    "Kaplan-Meier",
    "Kaplan-Meier, limits",
    "log-rank",
    "Cox, Efron",
    "Cox, delayed entry",
    "bootstrap",
)

R_PROGRAM = """
suppressMessages(library(survival))
timed("R", "Kaplan-Meier", function() survfit(Surv(time, event) ~ 1, d, conf.type = "none"))
timed("R", "Kaplan-Meier, limits", function()
  survfit(Surv(time, event) ~ 1, d, conf.type = "log-log"))
timed("R", "log-rank", function() survdiff(Surv(time, event) ~ group, d))
timed("R", "Cox, Efron", function() coxph(Surv(time, event) ~ x0 + x1 + x2 + x3 + x4, d))
timed("R", "Cox, delayed entry", function()
  coxph(Surv(enter, time, event) ~ x0 + x1 + x2 + x3 + x4, d))
timed("R", "bootstrap", function() replicate(OF_A_PEER, {
  k <- sample.int(nrow(d), replace = TRUE)
  quantile(survfit(Surv(time[k], event[k]) ~ 1, d, se.fit = FALSE), .5, conf.int = FALSE)
}))
""".replace("OF_A_PEER", str(OF_A_PEER))


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


def ours(d: pd.DataFrame) -> dict[str, Call]:
    """Calls of incohort; the Cox models end with coefficients, errors and three tests."""
    t, e, g, enter = (d[name].to_numpy() for name in ("time", "event", "group", "enter"))
    x = d[[f"x{k}" for k in range(COVARIATES)]].to_numpy()
    return {
        "Kaplan-Meier": lambda: kaplan_meier(t, e).se_log,
        "Kaplan-Meier, limits": lambda: kaplan_meier(t, e).ci_low,
        "log-rank": lambda: logrank(t, e, g),
        "Cox, Efron": lambda: cox(t, e, x),
        "Cox, delayed entry": lambda: cox(t, e, x, time_enter=enter),
        "bootstrap": lambda: bootstrap_quantile(t, e, seed=1, n_resamples=RESAMPLES),
    }


def with_lifelines(d: pd.DataFrame) -> dict[str, Call]:
    """Calls of lifelines; its Cox model is held to the precision that ours has."""
    lifelines = importlib.import_module("lifelines")
    test = importlib.import_module("lifelines.statistics").logrank_test
    first, rows = d["group"] == 0, d.drop(columns=["group", "enter"])
    late = d.drop(columns="group")
    precise = {"fit_options": {"precision": 1e-12}}

    def bootstrap() -> None:
        generator = np.random.default_rng(1)
        for _ in range(OF_A_PEER):
            k = generator.integers(0, len(d), size=len(d))
            fitter = lifelines.KaplanMeierFitter()
            _ = fitter.fit(d["time"].to_numpy()[k], d["event"].to_numpy()[k]).median_survival_time_

    return {
        "Kaplan-Meier, limits": lambda: lifelines.KaplanMeierFitter().fit(d["time"], d["event"]),
        "log-rank": lambda: test(
            d["time"][first], d["time"][~first], d["event"][first], d["event"][~first]
        ),
        "Cox, Efron": lambda: lifelines.CoxPHFitter().fit(rows, "time", "event", **precise),
        "Cox, delayed entry": lambda: lifelines.CoxPHFitter().fit(
            late, "time", "event", entry_col="enter", **precise
        ),
        "bootstrap": bootstrap,
    }


def with_statsmodels(d: pd.DataFrame) -> dict[str, Call]:
    """Calls of statsmodels, where it has them."""
    duration = importlib.import_module("statsmodels.duration.api")
    t, e, g = (d[name].to_numpy() for name in ("time", "event", "group"))
    x = d[[f"x{k}" for k in range(COVARIATES)]].to_numpy()

    def bootstrap() -> None:
        generator = np.random.default_rng(1)
        for _ in range(OF_A_PEER):
            k = generator.integers(0, len(t), size=len(t))
            duration.SurvfuncRight(t[k], e[k]).quantile(0.5)

    return {
        "Kaplan-Meier": lambda: duration.SurvfuncRight(t, e),
        "log-rank": lambda: duration.survdiff(t, e, g),
        "Cox, Efron": lambda: duration.PHReg(t, x, status=e, ties="efron").fit(),
        "bootstrap": bootstrap,
    }


def with_scikit_survival(d: pd.DataFrame) -> dict[str, Call]:
    """Calls of scikit-survival; its Cox model gives coefficients without errors."""
    curve = importlib.import_module("sksurv.nonparametric").kaplan_meier_estimator
    test = importlib.import_module("sksurv.compare").compare_survival
    model = importlib.import_module("sksurv.linear_model").CoxPHSurvivalAnalysis
    t, e, g = (d[name].to_numpy() for name in ("time", "event", "group"))
    x = d[[f"x{k}" for k in range(COVARIATES)]].to_numpy()
    outcome = importlib.import_module("sksurv.util").Surv.from_arrays(e, t)

    def bootstrap() -> None:
        generator = np.random.default_rng(1)
        for _ in range(OF_A_PEER):
            k = generator.integers(0, len(t), size=len(t))
            times, survival = curve(e[k], t[k])
            _ = times[np.argmax(survival <= 0.5)]

    return {
        "Kaplan-Meier": lambda: curve(e, t),
        "Kaplan-Meier, limits": lambda: curve(e, t, conf_type="log-log"),
        "log-rank": lambda: test(outcome, g),
        "Cox, Efron": lambda: model(ties="efron", tol=1e-12).fit(x, outcome),
        "bootstrap": bootstrap,
    }


def python_peers(d: pd.DataFrame) -> dict[str, dict[str, Call]]:
    """Calls by peer and task; scikit-survival where it is installed."""
    peers = {"statsmodels": with_statsmodels(d), "lifelines": with_lifelines(d)}
    if importlib.util.find_spec("sksurv") is not None:
        peers["scikit-survival"] = with_scikit_survival(d)
    return peers


def measured(d: pd.DataFrame, table: Ratios) -> dict[str, Seconds]:
    """Seconds by task and program."""
    peers, own = python_peers(d), ours(d)
    rows = d.assign(event=d["event"].astype(int)).to_csv(index=False)
    in_r = r_seconds(rows, R_PROGRAM, {("R", task) for task in TASKS if table.is_asked("R", task)})
    found = {}
    for task in TASKS:
        calls = {
            peer: tasks[task]
            for peer, tasks in peers.items()
            if task in tasks and table.is_asked(peer, task)
        }
        seconds = in_r.get(task, {}) | cpu_seconds({OURS: own[task]} | calls)
        if task == "bootstrap":
            for peer in seconds.keys() - {OURS}:
                seconds[peer] *= RESAMPLES / OF_A_PEER
        found[task] = seconds
    return found


def main() -> int:
    """Print the table of ratios; 1 where one is above 1."""
    warnings.simplefilter("ignore")  # what a peer says while it computes
    table = Ratios(PEERS)
    table.head()
    for n in SIZES:
        for task, seconds in measured(patients(n), table).items():
            table.add(n, task, seconds)
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
