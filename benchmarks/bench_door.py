"""What the door costs: a million measurements, the same rules in hand-written SQL and in pandera.

`--big` checks a table of 1 GB instead and tells its seconds and its peak of memory.
"""

from __future__ import annotations

import argparse
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pandera.pandas as pa

from incohort import sources
from incohort.dictionary import load

ROWS, PATIENTS, SEED = 1_000_000, 4_000, 20150302
RUNS = 7
AT_MOST = 2.0  # times the hand-written SQL
AT_LEAST = 5.0  # times faster than pandera
BIG_ROWS, BIG_PEAK = 17_500_000, 4.0  # about 1 GB; GB of memory
Place = tuple[int, str]  # a faulty row and its column

NUMBER = r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$"
TIME = (
    r"^(?:18[5-9]\d|19\d\d|2[01]\d\d|22[0-5]\d)-\d{2}-\d{2}"
    r"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?)?$"
)
UNTIDY = r"^[\s\p{Z}]|[\s\p{Z}]$|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
KEY = ["patient_id", "analyte", "taken_at", "specimen"]
FAULTS = {  # number of a measurement: what is written in place of its cell
    1_000: ("value", "x"),
    222_222: ("value", "1,5"),
    300_000: ("value", "1_000"),
    300_001: ("value", " 1.5"),
    400_000: ("value", "1e9"),
    400_001: ("unit", "10*12/L"),
    500_000: ("unit", ""),
    500_001: ("unit", "/uL "),
    600_000: ("analyte", "ANCC"),
    600_001: ("analyte", ""),
    700_000: ("taken_at", "03/02/2015"),
    700_001: ("taken_at", "2015-02-30"),
    700_002: ("taken_at", "1890-01-01"),  # before birth
    700_003: ("taken_at", "2199-01-01"),  # after death
    800_000: ("patient_id", "Q1"),
    900_000: ("comparator", "=<"),
    999_995: ("specimen", "S5"),  # and the rest of its key from measurement 5: a twin
}
TWIN_OF = 5
ROW_OF_TWIN = max(FAULTS) + 2
AFTER_DEATH = (700_003 * 7919) % PATIENTS


def generate(folder: Path, rows: int, faults: dict[int, tuple[str, str]]) -> None:
    """Write patients, deaths and measurements, seeded, with faults at known places."""
    cells = {
        "patient_id": f"'P' || lpad(((i * 7919) % {PATIENTS})::VARCHAR, 5, '0')",
        "analyte": "(['ANC', 'WBC', 'LYMPH', 'PLT', 'HB'])[1 + i % 5]",
        "taken_at": "strftime(TIMESTAMP '2005-01-01' + to_minutes((i * 3)::INT), "
        "'%Y-%m-%dT%H:%M:%S')",
        "value": "CASE WHEN i % 5 = 4 THEN (8 + random() * 8)::DECIMAL(9, 1)::VARCHAR "
        "WHEN i % 2 = 0 THEN (random() * 12)::DECIMAL(9, 2)::VARCHAR "
        "ELSE (200 + random() * 9000)::INT::VARCHAR END",
        "unit": "CASE WHEN i % 5 = 4 THEN 'g/dL' WHEN i % 2 = 0 THEN "
        "(['10*9/L', 'G/L', 'K/uL'])[1 + i % 3] ELSE (['/uL', 'cells/uL'])[1 + i % 3 % 2] END",
        "comparator": "CASE WHEN i % 50 = 0 THEN '<' ELSE '' END",
        "specimen": "'S' || i",
    }
    written = []
    for name, cell in cells.items():
        cases = [f"WHEN {i} THEN '{text}'" for i, (at, text) in faults.items() if at == name]
        if name in KEY[:3] and faults:
            cases.append(f"WHEN {max(faults)} THEN {cell.replace('i ', f'{TWIN_OF} ')}")
        written.append(f"CASE i {' '.join(cases)} ELSE {cell} END AS {name}" if cases else cell)
    names = ", ".join(
        text if " AS " in text else f"{text} AS {name}"
        for name, text in zip(cells, written, strict=True)
    )
    people = f"FROM range({PATIENTS}) t(i)"
    with duckdb.connect() as connection:
        connection.execute(f"SELECT setseed({SEED / 1e8})")
        connection.execute("SET threads = 1")  # random() is then the same in every run
        connection.execute(
            f"COPY (SELECT 'P' || lpad(i::VARCHAR, 5, '0') AS patient_id, 'female' AS sex, "
            f"(DATE '1930-01-01' + (i % 20000)::INT)::VARCHAR AS birth_date {people}) "
            f"TO '{folder}/patients.csv' (HEADER)"
        )
        connection.execute(
            f"COPY (SELECT 'P' || lpad(i::VARCHAR, 5, '0') AS patient_id, 'death' AS event, "
            f"'2150-01-01' AS occurred_on {people} WHERE i % 3 = 0 OR i = {AFTER_DEATH}) "
            f"TO '{folder}/events.csv' (HEADER)"
        )
        connection.execute(
            f"COPY (SELECT {names} FROM range({rows}) t(i)) TO '{folder}/labs.csv' (HEADER)"
        )


def ours(folder: Path) -> set[Place]:
    """The faults of the folder's labs."""
    return {(fault.row or 0, fault.column.split(" + ")[0]) for fault in sources.check(folder)}


def by_hand(folder: Path) -> set[Place]:
    """The same rules on the same text, as one would write them in DuckDB for this table alone."""
    with duckdb.connect() as connection:
        for name in ("patients", "events", "labs"):
            connection.execute(
                f"CREATE TABLE {name} AS FROM read_csv('{folder}/{name}.csv', all_varchar = true, "
                "header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', "
                "strict_mode = true)"
            )
        accepted = accepted_units()  # noqa: F841 — the queries name it
        analytes = pd.DataFrame({"analyte": list(load().analytes)})  # noqa: F841 — likewise
        found = connection.execute(f"""
            WITH births AS (
                SELECT patient_id, min(try_cast(birth_date AS DATE)) AS birth
                FROM patients GROUP BY ALL
            ), deaths AS (
                SELECT patient_id, min(try_cast(occurred_on AS DATE)) AS death
                FROM events WHERE event = 'death' GROUP BY ALL
            ), cells AS (
                SELECT rowid + 2 AS line, patient_id, analyte, unit, comparator, specimen, value,
                    taken_at,
                    CASE WHEN regexp_matches(value, '{NUMBER}') THEN try_cast(value AS DOUBLE) END
                        AS number,
                    CASE WHEN regexp_matches(taken_at, '{TIME}')
                        THEN try_cast(taken_at AS TIMESTAMP) END AS moment
                FROM labs
            ), judged AS (
                SELECT line,
                    patient_id IS NULL OR regexp_matches(patient_id, '{UNTIDY}')
                        OR (births.patient_id IS NULL) AS patient_id,
                    cells.analyte IS NULL OR analytes.analyte IS NULL AS analyte,
                    (taken_at != 'NA' AND moment IS NULL) OR moment::DATE < birth
                        OR moment::DATE > death AS taken_at,
                    (value != 'NA' AND (number IS NULL OR isinf(number)))
                        OR number * factor < low OR number * factor > high AS value,
                    (cells.unit IS NULL AND value IS NOT NULL AND value != 'NA')
                        OR regexp_matches(cells.unit, '{UNTIDY}')
                        OR (cells.unit IS NOT NULL AND analytes.analyte IS NOT NULL
                            AND factor IS NULL) AS unit,
                    comparator NOT IN ('<', '<=', '>', '>=', 'NA') AS comparator,
                    regexp_matches(specimen, '{UNTIDY}') AS specimen
                FROM cells LEFT JOIN births USING (patient_id) LEFT JOIN deaths USING (patient_id)
                LEFT JOIN analytes USING (analyte) LEFT JOIN accepted USING (analyte, unit)
            )
            SELECT line, patient_id, analyte, taken_at, value, unit, comparator, specimen
            FROM judged WHERE patient_id OR analyte OR taken_at OR value OR unit OR comparator
                OR specimen""").fetchall()
        names = ("patient_id", "analyte", "taken_at", "value", "unit", "comparator", "specimen")
        places = {
            (row[0], name)
            for row in found
            for name, is_broken in zip(names, row[1:], strict=True)
            if is_broken
        }
        twins = connection.execute("""
            SELECT max(rowid) + 2 FROM labs
            WHERE patient_id IS NOT NULL AND analyte IS NOT NULL
            GROUP BY patient_id, analyte, specimen, try_cast(taken_at AS TIMESTAMP),
                CASE WHEN try_cast(taken_at AS TIMESTAMP) IS NULL THEN taken_at END
            HAVING count(*) > 1""").fetchall()
        return places | {(row, "patient_id") for (row,) in twins}


def with_pandera(folder: Path) -> set[Place]:
    """The same rules as vectorised checks of a pandera schema, all failures at once."""
    text = {"dtype": str, "keep_default_na": False, "na_values": [""]}
    patients = pd.read_csv(folder / "patients.csv", **text).set_index("patient_id")
    events = pd.read_csv(folder / "events.csv", **text)
    labs = pd.read_csv(folder / "labs.csv", **text)
    number = pd.to_numeric(labs.value.where(labs.value.str.match(NUMBER) == True), errors="coerce")  # noqa: E712 — NA
    moment = pd.to_datetime(
        labs.taken_at.where(labs.taken_at.str.match(TIME) == True),  # noqa: E712 — NA
        format="ISO8601", errors="coerce",
    )  # fmt: skip
    births = pd.to_datetime(patients.birth_date, errors="coerce")
    deaths = pd.to_datetime(
        events[events.event == "death"].groupby("patient_id").occurred_on.min(), errors="coerce"
    )
    units = labs[["analyte", "unit"]].merge(accepted_units(), how="left", on=["analyte", "unit"])
    canonical = number.to_numpy() * units.factor.to_numpy()
    day = moment.dt.normalize()
    edge, control = r"^\s|\s$", r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
    is_missing = labs.value.isna() | (labs.value == "NA")
    is_known = labs.analyte.isin(load().analytes)

    def series(condition):
        return pa.Check(lambda _: condition, ignore_na=False)

    tidy = pa.Check(lambda column: ~column.str.contains(f"{edge}|{control}", regex=True, na=False))
    schema = pa.DataFrameSchema(
        {
            "patient_id": pa.Column(str, [tidy, pa.Check.isin(patients.index)]),
            "analyte": pa.Column(str, pa.Check.isin(list(load().analytes))),
            "taken_at": pa.Column(
                str,
                [
                    series(moment.notna() | labs.taken_at.isna() | (labs.taken_at == "NA")),
                    series(~(day < labs.patient_id.map(births))),
                    series(~(day > labs.patient_id.map(deaths))),
                ],
                nullable=True,
            ),
            "value": pa.Column(
                str,
                [
                    series(number.notna() | is_missing),
                    series(~((canonical < units.low) | (canonical > units.high))),
                ],
                nullable=True,
            ),
            "unit": pa.Column(
                str,
                [
                    tidy,
                    series(labs.unit.notna() | is_missing),
                    series(labs.unit.isna() | ~is_known | units.factor.notna()),
                ],
                nullable=True,
            ),
            "comparator": pa.Column(
                str, pa.Check.isin(["<", "<=", ">", ">=", "NA"]), nullable=True
            ),
            "specimen": pa.Column(str, tidy, nullable=True),
        },
        unique=KEY,
        report_duplicates="exclude_first",
    )
    try:
        schema.validate(labs, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        names = cases.column.where(cases.check != "multiple_fields_uniqueness", "patient_id")
        twins = cases.check == "multiple_fields_uniqueness"
        return set(
            zip((cases["index"] + 2).astype(int), names.where(~twins, "patient_id"), strict=True)
        )
    return set()


def accepted_units() -> pd.DataFrame:
    """Every spelling of a unit that the generated table uses, with its factor and hard range."""
    spellings = ("10*9/L", "G/L", "K/uL", "/uL", "cells/uL", "g/dL", "/uL ")
    return pd.DataFrame(
        [
            (analyte.name, unit, entry.factor, analyte.hard.low, analyte.hard.high)
            for analyte in load().analytes.values()
            for unit in spellings
            if (entry := analyte.accepted(unit))
        ],
        columns=["analyte", "unit", "factor", "low", "high"],
    )


WAYS: dict[str, Callable[[Path], set[Place]]] = {
    "incohort": ours,
    "hand SQL": by_hand,
    "pandera": with_pandera,
}


def seconds(way: str, folder: Path) -> tuple[float, float]:
    """The wall time and the processor time of one run."""
    started, busy = time.perf_counter(), time.process_time()
    WAYS[way](folder)
    return time.perf_counter() - started, time.process_time() - busy


def peak(way: str, folder: Path) -> float:
    """The most memory that a process of its own takes for it, in GB."""
    command = [sys.executable, __file__, "--peak", way, str(folder)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def compare(folder: Path) -> int:
    """Print all three and say whether the promise holds."""
    generate(folder, ROWS, FAULTS)
    found = {name: way(folder) for name, way in WAYS.items()}  # fills the disk's cache, too
    expected = {(i + 2, column) for i, (column, _) in FAULTS.items()} - {(ROW_OF_TWIN, "specimen")}
    for name, places in found.items():
        assert places == expected | {(ROW_OF_TWIN, "patient_id")}, (name, places ^ expected)
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    for _ in range(RUNS):  # in turn, so that what else the machine does falls on all of them
        for name in WAYS:
            taken[name].append(seconds(name, folder))
    # The least of each: what else the machine does can only add to it.
    least = {name: min(wall for wall, _ in runs) for name, runs in taken.items()}
    for name, wall in least.items():
        busy = min(cpu for _, cpu in taken[name])
        print(f"{name:<9} {wall:6.2f} s   CPU {busy:5.2f} s   peak {peak(name, folder):5.2f} GB")
    to_hand = least["incohort"] / least["hand SQL"]
    to_pandera = least["pandera"] / least["incohort"]
    print(f"{to_hand:.2f} times the hand-written SQL (promised: at most {AT_MOST:g})")
    print(f"{to_pandera:.1f} times faster than pandera (promised: at least {AT_LEAST:g})")
    return 0 if to_hand <= AT_MOST and to_pandera >= AT_LEAST else 1


def big(folder: Path) -> int:
    """Check a table of about 1 GB and say whether its memory stays bounded."""
    generate(folder, BIG_ROWS, {})
    size = (folder / "labs.csv").stat().st_size / 1e9
    started = time.perf_counter()
    memory = peak("incohort", folder)
    print(f"{size:.2f} GB: {time.perf_counter() - started:.1f} s   peak {memory:.2f} GB")
    return 0 if memory <= BIG_PEAK else 1


def main() -> int:
    """Measure in a folder that is gone afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--big", action="store_true")
    parser.add_argument("--peak", nargs=2, metavar=("WAY", "FOLDER"))
    options = parser.parse_args()
    if options.peak:
        WAYS[options.peak[0]](Path(options.peak[1]))
        # Linux lets ru_maxrss begin at the parent's; the process's own is VmHWM.
        status = Path("/proc/self/status")
        own = re.search(r"VmHWM:\s+(\d+)", status.read_text()) if status.exists() else None
        largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print((int(own[1]) if own else largest) * 1024 / 1e9)
        return 0
    folder = Path(tempfile.mkdtemp(prefix="bench-door-"))
    try:
        return big(folder) if options.big else compare(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
