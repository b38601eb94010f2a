"""Where reports are put: which one replaces which, and whose files stay."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest

from incohort import cli
from incohort.commands import reporting
from incohort.reports import forks, place, runner
from incohort.reports.identity import Identity, place_of
from incohort.reports.jobs import Failure
from incohort.reports.kernels import Execution
from incohort.reports.manifest import known_in
from incohort.reports.notebooks import bundled_notebooks, read_notebook
from incohort.reports.replacing import clean, folders_for

FIVE = {
    "report.html",
    "results.json",
    "claims.json",
    "notebook.ipynb",
    "ro-crate-metadata.json",
}
PARAMETERS = """\
cohort: str = "none"  # the cohort
limit: float = 1.5  # (0.1 to 10) below it a patient counts
words: str = ""  # any words
strict: bool = False  # whether it is strict"""


def notebook(path: Path, parameters: str = PARAMETERS, body: str = "1") -> str:
    """A notebook with three parameters; nothing runs it here."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tagged = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    cells = [nbformat.v4.new_markdown_cell("# A question"), tagged]
    nbformat.write(nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_code_cell(body)]), path)
    return str(path)


def cohort(folder: Path, n: int = 1) -> str:
    """A public cohort of a few patients."""
    folder.mkdir(parents=True)
    rows = [f"P{i},female" for i in range(n)]
    (folder / "patients.csv").write_text("\n".join(["patient_id,sex", *rows]) + "\n")
    (folder / "datapackage.json").write_text('{"incohort": {"privacy": "public"}}')
    return str(folder)


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """The command `incohort run` without kernels: a notebook comes back as it is, or fails."""

    def execute(path, *_):
        node = nbformat.read(path, as_version=4)
        for cell in node.cells:
            cell.metadata.papermill = {}
        fails = any("1 / 0" in cell.source for cell in node.cells)
        failure = Failure(cell=2, name="ZeroDivisionError", message="no") if fails else None
        return Execution(node=node, failure=failure)

    monkeypatch.setattr(forks, "CAN_FORK", False)
    monkeypatch.setattr(runner, "execute", execute)

    def command(*typed: str, code: int = 0) -> str:
        assert cli.run(["run", *typed, "--out", str(tmp_path / "out")]) == code
        return "".join(capsys.readouterr())

    return command


def reports(tmp_path) -> set[str]:
    """The names of what lies under --out, hidden things included, without the two lists."""
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names >= {"index.html", "claims.html", "judged.html"}
    return names - {"index.html", "claims.html", "judged.html"}


def test_each_set_of_parameters_has_its_report(run, tmp_path):
    """A report is replaced by one of the same parameters alone; defaults, said or not, are one."""
    path, mine = notebook(tmp_path / "a.ipynb"), cohort(tmp_path / "mine")
    run(path, "--cohort", mine)
    first = (tmp_path / "out" / "a--mine" / "ro-crate-metadata.json").read_bytes()
    run(path, "--cohort", mine, "-p", "limit=0.5", "-p", "strict=true")

    assert reports(tmp_path) == {"a--mine", "a--mine--limit=0.5,strict=true"}
    assert (tmp_path / "out" / "a--mine" / "ro-crate-metadata.json").read_bytes() == first
    run(path, "--cohort", mine, "-p", "limit=1.50", "-p", "strict=false")
    run(path, "--cohort", mine, "-p", "strict=true", "-p", "limit=.5")
    assert len(reports(tmp_path)) == 2
    assert (tmp_path / "out" / "a--mine" / "ro-crate-metadata.json").read_bytes() != first


def test_other_disclosure_is_another_report(run, tmp_path):
    """An internal run never takes the place of the report that may leave."""
    path, mine = notebook(tmp_path / "a.ipynb"), cohort(tmp_path / "mine")
    (tmp_path / "mine" / "datapackage.json").unlink()
    run(path, "--cohort", mine)
    for more in (["--profile", "darwin"], ["--internal"], ["--internal", "--profile", "acro"]):
        run(path, "--cohort", mine, *more)
    names = {"a--mine", "a--mine--darwin", "a--mine--internal", "a--mine--internal,acro"}
    assert reports(tmp_path) == names
    run(path, "--cohort", mine, "--profile", "opensafely")
    run(path, "--cohort", mine, "--internal")

    assert reports(tmp_path) == names
    for name in names:
        page = (tmp_path / "out" / name / "report.html").read_text()
        assert ("INTERNAL" in page) == ("internal" in name)


def test_two_cohorts_of_one_name_have_two_reports(run, tmp_path):
    """The second is marked by a number that it keeps, corrected or not, in every notebook."""
    north, south = (cohort(tmp_path / d / "mine", n) for d, n in (("north", 1), ("south", 2)))
    a, b = notebook(tmp_path / "a.ipynb"), notebook(tmp_path / "b.ipynb")
    run(a, "--cohort", north)
    run(a, "--cohort", south)
    (tmp_path / "south" / "mine" / "patients.csv").write_text("patient_id,sex\nP9,male\n")
    run(b, a, "--cohort", south)
    run(b, a, "--cohort", north)

    assert reports(tmp_path) == {"a--mine", "a--mine-2", "b--mine", "b--mine-2"}
    for name, place_ in (("a--mine", north), ("b--mine-2", south)):
        known = known_in(tmp_path / "out" / name)
        assert known.identity.cohort_place == place_of(Path(place_), tmp_path)
        crate = (tmp_path / "out" / name / "ro-crate-metadata.json").read_text()
        assert "north" not in crate
        assert str(tmp_path) not in crate
    page = (tmp_path / "out" / "index.html").read_text()
    assert all(f'href="{name}/report.html"' in page for name in reports(tmp_path))
    assert ">mine (mine-2) <" in page
    assert ">mine <" in page


def test_two_notebooks_of_one_name_have_two_reports(run, tmp_path):
    """Colleagues' notebooks that happen to be called alike don't replace each other's reports."""
    mine = cohort(tmp_path / "mine")
    one, other = (notebook(tmp_path / d / "a.ipynb") for d in ("one", "other"))
    run(one, other, one, "--cohort", mine)

    assert reports(tmp_path) == {"a--mine", "a-2--mine"}


def test_names_that_one_file_system_takes_for_another_are_told_apart(tmp_path):
    """Upper and lower case, signs that no file may have, and words of any length."""
    one = {"notebook": "a", "notebook_place": "x"}
    names = ["Mine", "mine", "mi ne", "mi:ne", "..", "é" * 200, "e\u0301" * 200, "x" * 300]
    cohorts = [Identity(**one, cohort=name, cohort_place=str(i)) for i, name in enumerate(names)]
    values = ["a", "A", "a b", "a/b", "a,words=a", "-" * 400, "ü" * 400, "\n", ""]
    changed = [
        Identity(**one, cohort="c" * 99, cohort_place="", changed=(("words", value),) * 3)
        for value in values
    ]
    folders = [p.name for p in folders_for([*cohorts, *changed], tmp_path, "--failed").values()]

    assert len({name.casefold() for name in folders}) == len(names) + len(values)
    for name in folders:
        assert len(f"{name}--failed".encode()) < 150
        assert not set(name) & set('<>:"/\\|?*\n ')
        assert not name.endswith(".")


def test_the_suites_reports_keep_their_names(tmp_path):
    """Each notebook on each cohort that comes along lies where it always did."""
    for name in bundled_notebooks():
        assert read_notebook(name).own_defaults == ()
    wanted = [reporting._wanted(request) for request in reporting.demo_requests()]

    assert {w.notebook.place for w in wanted} == {"bundled"}
    assert {w.notebook.name for w in wanted} == {*bundled_notebooks()}


def test_a_users_own_files_stay_beside_a_report(run, tmp_path):
    """Notes, folders, links: all that no run wrote is there after the next run, unchanged."""
    path, mine = notebook(tmp_path / "a.ipynb"), cohort(tmp_path / "mine")
    run(path, "--cohort", mine)
    report = tmp_path / "out" / "a--mine"
    (report / "notes.docx").write_bytes(b"\x00notes")
    (report / "sub" / "deep").mkdir(parents=True)
    (report / "sub" / "deep" / "x").write_text("x")
    (report / "link").symlink_to(tmp_path / "mine")
    (report / ".hidden").write_text("h")
    told = run(path, "--cohort", mine)

    assert "kept" not in told
    own = {"notes.docx", "sub", "link", ".hidden"}
    assert {p.name for p in report.iterdir()} == FIVE | own
    assert (report / "notes.docx").read_bytes() == b"\x00notes"
    assert (report / "sub" / "deep" / "x").read_text() == "x"
    assert (tmp_path / "mine" / "patients.csv").exists()


@pytest.mark.parametrize("name", ["report.html", "claims.json", "ro-crate-metadata.json"])
def test_what_a_user_changed_is_kept_beside_the_new_report(run, tmp_path, name):
    """An edited file of a report is somebody's work: it moves aside and is named."""
    path, mine = notebook(tmp_path / "a.ipynb"), cohort(tmp_path / "mine")
    run(path, "--cohort", mine)
    edited = tmp_path / "out" / "a--mine" / name
    text = edited.read_text().replace("question", "finding") + " "
    for n in ("kept", "kept-2"):
        edited.write_text(text)
        assert f"{n}/{name}" in run(path, "--cohort", mine)
        assert (edited.parent / n / name).read_text() == text
        assert edited.read_text() != text


@pytest.mark.parametrize("name", ["results.json", "ro-crate-metadata.json"])
def test_a_damaged_report_is_replaced_and_what_was_damaged_kept(run, tmp_path, name):
    """A folder or a pipe where a record should be ends no run."""
    path, mine = notebook(tmp_path / "a.ipynb"), cohort(tmp_path / "mine")
    run(path, "--cohort", mine)
    for make in (Path.mkdir, os.mkfifo, lambda p: p.write_bytes(b"\xff[")):
        record = tmp_path / "out" / "a--mine" / name
        record.unlink() if record.is_file() else shutil.rmtree(record)
        make(record)
        run(path, "--cohort", mine)
        assert record.is_file()
        assert 'href="a--mine/report.html"' in (tmp_path / "out" / "index.html").read_text()


@pytest.mark.parametrize(
    "crate",
    ["", "[]", '{"@graph": 3}', '{"@graph": [1]}', '{"@graph": [{"@id": "#identity"}]}',
     '{"@graph": [{"@id": "report.html", "@type": "File"}, {"@id": "sub", "@type": "File"}]}',
     '{"@graph": [{"@id": "#identity", "value": "{\\"labels\\": [1, {}], \\"notebook\\": []}"}]}',
     '{"@graph": [{"@id": "#seal", "value": ' + "[" * 900 + "]" * 900 + "}]}"],
    ids=range(8),
)  # fmt: skip
def test_an_odd_crate_of_any_report_stops_no_run(run, tmp_path, crate):
    """What can't be told to be a run's is somebody's own: it is kept, here and in other folders."""
    path, mine = notebook(tmp_path / "a.ipynb"), cohort(tmp_path / "mine")
    for folder in ("a--mine", "another"):
        (tmp_path / "out" / folder).mkdir(parents=True)
        (tmp_path / "out" / folder / "ro-crate-metadata.json").write_text(crate)
    (tmp_path / "out" / "a--mine" / "sub").mkdir()
    run(path, "--cohort", mine)

    kept = tmp_path / "out" / "a--mine" / "kept" / "ro-crate-metadata.json"
    assert kept.read_text() == crate
    assert (tmp_path / "out" / "a--mine" / "sub").is_dir()
    assert (tmp_path / "out" / "another" / "ro-crate-metadata.json").read_text() == crate


def test_a_users_files_stay_beside_the_account_of_a_failure(run, tmp_path):
    """When the notebook succeeds its account goes, and what somebody wrote about it stays."""
    mine = cohort(tmp_path / "mine")
    path = notebook(tmp_path / "a.ipynb", body="1 / 0")
    run(path, "--cohort", mine, code=1)
    failed = tmp_path / "out" / "a--mine--failed"
    (failed / "notes.docx").write_text("why")
    run(path, "--cohort", mine, code=1)
    assert {p.name for p in failed.iterdir()} == FIVE | {"notes.docx"}
    notebook(tmp_path / "a.ipynb")
    run(path, "--cohort", mine)

    assert [p.name for p in failed.iterdir()] == ["notes.docx"]
    assert (tmp_path / "out" / "a--mine" / "report.html").is_file()


@pytest.mark.parametrize("name", ["index.html", "claims.html", "judged.html"])
@pytest.mark.parametrize("kind", ["foreign", "edited", "folder", "link"])
def test_a_page_that_is_somebodys_own_is_never_overwritten(run, tmp_path, name, kind):
    """It is refused in one line before anything runs."""
    path, mine = notebook(tmp_path / "a.ipynb"), cohort(tmp_path / "mine")
    page = tmp_path / "out" / name
    if kind == "edited":
        run(path, "--cohort", mine)
        page.write_text(page.read_text().replace("incohort", "my own"))
    else:
        page.parent.mkdir()
        {
            "foreign": lambda: page.write_text("<h1>My pages</h1>"),
            "folder": page.mkdir,
            "link": lambda: page.symlink_to("elsewhere.html"),
        }[kind]()
    before = sorted(p.name for p in page.parent.rglob("*"))
    told = run(path, "--cohort", mine, "-p", "limit=2", code=2)

    assert told.count("\n") == 1
    assert name in told
    assert sorted(p.name for p in page.parent.rglob("*")) == before


def test_a_folder_that_holds_something_else_is_never_replaced(run, tmp_path):
    """Another report under this one's name, a file, a link: refused before anything runs."""
    path, mine = notebook(tmp_path / "a.ipynb"), cohort(tmp_path / "mine")
    run(path, "--cohort", mine, "-p", "limit=2")
    target = tmp_path / "out" / "a--mine"
    (tmp_path / "out" / "a--mine--limit=2").rename(target)
    assert "another report" in run(path, "--cohort", mine, code=2)
    shutil.rmtree(target)
    target.symlink_to(tmp_path / "mine")
    assert "a--mine" in run(path, "--cohort", mine, code=2)
    target.unlink()
    target.write_text("a file")
    assert "a--mine" in run(path, "--cohort", mine, code=2)
    assert target.read_text() == "a file"
    target.unlink()
    target.mkdir()
    (target / "plan.txt").write_text("my folder")
    run(path, "--cohort", mine)
    assert {p.name for p in target.iterdir()} == FIVE | {"plan.txt"}


def test_a_report_that_another_run_has_put_there_meanwhile_stays(run, tmp_path, monkeypatch):
    """Two commands that chose one name at the same time: the second is refused in a sentence."""
    path = notebook(tmp_path / "a.ipynb")
    north, south = (cohort(tmp_path / d / "mine") for d in ("north", "south"))
    execute = runner.execute

    def meanwhile(*arguments):
        monkeypatch.setattr(runner, "execute", execute)
        run(path, "--cohort", north)
        return execute(*arguments)

    monkeypatch.setattr(runner, "execute", meanwhile)
    assert "meanwhile" in run(path, "--cohort", south, code=2)
    known = known_in(tmp_path / "out" / "a--mine")
    assert known.identity.cohort_place == place_of(Path(north), tmp_path)
    run(path, "--cohort", south)
    assert reports(tmp_path) == {"a--mine", "a--mine-2"}


def test_hidden_folders_of_others_are_left_alone(run, tmp_path):
    """What only looks like a run's folder is nobody's to clear away."""
    path, mine = notebook(tmp_path / "a.ipynb"), cohort(tmp_path / "mine")
    for name, lock in ((".incohort-notes", None), (".incohort-mine", ""), (".incohort-x", "abc")):
        (tmp_path / "out" / name).mkdir(parents=True)
        (tmp_path / "out" / name / "notes.docx").write_text("n")
        if lock is not None:
            (tmp_path / "out" / name / "in-use").write_text(lock)
    run(path, "--cohort", mine)

    assert reports(tmp_path) == {"a--mine", ".incohort-notes", ".incohort-mine", ".incohort-x"}
    assert len(list((tmp_path / "out").glob(".incohort-*/notes.docx"))) == 3


def test_files_in_a_report_survive_a_run_that_was_killed_while_it_put_the_new_one(run, tmp_path):
    """Whichever half was done, the next run gives back what is somebody's own."""
    path, mine = notebook(tmp_path / "a.ipynb"), cohort(tmp_path / "mine")
    run(path, "--cohort", mine)
    out = tmp_path / "out"
    (out / "a--mine" / "notes.docx").write_text("mine")
    for has_new in (False, True):
        left = out / f".incohort-{has_new}"
        (left / "old").mkdir(parents=True)
        mark = f"incohort made the folder {left.name} and will remove it\n"
        (left / "in-use").write_text(mark)
        shutil.copytree(out / "a--mine", left / "old" / "a--mine")
        if has_new:
            (out / "a--mine" / "notes.docx").unlink()
        else:
            shutil.rmtree(out / "a--mine")
        with place.aside(out):
            assert not left.exists()
        assert {p.name for p in (out / "a--mine").iterdir()} == FIVE | {"notes.docx"}


def test_cleaning_takes_away_reports_alone(run, tmp_path):
    """`make clean` leaves what no run wrote."""
    path, mine = notebook(tmp_path / "a.ipynb"), cohort(tmp_path / "mine")
    run(path, "--cohort", mine)
    run(path, "--cohort", mine, "-p", "limit=2")
    out = tmp_path / "out"
    (out / "a--mine" / "notes.docx").write_text("mine")
    (out / "other").mkdir()
    (out / "README.md").write_text("r")
    clean([str(out)])

    assert {p.name for p in out.iterdir()} == {"a--mine", "other", "README.md"}
    assert [p.name for p in (out / "a--mine").iterdir()] == ["notes.docx"]


def test_a_changed_default_in_a_copy_is_told(run, tmp_path):
    """Defaults are the suite's: a copy with another one is changed, and its report says so."""
    mine = cohort(tmp_path / "mine")
    name = "01_cohort_overview"
    own = read_notebook(name)
    text = own.path.read_text().replace("conf_level: float = 0.95", "conf_level: float = 0.9")
    copy = tmp_path / "copies" / f"{name}.ipynb"
    copy.parent.mkdir()
    for written in (own.path.read_text(), text):
        copy.write_text(written)
        run(str(copy), "--cohort", mine)

    assert reports(tmp_path) == {f"{name}--mine", f"{name}--mine--conf_level=0.9"}
    out = tmp_path / "out"
    plain, changed = (
        json.loads((out / folder / "results.json").read_text())
        for folder in sorted(reports(tmp_path))
    )
    assert (plain["changed"], plain["own_defaults"]) == ([], [])
    assert changed["changed"] == changed["own_defaults"] == ["conf_level"]
    page = (out / f"{name}--mine--conf_level=0.9" / "report.html").read_text()
    assert "Changed from the default: conf_level = 0.9 (default 0.95)." in page
    assert "differ from the suite&#39;s: conf_level." in page
    run(name, "--cohort", mine, "-p", "conf_level=0.9")
    assert len(reports(tmp_path)) == 2


def test_a_path_in_a_copy_of_a_notebook_is_in_no_report(run, tmp_path):
    """A copy made for a cohort names its place; its report has the cohort's name."""
    mine = cohort(tmp_path / "mine")
    path = notebook(tmp_path / "a.ipynb", PARAMETERS.replace('"none"', json.dumps(mine)))
    run(path)

    for file in (tmp_path / "out" / "a--mine").iterdir():
        assert str(tmp_path) not in file.read_text()
    kept = json.loads((tmp_path / "out" / "a--mine" / "notebook.ipynb").read_text())
    assert 'cohort: str = "mine"' in "".join(kept["cells"][1]["source"])
