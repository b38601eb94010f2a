"""Restricted cohorts through the real runner: no file of a report gives a small count away."""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from incohort.analyses.cohort_overview.study import CohortOverview
from incohort.analyses.thyroid_antibodies.study import ThyroidAntibodies
from incohort.cohort import open_cohort
from incohort.dictionary.files import bundled
from incohort.disclosure import PROFILES
from incohort.results import Estimate, Measure

pytestmark = pytest.mark.slow

NOTEBOOKS = ("01_cohort_overview", "02_thyroid_antibodies")
DATA = re.compile(r'data-(n|events)="(\d+)"')


COHORTS = ("kyritsi2015", "mixed_synthetic")
# Each profile writes files from one cohort, the default one from both.
CLOSED = {"opensafely": COHORTS, "darwin": COHORTS[:1], "acro": COHORTS[1:]}


@pytest.fixture(scope="module")
def restricted(tmp_path_factory) -> dict[str, Path]:
    """Two bundled cohorts that no longer say that they are public."""
    folder = tmp_path_factory.mktemp("restricted")
    for name in COHORTS:
        shutil.copytree(bundled("data_dictionary") / "cohorts" / name, folder / name)
        descriptor = json.loads((folder / name / "datapackage.json").read_text("utf-8"))
        del descriptor["incohort"]["privacy"]
        (folder / name / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    return {name: folder / name for name in COHORTS}


@pytest.fixture(scope="module")
def reports(command, restricted, tmp_path_factory) -> Path:
    """Both notebooks on the cohorts of each profile, in a folder by its name."""
    out = tmp_path_factory.mktemp("reports")
    for profile, names in CLOSED.items():
        chosen = () if profile == "opensafely" else ("--profile", profile)  # or the default
        for name in names:
            done = run(command, restricted[name], out / profile, *chosen)
            assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def cohort(restricted) -> Path:
    """One of them."""
    return restricted["kyritsi2015"]


def run(command, cohort: Path, out: Path, *options: str) -> CompletedProcess:
    """Both notebooks on the cohort, by the command."""
    return command("run", *NOTEBOOKS, "--cohort", cohort, "--out", out, "--jobs", "2", *options)


@cache
def exact(cohort: Path) -> dict[str, Estimate]:
    """What the analyses found, before any gate."""
    opened = open_cohort(str(cohort))
    overview, thyroid = CohortOverview(opened), ThyroidAntibodies(opened)
    asked = (
        *(overview.attrition(), overview.characteristics(), overview.severity()),
        *(overview.course(), overview.cytopenia(), overview.aetiology(), overview.counts()),
        *(thyroid.frequency(), thyroid.selection(), thyroid.by_subtype(), thyroid.exact_tests()),
        *(thyroid.assays(), thyroid.autoantibodies(), thyroid.correlations()),
        *(thyroid.infections(), thyroid.model()),
        *(overview.unrecorded(), overview.answer(), thyroid.unrecorded(), thyroid.answer()),
    )
    results = [result for findings in asked for result in findings.results]
    return {result.key: result for result in results if isinstance(result, Estimate)}


@pytest.mark.parametrize(
    ("name", "profile"), [(name, profile) for profile, names in CLOSED.items() for name in names]
)
def test_no_file_of_a_report_tells_a_small_count(restricted, reports, name, profile):
    """Page, record, claims, notebook and crate: no count up to the limit, no patient, no row."""
    limit, base = PROFILES[profile].limit, PROFILES[profile].base
    cohort = restricted[name]
    before = exact(cohort)
    lines = (cohort / "patients.csv").read_text("utf-8").splitlines()[1:]
    patients = re.compile(r"\b(" + "|".join(re.escape(line.split(",")[0]) for line in lines) + ")")
    for notebook in NOTEBOOKS:
        folder = reports / profile / f"{notebook}--{cohort.name}"
        texts = {path.name: path.read_text("utf-8") for path in folder.iterdir()}
        assert not [file for file, text in texts.items() if patients.search(text)]
        record = json.loads(texts["results.json"])
        assert record["profile"] == profile
        shown = {r["key"]: r for r in record["results"] if r["kind"] == "estimate"}
        assert shown
        assert len(shown) < len(record["results"])
        for key, item in shown.items():
            counts = [item[part] for part in ("n", "events") if item[part] is not None]
            counts += [item["value"]] if item["measure"] == Measure.COUNT else []
            assert min(counts, default=base + limit) > limit, key
            assert all(number % base == 0 for number in counts), key
            assert item["residual_df"] is None
            if item["measure"] == Measure.PROPORTION:
                assert item["n"] - item["events"] >= max(limit + 1, base)
            true = before[key]
            assert min(_told(true)) > limit, key
        assert all(file["n_rows"] is None for file in record["cohort"]["files"])
        for file in ("report.html", "notebook.ipynb"):
            plain = texts[file].replace('\\"', '"')
            numbers = [int(number) for _, number in DATA.findall(plain)]
            assert numbers
            assert min(numbers) > limit
            gone = set(re.findall(r'data-key="([^"]+)"[^>]*data-state="suppressed"', plain))
            told = set(re.findall(r'data-key="([^"]+)" data-value', plain))
            assert gone
            assert not gone & told
            assert told <= set(shown)
        for claim in json.loads(texts["claims.json"])["claims"]:
            if claim["key"] not in shown:
                assert (claim["ours"], claim["difference"], claim["n"]) == (None, None, None)
                assert (claim["ci_low"], claim["ci_high"]) == (None, None)
        crate = json.loads(texts["ro-crate-metadata.json"])["@graph"]
        assert not [entity for entity in crate if "size" in entity]
        assert PROFILES[profile].description.split(",")[0] in texts["report.html"]


def _told(estimate: Estimate) -> list[int]:
    """The numbers of patients that an estimate gives away by itself."""
    told = [] if estimate.n is None else [estimate.n]
    if estimate.measure is Measure.COUNT:
        told.append(round(estimate.value))
    if estimate.events is not None:
        told += [estimate.events, estimate.n - estimate.events]
    return told or [10**6]


def test_an_internal_run_marks_every_page(command, cohort, tmp_path):
    """Nothing is withheld, and each page and the list of them say whom it is for."""
    out = tmp_path / "out"
    done = run(command, cohort, out, "--internal")
    assert done.returncode == 0, done.stderr
    for notebook in NOTEBOOKS:
        page = (out / f"{notebook}--{cohort.name}" / "report.html").read_text("utf-8")
        assert page.index("INTERNAL") < page.index("<h1")
        assert 'data-state="suppressed"' not in page
    for page in out.glob("*.html"):
        assert 'class="internal-mark"' in page.read_text("utf-8"), page.name


def test_a_profile_that_shows_all_or_is_unknown_is_refused(command, cohort, tmp_path):
    """Exit code 2 and no report; a misspelt name is answered with the nearest one."""
    for profile, said in (("none", "--internal"), ("opensafly", "Did you mean 'opensafely'?")):
        done = run(command, cohort, tmp_path / "out", "--profile", profile)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert not list(tmp_path.glob("out/*--*"))
