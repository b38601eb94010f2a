"""A report's page beside the same notebook by plain nbconvert: bytes, and seconds until it is open.

A typical report is at most 1 MB, opens within a second, and is smaller and faster than nbconvert's
page of the notebook that lies beside it, in the same browser and run.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

BIN = Path(sys.executable).parent
DEBIAN = Path("/usr/bin/chromium")
REPORTS = (("02_thyroid_antibodies", "kyritsi2015"), ("04_anc_recovery", "din_synthetic"))
MOST_BYTES, MOST_SECONDS = 1_000_000, 1.0
REPEATS = 5
OPEN = """() => { const n = performance.getEntriesByType('navigation')[0];
    return (n.loadEventEnd - n.startTime) / 1000; }"""


def run(*command: object) -> None:
    """A command that has to succeed."""
    subprocess.run([str(part) for part in command], check=True, capture_output=True)


def seconds(browser: Browser, page: Path) -> float:
    """The least of several times until a page is open, the network cut."""
    taken = []
    for _ in range(REPEATS):
        context = browser.new_context(offline=True)
        tab = context.new_page()
        tab.goto(page.as_uri())
        tab.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
        taken.append(tab.evaluate(OPEN))
        context.close()
    return min(taken)


def main() -> int:
    """Print both pages of each report, and say whether the promises hold."""
    missed = []
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=DEBIAN if DEBIAN.exists() else None, args=["--no-sandbox"]
        )
        for notebook, cohort in REPORTS:
            run(BIN / "incohort", "run", notebook, "--cohort", cohort, "--out", name)
            folder = Path(name) / f"{notebook}--{cohort}"
            run(BIN / "jupyter", "nbconvert", "--to", "html", folder / "notebook.ipynb")
            pages = {"incohort": folder / "report.html", "nbconvert": folder / "notebook.html"}
            size = {who: page.stat().st_size for who, page in pages.items()}
            taken = {who: seconds(browser, page) for who, page in pages.items()}
            for who in pages:
                print(f"{notebook:<24}{who:<11}{size[who] / 1e6:6.2f} MB {taken[who]:6.3f} s")
            is_held = size["incohort"] <= min(MOST_BYTES, size["nbconvert"]) and taken[
                "incohort"
            ] <= min(MOST_SECONDS, taken["nbconvert"])
            missed += [] if is_held else [notebook]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
