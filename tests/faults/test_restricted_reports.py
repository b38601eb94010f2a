"""What a restricted cohort's report tells beside its numbers: nothing made from its rows."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "incohort", "run"]
HASHES = re.compile(r"\b[0-9a-f]{64}\b")


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


def run(cohort: Path, out: Path, *options: str, notebook: str = "01_cohort_overview") -> Path:
    """The folder of the only report that the command made."""
    made = [*COMMAND, notebook, "--cohort", str(cohort), "--out", str(out), *options]
    done = subprocess.run(made, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (record,) = out.glob("*/results.json")
    return record.parent


def digests(cohort: Path) -> set[str]:
    """What any usual hash makes of each file, and of its text without the last line break."""
    contents = [path.read_bytes() for path in cohort.iterdir()]
    contents += [content.strip() for content in contents]
    names = ("md5", "sha1", "sha256", "sha512", "blake2b")
    return {hashlib.new(name, content).hexdigest() for name in names for content in contents}


@pytest.mark.parametrize("options", [(), ("--profile", "darwin"), ("--internal",)])
def test_nothing_is_derived_from_the_bytes_of_a_restricted_table(tmp_path, options):
    """No file of a report, an internal one neither, holds a hash or a size of a cohort's file."""
    cohort = written(tmp_path / "hash", "restricted")
    report = run(cohort, tmp_path / "out", *options)
    record = json.loads((report / "results.json").read_text("utf-8"))
    crate = json.loads((report / "ro-crate-metadata.json").read_text("utf-8"))["@graph"]
    own = {path.name for path in report.iterdir()}

    assert {file["name"] for file in record["cohort"]["files"]} == {
        "patients.csv", "events.csv", "datapackage.json",
    }  # fmt: skip
    for path in sorted((tmp_path / "out").rglob("*")):
        text = path.read_text("utf-8") if path.is_file() else ""
        assert not [digest for digest in digests(cohort) if digest in text], path.name
    assert {one["@id"] for one in crate if "contentSize" in one} <= own
    known = {one.get("sha256") for one in crate if one["@id"] in own or "Code" in one["@type"]}
    assert set(HASHES.findall(json.dumps(crate))) <= known
    assert "Of a restricted cohort no hash" in (report / "report.html").read_text("utf-8")


def test_a_public_cohort_keeps_the_hashes_of_its_files(tmp_path):
    """Whoever has the files can see that the report was made from them."""
    cohort = written(tmp_path / "hash", "public")
    report = run(cohort, tmp_path / "out")
    digest = hashlib.sha256((cohort / "events.csv").read_bytes()).hexdigest()

    for name in ("report.html", "results.json", "ro-crate-metadata.json"):
        assert digest in (report / name).read_text("utf-8"), name
