"""MEDS events into a cohort: arithmetic a clinician can redo, and no event lost in silence."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import frictionless
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from incohort import cli
from incohort.commands.importing import import_meds
from incohort.dictionary import load
from incohort.errors import ExitCode, UsageError
from incohort.sources import read

MAPPING = """
name: by_hand
title: By hand
index_date: [first_count, first_admission]
sex:
  - {sex: female, codes: ["SEX//F"]}
  - {sex: male, codes: ["SEX//M"]}
birth: {codes: [BIRTH], known_to: year}
death: {codes: [DEATH]}
admission: {codes: ["ADMIT//*"]}
labs:
  - {analyte: ANC, unit: K/uL, codes: ["LAB//ANC//K/uL"]}
  - {analyte: ANC, unit: "#/uL", codes: ["LAB//ANC//#/uL"]}
  - {analyte: WBC, unit: K/uL, codes: ["LAB//WBC//K/uL"]}
  - {analyte: NEUT_PCT, unit: "%", codes: ["LAB//NEUT//%"]}
  - {analyte: BANDS_PCT, unit: "%", codes: ["LAB//BAND//%"]}
  - {analyte: TSH, unit: uIU/mL, codes: ["LAB//TSH//uIU/mL"]}
derive_anc: {missing_bands: zero}
drugs:
  - {drug: clozapine, codes: ["DRUG//Clozapine"]}
diagnoses:
  - {condition: thyroid_disease, subtype: graves, code_system: icd10, codes: ["DX//10//E050*"]}
"""
ANC, WBC, NEUT, BAND = "LAB//ANC//K/uL", "LAB//WBC//K/uL", "LAB//NEUT//%", "LAB//BAND//%"


def at(day: int, hour: int = 8) -> datetime:
    """A time in March 2150."""
    return datetime(2150, 3, day, hour)  # noqa: DTZ001 — MEDS times have no zone


def write(path: Path, events, *, value_name="numeric_value", precision=None) -> Path:
    """A MEDS file of (patient, time, code, number, text) rows."""
    patient, time, code, number, text = zip(
        *((*e, None, None, None)[:5] for e in events), strict=True
    )
    table = pa.table(
        {
            "subject_id": pa.array(patient, pa.int64()),
            "time": pa.array(time, pa.timestamp("us")),
            "code": pa.array(code, pa.string()),
            value_name: pa.array(number, precision or pa.float64()),
            "text_value": pa.array(text, pa.string()),
        }
    )
    pq.write_table(table, path)
    return path


@pytest.fixture
def imported(tmp_path):
    """Import events through a mapping; give the summary and every table's rows."""

    def do(events, mapping=MAPPING, **options):
        file = write(tmp_path / "events.parquet", events, **options)
        (tmp_path / "by_hand.yaml").write_text(mapping, encoding="utf-8")
        out = tmp_path / "cohort"
        done = import_meds(file, str(tmp_path / "by_hand.yaml"), out)
        tables = {
            path.stem: list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
            for path in out.glob("*.csv")
        }
        assert told(done.summary) == len(events)
        return done, tables

    return do


def told(summary) -> int:
    """All events that a summary accounts for."""
    left_out = sum(n for reasons in summary.left_out.values() for n in reasons.values())
    not_mapped = sum(entry.n_events for entry in summary.unmapped)
    return sum(summary.written.values()) + left_out + not_mapped


def counts(tables) -> list[tuple[str, float, str]]:
    """The neutrophil counts written: day, 10⁹/L, origin."""
    factor = load().analytes["ANC"].accepted
    return [
        (row["taken_at"][8:10], float(row["value"]) * factor(row["unit"]).factor, row["x_origin"])
        for row in tables["labs"]
        if row["analyte"] == "ANC"
    ]


def test_count_is_white_cells_times_share(imported):
    """Without a reported count it is WBC × (neutrophils % + bands %) / 100."""
    by_hand = {  # patient: WBC, neutrophils %, bands %, count, origin
        1: (4.0, 50.0, 10.0, 2.4, "derived"),  # 4.0 × 60 % = 2.4
        2: (4.0, 50.0, 0.0, 2.0, "derived"),  # 4.0 × 50 % = 2.0
        3: (4.0, 50.0, None, 2.0, "derived_without_bands"),  # automated: bands are in the 50 %
        4: (2.4, 62.5, None, 1.5, "derived_without_bands"),  # the limit, not a hair beside it
        5: (0.7, 30.0, 10.0, 0.28, "derived"),  # 0.7 × 40 % = 0.28
        6: (0.0, 0.0, None, 0.0, "derived_without_bands"),  # aplasia is a count, too
        7: (3.0, 95.0, 5.0, 3.0, "derived"),  # 100 % is possible
    }
    parts = ((WBC, 0), (NEUT, 1), (BAND, 2))
    _, tables = imported(
        [
            (p, at(p), c, row[i])
            for p, row in by_hand.items()
            for c, i in parts
            if row[i] is not None
        ]
    )

    assert counts(tables) == [(f"{p:02}", *row[3:]) for p, row in by_hand.items()]


def test_count_that_would_be_a_guess_is_not_derived(imported):
    """What a count would have to be guessed from gives none, and the summary says why."""
    done, tables = imported(
        [
            (1, at(1), NEUT, 50.0),  # nothing to multiply with
            (2, at(1), NEUT, 50.0), (2, at(1, 9), WBC, 4.0),  # white cells of another sample
            (3, at(2), NEUT, 50.0), (4, at(2), WBC, 4.0),  # and of another patient
            (5, at(1), NEUT, 50.0), (5, at(1), WBC, None, "<0.1"),
            (6, at(1), NEUT, 50.0), (6, at(1), WBC, 4.0), (6, at(1), WBC, 5.0),
            (7, at(1), NEUT, 90.0), (7, at(1), BAND, 11.0), (7, at(1), WBC, 4.0),
        ]
    )  # fmt: skip

    assert counts(tables) == []
    assert done.summary.counts == {
        "none: no WBC at that time": 3,
        "none: a part is only a limit": 1,
        "none: several values of a part at that time": 1,
        "none: the shares add up to more than 100 %": 1,
    }


def test_missing_bands_may_forbid_a_derived_count(imported):
    """A mapping may say that a differential without bands is incomplete."""
    mapping = MAPPING.replace("missing_bands: zero", "missing_bands: not_derived")
    sample = [(1, at(1), WBC, 4.0), (1, at(1), NEUT, 50.0)]
    _, without = imported(sample, mapping)
    _, with_bands = imported([*sample, (1, at(1), BAND, 10.0)], mapping)

    assert counts(without) == []
    assert counts(with_bands) == [("01", 2.4, "derived")]


def test_reported_count_is_never_replaced(imported):
    """The laboratory's own count stands, even where the parts would give another."""
    parts = [(1, at(1), WBC, 4.0), (1, at(1), NEUT, 50.0)]
    _, tables = imported([*parts, (1, at(1), ANC, 1.9)])
    _, limited = imported([*parts, (1, at(1), ANC, None, "<0.1")])

    assert counts(tables) == [("01", 1.9, "reported")]
    assert counts(limited) == [("01", 0.1, "reported")]


def test_count_without_a_number_is_derived(imported):
    """An ANC that was ordered and gave no number is no count: the parts give it."""
    done, tables = imported([(1, at(1), ANC, None), (1, at(1), WBC, 4.0), (1, at(1), NEUT, 50.0)])

    assert counts(tables) == [("01", 2.0, "derived_without_bands")]
    assert done.summary.left_out["labs"] == {"no number and no text": 1}


def test_units_are_converted_once_the_door_reads_them(imported, tmp_path):
    """1.2 K/µL and 1200 /µL are the same count in 10⁹/L."""
    imported([(1, at(1), ANC, 1.2), (1, at(2), "LAB//ANC//#/uL", 1200.0)])
    labs = read(tmp_path / "cohort").tables["labs"].execute()

    assert list(labs.value) == pytest.approx([1.2, 1.2], abs=1e-12)
    assert set(labs.unit) == {"10*9/L"}


def test_text_limit_becomes_a_comparator(imported):
    """A limit written as text is a value with a comparator, never a bare value."""
    by_hand = {  # day: number, text, value, comparator
        1: (None, "<0.05", "0.05", "<"),
        2: (None, " >= 100 ", "100.0", ">="),
        3: (None, "≤ 0.2", "0.2", "<="),
        4: (0.05, "<0.05", "0.05", "<"),  # both, and they agree
        5: (None, "1.5", "1.5", ""),
        6: (1.5, "hemolysed", "1.5", ""),  # a remark beside a number
    }
    _, tables = imported([(1, at(d), "LAB//TSH//uIU/mL", *row[:2]) for d, row in by_hand.items()])

    written = [(row["value"], row["comparator"]) for row in tables["labs"]]
    assert written == [row[2:] for row in by_hand.values()]


def test_unreadable_measurement_is_left_out_and_told(imported):
    """What is no measurement is left out under its reason."""
    done, tables = imported(
        [
            (1, at(1), ANC, None, "clotted"),
            (1, at(2), ANC, None, "1,5"),  # 1.5, or 15 and a slip?
            (1, at(3), ANC, None, None),
            (1, at(4), ANC, float("nan"), " "),
            (1, None, ANC, 1.5, None),
            (1, at(5), ANC, 1.5, "<0.1"),
        ]
    )

    assert tables["labs"] == []
    assert done.summary.left_out["labs"] == {
        "a text that is no number": 2,
        "no number and no text": 2,
        "no time of sampling": 1,
        "number and text contradict each other": 1,
    }


def test_single_precision_keeps_the_laboratory_digits(imported):
    """A file in single precision gives 0.7 as 0.7, not as 0.699999988."""
    _, tables = imported([(1, at(1), ANC, 0.7)], value_name="value", precision=pa.float32())

    assert [row["value"] for row in tables["labs"]] == ["0.7"]


def test_same_value_twice_is_one_row_and_different_values_are_two(imported):
    """A repeat is merged and counted; two values of one time are told apart by a specimen."""
    done, tables = imported([(1, at(1), ANC, v) for v in (1.9, 1.9, 2.1)])

    assert [(row["value"], row["specimen"]) for row in tables["labs"]] == [
        ("1.9", "1"),
        ("2.1", "2"),
    ]
    assert done.summary.left_out["labs"] == {"says again what a row says already": 1}
    assert done.faults == ()


def test_patients_have_index_date_by_rule_and_age_by_years(imported):
    """The first count wins over an earlier admission; who has no count has the admission."""
    born = datetime(2100, 1, 1)  # noqa: DTZ001 — MEDS times have no zone
    _, tables = imported(
        [
            (1, None, "SEX//F"), (1, born, "BIRTH"), (1, at(1), "ADMIT//ER"), (1, at(3), ANC, 1.0),
            (1, at(2), WBC, 2.0), (1, at(2), NEUT, 50.0),
            (2, None, "SEX//M"), (2, born, "BIRTH"), (2, at(5), "ADMIT//ER"),
            (3, None, "SEX//M"), (3, None, "SEX//F"), (3, born, "BIRTH"),
        ]
    )  # fmt: skip

    assert [tuple(row.values()) for row in tables["patients"]] == [
        ("1", "female", "50", "2150-03-02", "first_count"),  # the derived count is the first
        ("2", "male", "50", "2150-03-05", "first_admission"),
        ("3", "", "", "", ""),  # both sexes: neither is believed
    ]


def test_birth_known_to_the_day_is_written(imported):
    """Where the day of birth is real it is written, and the age is left to the door."""
    born = datetime(2100, 7, 9)  # noqa: DTZ001 — MEDS times have no zone
    _, tables = imported(
        [(1, born, "BIRTH"), (1, at(1), ANC, 1.0)], MAPPING.replace("to: year", "to: day")
    )

    assert tables["patients"][0]["birth_date"] == "2100-07-09"
    assert "age_years" not in tables["patients"][0]


def test_drugs_diagnoses_and_events_are_rows_by_day(imported):
    """One row per drug and day, condition, admission and death; orders after death are none."""
    done, tables = imported(
        [
            (1, at(1), ANC, 1.0),
            (1, at(1), "DRUG//Clozapine"), (1, at(1, 20), "DRUG//Clozapine"),
            (1, at(9), "DRUG//Clozapine"), (1, at(7, 6), "DRUG//Clozapine"),
            (1, at(4), "DX//10//E0500"), (1, at(2), "DX//10//E0501"),
            (1, at(1), "ADMIT//ER"), (1, at(1, 9), "ADMIT//WARD"), (1, at(7, 3), "DEATH"),
        ]
    )  # fmt: skip

    assert [tuple(row.values()) for row in tables["medications"]] == [
        ("1", "N05AH02", "clozapine", "2150-03-01"),
        ("1", "N05AH02", "clozapine", "2150-03-07"),
    ]
    assert [tuple(row.values()) for row in tables["diagnoses"]] == [
        ("1", "thyroid_disease", "graves", "2150-03-02", "E0501", "icd10")
    ]
    assert [tuple(row.values()) for row in tables["events"]] == [
        ("1", "hospitalisation", "2150-03-01"),
        ("1", "death", "2150-03-07"),
    ]
    assert done.summary.left_out["medications"] == {
        "says again what a row says already": 1,
        "an order that starts after the day of death": 1,
    }
    assert done.faults == ()


def test_unmapped_codes_are_told_with_other_units_of_mapped_tests(imported):
    """Nobody has to guess what was not taken, least of all the same test in another unit."""
    done, _ = imported(
        [(1, at(1), ANC, 1.0), (1, at(1), "LAB//ANC//UNK", 1.0), (1, at(1), "NOTE//x")]
    )

    assert {(u.group, u.n_events) for u in done.summary.unmapped} == {("LAB", 1), ("NOTE", 1)}
    assert done.summary.lookalikes == {"LAB//ANC//UNK": 1}
    assert "DEATH" in done.summary.unmatched


def test_impossible_value_and_sample_after_death_are_faults_not_gaps(imported):
    """What the hospital's rows have wrong is written and told by the door."""
    done, tables = imported([(1, at(1), ANC, 4000.0), (1, at(9), ANC, 1.0), (1, at(5), "DEATH")])

    assert len(tables["labs"]) == 2
    assert {(fault.table, fault.column) for fault in done.faults} == {
        ("labs", "value"),
        ("labs", "taken_at"),
    }


def test_import_is_restricted_and_its_descriptor_valid(imported, tmp_path):
    """The folder is a valid Data Package whose cohort no profile lets out unguarded."""
    imported([(1, at(1), ANC, 1.0), (1, at(1), "ADMIT//ER")])
    path = tmp_path / "cohort" / "datapackage.json"
    about = json.loads(path.read_text(encoding="utf-8"))

    assert about["incohort"]["privacy"] == "restricted"
    assert about["incohort"]["origin"] == "observed"
    report = frictionless.validate(str(path))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])


def test_same_file_gives_the_same_bytes_whatever_its_order(imported, tmp_path):
    """A second import replaces the first with the same bytes; the order of events is nothing."""
    events = [
        (p, at(d), c, v) for p in (2, 1) for d in (3, 1) for c, v in ((WBC, 4.0), (NEUT, 9.0))
    ]
    imported(events)
    first = {p.name: p.read_bytes() for p in (tmp_path / "cohort").iterdir()}
    imported(events)
    second = {p.name: p.read_bytes() for p in (tmp_path / "cohort").iterdir()}
    imported(events[::-1])
    labs = (tmp_path / "cohort" / "labs.csv").read_bytes()

    assert first == second
    assert labs == first["labs.csv"]


@pytest.mark.parametrize("change", ["edited", "added", "removed"])
def test_changed_folder_is_not_overwritten(imported, tmp_path, change):
    """What somebody did to an import by hand is never lost to the next import."""
    events = [(1, at(1), ANC, 1.0)]
    imported(events)
    out = tmp_path / "cohort"
    if change == "edited":
        (out / "labs.csv").write_text("mine", encoding="utf-8")
    elif change == "added":
        (out / "notes.txt").write_text("mine", encoding="utf-8")
    else:
        (out / "import.json").unlink()
    before = {p.name: p.read_bytes() for p in out.iterdir()}

    with pytest.raises(UsageError, match="Choose another --out"):
        imported(events)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before


def shell(capsys, *typed: str) -> tuple[int, str]:
    """What a command answers, and its one line on standard error."""
    code = cli.run(["import", "meds", *typed])
    error = capsys.readouterr().err
    assert "Traceback" not in error
    return code, error


def refused_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Files that are no MEDS events, each with what has to be said of it."""
    (folder / "text.parquet").write_text("no Parquet", encoding="utf-8")
    pq.write_table(pa.table({"subject": [1], "time": [at(1)], "code": ["x"]}), folder / "a.parquet")
    pq.write_table(
        pa.table({"subject_id": [1], "time": ["1"], "code": ["x"], "value": [1.0]}),
        folder / "b.parquet",
    )
    pq.write_table(
        pa.table({"subject_id": [1], "time": [at(1)], "code": ["x"]}), folder / "c.parquet"
    )
    zoned = pa.array([at(1)], pa.timestamp("us", tz="UTC"))
    pq.write_table(
        pa.table({"subject_id": [1], "time": zoned, "code": ["x"], "value": [1.0]}),
        folder / "z.parquet",
    )
    whole = write(folder / "d.parquet", [(1, at(1), f"x{n}", 1.0) for n in range(2000)])
    torn = bytearray(whole.read_bytes())
    for position in range(100, len(torn) - 2000, 7):
        torn[position] ^= 0xFF
    (folder / "torn.parquet").write_bytes(torn)
    return {
        "absent": (folder / "absent.parquet", "no file"),
        "folder": (folder, "is a folder"),
        "text": (folder / "text.parquet", "not a Parquet file"),
        "column": (folder / "a.parquet", "no column 'subject_id'. Is it 'subject' there?"),
        "time": (folder / "b.parquet", "must be a timestamp"),
        "number": (folder / "c.parquet", "no column 'numeric_value'"),
        "zone": (folder / "z.parquet", "without a time zone"),
        "codes": (whole, "knows no laboratory code"),
        "torn": (folder / "torn.parquet", "can't be read to its end"),
    }


@pytest.mark.parametrize(
    "case",
    ["absent", "folder", "text", "column", "time", "number", "zone", "codes", "torn"],
)
def test_what_is_no_meds_file_is_refused_in_one_sentence(tmp_path, capsys, case):
    """A wrong file is refused with what is wrong, and nothing is written."""
    file, said = refused_files(tmp_path)[case]
    out = tmp_path / "new" / "cohort"
    code, error = shell(capsys, str(file), "--out", str(out))

    assert code == ExitCode.USAGE
    assert said in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_faulty_rows_end_with_exit_code_3_and_stand_in_the_folder(tmp_path, capsys):
    """A cohort with faults is written, its faults are listed, and the shell gets 3."""
    file = write(tmp_path / "e.parquet", [(1, at(1), ANC, 4000.0)])
    (tmp_path / "m.yaml").write_text(MAPPING, encoding="utf-8")
    out = tmp_path / "cohort"
    code, error = shell(capsys, str(file), "--out", str(out), "--mapping", str(tmp_path / "m.yaml"))

    assert code == ExitCode.COHORT_FAULTS
    assert "It was written" in error
    assert (out / "labs.csv").exists()
