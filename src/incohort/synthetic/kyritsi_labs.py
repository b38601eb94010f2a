"""The laboratory values of the reconstructed Kyritsi cohort: five printed correlations, else made.

Every value here is synthetic. What holds is what was printed: FT3 with ANC in the 95 patients with
thyroid disease, C4 with anti-TPO and anti-Tg in 158 patients, CD4 with T4 and TSH in 68.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from incohort.synthetic.draws import Scale, Vector, correlated, log_normal
from incohort.synthetic.folder import Record

_DECIMALS = {
    "ANC": 2, "WBC": 2, "LYMPH": 2, "MONO": 2, "HB": 1, "PLT": 0, "TSH": 2, "FT3": 2, "FT4": 1,
    "ANTI_TPO": 1, "ANTI_TG": 1, "C3": 0, "C4": 1, "CD4": 0,
}  # fmt: skip
_UNITS = {
    "ANC": "10*9/L", "WBC": "10*9/L", "LYMPH": "10*9/L", "MONO": "10*9/L", "HB": "g/dL",
    "PLT": "10*9/L", "TSH": "m[IU]/L", "FT3": "pmol/L", "FT4": "pmol/L", "ANTI_TPO": "[IU]/mL",
    "ANTI_TG": "[IU]/mL", "C3": "mg/dL", "C4": "mg/dL", "CD4": "/uL",
}  # fmt: skip

_NEUTROPENIA = 1.8  # the lecture's limit, 10*9/L: every count on the index date lies below it
_HIGHEST_ANC = 1.79
_LOWEST_ANC = 0.08
_LAST_VISIT = date(2013, 12, 31)

# How far a subtype's thyroid function lies from the middle, in standard deviations.
_THYROID_FUNCTION = {"graves": 1.5, "hashimoto": -0.4, "unknown": -0.1}
_TPO_MEDIAN = {"hashimoto": 210.0, "graves": 90.0, "unknown": 120.0}  # of those without anti-PMN
_TPO_MEDIAN_ANTI_PMN = 650.0  # printed in words: higher where anti-PMN antibodies were found
_TPO_MEDIAN_ELSE = 11.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One made patient: what was published of them, and who they are otherwise."""

    patient_id: str
    aetiology: str
    subtype: str
    is_tested: bool
    has_anti_pmn: bool
    sex: str
    age_years: int
    index_date: date


@dataclass(frozen=True, slots=True)
class _Group:
    """The roster as arrays, one entry per patient."""

    n: int
    has_thyroid_disease: NDArray[np.bool_]
    has_t_lgl: NDArray[np.bool_]
    has_anti_pmn: NDArray[np.bool_]
    is_male: NDArray[np.bool_]
    subtype: tuple[str, ...]


def lab_records(roster: Sequence[Patient], rng: np.random.Generator) -> list[Record]:
    """Every laboratory row: one panel on the index date, then repeated neutrophil counts."""
    group = _Group(
        n=len(roster),
        has_thyroid_disease=np.array([p.aetiology == "thyroid_disease" for p in roster]),
        has_t_lgl=np.array([p.aetiology == "t_lgl" for p in roster]),
        has_anti_pmn=np.array([p.has_anti_pmn for p in roster]),
        is_male=np.array([p.sex == "male" for p in roster]),
        subtype=tuple(p.subtype for p in roster),
    )
    panel = _panel(group, rng)
    records: list[Record] = []
    for position, patient in enumerate(roster):
        for analyte, values in panel.items():
            value = float(values[position])
            if not np.isnan(value):
                records.append(_record(patient, analyte, patient.index_date, value))
        for taken_on, anc in _later_counts(float(panel["ANC"][position]), patient.index_date, rng):
            records.append(_record(patient, "ANC", taken_on, anc))
    return records


def _record(patient: Patient, analyte: str, taken_on: date, value: float) -> Record:
    return {
        "patient_id": patient.patient_id,
        "analyte": analyte,
        "taken_at": taken_on.isoformat(),
        "value": f"{value:.{_DECIMALS[analyte]}f}",
        "unit": _UNITS[analyte],
    }


def _panel(group: _Group, rng: np.random.Generator) -> dict[str, Vector]:
    """Each analyte on the index date, NaN where it was not measured."""
    anc = _neutrophils(group, rng)
    thyroid = _thyroid(group, anc, rng)
    immune = _immune(group, thyroid, rng)
    panel = {"ANC": anc, **_blood(group, anc, immune["CD4"], rng), **thyroid, **immune}
    return {analyte: panel[analyte] for analyte in _DECIMALS}


def _neutrophils(group: _Group, rng: np.random.Generator) -> Vector:
    """Counts below the limit, mostly mild, lower in T-LGL."""
    share: Vector = np.where(
        group.has_t_lgl, rng.beta(2.0, 2.2, size=group.n), rng.beta(4.2, 1.9, size=group.n)
    )
    anc: Vector = np.clip(_HIGHEST_ANC * share, _LOWEST_ANC, _HIGHEST_ANC)
    return np.round(anc, 2)


def _thyroid(group: _Group, anc: Vector, rng: np.random.Generator) -> dict[str, Vector]:
    """Hormones and thyroid antibodies; FT3 only where there is thyroid disease (n = 95)."""
    centre = np.array([_THYROID_FUNCTION.get(name, 0.0) for name in group.subtype])
    function = centre + 0.7 * rng.standard_normal(group.n)
    ft4: Vector = np.round(15.4 + 1.9 * function + 0.9 * rng.standard_normal(group.n), 1)
    tsh = np.round(log_normal(rng, 1.9 * np.exp(-0.75 * function), 0.35), 2)
    ft3 = np.full(group.n, np.nan)
    diseased = group.has_thyroid_disease
    base = 0.8 * function + 0.6 * rng.standard_normal(group.n)
    # Printed: r = -0.274, P = 0.007, which fits n = 94 to 97.
    ft3[diseased] = correlated(base[diseased], [anc[diseased]], [-0.274], Scale(5.0, 0.85, 2))
    tpo_median = np.array([_TPO_MEDIAN.get(name, _TPO_MEDIAN_ELSE) for name in group.subtype])
    tpo_median[group.has_anti_pmn] = _TPO_MEDIAN_ANTI_PMN
    tpo = np.round(log_normal(rng, tpo_median, 0.65), 1)
    tg = np.round(log_normal(rng, 9.0 * np.sqrt(tpo / 9.0), 0.75), 1)
    spare = np.flatnonzero(~diseased)
    ft4[rng.choice(spare, 3, replace=False)] = np.nan
    tsh[rng.choice(spare, 2, replace=False)] = np.nan
    return {"TSH": tsh, "FT3": ft3, "FT4": ft4, "ANTI_TPO": tpo, "ANTI_TG": tg}


def _immune(
    group: _Group, thyroid: dict[str, Vector], rng: np.random.Generator
) -> dict[str, Vector]:
    """Complement in 158 patients and CD4 cells in 68; the thyroid antibodies lose nothing there."""
    c3, c4, cd4 = (np.full(group.n, np.nan) for _ in range(3))
    tpo, tg = thyroid["ANTI_TPO"], thyroid["ANTI_TG"]
    # Printed: r = -0.16, P = 0.045 (n = 148 to 168) and r = -0.266, P = 0.001 (n = 140 to 168).
    with_c4 = np.sort(rng.permutation(group.n)[:158])
    noise = rng.standard_normal(158)
    c4[with_c4] = correlated(
        noise, [tpo[with_c4], tg[with_c4]], [-0.16, -0.266], Scale(25.0, 6.2, 1)
    )
    c3[with_c4] = np.round(112.0 + 1.5 * (c4[with_c4] - 25.0) + 14.0 * rng.standard_normal(158))
    # Printed: CD4 with T4 r = -0.274, P = 0.024 (fits n = 68), and with TSH r = +0.16.
    with_cd4 = np.sort(rng.choice(np.flatnonzero(group.has_thyroid_disease), 68, replace=False))
    cd4[with_cd4] = correlated(
        rng.standard_normal(68),
        [thyroid["FT4"][with_cd4], thyroid["TSH"][with_cd4]],
        [-0.274, 0.16],
        Scale(760.0, 190.0, 0),
    )
    without_c4 = np.flatnonzero(np.isnan(c4) & ~group.has_thyroid_disease)
    tpo[rng.choice(without_c4, 3, replace=False)] = np.nan
    tg[rng.choice(without_c4, 4, replace=False)] = np.nan
    return {"C3": c3, "C4": c4, "CD4": cd4}


def _blood(group: _Group, anc: Vector, cd4: Vector, rng: np.random.Generator) -> dict[str, Vector]:
    """The rest of the blood count: white cells add up, some patients have other cytopenias."""
    lymph = log_normal(rng, np.where(group.has_t_lgl, 3.1, 1.75), 0.25)
    share_of_cd4 = rng.uniform(0.38, 0.52, size=group.n)
    fitted: Vector = np.where(np.isnan(cd4), lymph, cd4 / 1000.0 / share_of_cd4)
    lymph = np.round(fitted, 2)
    mono = np.round(log_normal(rng, np.full(group.n, 0.42), 0.25), 2)
    wbc = np.round(anc + lymph + mono + rng.uniform(0.05, 0.30, size=group.n), 2)
    hb: Vector = np.where(group.is_male, 14.7, 13.2) - 1.1 * group.has_t_lgl
    hb = np.round(hb + 1.1 * rng.standard_normal(group.n), 1)
    plt = np.round(226.0 - 40.0 * group.has_t_lgl + 52.0 * rng.standard_normal(group.n))
    for values, n_missing in ((hb, 3), (plt, 4), (mono, 5)):
        values[rng.choice(group.n, n_missing, replace=False)] = np.nan
    return {"WBC": wbc, "LYMPH": lymph, "MONO": mono, "HB": hb, "PLT": np.clip(plt, 28.0, 480.0)}


def _later_counts(
    first: float, index_date: date, rng: np.random.Generator
) -> list[tuple[date, float]]:
    """Repeated neutrophil counts: most stay low for months, some recover soon, some are lost."""
    kind = rng.random()
    if kind < 0.12:  # seen once
        return []
    if kind < 0.20:  # recovered within three months
        days = int(rng.integers(18, 80))
        values = rng.uniform(2.0, 3.6, size=2)
        visits = [(days, values[0]), (days + int(rng.integers(60, 150)), values[1])]
    else:
        gaps = rng.integers(45, 150, size=int(rng.integers(2, 5)))
        values = first * np.exp(0.2 * rng.standard_normal(len(gaps)))
        days_since = np.cumsum(gaps) + 50
        visits = list(zip((int(d) for d in days_since), values, strict=True))
    counts = []
    for days, value in visits:
        taken_on = index_date + timedelta(days=days)
        if taken_on <= _LAST_VISIT:
            highest = _HIGHEST_ANC + 0.2 if kind >= 0.20 else 5.0
            counts.append((taken_on, round(float(np.clip(value, _LOWEST_ANC, highest)), 2)))
    return counts
