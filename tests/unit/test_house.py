"""The house is in order: committed notebooks carry no outputs, generated pages are current."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import incohort
from incohort.analyses.studies import STUDIES, model_of
from incohort.pages.dictionary_page import dictionary_page
from incohort.pages.frames_page import frames_page
from incohort.pages.notebooks_page import notebook_of, written
from incohort.pages.parameters_page import parameters_page

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_notebook_carries_no_outputs(path: Path):
    """A notebook in the repository holds questions, never a patient's numbers."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]

    assert code
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)


def test_dictionary_page_is_current():
    """The page that people read says what the YAML says."""
    assert (ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8") == dictionary_page()


@pytest.mark.parametrize("study", STUDIES)
def test_parameters_cells_are_current(study: str):
    """A notebook's parameters cells say what the study's model says (`make pages`)."""
    committed = notebook_of(study).read_text(encoding="utf-8")
    assert committed == written(committed, model_of(study).parameters())


def test_no_public_name_is_a_room_too():
    """`ic.parameters` stays a function, whichever modules were imported before."""
    rooms = {path.stem for path in (ROOT / "src" / "incohort").iterdir()}

    assert not rooms & {*incohort.__all__, *STUDIES}


def test_frames_page_is_current():
    """The page on frames says what the dictionary says of their columns."""
    assert (ROOT / "docs" / "frames.md").read_text(encoding="utf-8") == frames_page()


def test_parameters_page_is_current():
    """The page on parameters says what the models say."""
    committed = (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8")
    assert committed == parameters_page()


@pytest.mark.parametrize(
    ("script", "page"),
    [
        ("tests/spec/definitions_page.py", "docs/definitions.md"),
        ("tests/validation/estimators_page.py", "docs/estimators.md"),
    ],
)
def test_page_is_what_its_script_writes(tmp_path, script, page):
    """Worked definitions are the tables that are tested; estimators say what their code says."""
    written = subprocess.run(
        [sys.executable, ROOT / script, tmp_path / "page.md"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert not written.stderr
    committed = (ROOT / page).read_text(encoding="utf-8")
    assert committed == (tmp_path / "page.md").read_text(encoding="utf-8")


def test_every_estimator_is_checked_somewhere():
    """Each row of the catalogue points to a test, a recorded R script or a benchmark."""
    page = (ROOT / "docs" / "estimators.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `.*$", page, re.MULTILINE)

    assert rows
    assert [row for row in rows if "](../" not in row] == []


def test_what_the_code_cites_exists():
    """A test, page or benchmark that a docstring or a comment names is in the repository."""
    rooms = "|".join(path.name for path in (ROOT / "tests").iterdir() if path.is_dir())
    cited = re.compile(rf"(?<![\w./])(?:(?:benchmarks|docs)/|tests/(?:{rooms})\b)[\w/-]*(?:\.\w+)?")
    for path in [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        for place in cited.findall(path.read_text(encoding="utf-8")):
            assert (ROOT / place).exists(), f"{path.relative_to(ROOT)} cites {place}"


def test_no_report_is_committed():
    """Reports are products: the repository holds none."""
    listed = subprocess.run(
        ["git", "ls-files", "reports"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert listed == ["reports/README.md"]


def test_readme_links_lead_somewhere():
    """Each file that a page of the repository points to exists."""
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


@pytest.mark.parametrize("place", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda p: p.stem)
def test_what_a_benchmark_imports_is_there(place):
    """No other test runs a benchmark: what it takes from the house must not have gone meanwhile."""
    for node in ast.walk(ast.parse(place.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("incohort"):
            home = importlib.import_module(node.module)
            for name in node.names:
                assert hasattr(home, name.name) or importlib.util.find_spec(
                    f"{node.module}.{name.name}"
                ), f"{place.name} imports {name.name} from {node.module}"
