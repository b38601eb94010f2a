"""Releases of a restricted cohort, from the run to the copy that leaves or the reason why not."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from incohort import cli
from incohort.commands import coarsening
from incohort.commands.coarsening import coarsened
from incohort.dictionary.files import bundled
from incohort.disclosure.account import Account
from incohort.disclosure.evidence import Line
from incohort.disclosure.profiles import PROFILES
from incohort.errors import ExitCode, UsageError
from incohort.releases.candidates import candidates_in
from incohort.releases.checking import checking_files
from incohort.releases.ledger import Released
from incohort.reports.custody import Custody
from incohort.reports.jobs import Outcome, Settings
from incohort.reports.manifest import CRATE, known_in

NAME = "01_cohort_overview--clinic"
FIVE = {"report.html", "results.json", "claims.json", "notebook.ipynb", CRATE}
# One process for all runs; the last has a patient more.
MAKE_ALL = """
import sys
from pathlib import Path
from incohort.commands.reporting import Request, make_reports
from incohort.reports.jobs import Settings

cohort, public, out, row = sys.argv[1:]

def run(name, cohort=cohort, changed=(), **options):
    settings = Settings(out=Path(out) / name, jobs=2, **options)
    asked = [Request(notebook="01_cohort_overview", cohort=cohort, assignments=changed)]
    for outcome in make_reports(asked, settings, lambda outcome: None):
        assert outcome.failure is None and not outcome.no_release, outcome

run("first")
run("internal", is_internal=True)
run("elsewhere", ledger=Path(out) / "shared")
run("public", cohort=public)
run("women", changed=("sex=female",))
patients = Path(cohort) / "patients.csv"
before = patients.read_text("utf-8")
patients.write_text(before + row, "utf-8")
run("more")
patients.write_text(before, "utf-8")
"""


@dataclass(frozen=True, kw_only=True)
class Clinic:
    """A restricted cohort, and the reports that were made of it, by what is special of each."""

    cohort: Path
    out: Path

    @property
    def ledger(self) -> Path:
        """The folder beside the cohort."""
        return self.cohort.with_name("clinic.releases")


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Clinic:
    """A bundled cohort that no longer says that it is public, and its runs."""
    folder = tmp_path_factory.mktemp("runs")
    shutil.copytree(bundled("data_dictionary") / "cohorts" / "kyritsi2015", folder / "clinic")
    about = folder / "clinic" / "datapackage.json"
    descriptor = json.loads(about.read_text("utf-8"))
    del descriptor["incohort"]["privacy"]
    about.write_text(json.dumps(descriptor), encoding="utf-8")
    told = [folder / "clinic", "jinca2021", folder / "out"]
    row = "K999,female,40,2010-01-15,outpatient clinic,thyroid_disease\n"
    command = [sys.executable, "-c", MAKE_ALL, *map(str, told), row]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Clinic(cohort=folder / "clinic", out=folder / "out")


@pytest.fixture
def clinic(runs, tmp_path) -> Clinic:
    """The same, of which nothing was released."""
    shutil.copytree(runs.out, tmp_path / "out")
    shutil.copytree(runs.ledger, tmp_path / "clinic.releases")
    (tmp_path / "clinic").mkdir()
    return Clinic(cohort=tmp_path / "clinic", out=tmp_path / "out")


@pytest.fixture
def release(clinic, capsys):
    """The command; its exit code, and what it says."""

    def run(
        report: str, out: str = "released", *options: str, place: Path | None = None
    ) -> tuple[int, str, str]:
        told = options or ("--cohort", str(clinic.cohort))
        into = clinic.cohort.parent / out
        named = clinic.out / report if place is None else place
        code = cli.run(["release", str(named), "--out", str(into), *told])
        return code, *capsys.readouterr()

    return run


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_release_is_a_copy_of_the_report_and_nothing_else(clinic, release):
    """The files that leave are those that the run wrote; somebody's own file stays behind."""
    (clinic.out / "first" / NAME / "my notes.txt").write_text("K001 looks odd")
    before = contents(clinic.out)
    code, said, _ = release("first")
    copy = clinic.cohort.parent / "released" / NAME

    assert code == ExitCode.DONE
    assert "Release 1" in said
    assert contents(copy) == {
        name: (clinic.out / "first" / NAME / name).read_bytes() for name in FIVE
    }
    assert {path.name for path in copy.parent.iterdir()} == {NAME}
    assert contents(clinic.out) == before


def test_the_same_again_is_the_same_release(clinic, release):
    """It may be released as often as one likes, and is written down once."""
    for out in ("released", "released", "again"):
        code, said, _ = release("first", out)
        assert (code, "Release 1" in said) == (ExitCode.DONE, True)
    assert [p.name for p in (clinic.ledger / "released").iterdir()] == ["0001.json.gz"]


def test_one_patient_more_is_refused_with_the_reason(clinic, release):
    """Who has both reports would know whether the one is a woman, and why she came."""
    release("first")
    before = contents(clinic.ledger)
    code, said, complaint = release("more", "next")
    told = " ".join((said + complaint).split())

    assert code == ExitCode.NOT_RELEASED
    assert "cohort_overview/table_one/overall/sex/female/proportion" in told or "Female" in told
    assert "7 patients or fewer" in told
    assert "release 1, " + NAME in told
    assert "K999" not in told
    assert not (clinic.cohort.parent / "next").exists()
    assert contents(clinic.ledger) == before


def test_without_an_earlier_release_the_same_report_leaves(release):
    """It is the difference that tells, not the report."""
    assert release("more")[0] == ExitCode.DONE


def test_what_is_the_custodians_is_for_nobody_else(clinic, release):
    """The ledger's folders and files are its owner's; no patient is in it by name."""
    release("first")
    held = [clinic.ledger, *clinic.ledger.rglob("*")]
    modes = {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in held}
    ids = [line.split(",")[0] for line in _patients() if line]

    assert modes == {0}
    for record in (clinic.ledger / "released", clinic.ledger / "runs"):
        for path in record.iterdir():
            text = json.dumps(Custody(clinic.ledger).read(path.relative_to(clinic.ledger)))
            assert not [one for one in ids if f'"{one}"' in text]
            assert hashlib.sha256(ids[0].encode()).hexdigest()[:16] not in text


def _patients() -> list[str]:
    folder = bundled("data_dictionary") / "cohorts" / "kyritsi2015"
    return (folder / "patients.csv").read_text("utf-8").splitlines()[1:]


def test_the_evidence_counts_what_the_report_withholds(clinic, release):
    """Each cause with its exact number, by a plain loop over the rows, and the rule that hid it."""
    release("first")
    place = clinic.ledger / "evidence" / "0001" / NAME
    texts = [path.read_text("utf-8").splitlines() for path in sorted(place.glob("*.csv"))]
    lines = {line["key"]: line for text in texts for line in csv.DictReader(text)}
    text = (clinic.out / "first" / NAME / "results.json").read_text("utf-8")
    shown = {r["key"]: r for r in json.loads(text)["results"]}
    causes = [line.split(",")[5] for line in _patients()]

    assert lines.keys() == shown.keys()
    checked = 0
    for key, line in lines.items():
        assert (line["status"] == "withheld") == (
            shown[key]["kind"] == "suppressed" and shown[key].get("events") is None
        )
        assert line["status"] != "withheld" or line["rule"]
        parts = key.split("/")
        if parts[1] == "aetiology" and parts[3:] == ["proportion"] and parts[2] in causes:
            assert int(line["events_before"]) == causes.count(parts[2])
            checked += 1
    small = [line for line in lines.values() if line["rule"].startswith("threshold")]

    assert checked > 2
    assert small
    assert all(int(line["smallest_set_before"]) <= 7 for line in small)
    assert "never handed over" in (place / "README.txt").read_text("utf-8")


def test_an_internal_report_never_leaves(release):
    """In it nothing is withheld."""
    code, _, complaint = release("internal")
    assert (code, "internal" in complaint) == (ExitCode.USAGE, True)


def test_a_public_one_needs_no_release(release):
    """It says so, and does nothing."""
    code, said, _ = release("public")
    assert (code, "needs no release" in said) == (ExitCode.DONE, True)


@pytest.mark.parametrize("name", sorted(FIVE))
def test_a_changed_report_does_not_leave(clinic, release, name):
    """Whichever of its files somebody has changed, or taken away."""
    path = clinic.out / "first" / NAME / name
    whole = path.read_text("utf-8")
    path.write_text(whole.replace("cohort", "Cohort", 1), encoding="utf-8")
    assert release("first")[0] == ExitCode.USAGE
    path.unlink()
    assert release("first")[0] == ExitCode.USAGE
    path.write_text(whole, encoding="utf-8")
    assert release("first")[0] == ExitCode.DONE


def test_a_changed_report_with_a_crate_to_match_does_not_leave(clinic, release):
    """Whoever works the hashes out again does not have the ledger's key."""
    folder = clinic.out / "first" / NAME
    page = folder / "report.html"
    before = hashlib.sha256(page.read_bytes()).hexdigest()
    page.write_text(page.read_text("utf-8").replace("cohort", "Cohort", 1), encoding="utf-8")
    crate = json.loads((folder / CRATE).read_text("utf-8"))
    graph = [e for e in crate["@graph"] if e["@id"] != "#seal"]
    for entity in graph:
        if entity.get("sha256") == before:
            entity["sha256"] = hashlib.sha256(page.read_bytes()).hexdigest()
    text = json.dumps({**crate, "@graph": graph}, ensure_ascii=True, sort_keys=True)
    seal = next(e for e in crate["@graph"] if e["@id"] == "#seal")
    seal = {**seal, "value": hashlib.sha256(text.encode()).hexdigest()}
    (folder / CRATE).write_text(json.dumps({**crate, "@graph": [*graph, seal]}), encoding="utf-8")
    code, _, complaint = release("first")

    assert (code, "no evidence" in complaint) == (ExitCode.USAGE, True)


def test_a_failed_report_does_not_leave(clinic, release):
    """It is half of one."""
    path = clinic.out / "first" / NAME / "results.json"
    record = json.loads(path.read_text("utf-8"))
    record["failure"] = {"cell": 1, "name": "E", "message": ""}
    path.write_text(json.dumps(record), encoding="utf-8")
    assert release("first")[0] == ExitCode.USAGE


def test_a_batch_is_one_release(clinic, release):
    """Reports under one folder are judged with each other: both of nearly the same are too many."""
    both = clinic.out / "both"
    shutil.copytree(clinic.out / "first" / NAME, both / NAME)
    shutil.copytree(clinic.out / "more" / NAME, both / f"{NAME}-more")
    code, said, complaint = release("both")
    told = " ".join((said + complaint).split())

    assert code == ExitCode.NOT_RELEASED
    assert f"{NAME}-more" in told
    shutil.rmtree(both / f"{NAME}-more")
    assert release("both")[0] == ExitCode.DONE


def shown_in(report: Path) -> dict[str, object]:
    """The estimates of a report, by their keys."""
    record = json.loads((report / "results.json").read_text("utf-8"))
    return {r["key"]: r for r in record["results"] if r["kind"] == "estimate"}


@pytest.mark.slow
def test_what_is_refused_is_made_again_with_less_in_it(runs, clinic, release):
    """All women after all patients: what few men there are of a kind is not told by subtraction."""
    release("first")
    (report,) = (path.parent for path in (clinic.out / "women").glob("*/results.json"))
    ledger = ("--ledger", str(clinic.ledger))
    code, _, complaint = release("women", "refused", *ledger)
    assert (code, "--coarsen" in complaint) == (ExitCode.NOT_RELEASED, True)
    place = clinic.cohort.parent / "coarse"
    command = [sys.executable, "-m", "incohort", "release", str(report), "--out", str(place)]
    command += ["--cohort", str(runs.cohort), *ledger, "--coarsen"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    before, after = shown_in(report), shown_in(place / report.name)

    assert len(before) / 4 < len(after) < len(before)
    assert known_in(place / report.name) == known_in(report)
    code, said, _ = release("coarse", "again", *ledger, place=place)
    assert (code, "Release 2" in said) == (ExitCode.DONE, True)


def test_a_notebook_of_ones_own_is_not_made_again(clinic):
    """Where it lies no report tells."""
    (one,) = candidates_in(clinic.out / "first")
    identity = replace(one.known.identity, notebook_place="0123456789abcdef")
    own = replace(one, known=replace(one.known, identity=identity))
    released = [Released(release=1, report="r", mark="m", account=_account(clinic, "first"))]
    more = replace(candidates_in(clinic.out / "more")[0], known=own.known)
    with pytest.raises(UsageError, match="notebook of your own"):
        coarsened([more], "clinic", Custody(clinic.ledger), released, clinic.out / "again")


def _account(clinic: Clinic, name: str) -> Account:
    (one,) = candidates_in(clinic.out / name)
    evidence = Custody(clinic.ledger).evidence_of(one.folder, one.files)
    assert evidence is not None
    return evidence.account


def test_a_copy_of_a_cohort_that_was_named_is_another_one(tmp_path, clinic, monkeypatch):
    """A report is made again of its own cohort, and of no other of that name."""
    (one,) = candidates_in(clinic.out / "more")
    released = [Released(release=1, report="r", mark="m", account=_account(clinic, "first"))]

    def made(requests: object, settings: Settings, on_done: object) -> tuple[Outcome]:
        del requests, on_done
        shutil.copytree(clinic.out / "first" / NAME, settings.out / NAME)
        return (Outcome(folder=NAME, failure=None, not_reproduced=0),)

    monkeypatch.setattr(coarsening, "make_reports", made)
    other = replace(one.known.identity, cohort_place="elsewhere")
    moved = replace(one, known=replace(one.known, identity=other))
    with pytest.raises(UsageError, match="another cohort"):
        coarsened([moved], "clinic", Custody(clinic.ledger), released, tmp_path / "again")


def test_a_ledger_may_lie_elsewhere(clinic, release):
    """The run and the release name the same folder; the one beside the cohort knows nothing."""
    shared = str(clinic.out / "shared")
    assert release("elsewhere", "released", "--ledger", shared)[0] == ExitCode.DONE
    assert (clinic.out / "shared" / "released" / "0001.json.gz").is_file()
    assert not (clinic.ledger / "released").exists()
    assert release("more", "released", "--ledger", shared)[0] == ExitCode.USAGE


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--ledger", "nowhere"), "no ledger"),
        (("--cohort", "kyritsi2015"), "no ledger"),
        (("--cohort", "nowhere"), "no cohort"),
        (("--ledger", "https://a:b@c/"), "URL"),
    ],
)
def test_a_ledger_that_is_not_there_is_one_sentence(release, options, word):
    """It says what is missing and what to do."""
    code, _, complaint = release("first", "released", *options)
    assert (code, word in complaint) == (ExitCode.USAGE, True)
    assert complaint.count("\n") == 1


def test_the_cohort_must_be_named(clinic, capsys):
    """No report tells where its cohort lies."""
    assert cli.run(["release", str(clinic.out / "first")]) == ExitCode.USAGE
    assert "--cohort" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nothing", "shared", "first/index.html"])
def test_what_is_no_report_is_one_sentence(clinic, release, name):
    """A folder without one, a file, or nothing."""
    code, _, complaint = release(name)
    assert (code, complaint.count("\n")) == (ExitCode.USAGE, 1)
    assert str(clinic.ledger) not in complaint


def test_a_damaged_ledger_releases_nothing(clinic, release):
    """What can't be read can't be compared with."""
    release("first")
    path = clinic.ledger / "released" / "0001.json.gz"
    path.write_bytes(path.read_bytes()[:-9])
    code, _, complaint = release("more", "next")

    assert (code, "damaged" in complaint) == (ExitCode.USAGE, True)
    assert not (clinic.cohort.parent / "next").exists()


def test_somebodys_own_folder_is_not_replaced(clinic, release):
    """Neither another's folder of that name nor a copy in which somebody put something."""
    place = clinic.cohort.parent / "released" / NAME
    place.mkdir(parents=True)
    (place / "letter.txt").write_text("to the journal")
    assert release("first")[0] == ExitCode.USAGE
    assert contents(place) == {"letter.txt": b"to the journal"}
    assert not (clinic.ledger / "released").exists()
    (place / "letter.txt").unlink()
    place.rmdir()
    assert release("first")[0] == ExitCode.DONE
    (place / "letter.txt").write_text("to the journal")
    assert release("first")[0] == ExitCode.USAGE


def test_a_report_is_not_released_into_its_own_folder(clinic, release):
    """It would take its own place."""
    assert release("first", "out/first")[0] == ExitCode.USAGE


def test_a_place_beside_the_cohort_that_can_not_be_written_costs_the_release_alone(tmp_path):
    """The evidence can't be kept there, which is an error of the system that the runner answers."""
    (tmp_path / "clinic.releases").write_text("a file")
    custody = Custody.beside(tmp_path / "clinic")
    with pytest.raises(OSError, match=r"clinic\.releases"):
        custody.private()


def test_no_cell_of_the_evidence_is_a_formula():
    """A category of a hostile file begins with an equals sign."""
    line = Line(
        part="P", table="T", row="=1+1", column="@a", key="k", label="-x", kind="count",
        n_before=3, events_before=None, smallest=3, status="withheld", n_after=None,
        events_after=None, rule="+r",
    )  # fmt: skip
    files = checking_files([line], title="t", report="r", release=1, profile=PROFILES["opensafely"])
    (name,) = files.keys() - {"README.txt"}
    (row,) = csv.DictReader(files[name].splitlines())

    assert (row["row"], row["column"], row["label"], row["rule"]) == ("'=1+1", "'@a", "'-x", "'+r")
    assert (row["n_before"], row["events_before"]) == ("3", "")
