"""A registry's antibody tests paired and counted: a million tests on 200 000 patients.

From typed rows in memory to what each of five assays adds, by incohort, the same in
pandas groupby, and the same in R data.table. All three have to find the same numbers; incohort has
to be ahead of both. Without R (or without its data.table) only pandas is the peer.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import ibis
import pandas as pd

from incohort.cohort import pairing
from incohort.stats.assays.yields import yields_in_order

TESTS, PATIENTS, SEED = 1_000_000, 200_000, 0.42
ASSAYS = ("gift", "gat", "lift", "maiga", "flow_wift")
RUNS = 5
AT_MOST = 1.0  # of the faster peer's time
SECONDS = 10.0
Gains = dict[str, list[int]]  # assay: positives of its own, newly found

PEER = """
suppressMessages(library(data.table))
setDTthreads(0)
assays <- c("gift", "gat", "lift", "maiga", "flow_wift")
codes <- c(not_done = 0L, indeterminate = 1L, negative = 2L, positive = 3L)
d <- fread(commandArgs(TRUE)[1], colClasses = list(character = c("patient_id", "sample_id")))
once <- function() {
  d[, number := codes[result]][, negative := as.integer(number == 2L)]
  s <- d[, .(best = max(number), negative = max(negative)),
         by = .(patient_id, sample_id, assay)]  # max alone is done in C, group by group
  s[, code := fifelse(best == 3L & negative == 1L, 1L, best)]
  p <- s[, .(code = max(code)), by = .(patient_id, assay)]
  w <- dcast(p, patient_id ~ assay, value.var = "code", fill = -1L)
  m <- as.matrix(w[, ..assays])
  m <- m[rowSums(m >= 2L) == length(assays), , drop = FALSE] == 3L
  before <- rep(FALSE, nrow(m)); out <- list()
  for (a in assays) {
    out[[a]] <- c(sum(m[, a]), sum(m[, a] & !before)); before <- before | m[, a]
  }
  out
}
times <- numeric(0)
for (i in 1:as.integer(commandArgs(TRUE)[2])) times <- c(times, system.time(found <- once())[3])
cat(min(times), "\n")
for (a in assays) cat(a, found[[a]], "\n")
"""


def registry(place: Path) -> None:
    """Write the tests, seeded; one row in ten thousand contradicts another one."""
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.execute(f"SELECT setseed({SEED})")
        connection.execute(
            f"""COPY (SELECT 'P' || (random() * {PATIENTS})::INT AS patient_id,
            'S' || (random() * 3)::INT AS sample_id,
            DATE '2015-01-01' + (random() * 2000)::INT AS taken_on,
            (['gift', 'gat', 'lift', 'maiga', 'flow_wift'])[1 + (random() * 4)::INT] AS assay,
            (['positive', 'negative', 'negative', 'negative', 'indeterminate', 'not_done'])
            [1 + (random() * 5)::INT] AS result FROM range({TESTS})) TO '{place}' (HEADER)"""
        )


def ours(backend: ibis.BaseBackend) -> Gains:
    """Paired by Ibis, counted by the estimator."""
    samples = pairing.on_samples(backend.table("tests"), ASSAYS)
    table = pairing.paired(samples, ASSAYS, unit="patient", index="gift")
    frame = pairing.execute(table, ASSAYS)
    codes = frame[[f"assay_{name}" for name in ASSAYS]].apply(lambda words: words.cat.codes)
    numbers = codes.to_numpy()
    steps = yields_in_order(numbers == pairing.POSITIVE, numbers >= pairing.NEGATIVE)
    return {ASSAYS[s.assay]: [s.n_positive, s.n_gained] for s in steps}


def in_pandas(tests: pd.DataFrame) -> Gains:
    """The same by groupby and unstack."""
    number = tests["result"].map({word: i for i, word in enumerate(pairing.RESULTS)})
    rows = tests.assign(number=number, is_negative=number == pairing.NEGATIVE)
    keys = ["patient_id", "sample_id", "assay"]
    each = rows.groupby(keys, sort=False).agg(
        best=("number", "max"), has_negative=("is_negative", "max")
    )
    contradicts = (each["best"] == pairing.POSITIVE) & each["has_negative"]
    each["code"] = each["best"].mask(contradicts, pairing.INDETERMINATE)
    by_patient = each.groupby(["patient_id", "assay"], sort=False)["code"].max()
    wide = by_patient.unstack(fill_value=-1)  # noqa: PD010 — the quickest way in pandas
    wide = wide[list(ASSAYS)]
    found = wide[(wide >= pairing.NEGATIVE).all(axis=1)] == pairing.POSITIVE
    gains, before = {}, pd.Series(data=False, index=found.index)
    for name in ASSAYS:
        gains[name] = [int(found[name].sum()), int((found[name] & ~before).sum())]
        before |= found[name]
    return gains


def in_data_table(place: Path, folder: Path) -> tuple[float, Gains] | None:
    """The same in R; None where it isn't there."""
    if shutil.which("Rscript") is None:
        return None
    script = folder / "peer.R"
    script.write_text(PEER, encoding="utf-8")
    done = subprocess.run(
        ["Rscript", script, place, str(RUNS)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return None
    first, *rest = done.stdout.strip().splitlines()
    lines = [line.split() for line in rest]
    return float(first), {name: [int(own), int(new)] for name, own, new in lines}


def best_of(work: Callable[[], Gains]) -> tuple[float, Gains]:
    """The shortest of a few runs, and what it found."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        found = work()
        times.append(time.perf_counter() - started)
    return min(times), found


def main() -> int:
    """Print what each takes and say whether the promise holds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = folder / "antibody_tests.csv"
        registry(place)
        tests = pd.read_csv(place)
        backend = ibis.duckdb.connect()
        backend.create_table("tests", backend.read_csv(place))
        seconds, found = best_of(lambda: ours(backend))
        peers = {"pandas groupby": best_of(lambda: in_pandas(tests))}
        r = in_data_table(place, folder)
        if r is not None:
            peers["R data.table"] = r
    print(f"{TESTS:,} tests on {PATIENTS:,} patients, from rows to yields")
    print(f"incohort       {seconds:6.2f} s")
    for peer, (took, same) in peers.items():
        print(f"{peer:14} {took:6.2f} s, incohort takes {seconds / took:.2f} of it")
        if same != found:
            print(f"{peer} finds other numbers: {json.dumps([found, same])}")
            return 1
    fastest = min(took for took, _ in peers.values())
    return 0 if seconds <= AT_MOST * fastest and seconds <= SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
