"""A real Chromium with the network cut, and the reports that `incohort demo` writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

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


@pytest.fixture(scope="session")
def context_of(chromium: Browser) -> Callable[..., BrowserContext]:
    """A browser's context for each choice of settings; to make one takes longer than to visit."""
    made: dict[str, BrowserContext] = {}

    def of(**settings: object) -> BrowserContext:
        asked = repr(sorted(settings.items()))
        if asked not in made:
            made[asked] = chromium.new_context(offline=True, **settings)
        return made[asked]

    return of


@dataclass
class Visit:
    """A page that was opened, and everything that it asked for or complained about."""

    page: Page
    name: str = ""
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def visited(context: BrowserContext, path: Path, name: str = "") -> Visit:
    """Open a file as a reader would."""
    seen = Visit(page=context.new_page(), name=name)
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    seen.page.on("console", lambda message: seen.complaints.append(message.text))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.goto(path.as_uri())
    return seen


@pytest.fixture
def visit(context_of) -> Iterator[Callable[..., Visit]]:
    """Open a file for one test, with some settings of a browser's context."""
    visits = []

    def open_file(path: Path, **settings: object) -> Visit:
        visits.append(visited(context_of(**settings), path))
        return visits[-1]

    yield open_file
    for seen in visits:
        seen.page.close()


@pytest.fixture(scope="module")
def opened(request, context_of, reports) -> Iterator[Visit]:
    """The page that a test names, open for all tests of its file that name it.

    Where one list of pages begins as another does, pytest runs what looks at a page in a row.
    """
    seen = visited(context_of(), reports / request.param, request.param)
    yield seen
    seen.page.close()
