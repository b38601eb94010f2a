"""A real Chromium with the network cut, and the reports that `incohort demo` writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

DEBIAN = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]


@pytest.fixture(scope="session")
def reports(demo) -> Path:
    """The folder that `incohort demo` leaves."""
    assert demo.returncode == 0, demo.told
    return demo.reports


@pytest.fixture(scope="session")
def chromium(skip_or_fail):
    """Debian's Chromium where there is one, else Playwright's own, else none."""
    with sync_playwright() as playwright:
        path = DEBIAN if DEBIAN.exists() else None
        try:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        except Error:
            skip_or_fail("there is no Chromium; install one, or run `playwright install chromium`")
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page that was opened, and everything that it asked for or complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture
def visit(chromium: Browser):
    """Open a file as a reader would, with some settings of a browser's context."""
    contexts = []

    def open_file(path: Path, **settings) -> Visit:
        context = chromium.new_context(offline=True, **settings)
        contexts.append(context)
        seen = Visit(page=context.new_page())
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("console", lambda message: seen.complaints.append(message.text))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.goto(path.as_uri())
        return seen

    yield open_file
    for context in contexts:
        context.close()
