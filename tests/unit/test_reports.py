"""A report's parts: prose, outputs that may stay, folders put in place, what the crate says."""

from __future__ import annotations

import json
import os
import re
import warnings
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from nbformat.notebooknode import from_dict
from rocrate.rocrate import ROCrate

from incohort.dictionary import studies, study
from incohort.errors import UsageError
from incohort.reports import place
from incohort.reports.crate import Times, crate_record
from incohort.reports.document import compose
from incohort.reports.handover import Handover, from_environment
from incohort.reports.harvest import harvest, without_paths
from incohort.reports.index import write_index
from incohort.reports.jobs import Failure, Job
from incohort.reports.kernels import Execution
from incohort.reports.looks import write_looks
from incohort.reports.manifest import CRATE
from incohort.reports.notebooks import Notebook
from incohort.reports.page import Run, report_page
from incohort.reports.prose import Prose
from incohort.reports.records import as_json, claims_record, results_record
from incohort.reports.replacing import folders_for
from incohort.reports.seal import new_seal
from incohort.reports.templating import faults_page
from incohort.results import (
    CohortCard,
    Concern,
    Estimate,
    Example,
    Findings,
    InputFile,
    Look,
    Measure,
    findings_to_json,
)
from incohort.results.serialise import MIME_TYPE

SEAL = new_seal()
HOSTILE = '<script>alert("1")</script>'


def estimate(value=0.5, key="study/part/proportion") -> Estimate:
    """One estimate of a study that does not exist."""
    return Estimate(key=key, label="part", measure=Measure.PROPORTION, value=value, n=20, events=10)


def shown(*results, title="A finding", profile="none") -> dict:
    """An output that displays findings."""
    findings = Findings(name="study/part", title=title, results=results, profile=profile)
    data = {"text/plain": "x", "text/html": "<b>x</b>", MIME_TYPE: findings_to_json(findings)}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def executed(*outputs, failure=None, lead="# A question\n\nIts design.") -> Execution:
    """A notebook after its run, with one code cell that left these outputs."""
    times = {"start_time": "2024-01-01T00:00:00", "duration": 1.5, "status": "completed"}
    cells = [
        {"cell_type": "markdown", "metadata": {"papermill": {}, "tags": []}, "source": lead},
        {
            "cell_type": "code",
            "metadata": {"papermill": times, "tags": ["injected-parameters"]},
            "source": "show()",
            "outputs": list(outputs),
            "execution_count": 1,
        },
    ]
    metadata = {"papermill": {"input_path": "/home/someone/a.ipynb"}}
    node = from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})
    return Execution(node=node, failure=failure)


def run_of(*, title="A cohort", notices=(), is_public=True, is_internal=False) -> Run:
    """A run of a notebook without parameters on a cohort of one file."""
    files = (InputFile(name="patients.csv", sha256="ab" * 32, n_rows=3),)
    card = CohortCard(
        name="mine", title=title, is_public=is_public, notices=tuple(notices), files=files
    )
    book = Notebook(name="01_a", path=__file__, title="A question", sha256="cd" * 32, parameters=())
    return Run(notebook=book, card=card, overrides={}, profile="none", is_internal=is_internal)


def page_of(run: Run, execution: Execution, *, shows_rows=True) -> str:
    """The report's page."""
    harvested = harvest(execution, shows_rows=shows_rows)
    document = compose(harvested.node, harvested, run.notebook.title)
    return report_page(run, document, harvested, ())


def test_headings_never_skip_a_level_and_never_repeat_the_first():
    """A page has one first-level heading, the title; below it no level is jumped over."""
    prose = Prose()
    html = prose.render("# Part\n\n#### Deep\n\n## Part\n\n### Sub")

    assert [(h.level, h.anchor) for h in prose.headings] == [
        (2, "s-part"),
        (3, "s-deep"),
        (2, "s-part-2"),
        (3, "s-sub"),
    ]
    assert "<h1" not in html


def test_raw_html_in_prose_is_shown_and_not_run():
    """A notebook's words can't bring in a script, an image from elsewhere or a style."""
    html = Prose().render(f"{HOSTILE} <img src=x onerror=y> [a](javascript:alert(1))")

    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html


def test_hostile_titles_notices_and_messages_are_escaped():
    """What a cohort or a notebook is called is text, wherever it stands on a page."""
    failure = Failure(cell=1, name="ValueError", message=HOSTILE)
    run = run_of(title=HOSTILE, notices=[HOSTILE] * 5)
    output = {"output_type": "stream", "name": "stdout", "text": HOSTILE}
    execution = executed(output, shown(estimate(), title=HOSTILE), failure=failure, lead=HOSTILE)
    page = page_of(run, execution)

    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 8


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("at /home/someone/data/file.csv line 3", "at file.csv line 3"),
        (r"at C:\Users\someone\file.csv", "at file.csv"),
        (
            "10/20 and km/h, a/b/c, https://doi.org/10.1/x",
            "10/20 and km/h, a/b/c, https://doi.org/10.1/x",
        ),
        ("\x1b[31mred\x1b[0m", "red"),
    ],
)
def test_a_path_becomes_its_last_part(text, plain):
    """Where a file lies on somebody's machine is told to nobody; fractions and links stay."""
    assert without_paths(text) == plain


def test_what_passed_no_gate_is_withheld_of_a_restricted_cohort():
    """Rows that a cell prints, an image of them, an error that quotes them: none is handed on."""
    quoted = "patient 4711"
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": quoted},
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": quoted}},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": "cGF0aWVudCA0NzEx"}},
        {"output_type": "error", "ename": "ValueError", "evalue": quoted, "traceback": [quoted]},
    ]
    failure = Failure(cell=1, name="ValueError", message=quoted)
    ungated = shown(estimate(key="study/other/count"))
    pretended = shown(estimate(key="study/own/count"), profile="opensafely")
    gated = shown(estimate(), profile="opensafely")
    gated["data"] = SEAL.marked(gated["data"])
    before = replace(executed(*outputs, ungated, pretended, gated, failure=failure), seal=SEAL)
    kept = harvest(before, shows_rows=False, profile="opensafely")
    text = json.dumps(kept.node) + page_of(
        run_of(is_public=False), executed(*outputs, failure=failure), shows_rows=False
    )

    assert quoted not in text
    assert "cGF0aWVudCA0NzEx" not in text
    assert quoted not in kept.failure.message
    assert list(kept.results) == ["study/part/proportion"]


@pytest.mark.parametrize("change", ["value", "html", "profile", "extra", "other run", "metadata"])
def test_a_bundle_that_was_changed_after_the_gate_is_none(change):
    """Its seal is of all its parts together, and of one run; its metadata goes no further."""
    gated = shown(estimate(), profile="opensafely")
    gated["data"] = (new_seal() if change == "other run" else SEAL).marked(gated["data"])
    data = gated["data"]
    match change:
        case "value":
            data[MIME_TYPE]["results"][0]["value"] = 4711.0
        case "html":
            data["text/html"] = "4711"
        case "profile":
            data[MIME_TYPE]["profile"] = "darwin"
        case "extra":
            data["text/latex"] = "4711"
        case "metadata":
            gated["metadata"] = {"rows": "4711"}
    kept = harvest(replace(executed(gated), seal=SEAL), shows_rows=False, profile="opensafely")

    assert bool(kept.results) == (change == "metadata")
    assert "4711" not in json.dumps(kept.node)
    assert "seal" not in json.dumps(kept.node)


def test_findings_that_passed_another_profile_than_the_runs_are_withheld():
    """A cell can ask its own gate for a milder one; the run's is the one that counts."""
    gated = shown(estimate(), profile="darwin")
    gated["data"] = SEAL.marked(gated["data"])
    before = replace(executed(gated), seal=SEAL)

    assert not harvest(before, shows_rows=False, profile="opensafely").results


def test_a_user_error_is_told_in_full_even_of_a_restricted_cohort():
    """Our own refusals are written sentences about names, and are what a reader needs."""
    failure = Failure(cell=1, name="UsageError", message="The cohort has no table 'labs'.")
    kept = harvest(executed(failure=failure), shows_rows=False)

    assert kept.failure == failure


def test_an_error_of_ours_that_a_cell_raised_itself_is_withheld():
    """The message of a notebook's own `UsageError` is whatever the notebook wrote into it."""
    failure = Failure(cell=1, name="UsageError", message="patient 4711")
    before = replace(executed(failure=failure), is_refusal=False)
    named = Failure(cell=1, name="patient_4711", message="")

    assert "4711" not in str(harvest(before, shows_rows=False).failure)
    assert "4711" not in str(harvest(executed(failure=named), shows_rows=False).failure)


def test_two_equal_runs_leave_equal_notebooks():
    """No time, path or random name is left in the executed notebook."""
    kept = harvest(executed(shown(estimate())), shows_rows=True)
    text = json.dumps(kept.node)

    assert "papermill" not in text
    assert "2024-01-01" not in text
    assert "someone" not in text
    assert [cell["id"] for cell in kept.node.cells] == ["cell-1", "cell-2"]
    assert "tags" not in kept.node.cells[0].metadata
    assert kept.seconds == (1.5,)


def test_one_key_with_two_results_is_a_failure():
    """A report that contradicts itself is not handed on as a good one."""
    same = harvest(executed(shown(estimate()), shown(estimate())), shows_rows=True)
    other = harvest(executed(shown(estimate()), shown(estimate(0.4))), shows_rows=True)

    assert same.failure is None
    assert other.failure is not None
    assert "study/part/proportion" in other.failure.message


def test_results_json_holds_every_result_at_full_precision():
    """What a cell shows and what is recorded is one number, to its last bit."""
    value = 16 / 43
    kept = harvest(executed(shown(estimate(value))), shows_rows=True)
    record = json.loads(as_json(results_record(run_of(), kept, [])))

    assert [r["value"] for r in record["results"]] == [value]
    assert record["cohort"]["name"] == "mine"
    assert json.loads(as_json(claims_record({})))["claims"] == []


def test_an_interval_without_an_end_survives_json():
    """An infinite limit is written as JSON allows, and read again as infinite."""
    endless = Estimate(
        key="a/b", label="or", measure=Measure.ODDS_RATIO, value=2.0, ci_low=1, ci_high=float("inf")
    )
    kept = harvest(
        executed(json.loads(json.dumps(shown(endless), allow_nan=False))), shows_rows=True
    )

    assert kept.results["a/b"].ci_high == float("inf")
    as_json(results_record(run_of(), kept, []))


def test_internal_marks_the_page():
    """A page without disclosure control says so before anything else."""
    page = page_of(run_of(is_public=False, is_internal=True), executed())

    assert page.index("INTERNAL") < page.index("<h1")


def test_a_cohort_without_a_title_is_named_once():
    """Its name stands for the title; where there is one, both are told."""
    assert "mine: mine" not in page_of(run_of(title="mine"), executed())
    assert "mine: A cohort" in page_of(run_of(), executed())


def test_the_crate_describes_every_file_and_names_no_place(tmp_path):
    """Each file has its hash and is part of the crate; no path of this machine is in it."""
    (tmp_path / "report.html").write_text("x")
    (tmp_path / "results.json").write_text("{}")
    kept = harvest(executed(shown(estimate())), shows_rows=True)
    at = datetime(2024, 1, 1, tzinfo=UTC)
    record = crate_record(run_of(), kept, tmp_path, Times(started=at, ended=at))
    entities = {entity["@id"]: entity for entity in record["@graph"]}

    assert (
        entities["ro-crate-metadata.json"]["conformsTo"]["@id"] == "https://w3id.org/ro/crate/1.2"
    )
    assert {part["@id"] for part in entities["./"]["hasPart"]} == {"report.html", "results.json"}
    assert entities["#cohort-1"]["sha256"] == "ab" * 32
    assert entities["#run"]["actionStatus"]["@id"].endswith("CompletedActionStatus")
    assert str(tmp_path) not in json.dumps(record)
    referred = {e["@id"] for key in ("object", "result") for e in entities["#run"][key]}
    assert referred <= set(entities)


def test_a_reader_of_crates_opens_it(tmp_path):
    """The library that others read RO-Crates with finds the run, its files and its parameters."""
    kept = harvest(executed(shown(estimate())), shows_rows=True)
    for name in ("report.html", "results.json"):
        (tmp_path / name).write_text("x")
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    record = crate_record(run_of(), kept, tmp_path, Times(started=moment, ended=moment))
    (tmp_path / CRATE).write_text(as_json(record))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own dependencies
        crate = ROCrate(tmp_path)

    assert crate.root_dataset["conformsTo"].id == "https://w3id.org/ro/wfrun/process/0.5"
    assert {part.id for part in crate.root_dataset["hasPart"]} == {"report.html", "results.json"}
    assert crate.dereference("#run")["instrument"]["name"] == "incohort"


def test_a_folder_that_cannot_be_put_in_place_leaves_the_earlier_one(tmp_path, monkeypatch):
    """Whoever reads a report while another run fails still reads a whole one."""
    out = tmp_path / "out"
    target = out / "a"
    target.mkdir(parents=True)
    (target / "report.html").write_text("earlier")
    with place.aside(out) as folder:
        with pytest.raises(OSError, match="nothing"):
            place.put_in_place(folder / "nothing", target, folder)
        assert (target / "report.html").read_text() == "earlier"
    assert [path.name for path in out.iterdir()] == ["a"]


def test_what_a_killed_run_took_away_is_given_back(tmp_path):
    """Killed between the two renames, a run has the earlier report aside: the next puts it back."""
    spare = tmp_path / ".incohort-killed" / "spare" / "a"
    spare.mkdir(parents=True)
    (spare / "report.html").write_text("earlier")
    mark = "incohort made the folder .incohort-killed and will remove it\n"
    (tmp_path / ".incohort-killed" / "in-use").write_text(mark)
    with place.aside(tmp_path):
        assert (tmp_path / "a" / "report.html").read_text() == "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_run_that_is_still_going_is_left_alone(tmp_path):
    """Two runs may write to one folder at a time."""
    with place.aside(tmp_path) as first, place.aside(tmp_path) as second:
        assert first.is_dir()
        assert second.is_dir()


def test_an_output_folder_that_is_a_file_is_refused_in_a_sentence(tmp_path):
    """The user reads where nothing can be written, and what to do."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="--out"), place.aside(tmp_path / "file" / "out"):
        pass


def test_the_list_of_reports_survives_files_that_are_not_ours(tmp_path):
    """A stray or broken results.json in the folder keeps no report out of the list."""
    kept = harvest(executed(shown(estimate())), shows_rows=True)
    for name, text in {
        "01_a--mine": as_json(results_record(run_of(title=HOSTILE), kept, ["1 reproduced"])),
        "other": "[]",
        "broken": "{",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "results.json").write_text(text)
    write_index(tmp_path)
    page = (tmp_path / "index.html").read_text()

    assert 'href="01_a--mine/report.html"' in page
    assert "1 reproduced" in page
    assert HOSTILE not in page
    assert page.count("<script") == 1  # ours, which the page lets run by its digest


def listed(folder, record=None, claims='{"claims": []}'):
    """A report's own records, the second one as text."""
    folder.mkdir()
    kept = harvest(executed(shown(estimate())), shows_rows=True)
    (folder / "results.json").write_text(as_json(record or results_record(run_of(), kept, [])))
    (folder / "claims.json").write_text(claims)


@pytest.mark.parametrize("name", ["results.json", "claims.json"])
@pytest.mark.parametrize(
    "content",
    ["", "{", "null", "7", "[]", "{}", "\0\1", "9" * 5000, "[" * 100_000, '{"claims": 3}',
     '{"claims": [{"study": ["x"], "key": {}, "field": 1, "verdict": "odd"}]}',
     '{"claims": [{"study": "x", "key": "k", "field": "f", "verdict": "odd"}]}'],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_a_damaged_record_is_told_in_a_line_and_left_out(tmp_path, name, content):
    """Whatever a file holds under a report's name, the list is written with all the others."""
    listed(tmp_path / "a")
    listed(tmp_path / "b")
    (tmp_path / "b" / name).write_text(content)
    told = [str(file) for file in write_index(tmp_path)]

    assert len(told) == 1
    assert told[0].startswith(f"b/{name} is left out: ")
    assert "\n" not in told[0]
    page = (tmp_path / "index.html").read_text()
    assert 'href="a/report.html"' in page
    assert ('href="b/report.html"' in page) == (name == "claims.json")


@pytest.mark.parametrize("name", ["results.json", "claims.json"])
@pytest.mark.parametrize("kind", ["folder", "pipe", "link to nothing", "link to itself", "bytes"])
def test_a_record_that_is_no_file_is_left_out_and_never_waited_for(tmp_path, name, kind):
    """A folder, a pipe that nobody writes to, a dead link, another encoding: told and left out."""
    listed(tmp_path / "a")
    listed(tmp_path / "b")
    path = tmp_path / "b" / name
    path.unlink()
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "bytes":
            path.write_bytes(b"\xff\xfe{}")
        case _:
            path.symlink_to("nowhere" if kind == "link to nothing" else path.name)
    told = [str(file) for file in write_index(tmp_path)]

    assert [line.partition(" ")[0] for line in told] == [f"b/{name}"]
    assert 'href="a/report.html"' in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize(
    "change",
    [{"cohort": None}, {"cohort": {"name": "x"}}, {"claims": [1]}, {"changed": "all"},
     {"is_internal": "no"}, {"failure": 3}, {"title": ["a"]}, {"title": "\ud800"},
     {"parameters": []}, {"notebook": 7}],
    ids=str,
)  # fmt: skip
def test_a_record_of_odd_types_is_left_out(tmp_path, change):
    """A record that says it is ours and isn't keeps no report out of the list."""
    kept = harvest(executed(shown(estimate())), shows_rows=True)
    listed(tmp_path / "a")
    (tmp_path / "b").mkdir()
    record = json.dumps(json.loads(as_json(results_record(run_of(), kept, []))) | change)
    (tmp_path / "b" / "results.json").write_text(record)

    assert len(write_index(tmp_path)) == 1
    assert 'href="a/report.html"' in (tmp_path / "index.html").read_text()


def test_the_list_tells_what_was_changed_and_to_what(tmp_path):
    """A reader picks a report by its parameters: name and value, and no more than was changed."""
    kept = harvest(executed(shown(estimate())), shows_rows=True)
    record = results_record(run_of(), kept, [])
    record |= {
        "parameters": {"limit": 0.5, "sex": HOSTILE, "all": True},
        "changed": ["limit", "sex"],
    }
    listed(tmp_path / "a", record)
    write_index(tmp_path)
    page = (tmp_path / "index.html").read_text()

    assert "limit = 0.5, sex = &lt;script&gt;" in page
    assert "all = true" not in page


def test_the_register_lists_every_figure_with_each_reports_verdict(tmp_path):
    """A published figure stands once, with what each report made of it and where to read on."""
    kept = harvest(executed(shown(estimate())), shows_rows=True)
    claim = study("kyritsi2015").claims[0]
    for name, verdict in (("01_a--mine", "differs from"), ("02_b--yours", "reproduced")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "results.json").write_text(as_json(results_record(run_of(), kept, [])))
        judged = {"study": "kyritsi2015", "key": claim.key, "field": claim.field}
        (folder / "claims.json").write_text(json.dumps({"claims": [judged | {"verdict": verdict}]}))
    write_index(tmp_path)
    page = (tmp_path / "claims.html").read_text()
    row = next(row for row in page.split("<tr>") if f">{claim.label}<" in row)

    assert "differs from" in row
    assert "reproduced" in row
    assert 'href="02_b--yours/report.html#' in row
    n_figures = sum(len(study(name).claims) for name in studies())
    assert len(re.findall(r"<tr><th scope=\"row\"", page)) == n_figures


def test_what_publications_decide_is_on_the_register_once_whatever_reports_say(tmp_path):
    """Wang's Z and its P are judged beside no report; an older report's word on them is dropped."""
    kept = harvest(executed(shown(estimate())), shows_rows=True)
    z = next(c for c in study("wang2019").claims if c.key.endswith("/z"))
    folder = tmp_path / "05_a--mine"
    folder.mkdir()
    (folder / "results.json").write_text(as_json(results_record(run_of(), kept, [])))
    judged = {"study": "wang2019", "key": z.key, "field": z.field, "verdict": "reproduced"}
    (folder / "claims.json").write_text(json.dumps({"claims": [judged]}))
    write_index(tmp_path)
    page = (tmp_path / "claims.html").read_text()
    section = page.split('id="study-wang2019"')[1].split("</section>")[0]

    assert "reproduced" not in section
    assert "05_a--mine" not in section
    tested, untested = section.split("</thead>")[1:]
    assert tested.count("agrees with itself") == 2
    assert untested.count("quoted") == 13
    provisional = page.split('id="study-wang2019_provisional"')[1].split("</section>")[0]
    assert "does not agree with itself" in provisional
    assert "impossible as printed" in provisional


def test_a_cohort_cannot_name_its_report_out_of_the_folder(tmp_path):
    """A name with slashes and dots stays one folder's name."""
    run = run_of()
    card = CohortCard(name="../../etc", title="x", is_public=True)
    job = Job(notebook=run.notebook, card=card, cohort_path=str(tmp_path), overrides={})
    places = folders_for([job.identity()], tmp_path, "--failed")

    assert [place.name for place in places.values()] == ["01_a--etc"]


def odd(sentence="Counts of ANC above any.", *, is_grave=True, n_patients=9) -> Concern:
    """Something worth a look, seen in the row of a patient called SECRET."""
    look = Look(
        rule="above_plausible",
        table="labs",
        column="value",
        subject="ANC",
        sentence=sentence,
        remedy="Correct the unit.",
        is_grave=is_grave,
        n_patients=n_patients,
        n_rows=None if n_patients is None else 30,
        of=40,
    )
    return Concern(look=look, examples=(Example(row=7, patient="SECRET", value="450 G/L"),))


def test_what_is_grave_stands_on_the_first_screen():
    """The gravest in its own words with its count, how many more, and where all of them stand."""
    concerns = (odd(), odd("HB below.", is_grave=False), odd("PLT above.", is_grave=False))
    run = run_of()
    card = replace(run.card, looks=tuple(c.look for c in concerns))
    page = page_of(replace(run, card=card), executed())
    first = page[: page.index('id="parameters"')]

    assert "Worth a look in the data: 3" in first
    assert 'Counts of <abbr title="absolute neutrophil count">ANC</abbr> above any.' in first
    assert "30 rows of 9 patients" in first
    assert "2 more." in first
    assert 'href="worth-a-look.html"' in first
    assert "HB below." not in first
    assert "SECRET" not in page


def test_a_withheld_count_is_said_to_be_and_nothing_found_is_said_too():
    """Neither is silent: a reader knows that somebody looked."""
    run = run_of()
    withheld = replace(run.card, looks=(odd(n_patients=None).look,))
    nothing = replace(run.card, looks=())

    assert "how many is withheld" in page_of(replace(run, card=withheld), executed())
    assert "nothing was found" in page_of(replace(run, card=nothing), executed())
    assert "orth a look" not in page_of(run, executed())  # nobody looked


@pytest.mark.parametrize("shows_rows", [False, True])
def test_rows_and_patients_stand_on_a_page_of_their_own(tmp_path, shows_rows):
    """The page beside every report has none of them; the other is there only where rows may be."""
    card = replace(run_of().card, looks=(odd().look,))
    write_looks(tmp_path, card, (odd(),) if shows_rows else (), is_internal=False)
    plain = (tmp_path / "worth-a-look.html").read_text(encoding="utf-8")

    assert "Correct the unit." in plain
    assert "SECRET" not in plain
    assert "450" not in plain
    rows = tmp_path / "worth-a-look-rows.html"
    assert rows.exists() == shows_rows
    if shows_rows:
        assert "row 7 (SECRET): 450 G/L" in rows.read_text(encoding="utf-8")


def test_the_page_of_check_names_patients_only_where_it_is_internal():
    """Both show rows and values: they are for whoever keeps the cohort."""
    assert "row 7: 450 G/L" in faults_page("mine", (), (odd(),))
    assert "SECRET" not in faults_page("mine", (), (odd(),))
    assert "SECRET" in faults_page("mine", (), (odd(),), is_internal=True)


def test_no_faults_is_a_page_too():
    """`check --html` of a good cohort says so."""
    assert "keeps to the data dictionary" in faults_page("mine", ())


def test_the_handover_goes_through_the_environment_and_back():
    """What the runner says is what the kernel hears."""
    told = Handover(name="a", path="b", profile="darwin", is_internal=True)

    assert from_environment(told.environment()) == told
    assert from_environment({}) == Handover()


@pytest.mark.parametrize(
    ("is_public", "is_internal", "profile"),
    [(True, False, "none"), (False, True, "none"), (False, False, "opensafely")],
)
def test_a_restricted_cohort_passes_a_profile_unless_told_otherwise(
    is_public, is_internal, profile
):
    """Who says nothing gets the careful profile."""
    told = Handover(is_internal=is_internal)

    assert told.requested_profile(is_public=is_public) == profile
