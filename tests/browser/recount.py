"""Every number of notebooks 01 and 02 that can be counted by hand, from the raw CSV files alone.

Nothing of incohort is imported: plain loops over rows and textbook formulas, so that a mistake in
the package can't repeat itself here. Default parameters are assumed. `recount` gives the values
under their keys, `recount_counts` the events and denominators of proportions.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

Row = dict[str, str]
Pair = tuple[float, float]

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
        f"{T}/infections/fisher_p_value": exact_p([[a, b], [c, d]]),
    }


def comparisons(cohort: Cohort) -> dict[str, float]:
    """Exact tests of positivity between subtypes."""
    counts = antibodies(cohort)
    by_subtype = {name: counts[f"{T}/anti_pmn/{name}/proportion"] for name in SUBTYPES}
    positive, tested = counts[f"{T}/anti_pmn/all/proportion"]
    if not tested:
        return {}
    numbers = {
        f"{T}/anti_pmn/by_subtype/fisher_p_value": exact_p(
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
        numbers[f"{prefix}/fisher_p_value"] = exact_p([[a, b], [c, d]])
        if b * c:
            numbers[f"{prefix}/odds_ratio"] = a * d / (b * c)
        if min(a, b, c, d) > 0:
            numbers[f"{prefix}/odds_ratio_conditional"] = conditional_odds_ratio(a, b, c, d)
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
        r = pearson(pairs)
        numbers[f"{prefix}/pearson"] = r
        numbers[f"{prefix}/pearson_p_value"] = p_of_r(r, len(pairs))
        numbers[f"{prefix}/r_squared"] = r * r
        numbers[f"{prefix}/spearman"] = pearson(
            list(zip(ranks([x for x, _ in pairs]), ranks([y for _, y in pairs]), strict=True))
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
                numbers[f"{prefix}/{status}/{part}"] = quantile(values, share)
        differences = sorted(x - y for x in found for y in others)
        if len(set(found + others)) == len(found + others):
            numbers[f"{prefix}/difference"] = quantile(differences, 0.5)
            numbers[f"{prefix}/mann_whitney_p_value"] = rank_sum_p(found, others)
    return numbers


# ------------------------------------------------------------------ textbook formulas


def quantile(ordered: list[float], share: float) -> float:
    """Linear between order statistics (Hyndman and Fan's type 7)."""
    position = (len(ordered) - 1) * share
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def ranks(values: list[float]) -> list[float]:
    """Ranks from 1; ties share their mean."""
    return [
        sum(other < value for other in values) + (values.count(value) + 1) / 2 for value in values
    ]


def pearson(pairs: list[Pair]) -> float:
    """The product-moment correlation."""
    n = len(pairs)
    mean_x, mean_y = (math.fsum(side) / n for side in zip(*pairs, strict=True))
    sxy = math.fsum((x - mean_x) * (y - mean_y) for x, y in pairs)
    sxx = math.fsum((x - mean_x) ** 2 for x, _ in pairs)
    syy = math.fsum((y - mean_y) ** 2 for _, y in pairs)
    return sxy / math.sqrt(sxx * syy)


def p_of_r(r: float, n: int) -> float:
    """Two-sided P of a correlation, by Student's t with n − 2 degrees of freedom.

    For whole degrees of freedom the integral is a finite sum (Abramowitz and Stegun 26.7.3, .4).

    >>> f"{p_of_r(0.632, 10):.3f} {p_of_r(0.602, 11):.3f}"  # critical values at 5 % in any table
    '0.050 0.050'
    """
    df = n - 2
    theta = math.atan(abs(r) / math.sqrt(1 - r * r))  # t / √df
    cosine, sine = math.cos(theta), math.sin(theta)
    if df % 2:
        term, total = cosine, 0.0
        for step in range(1, (df - 1) // 2 + 1):
            total += term
            term *= cosine * cosine * 2 * step / (2 * step + 1)
        inside = 2 / math.pi * (theta + sine * total)
    else:
        term, total = 1.0, 0.0
        for step in range(1, df // 2 + 1):
            total += term
            term *= cosine * cosine * (2 * step - 1) / (2 * step)
        inside = sine * total
    return 1 - inside


def exact_p(table: list[list[int]]) -> float:
    """Fisher's exact P of an r × 2 table: all tables as likely as it or less (Freeman–Halton).

    >>> exact_p([[3, 1], [1, 3]]) == 34 / 70  # the lady tasting tea
    True
    """
    sizes = [sum(row) for row in table]
    events = sum(row[0] for row in table)

    def ways(firsts: list[int]) -> int:
        return math.prod(math.comb(n, k) for n, k in zip(sizes, firsts, strict=True))

    observed = ways([row[0] for row in table])
    as_extreme = sum(w for w in map(ways, splits(events, sizes)) if w <= observed)
    return as_extreme / math.comb(sum(sizes), events)


def splits(total: int, sizes: list[int]) -> Iterator[list[int]]:
    """Every way to spread `total` events over groups of these sizes."""
    if len(sizes) == 1:
        if total <= sizes[0]:
            yield [total]
        return
    for first in range(min(total, sizes[0]) + 1):
        for rest in splits(total - first, sizes[1:]):
            yield [first, *rest]


def conditional_odds_ratio(a: int, b: int, c: int, d: int) -> float:
    """The odds ratio under which the expected first cell, margins fixed, is the observed one."""
    cells = range(max(0, a - d), min(a + b, a + c) + 1)

    def expected(log_ratio: float) -> float:
        weights = [
            math.comb(a + b, k) * math.comb(c + d, a + c - k) * math.exp(log_ratio * (k - a))
            for k in cells
        ]
        return sum(k * w for k, w in zip(cells, weights, strict=True)) / sum(weights)

    low, high = -20.0, 20.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if expected(middle) < a else (low, middle)
    return math.exp((low + high) / 2)


def rank_sum_p(found: list[float], others: list[float]) -> float:
    """Two-sided exact P of Mann–Whitney's U without ties, by counting all orders.

    >>> rank_sum_p([4, 5, 6], [1, 2, 3]) == 2 / 20  # one order of 20 is as extreme, either way
    True
    """
    u = sum(x > y for x in found for y in others)
    m, n = len(found), len(others)
    # ways[j][s]: how many choices of j ranks exceed their lowest possible sum by s
    ways = [[1] + [0] * (m * n)] + [[0] * (m * n + 1) for _ in range(m)]
    for rank in range(1, m + n + 1):
        for size in range(min(rank, m), 0, -1):
            shift = rank - size
            for excess in range(m * n, shift - 1, -1):
                ways[size][excess] += ways[size - 1][excess - shift]
    tail = min(sum(ways[m][: u + 1]), sum(ways[m][u:]))
    return min(1.0, 2 * tail / math.comb(m + n, m))
