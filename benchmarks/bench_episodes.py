"""Ten million counts of a million patients into episodes: ours beside SQL by hand, R and pandas.

The counts are seeded, made in DuckDB and shuffled. Each engine reads and derives in a process of
its own, whose peak memory is told; R and pandas are timed without reading. All must find the same
episodes. The best of several rounds counts, since neighbours on the machine only ever add.
Ours is to take at most 1.3 times the best SQL that we can write by hand, at most half of R's
data.table, a twentieth of pandas' groupby-apply (from 1 % of the patients), and less than 2 GB.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import ibis
import pandas as pd

from incohort.cohort.episodes import episodes
from incohort.cohort.recovery_choices import RecoveryChoices

N_PATIENTS, N_EACH = 1_000_000, 10
ROUNDS = 4
MOST = {"SQL by hand": 1.3, "R data.table": 1 / 2, "pandas groupby-apply": 1 / 20}
MOST_GB = 2.0
SETTINGS = {"memory_limit": "1200MB", "preserve_insertion_order": False}
TOTALS = """
select count(*), sum(nadir), sum(nadir_day - onset), sum(last_low - onset),
  sum(recovered - onset), sum(n_counts) from episodes
"""

MADE = f"""
copy (
  select format('P{{:07d}}', p) as patient_id, 'ANC' as analyte,
    timestamp '2015-01-01' + to_days((hash(p) % 1500 + 3 * k + hash(p, k) % 3)::int)
      + to_seconds((hash(k, p) % 86400)::bigint) as taken_at,
    round(abs(0.15 + 0.35 * abs(k - 3 - (hash(p, 3) % 3)::int)
      + 0.9 * ((hash(p, k, 5) % 1000)::double / 1000 - 0.5)), 2) as value,
    null::varchar as comparator
  from range({N_PATIENTS}) patients(p), range({N_EACH}) counts(k) order by hash(p, k)
) to '$' (format parquet)
"""

# The best that we found: one grouping by day, one sort, one grouping of the low days.
BY_HAND = """
create temp table episodes as
with daily as (
  select patient_id, date_diff('day', date '0001-01-01', taken_at::date) as day,
    min(floor(value * 1e6 + 0.5)::bigint * 8
      + case comparator when '<' then 0 when '<=' then 1 when '>=' then 3 when '>' then 4 else 2 end
    ) as key
  from '$'
  where analyte = 'ANC' and value is not null and taken_at is not null and (
    comparator is null or (comparator = '<' and value <= 1.5) or (comparator = '<=' and value < 1.5)
    or (comparator in ('>', '>=') and value >= 1.5))
  group by all
), seen as (
  select patient_id, day, key, key < 12000002 as is_low,
    count(case when key >= 12000002 then 1 end) over by_day as n_high,
    lead(day) over by_day as day_after, max(day) over whole as last_count
  from daily
  window by_day as (partition by patient_id order by day rows unbounded preceding),
    whole as (partition by patient_id order by day
      rows between unbounded preceding and unbounded following)
), runs as (
  select patient_id, min(day) as onset, max(day) as last_low, min(key * 4194304 + day) as lowest,
    max(day_after) as day_after, max(last_count) as last_count, count(*) as n_low
  from seen where is_low group by patient_id, n_high
)
select patient_id, row_number() over by_onset as episode, onset, lowest % 4194304 as nadir_day,
  (lowest >> 25) / 1e6 as nadir, last_low,
  case lowest >> 22 & 7 when 0 then '<' when 1 then '<=' end as nadir_sign,
  case when day_after > last_low then day_after end as recovered,
  n_low + coalesce((day_after > last_low)::int, 0) as n_counts, last_count,
  lead(onset) over by_onset as next_onset,
  lag(case when day_after > last_low then day_after end) over by_onset as previous_recovered
from runs window by_onset as (partition by patient_id order by onset)
"""

IN_R = """
suppressMessages(library(data.table)); setDTthreads(0)
arguments <- commandArgs(TRUE); d <- fread(arguments[1], showProgress = FALSE)
d[, day := as.integer(as.IDate(taken_at))]
took <- min(replicate(2, system.time({
  daily <- d[, .(value = min(value)), keyby = .(patient_id, day)]
  daily[, `:=`(is_low = value < 1.5, run = rleid(patient_id, value < 1.5),
               day_after = shift(day, type = "lead"),
               next_patient = shift(patient_id, type = "lead"))]
  low <- daily[is_low == TRUE]
  e <<- low[, .(patient_id = patient_id[1L], onset = day[1L], last_low = day[.N],
               nadir = min(value), nadir_day = day[which.min(value)],
               recovered = fifelse(next_patient[.N] == patient_id[.N], day_after[.N], NA_integer_),
               n_low = .N), by = run]
  e[, episode := rowid(patient_id)]
})[["elapsed"]]))
totals <- e[, c(.N, sum(nadir), sum(nadir_day - onset), sum(last_low - onset),
                sum(recovered - onset, na.rm = TRUE), sum(n_low + !is.na(recovered)))]
listed <- paste(sprintf("%.4f", totals), collapse = ",")
cat(sprintf('{"seconds": %f, "totals": [%s]}', took, listed))
"""


def ours(path: str) -> tuple[float, list]:
    connection = ibis.duckdb.connect(**SETTINGS)
    labs = connection.read_parquet(path)
    started = time.perf_counter()
    connection.create_table("episodes", episodes(labs, RecoveryChoices()), temp=True)
    return time.perf_counter() - started, connection.con.execute(TOTALS).fetchall()


def by_hand(path: str) -> tuple[float, list]:
    connection = duckdb.connect(config={k: str(v).lower() for k, v in SETTINGS.items()})
    started = time.perf_counter()
    connection.execute(BY_HAND.replace("$", path))
    return time.perf_counter() - started, connection.execute(TOTALS).fetchall()


def with_pandas(path: str) -> tuple[float, list]:
    """The obvious way: a function of one patient's counts, applied to each, on 1 % of them."""
    few = N_PATIENTS // 100
    query = f"select * from '{path}' where patient_id < 'P{few:07d}'"
    rows = duckdb.connect().execute(query).df()
    started = time.perf_counter()
    rows["day"] = (rows["taken_at"].dt.normalize() - pd.Timestamp(0)).dt.days
    found = rows.groupby("patient_id")[["day", "value"]].apply(_episodes_of)
    return (time.perf_counter() - started) * N_PATIENTS / few, [(len(found),)]


def _episodes_of(rows: pd.DataFrame) -> pd.DataFrame:
    daily = rows.groupby("day")["value"].min()
    is_low = daily < 1.5
    found = []
    for _, run in daily[is_low].groupby((~is_low).cumsum()[is_low]):
        later = daily.index[daily.index > run.index[-1]]
        recovered = later[0] if len(later) else None
        found.append((run.index[0], run.index[-1], run.min(), run.idxmin(), recovered, len(run)))
    columns = ["onset", "last_low", "nadir", "nadir_day", "recovered", "n_low"]
    return pd.DataFrame(found, columns=columns)


ENGINES = {"ours": ours, "SQL by hand": by_hand, "pandas groupby-apply": with_pandas}


def asked(engine: str, path: Path) -> dict:
    """One engine in a process of its own: seconds, totals, peak memory in GB."""
    command = [sys.executable, __file__, engine, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def in_r(folder: Path, path: Path) -> dict | None:
    if shutil.which("Rscript") is None:
        return None
    program, rows = folder / "episodes.R", folder / "labs.csv"
    program.write_text(IN_R, encoding="utf-8")
    duckdb.execute(f"copy (select patient_id, taken_at, value from '{path}') to '{rows}'")
    done = subprocess.run(["Rscript", program, rows], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "labs.parquet"
        duckdb.connect(config={"memory_limit": "2GB"}).execute(MADE.replace("$", str(path)))
        rounds = [(asked("ours", path), asked("SQL by hand", path)) for _ in range(ROUNDS)]
        mine = min((own for own, _ in rounds), key=lambda answer: answer["seconds"])
        hand = min((other for _, other in rounds), key=lambda answer: answer["seconds"])
        peers = {"SQL by hand": hand, "R data.table": in_r(Path(name), path)}
        peers["pandas groupby-apply"] = asked("pandas groupby-apply", path)
    print(f"{'ours':24}{mine['seconds']:9.1f} s{mine['gb']:7.2f} GB")
    assert mine["gb"] < MOST_GB, f"{mine['gb']:.2f} GB"
    for peer, answer in peers.items():
        if answer is None:
            print(f"{peer:24}  not installed")
            continue
        ratio = mine["seconds"] / answer["seconds"]
        print(
            f"{peer:24}{answer['seconds']:9.1f} s   ours / {peer} {ratio:.3f} (≤ {MOST[peer]:.3f})"
        )
        if peer != "pandas groupby-apply":
            pairs = zip(mine["totals"], answer["totals"], strict=True)
            assert all(abs(a - b) <= 1e-9 * abs(b) + 1e-3 for a, b in pairs), (mine, answer)
        assert ratio <= MOST[peer], f"{peer}: {ratio:.3f}"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        seconds, [totals] = ENGINES[sys.argv[1]](sys.argv[2])
        gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(json.dumps({"seconds": seconds, "totals": [float(t) for t in totals], "gb": gb}))
    else:
        main()
