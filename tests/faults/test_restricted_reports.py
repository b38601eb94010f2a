"""What a restricted cohort's report tells beside its numbers: nothing made from its rows."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

OPENED = "import incohort as ic\nic.open_cohort(cohort).card.title"


def written(folder: Path, privacy: str) -> Path:
    """81 patients, and a table of events so small that its rows can be guessed from its hash."""
    folder.mkdir(parents=True)
    ids = [f"H{number:03d}" for number in range(1, 82)]
    (folder / "patients.csv").write_text("\n".join(["patient_id", *ids]) + "\n")
    rows = [f"{one},infection,invasive" for one in ("H015", "H024", "H025")]
    (folder / "events.csv").write_text("\n".join(["patient_id,event,detail", *rows]) + "\n")
    about = {"name": "hash", "title": "A series", "incohort": {"privacy": privacy}}
    (folder / "datapackage.json").write_text(json.dumps(about))
    return folder


@pytest.fixture
def run(command) -> Callable[..., Path]:
    """Has the command make one report; its folder."""

    def made(cohort: Path, out: Path, *options: str, notebook: str = "01_cohort_overview") -> Path:
        done = command("run", notebook, "--cohort", cohort, "--out", out, *options)
        assert done.returncode == 0, done.stderr
        (record,) = out.glob("*/results.json")
        return record.parent

    return made


def notebook(path: Path, *cells: str) -> str:
    """A notebook of these cells after its parameters."""
    parameters = {"metadata": {"tags": ["parameters"]}, "source": 'cohort: str = "a"  # the cohort'}
    document = {
        "nbformat": 4,
        "nbformat_minor": 4,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": "# A question\n\nA design."},
            *(
                {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, **own}
                for own in (parameters, *({"source": cell} for cell in cells))
            ),
        ],
    }
    path.write_text(json.dumps(document))
    return str(path)


def digests(cohort: Path) -> set[str]:
    """What any usual hash makes of each file, and of its text without the last line break."""
    contents = [path.read_bytes() for path in cohort.iterdir()]
    contents += [content.strip() for content in contents]
    names = ("md5", "sha1", "sha256", "sha512", "blake2b")
    return {hashlib.new(name, content).hexdigest() for name in names for content in contents}


@pytest.mark.parametrize("options", [(), ("--internal",)])
def test_nothing_is_derived_from_the_bytes_of_a_restricted_table(run, tmp_path, options):
    """No file of a report, an internal one neither, holds a hash or a size of a cohort's file."""
    cohort = written(tmp_path / "hash", "restricted")
    own = notebook(tmp_path / "own.ipynb", OPENED)
    report = run(cohort, tmp_path / "out", *options, notebook=own)
    record = json.loads((report / "results.json").read_text("utf-8"))
    crate = json.loads((report / "ro-crate-metadata.json").read_text("utf-8"))["@graph"]
    made = {path.name for path in report.iterdir()}

    assert {file["name"] for file in record["cohort"]["files"]} == {
        "patients.csv", "events.csv", "datapackage.json",
    }  # fmt: skip
    for path in sorted((tmp_path / "out").rglob("*")):
        text = path.read_text("utf-8") if path.is_file() else ""
        assert not [digest for digest in digests(cohort) if digest in text], path.name
    assert {one["@id"] for one in crate if "contentSize" in one} <= made
    inputs = [one for one in crate if one.get("name", "").startswith("hash/")]
    assert len(inputs) == 3
    assert not [one for one in inputs if "sha256" in one]
    assert not [file for file in record["cohort"]["files"] if file["sha256"]]
    assert "Of a restricted cohort no hash" in (report / "report.html").read_text("utf-8")


def test_a_public_cohort_keeps_the_hashes_of_its_files(run, tmp_path):
    """Whoever has the files can see that the report was made from them."""
    cohort = written(tmp_path / "hash", "public")
    own = notebook(tmp_path / "own.ipynb", OPENED)
    report = run(cohort, tmp_path / "out", notebook=own)
    digest = hashlib.sha256((cohort / "events.csv").read_bytes()).hexdigest()

    for name in ("report.html", "results.json", "ro-crate-metadata.json"):
        assert digest in (report / name).read_text("utf-8"), name


@pytest.mark.parametrize("privacy", ["public", "restricted"])
def test_a_report_names_the_libraries_that_its_kernel_imported(run, tmp_path, privacy):
    """What the suite reads rows with, and what the notebook itself imports, but nothing else."""
    cohort, name = written(tmp_path / "hash", privacy), "hypothesis"
    told = []
    for cell in (OPENED, f"{OPENED}\nimport {name}"):
        own = notebook(tmp_path / "own.ipynb", cell)
        report = run(cohort, tmp_path / f"out{len(told)}", notebook=own)
        crate = json.loads((report / "ro-crate-metadata.json").read_text("utf-8"))["@graph"]
        tools = [one for one in crate if one["@type"] == "SoftwareApplication"]
        told.append({one["name"]: one["version"] for one in tools})
        page = (report / "report.html").read_text("utf-8")
        assert [tool for tool, number in told[-1].items() if f"{tool} {number}" not in page] == []
        first, _, beside = page.partition("<dt>Software</dt>")[2].partition("Imported beside it")
        assert "ibis-framework" in first
        assert "sqlglot" in first
        assert "annotated-types" not in page  # which comes along, however a kernel was started
        assert (name in beside) == (name in cell)

    assert told[0].keys() >= {"incohort", "Python", "papermill", "duckdb", "ibis-framework"}
    assert name not in told[0]
    assert told[1].keys() - told[0].keys() >= {name}
    assert not told[0].items() - told[1].items()


PREPARED = """\
import json, os, sys
from dataclasses import replace
import incohort as ic
from IPython.display import HTML, display
from incohort.results import Estimate, Findings, Layout, Measure, findings_to_json
from incohort.results.serialise import MIME_TYPE
import incohort.jupyter.display as own
people = ic.patients(ic.open_cohort(cohort))
base = people.members.base
base.flag("few", base.frame["patient_id"].isin(("H015", "H024", "H025")))
secret = "".join(map(chr, (76, 69, 65, 75))) + "01"  # so that the code does not hold it
def findings(key, few=False, **more):
    told = people.telling("patients.patient_id")
    told.count_in(key, "x", base.everybody.where("few", "yes") if few else base.everybody)
    return replace(told.findings(key, "A", Layout()), **more)
"""
# one after the other in one kernel: from the ninth on the gate's settings have been tampered with
CHEATS = (
    'findings("honest/count")',
    'findings("few/count", few=True, profile="opensafely")',
    'replace(findings("milder/count", few=True), profile="darwin")',
    """\
by_hand = Estimate(key="mine/hand/count", label="x", measure=Measure.COUNT, value=200.0, n=200)
Findings(name="a", title="A", results=(by_hand,))""",
    'display(findings("meta/count"), metadata={"rows": secret})',
    'findings("public/count", is_public=True)',
    """\
made = findings_to_json(findings("json/count", profile="opensafely"))
display({MIME_TYPE: made, "text/html": secret, "text/plain": secret}, raw=True)""",
    """\
display({**own.bundle(findings("html/count")), "text/html": secret}, raw=True)""",
    """\
os.environ["INCOHORT_PROFILE"] = "darwin"
findings("asked/count")""",
    """\
os.environ |= {"INCOHORT_PROFILE": "none", "INCOHORT_INTERNAL": "1"}
findings("lifted/count")""",
    """\
os.environ |= {"INCOHORT_PROFILE": "", "INCOHORT_INTERNAL": "", "INCOHORT_SEAL": "00" * 32}
ic.load_ipython_extension(get_ipython())
findings("again/count")""",
    "print(secret); print(secret, file=sys.stderr); display(HTML(secret)); secret",
    """\
display({"application/json": {"a": secret}, "image/svg+xml": f"<svg>{secret}</svg>"}, raw=True)""",
    'shown = display(findings("late/count"), display_id=True)',
    'shown.update({"text/plain": secret, MIME_TYPE: {}}, raw=True)',
    "get_ipython().execution_count = 4711",
    "1",
    "raise type(secret, (Exception,), {})(secret)",
)
RAISED = """\
from incohort.errors import UsageError
raise UsageError("LEAK" + "01")"""
MESSAGE = "The message is withheld, as it may quote a patient's data. The terminal has it."


@pytest.fixture(scope="module")
def cheated(command, tmp_path_factory):
    """Reports of notebooks that try to get round the gate, and what the command said."""
    folder = tmp_path_factory.mktemp("cheated")
    cohort = written(folder / "hash", "restricted")
    own = notebook(folder / "own.ipynb", PREPARED, *CHEATS)
    raised = notebook(folder / "raised.ipynb", RAISED)
    asked = notebook(folder / "asked.ipynb", "import incohort as ic\nic.open_cohort('hsah')")
    done = command("run", own, raised, asked, "--cohort", cohort, "--out", folder / "out")
    assert done.returncode == 1, done.stderr
    return {path.parent.name[:4]: path.parent for path in folder.glob("out/*/results.json")}, done


def test_only_what_the_gate_let_pass_is_in_a_restricted_report(cheated):
    """Nothing that a notebook says of its findings, displays by hand or prints gets through."""
    report = cheated[0]["own-"]
    record = json.loads((report / "results.json").read_text("utf-8"))
    kinds = {result["key"]: result["kind"] for result in record["results"]}

    assert kinds == {
        "patients/honest/count": "estimate",
        "patients/few/count": "suppressed",
        "patients/milder/count": "suppressed",
        "mine/hand/count": "suppressed",
        "patients/meta/count": "estimate",
    }
    for path in report.iterdir():
        text = path.read_text("utf-8")
        assert "LEAK01" not in text, path.name
        assert "vnd.incohort.seal" not in text, path.name
    failed = len(CHEATS) + 3  # the parameters twice, as written and as run, and what prepares
    assert record["failure"] == {"cell": failed, "name": "Error", "message": MESSAGE}


def test_no_number_of_the_kernels_own_is_left_in_a_restricted_notebook(cheated):
    """Cells count from 1 in their order, and each has at most one note of what is withheld."""
    report = cheated[0]["own-"]
    cells = json.loads((report / "notebook.ipynb").read_text("utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]

    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        notes = [output for output in cell["outputs"] if output["output_type"] == "stream"]
        assert len(notes) <= 1
        assert all(output.get("metadata", {}) == {} for output in cell["outputs"])


def test_a_message_of_ours_is_told_only_where_it_was_raised_by_ours(cheated):
    """A notebook can raise our errors with whatever text it likes; a refusal of ours is kept."""
    reports, _ = cheated
    told = {
        name: json.loads((reports[name] / "results.json").read_text("utf-8"))["failure"]
        for name in ("rais", "aske")
    }

    assert told["rais"] == {"cell": 3, "name": "UsageError", "message": MESSAGE}
    assert "There is no cohort 'hsah'" in told["aske"]["message"]
    assert "LEAK01" not in (reports["rais"] / "report.html").read_text("utf-8")


def test_the_first_screen_says_how_much_is_withheld_and_how_to_see_it(cheated):
    """Right after the answer: how many of how many, by which rule, and the custodian's command."""
    report = cheated[0]["own-"]
    page = (report / "report.html").read_text("utf-8")
    first = page[page.index("<h1") : page.index('<nav class="contents"')]

    assert "Withheld here: 3 of 5 results." in first
    assert "'mine/hand/count' names no set of patients" in html.unescape(first)
    assert "It rests on 7 patients or fewer, or would give such a count back: 2" in first
    assert re.search(r"It did not pass the disclosure gate: what \d+ cells printed or drew", first)
    assert "<code>incohort run own.ipynb --cohort FOLDER --internal --out internal</code>" in first
    assert first.index('<div class="lead"') < first.index("Withheld here")
    assert "Everything here has passed" in first
    assert "full precision" not in page


def test_the_custodians_command_makes_the_same_report_with_nothing_withheld(command, run, tmp_path):
    """It is copied from the page, with the cohort's folder put in, and run."""
    cohort = written(tmp_path / "hash", "restricted")
    options = ("-p", "age_from=18", "--profile", "darwin")
    page = (run(cohort, tmp_path / "out", *options) / "report.html").read_text("utf-8")
    (told,) = re.findall(r'<p class="command"><code>incohort run (.+)</code>', page)
    words = html.unescape(told).replace("FOLDER", str(cohort)).split()
    assert words.pop() == "internal"
    done = command("run", *words, tmp_path / "own")
    assert done.returncode == 0, done.stderr
    (record,) = (tmp_path / "own").glob("*/results.json")
    own = json.loads(record.read_text("utf-8"))

    assert not [result for result in own["results"] if result["kind"] == "suppressed"]
    assert list(own["changed"]) == ["age_from"]
    assert 'class="withheld"' not in (record.parent / "report.html").read_text("utf-8")


def test_the_terminal_has_the_message_that_the_report_withholds(cheated):
    """Who ran the command sits at the rows, and must learn why it failed."""
    assert "LEAK01" in cheated[1].stderr + cheated[1].stdout
