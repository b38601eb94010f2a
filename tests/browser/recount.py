"""Every number of notebooks 01 and 02 that can be counted by hand, from the raw CSV files alone.

Nothing of incohort is imported: plain loops over rows and textbook formulas (`textbook.py` beside
this file), so that a mistake in the package can't repeat itself here. Default parameters are
assumed. `recount` gives the values
under their keys, `recount_counts` the events and denominators of proportions.
"""

from __future__ import annotations

import csv
import importlib.util
import math
from collections.abc import Callable
from datetime import date
from itertools import combinations
from pathlib import Path

_spec = importlib.util.spec_from_file_location("textbook", Path(__file__).with_name("textbook.py"))
textbook = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(textbook)

Row = dict[str, str]
Numbers = dict[str, float]
Counts = dict[str, tuple[int, int]]

T = "thyroid_antibodies"
OVERVIEW = "cohort_overview"

# Units that centre south of the mixed cohort prints; everything else is canonical.
TO_CANONICAL = {
    ("ANC", "/uL"): 0.001,
    ("HB", "g/L"): 0.1,
    ("CRP", "mg/dL"): 10.0,
    ("IGG", "g/L"): 100.0,
}
SUBTYPES = ("hashimoto", "graves", "ttm", "ntmg", "an_shp")
AUTOIMMUNE = ("hashimoto", "graves")
CORRELATIONS = {
    "ft3_anc": ("FT3", "ANC"),
    "tpo_c4": ("ANTI_TPO", "C4"),
    "tg_c4": ("ANTI_TG", "C4"),
    "cd4_t4": ("CD4", "FT4"),
    "cd4_tsh": ("CD4", "TSH"),
}


def recount(folder: Path) -> dict[str, float]:
    """Values under the keys of their estimates."""
    cohort = Cohort(folder)
    numbers = {key: events / n for key, (events, n) in recount_counts(folder).items() if n}
    numbers[f"{T}/frequency/total/count"] = len(cohort.patients)
    numbers |= comparisons(cohort) | correlations(cohort) | titres(cohort) | infections(cohort)
    return numbers


def recount_counts(folder: Path) -> dict[str, tuple[int, int]]:
    """Events and denominator under the keys of proportions."""
    cohort = Cohort(folder)
    return frequencies(cohort) | antibodies(cohort) | infection_counts(cohort)


class Cohort:
    """The rows of one folder, and the few sets of patients that everything is counted from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.patients = self.rows("patients")
        self.aetiology = {row["patient_id"]: row["aetiology"] for row in self.patients}
        self.thyroid = {p for p, cause in self.aetiology.items() if cause == "thyroid_disease"}
        self.subtype = {
            row["patient_id"]: row["subtype"]
            for row in self.rows("diagnoses")
            if row["condition"] == "thyroid_disease"
        }
        self.tests = [
            row for row in self.rows("antibody_tests") if row["result"] in ("positive", "negative")
        ]
        self.first = self.first_values()

    def rows(self, table: str) -> list[Row]:
        """One table as it stands in its file; none where there is no file."""
        path = self.folder / f"{table}.csv"
        if not path.exists():
            return []
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def first_values(self) -> dict[tuple[str, str], float]:
        """The earliest value of each patient and analyte, in canonical units."""
        first: dict[tuple[str, str], tuple[str, float]] = {}
        for row in self.rows("labs"):
            if row["value"]:
                key = (row["patient_id"], row["analyte"])
                value = float(row["value"]) * TO_CANONICAL.get((row["analyte"], row["unit"]), 1.0)
                if key not in first or row["taken_at"] < first[key][0]:
                    first[key] = (row["taken_at"], value)
        return {key: value for key, (_, value) in first.items()}

    def with_result(self, assay: str, result: str | None = None) -> set[str]:
        """Patients with thyroid disease that have such a result by that assay."""
        return {
            row["patient_id"]
            for row in self.tests
            if row["assay"] == assay and result in (None, row["result"])
        } & self.thyroid


def frequencies(cohort: Cohort) -> dict[str, tuple[int, int]]:
    """Who has which cause."""
    counts = {}
    n = len(cohort.patients)
    for cause in sorted(set(cohort.aetiology.values()) - {""}):
        events = sum(found == cause for found in cohort.aetiology.values())
        counts[f"{T}/frequency/{cause}/proportion"] = (events, n)
        counts[f"{OVERVIEW}/aetiology/{cause}/proportion"] = (events, n)
    return counts


def antibodies(cohort: Cohort) -> dict[str, tuple[int, int]]:
    """Who was tested, by which assay, and who was positive."""
    tested, positive = cohort.with_result("gift"), cohort.with_result("gift", "positive")
    counts = {
        f"{T}/anti_pmn/tested/proportion": (len(tested), len(cohort.thyroid)),
        f"{T}/anti_pmn/all/proportion": (len(positive), len(tested)),
    }
    for subtype in SUBTYPES:
        of_it = {p for p in tested if cohort.subtype.get(p) == subtype}
        counts[f"{T}/anti_pmn/{subtype}/proportion"] = (len(of_it & positive), len(of_it))
    autoimmune = {p for p in tested if cohort.subtype.get(p) in AUTOIMMUNE}
    rest = tested - autoimmune
    counts[f"{T}/anti_pmn/autoimmune_thyroid/proportion"] = (
        len(autoimmune & positive),
        len(autoimmune),
    )
    counts[f"{T}/anti_pmn/not_autoimmune_thyroid/proportion"] = (len(rest & positive), len(rest))
    for assay in ("gift", "gat", "lift"):
        done = cohort.with_result(assay)
        found = cohort.with_result(assay, "positive")
        counts[f"{T}/assays/{assay}/proportion"] = (len(found), len(done))
    both = positive & cohort.with_result("gat")
    within = both & cohort.with_result("gat", "positive")
    counts[f"{T}/assays/gat_within_gift/proportion"] = (len(within), len(both))
    return counts


def infection_counts(cohort: Cohort) -> dict[str, tuple[int, int]]:
    """Recurrent infections in thyroid disease and in the others."""
    infected = {
        row["patient_id"] for row in cohort.rows("events") if row["event"] == "recurrent_infections"
    }
    others = set(cohort.aetiology) - cohort.thyroid
    return {
        f"{T}/infections/thyroid/proportion": (len(infected & cohort.thyroid), len(cohort.thyroid)),
        f"{T}/infections/other/proportion": (len(infected & others), len(others)),
    }


def infections(cohort: Cohort) -> dict[str, float]:
    """The difference of the two shares and two tests of it."""
    (a, n_1), (c, n_2) = infection_counts(cohort).values()
    if not n_1 or not n_2 or a + c in (0, n_1 + n_2):
        return {}
    b, d = n_1 - a, n_2 - c
    chi_square = (n_1 + n_2) * (a * d - b * c) ** 2 / (n_1 * n_2 * (a + c) * (b + d))
    return {
        f"{T}/infections/difference": a / n_1 - c / n_2,
        f"{T}/infections/chi_square_p_value": math.erfc(math.sqrt(chi_square / 2)),
        f"{T}/infections/fisher_p_value": textbook.exact_p([[a, b], [c, d]]),
    }


def comparisons(cohort: Cohort) -> dict[str, float]:
    """Exact tests of positivity between subtypes."""
    counts = antibodies(cohort)
    by_subtype = {name: counts[f"{T}/anti_pmn/{name}/proportion"] for name in SUBTYPES}
    positive, tested = counts[f"{T}/anti_pmn/all/proportion"]
    if not tested:
        return {}
    numbers = {
        f"{T}/anti_pmn/by_subtype/fisher_p_value": textbook.exact_p(
            [[events, n - events] for events, n in by_subtype.values() if n]
        )
    }
    groups = {
        "hashimoto_vs_rest": by_subtype["hashimoto"],
        "autoimmune_vs_rest": counts[f"{T}/anti_pmn/autoimmune_thyroid/proportion"],
    }
    for name, (events, n) in groups.items():
        a, b, c = events, n - events, positive - events
        d = tested - n - c
        prefix = f"{T}/anti_pmn/{name}"
        numbers[f"{prefix}/fisher_p_value"] = textbook.exact_p([[a, b], [c, d]])
        if b * c:
            numbers[f"{prefix}/odds_ratio"] = a * d / (b * c)
        if min(a, b, c, d) > 0:
            numbers[f"{prefix}/odds_ratio_conditional"] = textbook.conditional_odds_ratio(a, b, c, d)
    return numbers


def correlations(cohort: Cohort) -> dict[str, float]:
    """Pearson and Spearman on the pairs there are."""
    numbers: dict[str, float] = {}
    for name, (first, second) in CORRELATIONS.items():
        within = cohort.thyroid if name == "ft3_anc" else set(cohort.aetiology)
        pairs = [
            (cohort.first[p, first], cohort.first[p, second])
            for p in sorted(within)
            if (p, first) in cohort.first and (p, second) in cohort.first
        ]
        if len(pairs) < 3:
            continue
        prefix = f"{T}/correlations/{name}"
        r = textbook.pearson(pairs)
        numbers[f"{prefix}/pearson"] = r
        numbers[f"{prefix}/pearson_p_value"] = textbook.p_of_r(r, len(pairs))
        numbers[f"{prefix}/r_squared"] = r * r
        numbers[f"{prefix}/spearman"] = textbook.pearson(
            list(zip(textbook.ranks([x for x, _ in pairs]), textbook.ranks([y for _, y in pairs]), strict=True))
        )
    return numbers


def titres(cohort: Cohort) -> dict[str, float]:
    """Anti-TPO and anti-Tg in those with and without anti-PMN antibodies."""
    positive = cohort.with_result("gift", "positive")
    negative = cohort.with_result("gift") - positive
    numbers: dict[str, float] = {}
    for name, analyte in (("anti_tpo", "ANTI_TPO"), ("anti_tg", "ANTI_TG")):
        found, others = (
            sorted(cohort.first[p, analyte] for p in group if (p, analyte) in cohort.first)
            for group in (positive, negative)
        )
        if not found or not others:
            continue
        prefix = f"{T}/autoantibodies/{name}"
        for status, values in (("positive", found), ("negative", others)):
            for part, share in (("q1", 0.25), ("median", 0.5), ("q3", 0.75)):
                numbers[f"{prefix}/{status}/{part}"] = textbook.quantile(values, share)
        differences = sorted(x - y for x in found for y in others)
        if len(set(found + others)) == len(found + others):
            numbers[f"{prefix}/difference"] = textbook.quantile(differences, 0.5)
            numbers[f"{prefix}/mann_whitney_p_value"] = textbook.rank_sum_p(found, others)
    return numbers
