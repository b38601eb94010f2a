"""One declared set of dependencies: pyproject.toml, environment.yml and the locks agree."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from incohort.reports.libraries import software

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GIVEN = {"jupyterlab", "pandas", "statsmodels", "lifelines", "seaborn", "papermill", "pytest"}


def wanted(lines: list[str]) -> dict[str, str]:
    """Name → extras and versions, in one spelling."""
    found = {}
    for line in lines:
        requirement = Requirement(line)
        extras = ",".join(sorted(requirement.extras))
        found[canonicalize_name(requirement.name)] = f"[{extras}]{requirement.specifier}"
    return found


def locked(name: str) -> dict[str, set[str]]:
    """Name → versions (more than one where Pythons differ) in a lock."""
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for package, number in re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==(\S+)", text, re.MULTILINE):
        found.setdefault(canonicalize_name(package), set()).add(number)
    return found


def test_conda_environment_declares_what_pyproject_declares():
    """A conda user and a pip user get the same packages at the same versions."""
    declared = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *conda, pip = declared["dependencies"]
    names = [line for line in conda if not re.match(r"(python|pip)\b(?!-)", line)]
    from_pip = [line for line in pip["pip"] if not line.startswith("--editable")]
    pytest_line = next(x for x in PROJECT["optional-dependencies"]["dev"] if x == "pytest>=8")

    assert wanted(names + from_pip) == wanted([*PROJECT["dependencies"], pytest_line])
    assert set(wanted(names)) == GIVEN, "the given packages come from conda, the rest through pip"
    assert f"python{PROJECT['requires-python']}" in conda


def test_locks_hold_each_dependency_at_an_allowed_version():
    """Nothing that is declared is missing from a lock, or locked outside its bounds."""
    for name, extras in {
        "core": [],
        "dev": ["dev", "bench"],
        "all": ["dev", "bench", "spark", "postgres", "redcap"],
    }.items():
        lines = [*PROJECT["dependencies"]]
        lines += [x for extra in extras for x in PROJECT["optional-dependencies"][extra]]
        versions = locked(name)
        for line in lines:
            requirement = Requirement(line)
            found = versions[canonicalize_name(requirement.name)]
            assert all(requirement.specifier.contains(version) for version in found), line


def test_locks_agree_with_each_other():
    """The tests run on the very versions that the reports run on."""
    core, dev, full = locked("core"), locked("dev"), locked("all")
    assert {name: dev[name] for name in core} == core
    assert {name: full[name] for name in dev} == dev


def test_locks_have_hashes_and_no_address():
    """A lock pins bytes, and says nothing of where they were fetched."""
    for name in ("core", "dev", "all"):
        text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
        pins = re.findall(r"^[\w.-]+.*?==.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
        assert len(pins) > 100
        assert all("--hash=sha256:" in pin for pin in pins)
        assert "://" not in text
        assert "index-url" not in text


def test_only_what_is_installed_is_told_as_software():
    """A kernel's note is a notebook's word: what this Python doesn't know comes into no report."""
    told = software({"numpy", "yaml", "sys", "incohort", "patient_17", "/home/someone", ""})
    assert list(told) == ["incohort", "Python", "numpy", "papermill", "PyYAML"]
    assert told["numpy"] == version("numpy")
