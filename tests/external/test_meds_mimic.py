"""Rows that a hospital wrote: 100 intensive-care patients from their codes to a guarded page."""

from __future__ import annotations

import csv
import json
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest

from incohort.commands.importing import import_meds
from incohort.sources import check

pytestmark = pytest.mark.external

REPORTED, WBC = "LAB//52075//K/uL", "LAB//51301//K/uL"
NEUTROPHILS, BANDS = "LAB//51256//%", "LAB//51144//%"
CODES = (REPORTED, WBC, NEUTROPHILS, BANDS)
EVER_BELOW = {1.5: 5, 1.0: 4, 0.5: 2}  # patients
SMALLEST_SHOWN = 10  # opensafely: 7 or fewer are withheld, the others rounded to 5


@pytest.fixture(scope="module")
def mimic(external_data, skip_or_fail) -> Path:
    """The MIMIC-IV demo in MEDS form."""
    path = external_data / "mimic_demo" / "mimic_iv_demo_meds_events.parquet"
    if not path.is_file():
        skip_or_fail("the MIMIC-IV demo in MEDS form is absent")
    return path


@pytest.fixture(scope="module")
def samples(mimic) -> dict[tuple[int, object], dict[str, float]]:
    """By patient and time the raw values of the codes that a count may come from."""
    raw = pq.read_table(mimic, columns=["subject_id", "time", "code", "value"])
    found: dict[tuple[int, object], dict[str, float]] = defaultdict(dict)
    columns = (raw.column(name).to_pylist() for name in raw.column_names)
    for patient, time, code, value in zip(*columns, strict=True):
        if code in CODES and value is not None and value == value:  # noqa: PLR0124 — not NaN
            found[patient, time].setdefault(code, round(value, 4))  # single precision
    return found


@pytest.fixture(scope="module")
def counts(samples) -> dict[tuple[int, object], float]:
    """The neutrophil count of each sample: as reported, else from its parts."""
    return {
        key: sample[REPORTED] if REPORTED in sample else derived(sample)
        for key, sample in samples.items()
        if REPORTED in sample or {WBC, NEUTROPHILS} <= set(sample)
    }


def derived(sample: dict[str, float]) -> float:
    """WBC × (neutrophils % + bands %) / 100, bands not given counting as none."""
    return sample[WBC] * (sample[NEUTROPHILS] + sample.get(BANDS, 0.0)) / 100


@pytest.fixture(scope="module")
def scratch():
    """A folder that is gone afterwards: pytest's own would keep a hospital's rows for days."""
    with TemporaryDirectory(prefix="incohort-mimic-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def imported(mimic, scratch):
    """The import's summary and its folder."""
    out = scratch / "imported" / "mimic"
    return import_meds(mimic, "mimic_meds", out), out


@pytest.fixture(scope="module")
def labs(imported) -> list[dict[str, str]]:
    """The laboratory rows as they were written."""
    text = (imported[1] / "labs.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_raw_rows_hold_the_known_counts(counts, samples):
    """938 counts in 91 patients; 5, 4 and 2 of them ever below 1.5, 1.0 and 0.5."""
    assert len(counts) == 938
    assert len({patient for patient, _ in counts}) == 91
    for limit, n in EVER_BELOW.items():
        assert len({patient for (patient, _), anc in counts.items() if anc < limit}) == n
    both = [s for s in samples.values() if set(s) >= {REPORTED, WBC, NEUTROPHILS}]
    assert len(both) == 565
    assert statistics.median(derived(s) - s[REPORTED] for s in both) == pytest.approx(0, abs=1e-3)


def test_every_count_of_the_rows_is_written_and_no_other(labs, counts):
    """The cohort's counts are the raw rows' counts, each at its time and of its size."""
    written = {
        (int(row["patient_id"]), row["taken_at"]): float(row["value"])
        for row in labs
        if row["analyte"] == "ANC"
    }
    expected = {(p, time.strftime("%Y-%m-%dT%H:%M:%S")): anc for (p, time), anc in counts.items()}

    assert written.keys() == expected.keys()
    for key, anc in expected.items():
        assert written[key] == pytest.approx(anc, abs=1e-9)


def test_reported_counts_are_kept_apart_from_derived_ones(labs, samples):
    """565 counts are the laboratory's own, 373 are derived, and each row says which it is."""
    by_origin: dict[str, int] = defaultdict(int)
    for row in labs:
        if row["analyte"] == "ANC":
            by_origin["reported" if row["x_origin"] == "reported" else "derived"] += 1

    assert by_origin == {"reported": 565, "derived": 938 - 565}
    assert by_origin["reported"] == sum(REPORTED in sample for sample in samples.values())


def test_no_event_is_lost_in_silence(imported, mimic):
    """Written, left out for a reason and not mapped add up to the 916 166 events."""
    summary = imported[0].summary
    left_out = sum(n for reasons in summary.left_out.values() for n in reasons.values())
    not_mapped = sum(entry.n_events for entry in summary.unmapped)

    assert summary.n_events == pq.read_metadata(mimic).num_rows == 916_166
    assert sum(summary.written.values()) + left_out + not_mapped == summary.n_events
    assert summary.n_patients == summary.rows["patients"] == 100


def test_the_cohort_has_no_faults(imported):
    """What a hospital wrote passes the door, shifted dates and all."""
    assert imported[0].faults == ()
    assert check(imported[1]) == ()


@pytest.fixture(scope="module")
def report(imported, scratch) -> Path:
    """The overview of the cohort, as the lowest counts grade it, under the default profile."""
    out = scratch / "reports"
    typed = ["run", "01_cohort_overview", "--cohort", imported[1], "--out", out]
    done = subprocess.run(
        [sys.executable, "-m", "incohort", *typed, "-p", "count_at=nadir"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return out


def test_no_small_and_no_exact_count_is_told(report):
    """Each count in `results.json` and in the page is at least 10 and a multiple of 5."""
    document = json.loads(next(report.glob("*/results.json")).read_text(encoding="utf-8"))
    estimates = [entry for entry in document["results"] if entry["kind"] == "estimate"]
    told = [entry["value"] for entry in estimates if entry["measure"] == "count"]
    told += [entry[name] for entry in estimates for name in ("n", "events")]
    page = next(report.glob("*/report.html")).read_text(encoding="utf-8")
    cells = re.findall(
        r'data-key="[^"]*/(?:count|proportion)"[^>]*>(?:<a [^>]*>)?\s*(\d+)(?:/(\d+))?', page
    )
    told += [int(number) for cell in cells for number in cell if number]
    boxes = re.findall(r"n = (\d+)", page)
    told += [int(number) for number in boxes]
    shown = [number for number in told if number is not None]

    assert document["profile"] == "opensafely"
    assert cells
    assert boxes
    assert shown
    assert not [number for number in shown if number < SMALLEST_SHOWN or number % 5]


def test_those_who_were_ever_low_are_withheld(report, counts):
    """Five patients are too few: what is shown, each to the nearest 5, leaves 8 open."""
    document = json.loads(next(report.glob("*/results.json")).read_text(encoding="utf-8"))
    kinds = {entry["key"]: entry["kind"] for entry in document["results"]}
    values = {entry["key"]: entry.get("value") for entry in document["results"]}
    lowest: dict[int, float] = {}
    for (patient, _), anc in counts.items():
        lowest[patient] = min(anc, lowest.get(patient, anc))

    assert 0 < sum(anc < 1.8 for anc in lowest.values()) <= 7
    assert kinds["cohort_overview/attrition/neutropenic/count"] == "suppressed"
    counted = values["cohort_overview/attrition/counted/count"]
    left_out = values["cohort_overview/attrition/neutropenic/excluded/count"]
    assert None in (counted, left_out) or (counted + 2) - (left_out - 2) > 7


def test_no_patient_and_no_place_is_named(report, imported, samples, mimic):
    """No number of a patient and no folder of this machine stands in any file of the report."""
    patients = (imported[1] / "patients.csv").read_text(encoding="utf-8").splitlines()[1:]
    ids = {row.split(",")[0] for row in patients}
    files = [path for path in report.rglob("*") if path.is_file()]

    assert len(ids) == 100
    assert {path.name for path in files} >= {"report.html", "results.json", "notebook.ipynb"}
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert not ids & set(re.findall(r"(?<!\d)\d{8}(?!\d)", text)), path.name
        for place in (imported[1].parent, report, mimic.parent):
            assert str(place) not in text, path.name


def test_second_import_gives_the_same_bytes(imported, mimic, scratch):
    """The same file and mapping give the same folder, byte for byte."""
    again = scratch / "again" / "mimic"
    import_meds(mimic, "mimic_meds", again)
    first = {path.name: path.read_bytes() for path in imported[1].iterdir()}

    assert {path.name: path.read_bytes() for path in again.iterdir()} == first
