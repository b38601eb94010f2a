"""Notebook 05, the published comparisons of G-CSF, worked out again from the arms as printed."""

from __future__ import annotations

import csv
from pathlib import Path

from .raw import Numbers

EVIDENCE = "gcsf_evidence"
ARMS = Path(__file__).resolve().parents[3] / "data_dictionary" / "evidence" / "gcsf_arms.csv"
POOLED = ("tajiri2005_symptomatic", "tajiri2005_asymptomatic", "andres2001")


def numbers() -> Numbers:
    """Differences of means, and their fixed-effect mean: no row of a cohort takes part."""
    arms: dict[str, dict[str, dict[str, str]]] = {}
    with ARMS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            arms.setdefault(row["comparison"], {})[row["arm"]] = row
    found: Numbers = {}
    sums = [0.0, 0.0]
    for name, pair in arms.items():
        treated, untreated = pair.get("gcsf"), pair.get("none")
        if not treated or not untreated or not (treated["mean_days"] and untreated["mean_days"]):
            continue
        difference = float(treated["mean_days"]) - float(untreated["mean_days"])
        found[f"{EVIDENCE}/arms/{name}/mean_difference"] = difference
        if name in POOLED:
            weight = 1 / sum(float(arm["sd_days"]) ** 2 / int(arm["n"]) for arm in pair.values())
            sums = [sums[0] + weight * difference, sums[1] + weight]
    found[f"{EVIDENCE}/pooled/fixed"] = sums[0] / sums[1]
    return found
