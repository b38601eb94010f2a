"""What the disclosure gate costs: notebook 01 of two cohorts, cell by cell, under each profile.

The peer is somebody who only looks over the page as it grows, with a plain program: after each cell
every number of few patients behind it is made as large as the sums allow, one after the other, by
scipy's HiGHS over all the sums. The gate looks for the same at every limit up to the profile's, and
chooses what else to withhold. It is to take no longer than those looks.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import optimize, sparse

from incohort.analyses.studies import class_of
from incohort.cohort import open_cohort
from incohort.disclosure import PROFILES, Ledger, Profile, gate
from incohort.disclosure.persons import EVENTS, N, parts
from incohort.disclosure.sets import sums_of_sets
from incohort.disclosure.sums import Sums
from incohort.disclosure.worlds import range_of
from incohort.results import Estimate, Findings, Suppressed

COHORTS = ("mixed_synthetic", "kyritsi2015")
PARTS = (
    "attrition", "characteristics", "severity", "course", "cytopenia", "aetiology", "counts",
)  # fmt: skip
AT_MOST = 1.0
LOOKS = 30  # of the secrets, whose time stands for all
MANY = 1e6


def findings_of(cohort: str) -> list[Findings]:
    """What notebook 01 finds in a cohort as if it were restricted."""
    opened = open_cohort(cohort)
    restricted = replace(opened, card=replace(opened.card, is_public=False))
    study = class_of("cohort_overview")(restricted)
    return [getattr(study, part)() for part in PARTS]


def gated(found: Sequence[Findings], profile: Profile) -> list[Findings]:
    """The cells one after the other, as a kernel shows them."""
    ledger = Ledger()
    return [gate(findings, profile, ledger) for findings in found]


def looked_over(found: Sequence[Findings], shown: Sequence[Findings], profile: Profile) -> float:
    """The seconds in which the peer has looked for every number of few patients."""
    started = time.process_time()
    results = {r.key: r for findings in found for r in findings.results}
    whose = {own.key: own for findings in found for own in findings.whose}
    censuses = {own.unit: own for findings in found for own in findings.censuses}
    for findings in found:
        for census in findings.censuses:
            censuses[census.unit] = censuses[census.unit].cut_by(*census.axes.values())
    counts = [key for key, result in results.items() if parts(result)]
    sums = sums_of_sets(censuses, whose, counts)
    known = told(sums, shown)
    secrets = [a for a in range(len(sums.value)) if sums.is_small(a, profile.limit)]
    secrets = [atom for atom in secrets if atom not in known]
    low, high = np.zeros(len(sums.value)), np.full(len(sums.value), MANY)
    for atom in known | sums.open:
        low[atom], high[atom] = range_of(sums.value[atom], profile) if atom in known else (0, 0)
    matrix = sparse.lil_matrix((len(sums.equations), len(sums.value)))
    for row, equation in enumerate(sums.equations):
        matrix[row, equation.total] -= 1
        for part in equation.parts:
            matrix[row, part] += 1
    zeros, equal = np.zeros(len(sums.equations)), matrix.tocsc()
    some = secrets[:: max(len(secrets) // LOOKS, 1)]
    written, started = time.process_time() - started, time.process_time()
    for atom in some:
        price = np.zeros(len(sums.value))
        price[atom] = -1.0
        optimize.milp(
            price, constraints=optimize.LinearConstraint(equal, zeros, zeros),
            bounds=optimize.Bounds(low, high), integrality=np.ones(len(price)),
        )  # fmt: skip
    return written + (time.process_time() - started) * len(secrets) / max(len(some), 1)


def told(sums: Sums, shown: Sequence[Findings]) -> set[int]:
    """The numbers that a page tells."""
    known: set[int] = set()
    for result in (r for findings in shown for r in findings.results):
        own = sums.atoms_of.get(result.key, {})
        if isinstance(result, Estimate):
            known |= {own[part] for part in (EVENTS, N) if part in own}
        elif isinstance(result, Suppressed) and result.events is not None:
            known.add(own[EVENTS])
    return known


def main() -> int:
    """Print a line for each cohort and profile, and say whether the promise holds."""
    print(f"{'cohort':<18}{'profile':<12}{'shown':>10}{'gate, s':>10}{'looks, s':>10}{'ratio':>8}")
    is_held = True
    for cohort in COHORTS:
        found = findings_of(cohort)
        keys = {r.key for findings in found for r in findings.results if parts(r)}
        for profile in (one for one in PROFILES.values() if not one.is_open):
            started = time.process_time()
            shown = gated(found, profile)
            ours = time.process_time() - started
            cells = range(1, len(found) + 1)
            theirs = sum(looked_over(found[:n], shown[:n], profile) for n in cells)
            n = sum(
                isinstance(r, Estimate) or (isinstance(r, Suppressed) and r.events is not None)
                for findings in shown
                for r in findings.results
                if r.key in keys
            )
            is_held &= ours <= AT_MOST * theirs
            mark = "" if ours <= AT_MOST * theirs else " !"
            print(
                f"{cohort:<18}{profile.name:<12}{f'{n}/{len(keys)}':>10}{ours:>10.2f}"
                f"{theirs:>10.2f}{ours / theirs:>8.2f}{mark}"
            )
    return 0 if is_held else 1


if __name__ == "__main__":
    sys.exit(main())
