# ruff: noqa: INP001, T201 — a program, not a package
"""Look at what `make reports` left behind, as a reviewer would before believing any of it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from urllib.parse import unquote

from incohort.analyses.studies import STUDIES
from incohort.commands.reporting import demo_requests
from incohort.dictionary import study

ROOT = Path(__file__).resolve().parent.parent
FILES = ("report.html", "notebook.ipynb", "results.json", "claims.json", "ro-crate-metadata.json")
MEBIBYTE = 2**20
# Anything a browser would fetch on its own; links that a reader may follow are allowed.
FETCHED = re.compile(
    r"""(?:<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc|<link\b[^>]*\bhref|<object\b[^>]*\bdata|<use\b[^>]*\bhref)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import""",
    re.IGNORECASE,
)


def looks_wrong(out: Path) -> list[str]:
    """Everything that is not as it should be, in sentences."""
    expected = expected_reports()
    pages = ("index.html", "claims.html")
    wrong = [f"{name} is missing" for name in pages if not (out / name).is_file()]
    for name in sorted(expected):
        wrong += wrong_in_report(out / name)
    wrong += wrong_in_list(out, expected)
    wrong += [
        f"{page}: asks for something outside"
        for page in out.rglob("*.html")
        if FETCHED.search(page.read_text("utf-8"))
    ]
    wrong += wrong_in_claims(out / "02_thyroid_antibodies--kyritsi2015" / "claims.json")
    return wrong


def expected_reports() -> set[str]:
    """The reports of the demo, in which each notebook and each cohort has its part."""
    expected = {(request.notebook, str(request.cohort)) for request in demo_requests()}
    cohorts = {p.name for p in (ROOT / "data_dictionary" / "cohorts").iterdir() if p.is_dir()}
    notebooks = {p.stem for p in (ROOT / "notebooks").glob("*.ipynb")}
    awaited = {name for name in cohorts if is_awaiting_its_notebook(name)}
    if ({n for n, _ in expected}, {c for _, c in expected}) != (notebooks, cohorts - awaited):
        raise SystemExit("the demo leaves a notebook or a cohort out")
    return {f"{notebook}--{cohort}" for notebook, cohort in expected}


def is_awaiting_its_notebook(cohort: str) -> bool:
    """Whether a cohort was rebuilt from a study of whose figures no notebook asks yet."""
    folder = ROOT / "data_dictionary" / "cohorts" / cohort
    name = json.loads((folder / "datapackage.json").read_text("utf-8"))["incohort"].get("study")
    return name is not None and not {c.key.partition("/")[0] for c in study(name).claims} & {
        *STUDIES
    }


def wrong_in_list(out: Path, expected: set[str]) -> list[str]:
    """The list leads to every report, and a report by its plain name stands at the defaults."""
    page = out / "index.html"
    if not page.is_file():
        return []  # told already
    listed = set(re.findall(r'href="([^"]+)/report\.html"', page.read_text("utf-8")))
    wrong = [
        f"{name} is not in index.html" for name in sorted(expected - set(map(unquote, listed)))
    ]
    for name in sorted(expected):
        path = out / name / "results.json"
        if path.is_file() and json.loads(path.read_text("utf-8"))["changed"]:
            wrong.append(f"{name}: has the name of the default report, and parameters are changed")
    return wrong


def wrong_in_report(folder: Path) -> list[str]:
    """A report has all of its files, failed nowhere, leaks no path and is small."""
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        return [f"{folder.name}: {', '.join(missing)} missing"]
    wrong = []
    if any(
        output.get("output_type") == "error"
        for cell in json.loads((folder / "notebook.ipynb").read_text("utf-8"))["cells"]
        for output in cell.get("outputs", [])
    ):
        wrong.append(f"{folder.name}: a cell failed")
    for name in FILES:
        text = (folder / name).read_text("utf-8")
        wrong += [
            f"{folder.name}/{name}: names {p}"
            for p in (str(ROOT), str(Path.home()) + "/")
            if p in text
        ]
    if (folder / "report.html").stat().st_size > 2 * MEBIBYTE:
        wrong.append(f"{folder.name}: report.html is over 2 MiB")
    return wrong


def wrong_in_claims(path: Path) -> list[str]:
    """On the reconstructed cohort no printed figure may fail to be reproduced."""
    verdicts = json.loads(path.read_text("utf-8"))["claims"]
    wrong = [f"{v['key']}: {v['verdict']}" for v in verdicts if v["verdict"] == "not reproduced"]
    kinds = {v["verdict"] for v in verdicts}
    wrong += [
        f"no claim is {k!r}" for k in ("reproduced", "impossible as printed") if k not in kinds
    ]
    return wrong


def main() -> int:
    """Print what is wrong; the exit code says whether anything is."""
    out = Path(sys.argv[1])
    wrong = looks_wrong(out)
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    reports = len([*out.glob("*/report.html")])
    print(f"looked at {reports} reports: {len(wrong)} things wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
