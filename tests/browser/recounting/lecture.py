"""Notebooks 06 to 09, the lecture's chapters, counted again: who, how often low, which agree."""

from __future__ import annotations

from .raw import Cohort, Counts, Numbers, Row

ANTI_CD20 = {"rituximab", "ocrelizumab", "ofatumumab", "obinutuzumab", "ublituximab"}
CHECKPOINT = {
    "nivolumab", "pembrolizumab", "atezolizumab", "ipilimumab", "durvalumab", "avelumab",
    "cemiplimab", "tremelimumab",
}  # fmt: skip
LIMITS = (0.5, 1.0, 1.5, 1.8, 2.0, 2.5)
DISEASES = (
    "rheumatoid_arthritis", "systemic_lupus", "sjogren", "systemic_sclerosis",
    "primary_biliary_cholangitis", "graves", "inflammatory_bowel_disease",
)  # fmt: skip
METHODS = (("trbc1", "v_beta"), ("v_beta", "pcr"))
RESPONSES = ("complete", "partial")


def numbers(cohort: Cohort) -> Numbers:
    """Counts of patients, samples and courses under their keys."""
    return late_onset(cohort) | checkpoint(cohort) | lgl(cohort) | diseases(cohort)


def counts(cohort: Cohort) -> Counts:
    """Events and denominators of shares."""
    return below_limits(cohort) | responses(cohort)


def late_onset(cohort: Cohort) -> Numbers:
    """Who was given an anti-CD20 drug on a known day, and who was counted after the first."""
    first: dict[str, str] = {}
    for row in cohort.rows("medications"):
        day = row.get("started_on", "")
        if row["drug"] in ANTI_CD20 and day:
            first[row["patient_id"]] = min(day, first.get(row["patient_id"], day))
    counted = {
        row["patient_id"]
        for row in cohort.rows("labs")
        if row["analyte"] == "ANC"
        and row["value"]
        and row["patient_id"] in first
        and row.get("taken_at", "")[:10] > first[row["patient_id"]]
    }
    head = "late_onset/who"
    return {
        f"{head}/total/count": len(cohort.patients),
        f"{head}/given/count": len(given(cohort, ANTI_CD20)),
        f"{head}/counted/count": len(counted),
    }


def checkpoint(cohort: Cohort) -> Numbers:
    """Everybody; where a patient is printed twice the first row is taken."""
    twice: set[str] = set()
    for name, row in cohort.patients.items():
        if row.get("same_as") and row["same_as"] not in twice:
            twice.add(name)
    twice = {cohort.patients[name]["same_as"] for name in twice}
    treated = given(cohort, CHECKPOINT) - twice
    head = "checkpoint/attrition"
    found: Numbers = {f"{head}/cohort/count": len(cohort.patients)}
    if twice:
        found[f"{head}/rows/count"] = len(cohort.patients) - len(twice)
    return found | {f"{head}/treated/count": len(treated)} if treated else found


def lgl(cohort: Cohort) -> Numbers:
    """Patients with a row of clonality, and samples by what two methods say of them."""
    rows = cohort.rows("clonality")
    found: Numbers = {"lgl/class/n/count": len({row["patient_id"] for row in rows})}
    samples: dict[tuple[str, str], dict[str, bool]] = {}
    for row in rows:
        if row.get("tcr_method") and row.get("tcr_result") in {
            "clonal",
            "polyclonal",
            "oligoclonal",
        }:
            sample = samples.setdefault((row["patient_id"], row.get("sample_id", "")), {})
            sample[row["tcr_method"]] = row["tcr_result"] == "clonal"
    for first, second in METHODS:
        pairs = [(s[first], s[second]) for s in samples.values() if first in s and second in s]
        head = f"lgl/agreement/{first}/{second}"
        found |= {
            f"{head}/both/count": pairs.count((True, True)),
            f"{head}/only_{first}/count": pairs.count((True, False)),
            f"{head}/only_{second}/count": pairs.count((False, True)),
            f"{head}/neither/count": pairs.count((False, False)),
            f"{head}/n/count": len(pairs),
        }
    return found


def responses(cohort: Cohort) -> Counts:
    """Courses with a response, by drug, where a row of the cohort is a course."""
    courses: dict[str, list[str]] = {}
    for row in cohort.rows("events") if cohort.folder.name == "bareau_courses" else ():
        courses.setdefault(row["drug"], []).append(row["response"])
    return {
        key: pair
        for drug, said in courses.items()
        for key, pair in (
            (f"lgl/response/{drug}/overall", (sum(r in RESPONSES for r in said), len(said))),
            (f"lgl/response/{drug}/complete", (said.count("complete"), len(said))),
        )
    }


def diseases(cohort: Cohort) -> Numbers:
    """How many have each autoimmune disease."""
    head = "autoimmune/frequency"
    having = {name: len(with_disease(cohort, name)) for name in DISEASES}
    sizes = {f"{head}/{name}/patients/count": float(n) for name, n in having.items()}
    return sizes | {f"{head}/total/count": len(cohort.patients)}


def below_limits(cohort: Cohort) -> Counts:
    """Of those with a disease and a count, how many were surely ever below each limit."""
    lowest: dict[str, list[Row]] = {}
    for row in cohort.rows("labs"):
        if row["analyte"] == "ANC" and row["value"]:
            lowest.setdefault(row["patient_id"], []).append(row)
    found: Counts = {}
    for name in DISEASES:
        counted = with_disease(cohort, name) & lowest.keys()
        for limit in LIMITS:
            low = {p for p in counted if any(is_below(row, limit) for row in lowest[p])}
            found[f"autoimmune/frequency/{name}/{limit}"] = (len(low), len(counted))
    return found


def is_below(row: Row, limit: float) -> bool:
    """Whether what was measured lies surely below a limit."""
    value = float(row["value"]) / (1000.0 if row["unit"] == "/uL" else 1.0)
    sign = row.get("comparator", "")
    return value <= limit if sign == "<" else value < limit if sign in {"", "<="} else False


def given(cohort: Cohort, drugs: set[str]) -> set[str]:
    """Who has a row of one of some drugs."""
    return {row["patient_id"] for row in cohort.rows("medications") if row["drug"] in drugs}


def with_disease(cohort: Cohort, name: str) -> set[str]:
    """Who has a diagnosis; Felty's syndrome is one of rheumatoid arthritis."""
    return {
        row["patient_id"]
        for row in cohort.rows("diagnoses")
        if row["condition"] == name
        or (name == "rheumatoid_arthritis" and row["condition"] == "felty")
        or (name == "graves" and row.get("subtype") == "graves")
    }
