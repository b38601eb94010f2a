"""The three engines that a cohort may live on, each with the same crowd in it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet
import pytest

from incohort.cohort import Cohort
from incohort.results import CohortCard

_SPEC = importlib.util.spec_from_file_location("crowd", Path(__file__).with_name("crowd.py"))
crowd = importlib.util.module_from_spec(_SPEC)
sys.modules.setdefault("crowd", crowd)
_SPEC.loader.exec_module(crowd)

SEEDS = (1, 2, 3)
_ARROW = {
    "string": pa.string(), "float64": pa.float64(), "int64": pa.int64(), "date": pa.date32(),
    "timestamp": pa.timestamp("us"), "boolean": pa.bool_(),
}  # fmt: skip


def cohort_of(tables) -> Cohort:
    return Cohort(
        name="crowd",
        card=CohortCard(name="crowd", title="Crowd", is_public=True),
        tables=tables,
        origins={},
        held=frozenset(),
    )


@pytest.fixture(scope="session")
def files(tmp_path_factory) -> dict[str, Path]:
    """One Parquet file per table, the crowds of several seeds under names of their own."""
    folder = tmp_path_factory.mktemp("crowd")
    crowds = [crowd.crowd(seed) for seed in SEEDS]
    paths = {}
    for name, schema in crowd.SCHEMAS.items():
        rows = [
            row | {"patient_id": f"{row['patient_id']}-{seed}"}
            for seed, tables in zip(SEEDS, crowds, strict=True)
            for row in tables[name]
        ]
        fields = pa.schema([(column, _ARROW[kind]) for column, kind in schema.items()])
        paths[name] = folder / f"{name}.parquet"
        pyarrow.parquet.write_table(pa.Table.from_pylist(rows, schema=fields), paths[name])
    return paths


@pytest.fixture(scope="session")
def on_duckdb(files) -> Cohort:
    """The crowd in DuckDB, where cohorts live by default."""
    connection = ibis.duckdb.connect()
    return cohort_of({name: connection.read_parquet(path) for name, path in files.items()})


@pytest.fixture(scope="session")
def on_spark(files, skip_or_fail) -> Iterator[Cohort]:
    """The crowd in Apache Spark, read from Parquet: from pandas NaN would be no NULL."""
    if importlib.util.find_spec("pyspark") is None:
        skip_or_fail("the extra spark is not installed")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        skip_or_fail("Spark needs Java, and there is none")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    from pyspark.sql import SparkSession  # noqa: PLC0415 — an extra

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        # small queries, each run once: to make them fast takes longer than running them slowly
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    connection = ibis.pyspark.connect(session)
    connection._create_cached_table = partial(_kept_without_its_origin, connection)
    yield cohort_of({name: connection.read_parquet(path) for name, path in files.items()})
    session.stop()


def _kept_without_its_origin(connection, name: str, expr):
    """What `cache()` does, by a checkpoint: the same rows, kept with no plan behind them.

    A cached table of Ibis stands in each later query with all that it was made of, which Spark then
    analyses anew: two thirds of the time that these tests took.
    """
    frame = connection.raw_sql(connection.compile(expr)).localCheckpoint()
    frame.createTempView(name)
    connection._cached_dataframes[name] = frame
    return connection.table(name)


@pytest.fixture(scope="session")
def on_postgres(files, skip_or_fail, tmp_path_factory) -> Iterator[Cohort]:
    """The crowd in PostgreSQL: the server of INCOHORT_POSTGRES_URL, or one of this test's own."""
    if importlib.util.find_spec("psycopg") is None:
        skip_or_fail("the extra postgres is not installed")
    url = os.environ.get("INCOHORT_POSTGRES_URL")
    if url is not None:
        connection = ibis.connect(url)
        yield _filled(connection, files)
        connection.disconnect()
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        skip_or_fail("there is no PostgreSQL server (INCOHORT_POSTGRES_URL names one)")
    server = _Server(programs[-1].parent)
    try:
        server.start()
        connection = ibis.postgres.connect(
            host=str(server.folder), user="crowd", database="postgres"
        )
        yield _filled(connection, files)
        connection.disconnect()
    finally:
        server.stop()


class _Server:
    """A private PostgreSQL in a temporary folder, reached by a socket there and by nothing else."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        # not below pytest's folder: a socket's path may have 107 letters, and root's is closed
        made = subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True)
        self.folder = Path(made.stdout.strip())

    def start(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody")
        self._run("initdb", "-D", f"{self.folder}/data", "-U", "crowd", "-A", "trust", "-E", "UTF8")
        settings = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        self._run(
            "pg_ctl", "-D", f"{self.folder}/data", "-w", "-o", settings, "-l", f"{self.folder}/log",
            "start",
        )  # fmt: skip

    def stop(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        # the server refuses to run as root, as tests in a container do
        as_nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        subprocess.run(
            [self.programs / program, *arguments],
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            **(as_nobody if os.geteuid() == 0 else {}),
        )


def _filled(connection, files) -> Cohort:
    """The crowd in temporary tables, which a shared server forgets with the connection."""
    tables = {}
    for name, path in files.items():
        rows = pyarrow.parquet.read_table(path)
        schema = ibis.schema(crowd.SCHEMAS[name])
        tables[name] = connection.create_table(f"crowd_{name}", schema=schema, temp=True)
        columns = ", ".join(schema)
        copy = f"COPY crowd_{name} ({columns}) FROM STDIN"
        with connection.con.cursor() as cursor, cursor.copy(copy) as stream:
            for row in rows.to_pylist():
                stream.write_row(tuple(row.values()))
    return cohort_of(tables)
