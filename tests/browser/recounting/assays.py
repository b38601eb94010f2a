"""Notebook 03, antibody assays compared, counted again."""

from __future__ import annotations

import itertools
import math

from . import textbook
from .raw import Cohort, Counts, Numbers, Row

Y = "assay_yield"
ORDER = (
    "gift", "direct_gift", "gat", "gift_gat", "lift", "maiga", "flow_wift", "beads", "bmift",
    "other",
)  # fmt: skip
IMMUNE = {"primary_autoimmune", "chronic_immunologic", "autoimmune_disorder"}
NOT_IMMUNE = {"congenital", "ethnic_benign", "haematologic_malignancy", "other"}
KNOWN = {"positive", "negative"}
KEEP = 0.95
COMPLETED = {"kyritsi2015": ("gift", "gat")}  # negatives by the second were taken for granted
EVENTS = (
    "infection", "recurrent_infections", "death", "transplant", "remission", "splenectomy",
    "relapse", "hospitalisation",
)  # fmt: skip
Results = dict[str, dict[str, str]]  # assay → patient → result


class Assays:
    """What each assay found in each patient, and who had which sample tested when."""

    def __init__(self, cohort: Cohort) -> None:
        self.cohort = cohort
        self.rows = cohort.rows("antibody_tests")
        self.by_sample = self.samples()
        self.result = self.patients()
        self.assays = [assay for assay in ORDER if assay in self.result]
        self.tested = {row["patient_id"] for row in self.rows}
        self.panel = self.common()

    def samples(self) -> dict[tuple[str, str, str], tuple[str, str]]:
        """Result and date of each patient, assay and sample; two that contradict tell nothing."""
        found: dict[tuple[str, str, str], list[Row]] = {}
        for row in self.rows:
            sample = row.get("sample_id") or row.get("taken_on") or ""
            found.setdefault((row["patient_id"], row["assay"], sample), []).append(row)
        told = {}
        for key, rows in found.items():
            results = {row["result"] for row in rows}
            dates = [row["taken_on"] for row in rows if row.get("taken_on")]
            result = "indeterminate" if results >= KNOWN else best(results)
            told[key] = (result, min(dates, default=""))
        return told

    def patients(self) -> Results:
        """Each patient's result by each assay over all their samples."""
        every: dict[str, dict[str, set[str]]] = {}
        for (patient, assay, _), (result, _) in self.by_sample.items():
            every.setdefault(assay, {}).setdefault(patient, set()).add(result)
        return {
            assay: {patient: best(results) for patient, results in own.items()}
            for assay, own in every.items()
        }

    def having(self, assay: str, *results: str) -> set[str]:
        """Patients with one of these results by an assay."""
        return {p for p, result in self.result.get(assay, {}).items() if result in results}

    def common(self) -> list[str]:
        """Assays that at least half of those with any result had together, in their order."""
        any_result = set().union(*(self.having(a, *KNOWN) for a in self.assays), set())
        kept: list[str] = []
        for assay in self.assays:
            together = set.intersection(*(self.having(a, *KNOWN) for a in [*kept, assay]))
            if 2 * len(together) >= len(any_result):
                kept.append(assay)
        return kept

    def complete(self) -> list[dict[str, bool]]:
        """Of each patient with the whole panel, which assays were positive."""
        if not self.panel:
            return []
        who = set.intersection(*(self.having(a, *KNOWN) for a in self.panel))
        return [{a: p in self.having(a, "positive") for a in self.panel} for p in sorted(who)]


def best(results: set[str]) -> str:
    """The result that tells most."""
    return next(r for r in ("positive", "negative", "indeterminate", "not_done") if r in results)


def numbers(cohort: Cohort) -> Numbers:
    """Values under the keys of their estimates, shares apart."""
    assays = Assays(cohort)
    if not assays.rows:
        described = ("flow/described/count", "stard/19/described/count")
        return {f"{Y}/{tail}": len(cohort.patients) for tail in described}
    found = flow(assays) | overlap(assays) | panels(assays)
    for first, second in itertools.combinations(assays.assays, 2):
        found |= pair(assays, first, second)
    found |= unassumed(assays) | events(assays)[1]
    for number, (new, n, cumulative) in repeated(assays).items():
        found[f"{Y}/repeats/{number}/positive/count"] = new
        found[f"{Y}/repeats/{number}/cumulative/proportion"] = cumulative
        if number == 2:
            found[f"{Y}/answer/second/proportion"] = new / n
    return found


def counts(cohort: Cohort) -> Counts:
    """Events and denominators of shares."""
    assays = Assays(cohort)
    if not assays.rows:
        return {}
    found = indeterminates(assays) | accuracy(assays) | events(assays)[0] | antigens(assays)
    for assay in assays.assays:
        tested = assays.having(assay, *KNOWN)
        found[f"{Y}/positive/{assay}/proportion"] = (
            len(assays.having(assay, "positive")),
            len(tested),
        )
    for number, (new, n, _) in repeated(assays).items():
        found[f"{Y}/repeats/{number}/proportion"] = (new, n)
    return found | steps(assays)


def flow(assays: Assays) -> Numbers:
    """How many are left at each step, and what became of the results."""
    index, cohort = assays.assays[0], assays.cohort
    done = assays.having(index, *KNOWN, "indeterminate")
    conclusive = assays.having(index, *KNOWN)
    known = {p for p in conclusive if cause(assays, p) in IMMUNE | NOT_IMMUNE}
    left = [len(cohort.patients), len(assays.tested), len(done), len(conclusive), len(known)]
    names = ("described", "tested", "index", "conclusive", "reference")
    found: Numbers = {f"{Y}/flow/{n}/count": c for n, c in zip(names, left, strict=True)}
    for name, (before, after) in zip(names[1:], itertools.pairwise(left), strict=True):
        found[f"{Y}/flow/{name}/excluded/count"] = before - after
    found[f"{Y}/tests/total/count"] = len(assays.tested)
    for assay in assays.assays:
        own = assays.result[assay]
        ends = {
            "conclusive": len(assays.having(assay, *KNOWN)),
            "indeterminate": len(assays.having(assay, "indeterminate")),
            "not_done": len(assays.having(assay, "not_done")),
            "none": len(assays.tested) - len(own),
        }
        found |= {f"{Y}/tests/{assay}/{end}/count": n for end, n in ends.items()}
    own = assays.result[index]
    found[f"{Y}/stard/15/count"] = len(assays.having(index, "indeterminate"))
    found[f"{Y}/stard/16/count"] = (
        len(assays.tested) - len(own) + len(assays.having(index, "not_done"))
    )
    found[f"{Y}/stard/19/described/count"] = len(cohort.patients)
    found[f"{Y}/stard/19/tested/count"] = len(assays.tested)
    return found


def cause(assays: Assays, patient: str) -> str:
    """The cause that the investigators settled on."""
    return assays.cohort.patients[patient].get("aetiology") or ""


def table(assays: Assays, first: str, second: str) -> tuple[int, int, int, int]:
    """Both, only the first, only the second, neither."""
    cells = [0, 0, 0, 0]
    for patient in assays.having(first, *KNOWN) & assays.having(second, *KNOWN):
        x = assays.result[first][patient] == "positive"
        y = assays.result[second][patient] == "positive"
        cells[0 if x and y else 1 if x else 2 if y else 3] += 1
    return cells[0], cells[1], cells[2], cells[3]


def pair(assays: Assays, first: str, second: str) -> Numbers:
    """Two assays: their table, agreement and comparison, by the textbook's formulas."""
    a, b, c, d = table(assays, first, second)
    n, key = a + b + c + d, f"{Y}/pair/{first}_{second}"
    found: Numbers = {
        f"{key}/both/count": a,
        f"{key}/only_{first}/count": b,
        f"{key}/only_{second}/count": c,
        f"{key}/neither/count": d,
        f"{key}/n/count": n,
    }
    if not n:
        return found
    agreed = (a + d) / n
    mean = (2 * a + b + c) / (2 * n)
    found |= {
        f"{key}/agreement": agreed,
        f"{key}/pabak": 2 * agreed - 1,
        f"{key}/difference": (b - c) / n,
        f"{key}/prevalence_index": (a - d) / n,
        f"{key}/bias_index": (b - c) / n,
        f"{key}/ac1": (agreed - 2 * mean * (1 - mean)) / (1 - 2 * mean * (1 - mean)),
    }
    if a + b + c:
        found[f"{key}/positive_agreement"] = 2 * a / (2 * a + b + c)
    if b + c + d:
        found[f"{key}/negative_agreement"] = 2 * d / (2 * d + b + c)
    if min(a + b, c + d, a + c, b + d):
        found[f"{key}/kappa"] = kappa(a, b, c, d)
    if b + c:
        tail = [math.comb(b + c, k) for k in range(min(b, c) + 1)]
        exact = min(1.0, 2 * sum(tail) / 2 ** (b + c))
        found[f"{key}/mcnemar_exact_p_value"] = exact
        half = tail[-1] / 2 ** (b + c)
        found[f"{key}/mcnemar_mid_p_value"] = exact - half * (0.5 if b == c else 1)
    if c:
        found[f"{key}/odds_ratio"] = b / c
    return found


def kappa(a: int, b: int, c: int, d: int) -> float:
    """Cohen's kappa of a fourfold table."""
    n = a + b + c + d
    chance = ((a + b) * (a + c) + (c + d) * (b + d)) / n**2
    return ((a + d) / n - chance) / (1 - chance)


def unassumed(assays: Assays) -> Numbers:
    """What could be where results were taken to be negative."""
    named = COMPLETED.get(assays.cohort.folder.name)
    if named is None:
        return {}
    a, b, c, d = table(assays, *named)
    key = f"{Y}/pair/{named[0]}_{named[1]}/unassumed"
    kappas = [kappa(a, b, c + u, d - u) for u in range(d + 1)]
    return {
        f"{key}/only_{named[1]}/count": d,
        f"{key}/incremental/proportion": d / (a + b + c + d),
        f"{key}/kappa_lowest": min(kappas),
        f"{key}/kappa_highest": max(kappas),
    }


def overlap(assays: Assays) -> Numbers:
    """How many have each set of positive assays, of those with the whole panel."""
    rows = assays.complete()
    if len(assays.panel) < 2 or not rows:
        return {}
    found: Numbers = {f"{Y}/overlap/total/count": len(rows)}
    for row in rows:
        hits = [assay for assay in assays.panel if row[assay]]
        name = "_and_".join(hits) + ("_only" if len(hits) == 1 else "") if hits else "none"
        found[f"{Y}/overlap/{name}/count"] = found.get(f"{Y}/overlap/{name}/count", 0) + 1
    return found


def reached(rows: list[dict[str, bool]], panel: tuple[str, ...] | list[str]) -> int:
    """How many patients any assay of a panel finds."""
    return sum(any(row[assay] for assay in panel) for row in rows)


def steps(assays: Assays) -> Counts:
    """What each assay adds, and what each alone misses."""
    rows, panel = assays.complete(), assays.panel
    found: Counts = {}
    for place, assay in enumerate(panel):
        before, after = reached(rows, panel[:place]), reached(rows, panel[: place + 1])
        found[f"{Y}/incremental/{assay}/proportion"] = (after - before, len(rows))
        found[f"{Y}/cumulative/{assay}/proportion"] = (after, len(rows))
        negative = [row for row in rows if not row[assay]]
        missed = sum(any(row.values()) for row in negative)
        if len(panel) > 1:
            found[f"{Y}/negative/{assay}/missed/proportion"] = (missed, len(negative))
    return found


def panels(assays: Assays) -> Numbers:
    """The best order and the smallest panel, every one tried."""
    rows, names = assays.complete(), assays.panel
    if not rows:
        return {}
    everybody = reached(rows, names)
    order = max(
        itertools.permutations(names),
        key=lambda order: sum(reached(rows, order[: k + 1]) for k in range(len(order))),
    )
    found: Numbers = {f"{Y}/best_order/{a}/place": order.index(a) + 1 for a in names}
    if not everybody:
        return found
    for size in range(1, len(names) + 1):
        fit = [
            panel
            for panel in itertools.combinations(names, size)
            if reached(rows, panel) >= KEEP * everybody
        ]
        if fit:
            chosen = max(fit, key=lambda panel: reached(rows, panel))
            found |= {f"{Y}/smallest_panel/{a}/member": int(a in chosen) for a in names}
            found[f"{Y}/smallest_panel/kept"] = reached(rows, chosen) / everybody
            found[f"{Y}/smallest_panel/found"] = reached(rows, chosen) / len(rows)
            break
    return found


def repeated(assays: Assays) -> dict[int, tuple[int, int, float]]:
    """Of each test by the index assay: newly positive, still negative and tested, found so far."""
    index = assays.assays[0]
    series: dict[str, list[tuple[bool, str, int, str, str]]] = {}
    for (patient, assay, sample), (result, day) in assays.by_sample.items():
        if assay == index and result in KNOWN:
            entry = (day == "", day, len(sample), sample, result)
            series.setdefault(patient, []).append(entry)
    found: dict[int, tuple[int, int, float]] = {}
    negative = 1.0
    for number in itertools.count(1):
        tested = new = 0
        for tests in series.values():
            results = [result for *_, result in sorted(tests)]
            if len(results) >= number and "positive" not in results[: number - 1]:
                tested += 1
                new += results[number - 1] == "positive"
        if not tested:
            return found
        negative *= 1 - new / tested
        found[number] = (new, tested, 1 - negative)
    return found


def indeterminates(assays: Assays) -> Counts:
    """Shares of positives under each way to count what is neither."""
    found: Counts = {}
    for assay in assays.assays:
        positive, n = len(assays.having(assay, "positive")), len(assays.having(assay, *KNOWN))
        between = len(assays.having(assay, "indeterminate"))
        for rule, share in (
            ("excluded", (positive, n)),
            ("as_negative", (positive, n + between)),
            ("as_positive", (positive + between, n + between)),
        ):
            found[f"{Y}/indeterminates/{rule}/{assay}/proportion"] = share
    return found


def accuracy(assays: Assays) -> Counts:
    """Each assay against the cause settled on."""
    found: Counts = {}
    for assay in assays.assays:
        positive, negative = assays.having(assay, "positive"), assays.having(assay, "negative")
        sick = {p for p in positive | negative if cause(assays, p) in IMMUNE}
        well = {p for p in positive | negative if cause(assays, p) in NOT_IMMUNE}
        own = {
            "sensitivity": (len(sick & positive), len(sick)),
            "specificity": (len(well & negative), len(well)),
            "ppv": (len(sick & positive), len((sick | well) & positive)),
            "npv": (len(well & negative), len((sick | well) & negative)),
        }
        found |= {f"{Y}/accuracy/{assay}/{name}": share for name, share in own.items()}
        if assay == assays.assays[0]:
            for name in ("sensitivity", "specificity"):
                found[f"{Y}/stard/24/{name}"] = own[name]
    return found


def events(assays: Assays) -> tuple[Counts, Numbers]:
    """Who had an event, of those positive and negative by the index assay."""
    index = assays.assays[0]
    rows = assays.cohort.rows("events")
    shares: Counts = {}
    p_values: Numbers = {}
    for event in EVENTS:
        had = {row["patient_id"] for row in rows if row["event"] == event}
        if not had:
            continue
        grid = []
        for sign in ("positive", "negative"):
            group = assays.having(index, sign)
            shares[f"{Y}/events/{event}/{sign}/proportion"] = (len(group & had), len(group))
            grid.append([len(group & had), len(group - had)])
        margins = (*map(sum, grid), *map(sum, zip(*grid, strict=True)))
        if min(margins):
            p_values[f"{Y}/events/{event}/fisher_p_value"] = textbook.exact_p(grid)
    return shares, p_values


def antigens(assays: Assays) -> Counts:
    """Patients by the antigen named in a positive result."""
    named: dict[str, set[str]] = {}
    for row in assays.rows:
        if row["result"] == "positive" and row.get("specificity"):
            parts = [part.strip() for part in row["specificity"].split(";")]
            named.setdefault(row["patient_id"], set()).update(parts)
    every = set().union(*named.values(), set())
    return {
        f"{Y}/antigens/{name.casefold().replace('-', '_')}/proportion": (
            sum(name in own for own in named.values()),
            len(named),
        )
        for name in every
    }
