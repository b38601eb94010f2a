"""Notebook 02, the thyroid study, counted again."""

from __future__ import annotations

import math

from . import textbook
from .characteristics import ANALYTES, characteristics, shares
from .raw import QUARTILES, Cohort, Counts, Numbers

T = "thyroid_antibodies"
ASSAYS = (
    "gift", "direct_gift", "gat", "gift_gat", "lift", "maiga", "flow_wift", "beads", "bmift",
    "other",
)  # fmt: skip
SUBTYPES = ("hashimoto", "graves", "ttm", "ntmg", "an_shp")
AUTOIMMUNE = ("hashimoto", "graves")
CORRELATIONS = {
    "ft3_anc": ("FT3", "ANC"),
    "tpo_c4": ("ANTI_TPO", "C4"),
    "tg_c4": ("ANTI_TG", "C4"),
    "cd4_t4": ("CD4", "FT4"),
    "cd4_tsh": ("CD4", "TSH"),
}
# As printed: r (under the name of r²) and P.
PRINTED = {
    "ft3_anc": ("-0.274", "0.007"),
    "tpo_c4": ("-0.16", "0.045"),
    "tg_c4": ("-0.266", "0.001"),
    "cd4_t4": ("-0.274", "0.024"),
}


def numbers(cohort: Cohort) -> Numbers:
    """Values under the keys of their estimates, shares apart."""
    found = {f"{T}/frequency/total/count": len(cohort.patients)}
    found |= comparisons(cohort) | correlations(cohort) | titres(cohort) | infections(cohort)
    return found | overlap(cohort) | selection(cohort) | logistic(cohort)


def counts(cohort: Cohort) -> Counts:
    """Events and denominators of shares."""
    selected = shares(cohort, f"{T}/selection", of_testing(cohort), ("sex",))
    return frequencies(cohort) | antibodies(cohort) | infection_counts(cohort) | selected


def frequencies(cohort: Cohort) -> Counts:
    """Who has which cause."""
    causes = [cause for row in cohort.patients.values() if (cause := row.get("aetiology"))]
    return {
        f"{T}/frequency/{cause}/proportion": (causes.count(cause), len(causes))
        for cause in set(causes)
    }


def antibodies(cohort: Cohort) -> Counts:
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
    rest = {p for p in tested if cohort.subtype.get(p) in SUBTYPES} - autoimmune
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


def with_recurrent_infections(cohort: Cohort) -> set[str]:
    """Patients in whom the clinic recorded recurrent infections."""
    events = cohort.rows("events")
    return {row["patient_id"] for row in events if row["event"] == "recurrent_infections"}


def infection_counts(cohort: Cohort) -> Counts:
    """Recurrent infections in thyroid disease and in the others."""
    infected = {
        row["patient_id"] for row in cohort.rows("events") if row["event"] == "recurrent_infections"
    }
    others = {p for p, row in cohort.patients.items() if row.get("aetiology")} - cohort.thyroid
    if not infected:
        return {}
    return {
        f"{T}/infections/thyroid/proportion": (len(infected & cohort.thyroid), len(cohort.thyroid)),
        f"{T}/infections/other/proportion": (len(infected & others), len(others)),
    }


def infections(cohort: Cohort) -> Numbers:
    """The difference of the two shares and two tests of it."""
    found = infection_counts(cohort)
    if not found:
        return {}
    (a, n_1), (c, n_2) = found.values()
    total = {f"{T}/infections/total/count": a + c}
    if not n_1 or not n_2 or a + c in (0, n_1 + n_2):
        return total
    b, d = n_1 - a, n_2 - c
    chi_square = (n_1 + n_2) * (a * d - b * c) ** 2 / (n_1 * n_2 * (a + c) * (b + d))
    return total | {
        f"{T}/infections/difference": a / n_1 - c / n_2,
        f"{T}/infections/chi_square_p_value": math.erfc(math.sqrt(chi_square / 2)),
        f"{T}/infections/fisher_p_value": textbook.exact_p([[a, b], [c, d]]),
    }


def comparisons(cohort: Cohort) -> Numbers:
    """Exact tests of positivity between subtypes."""
    counts = antibodies(cohort)
    by_subtype = {name: counts[f"{T}/anti_pmn/{name}/proportion"] for name in SUBTYPES}
    positive, tested = map(sum, zip(*by_subtype.values(), strict=True))
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
            numbers[f"{prefix}/odds_ratio_conditional"] = textbook.conditional_odds_ratio(
                a, b, c, d
            )
    return numbers


def correlations(cohort: Cohort) -> Numbers:
    """Pearson and Spearman on the pairs there are."""
    numbers: Numbers = {}
    for name, (first, second) in CORRELATIONS.items():
        prefix = f"{T}/correlations/{name}"
        if name in PRINTED:
            fits = [n for n in range(4, 2000) if fits_print(n, *PRINTED[name])]
            numbers[f"{prefix}/implied_n_low"] = fits[0]
            numbers[f"{prefix}/implied_n_high"] = fits[-1]
        within = cohort.thyroid if name == "ft3_anc" else set(cohort.patients)
        both = [(cohort.nearest(p, first), cohort.nearest(p, second)) for p in sorted(within)]
        pairs = [(x, y) for x, y in both if x is not None and y is not None]
        numbers[f"{prefix}/n/count"] = len(pairs)
        if len(pairs) < 4:
            continue
        r = textbook.pearson(pairs)
        numbers[f"{prefix}/pearson"] = r
        numbers[f"{prefix}/pearson_p_value"] = textbook.p_of_r(r, len(pairs))
        numbers[f"{prefix}/r_squared"] = r * r
        ranked = (textbook.ranks(list(side)) for side in zip(*pairs, strict=True))
        rho = textbook.pearson(list(zip(*ranked, strict=True)))
        numbers[f"{prefix}/spearman"] = rho
        numbers[f"{prefix}/spearman_p_value"] = textbook.p_of_r(rho, len(pairs))
    return numbers


def fits_print(n: int, r: str, p: str) -> bool:
    """Whether so many pairs, with some r printed like that, have a P that is printed like that."""
    half = 0.5 * 10.0 ** -len(r.partition(".")[2])
    smallest, largest = (textbook.p_of_r(abs(float(r)) + side * half, n) for side in (1, -1))
    return smallest < float(p) + 0.0005 and largest >= float(p) - 0.0005


def titres(cohort: Cohort) -> Numbers:
    """Anti-TPO and anti-Tg in those with and without anti-PMN antibodies."""
    positive = cohort.with_result("gift", "positive")
    negative = cohort.with_result("gift") - positive
    numbers: Numbers = {}
    for name, analyte in (("anti_tpo", "ANTI_TPO"), ("anti_tg", "ANTI_TG")):
        found, others = (
            sorted(value for p in group if (value := cohort.nearest(p, analyte)) is not None)
            for group in (positive, negative)
        )
        if not found or not others:
            continue
        prefix = f"{T}/autoantibodies/{name}"
        for status, values in (("positive", found), ("negative", others)):
            numbers[f"{prefix}/{status}/n/count"] = len(values)
            for part, share in QUARTILES:
                numbers[f"{prefix}/{status}/{part}"] = textbook.quantile(values, share)
        differences = sorted(x - y for x in found for y in others)
        numbers[f"{prefix}/difference"] = textbook.quantile(differences, 0.5)
        is_tied = len(set(found + others)) < len(found + others)
        test = textbook.rank_sum_p_with_ties if is_tied else textbook.rank_sum_p
        numbers[f"{prefix}/mann_whitney_p_value"] = test(found, others)
    return numbers


def overlap(cohort: Cohort) -> Numbers:
    """How many patients each set of assays found, of those that all assays tested."""
    assays = [a for a in ASSAYS if cohort.with_result(a)]
    if len(assays) < 2:
        return {}
    complete = set.intersection(*(cohort.with_result(assay) for assay in assays))
    numbers: Numbers = {}
    for patient in complete:
        found = [a for a in assays if patient in cohort.with_result(a, "positive")]
        name = "_and_".join(found) + ("_only" if len(found) == 1 else "") if found else "none"
        key = f"{T}/assays/overlap/{name}/count"
        numbers[key] = numbers.get(key, 0) + 1
    if complete:
        numbers[f"{T}/assays/overlap/total/count"] = len(complete)
    return numbers


def of_testing(cohort: Cohort) -> dict[str, list[str]]:
    """Patients with thyroid disease, tested and not."""
    tested = cohort.with_result("gift")
    return {"tested": sorted(tested), "not_tested": sorted(cohort.thyroid - tested)}


def selection(cohort: Cohort) -> Numbers:
    """How the tested differ from the others with thyroid disease."""
    numbers = characteristics(
        cohort,
        f"{T}/selection",
        of_testing(cohort),
        (*ANALYTES, "FT3", "TSH", "ANTI_TPO"),
        ("sex",),
    )
    return numbers | {f"{T}/selection/total/count": len(cohort.thyroid)}


def logistic(cohort: Cohort) -> Numbers:
    """Recurrent infections on thyroid disease, age in decades, female sex and the count."""
    infected = with_recurrent_infections(cohort)
    rows, outcome = [], []
    for patient, row in cohort.patients.items():
        values = (cohort.age(patient), row.get("sex") or None, cohort.anc(patient))
        if None not in values and values[1] != "unknown" and row.get("aetiology"):
            age, sex, anc = values
            rows.append([float(patient in cohort.thyroid), age / 10, float(sex == "female"), anc])
            outcome.append(int(patient in infected))
    prefix = f"{T}/logistic"
    numbers = {
        f"{prefix}/n/count": len(rows),
        f"{prefix}/events/count": sum(outcome),
        f"{prefix}/incomplete/count": len(cohort.patients) - len(rows),
    }
    fit = (textbook.logistic(outcome, rows) if rows else None) or []
    for name, (ratio, p) in zip(("thyroid_disease", "age", "female", "anc"), fit, strict=False):
        numbers |= {f"{prefix}/{name}/odds_ratio": ratio, f"{prefix}/{name}/p_value": p}
    return numbers
