"""A question that was put into SQL once is answered from the rows of the cohort that asks it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import ibis
import pytest

from incohort.cohort import Cohort, RecoveryChoices, episode_frame, open_cohort
from incohort.cohort.queries import frame_of, kept, table_of
from incohort.results import CohortCard


def cohort(labs: list[dict], **more: list[dict]) -> Cohort:
    """A cohort of one DuckDB, with tables of these rows."""
    connection = ibis.duckdb.connect()
    tables = {
        name: connection.create_table(name, ibis.memtable(rows))
        for name, rows in {"labs": labs, **more}.items()
    }
    card = CohortCard(name="own", title="Own", is_public=True)
    return Cohort(name="own", card=card, tables=tables, origins={}, held=frozenset())


def sums(asked: Cohort, factor: int):
    """The sum of a column, times a choice."""
    sums.times += 1
    labs = asked.tables["labs"]
    return labs.aggregate(total=labs.value.sum() * factor)


@pytest.fixture(autouse=True)
def _nothing_was_asked():
    sums.times = 0


def test_each_cohort_and_choice_has_its_own_answer():
    """Rows, choices and columns: whatever differs, differs in the answer."""
    first, second = cohort([{"value": 1}, {"value": 2}]), cohort([{"value": 10}])
    other = cohort([{"value": 0.5, "unit": "x"}])
    answers = [
        frame_of(asked, sums, factor)["total"].item()
        for asked, factor in ((first, 1), (second, 1), (first, 3), (other, 1), (first, 1))
    ]

    assert answers == [3, 10, 9, 0.5, 3]


def test_what_is_written_once_is_not_written_again():
    """For tables of the same columns, whatever their rows."""
    for rows in ([{"value": 5, "once": 1}], [{"value": 6, "once": 2}]):
        frame_of(cohort(rows), sums, 7)

    assert sums.times == 1


def doubled(asked: Cohort, factor: int):
    """A sum, times a choice, of what no choice changes."""
    step = kept(asked.tables["labs"].mutate(twice=lambda table: table.value * 2))
    return step.aggregate(total=step.twice.sum() * factor)


def test_a_step_that_two_choices_share_is_written_once(monkeypatch):
    """The second choice writes its answer alone, and it is another."""
    asked = cohort([{"value": 1, "shared": 1}, {"value": 2, "shared": 1}])
    backend = asked.tables["labs"].get_backend()
    plain, asked_for = backend.compile, []

    def compiled(table, **how):
        asked_for.extend([1] if not how else [])  # an answer is compiled by name, with more words
        return plain(table, **how)

    monkeypatch.setattr(backend, "compile", compiled)
    answers, times = [], []
    for factor in (1, 3, 1):
        answers.append(frame_of(asked, doubled, factor)["total"].item())
        times.append(len(asked_for))

    assert answers == [6, 18, 6]
    assert times == [2, 3, 3]


def test_nothing_is_left_in_the_database():
    """Neither an answer nor a step to it; a kept table goes before what is asked after it."""
    asked = cohort([{"value": 1}])
    backend = asked.tables["labs"].get_backend()

    def names() -> set[str]:
        query = "SELECT table_name FROM information_schema.tables"
        return {name for (name,) in backend.raw_sql(query).fetchall() if "memtable" not in name}

    frame_of(asked, sums, 1)
    table = table_of(asked, sums, 1)
    held = names()
    answer = table.execute()["total"].item()
    del table
    frame_of(asked, sums, 1)

    assert answer == 1
    assert len(held - {"labs"}) == 1
    assert names() == {"labs"}


def test_a_drugs_name_of_one_cohort_says_nothing_of_another(tmp_path):
    """The names that occur are part of the question: a brand is read in each cohort that has it."""
    days = ["2020-01-01", "2020-01-10", "2020-01-20", "2020-02-20"]
    found = []
    for drug in ("filgrastim", "unheard-of", "Neupogen"):
        folder = tmp_path / drug
        folder.mkdir()
        (folder / "patients.csv").write_text("patient_id\nP1\n", encoding="utf-8")
        counts = "".join(
            f"P1,ANC,{day},{value},10*9/L\n"
            for day, value in zip(days, (3.0, 0.2, 0.3, 4.0), strict=True)
        )
        header = "patient_id,analyte,taken_at,value,unit\n"
        (folder / "labs.csv").write_text(header + counts, encoding="utf-8")
        course = f"P1,{drug},treatment,2020-01-12,2020-01-15\n"
        header = "patient_id,drug,role,started_on,stopped_on\n"
        (folder / "medications.csv").write_text(header + course, encoding="utf-8")
        found += episode_frame(open_cohort(str(folder)), RecoveryChoices())["has_gcsf"].tolist()

    assert found == [True, None, True]


def test_threads_may_share_a_cohort():
    """They share its connection, so they ask one after the other."""
    asked = cohort([{"value": value} for value in range(100)])
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda i: frame_of(asked, sums, i)["total"].item(), range(40)))

    assert answers == [4950 * i for i in range(40)]
