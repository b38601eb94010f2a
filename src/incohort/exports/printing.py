"""A report's page as PDF, printed by the Chromium that is installed, with the network cut."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from incohort.errors import UsageError
from incohort.exports.again import PAGE
from incohort.stopping import at_stop, scratch

_NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge", "msedge",
)  # fmt: skip
_PLACES = {
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "win32": (
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    ),
}
_LONGEST = 120  # seconds
_PAPER = "<style>@page { size: A4; }</style>"  # all else the page's own style says
_FLAGS = (
    "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check",
    "--disable-extensions", "--disable-sync", "--disable-background-networking",
    "--disable-component-update", "--disable-dev-shm-usage",
    # Nothing is fetched: no name leads anywhere.
    "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=http://127.0.0.1:9",
    "--no-pdf-header-footer", "--export-tagged-pdf", "--generate-pdf-document-outline",
)  # fmt: skip
_TIME = re.compile(rb"\(D:\d{14}[+\-Z][\d']*\)")
_NO_TIME = b"(D:19800101000000+00'00')"


def as_pdf(folder: Path) -> bytes:
    """The page of a report as tagged PDF, its header and footer from the page's own style.

    Raises:
        UsageError: There is no Chromium, or it could not print the page.
    """
    browser = _browser()
    with scratch() as scratch_folder:
        page = (folder / PAGE).read_text("utf-8").replace("</head>", f"{_PAPER}</head>", 1)
        (scratch_folder / PAGE).write_text(page, "utf-8")  # only this file lies where it prints
        printed = scratch_folder / "report.pdf"
        as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        profile = f"--user-data-dir={scratch_folder / 'profile'}"
        command = [browser, *_FLAGS, *as_root, profile, f"--print-to-pdf={printed}"]
        _run([*command, (scratch_folder / PAGE).as_uri()])
        try:
            content = printed.read_bytes()
        except OSError:
            raise _not_printed() from None
    if not content.startswith(b"%PDF-"):
        raise _not_printed()
    return _TIME.sub(_same_length, content)


def _browser() -> str:
    for name in _NAMES:
        if program := shutil.which(name):
            return program
    for place in _PLACES.get(sys.platform, ()):
        if Path(place).is_file():
            return place
    raise UsageError(
        "A PDF is printed by Chromium or Chrome, and none was found here. Install one, or open "
        f"{PAGE} in a browser and choose Print ▸ Save as PDF."
    )


def _run(command: list[str]) -> None:
    """Run the browser; it goes when this process is stopped."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    forget = at_stop(process.kill)
    try:
        process.wait(_LONGEST)
    except subprocess.TimeoutExpired:
        raise _not_printed() from None
    finally:
        forget()
        if process.poll() is None:
            process.kill()
            process.wait()


def _not_printed() -> UsageError:
    return UsageError(
        "Chromium did not print the page. Open report.html in a browser and choose "
        "Print ▸ Save as PDF."
    )


def _same_length(match: re.Match[bytes]) -> bytes:
    """A fixed moment in place of the clock's; places in the file stay what they are."""
    return _NO_TIME if len(_NO_TIME) == len(match[0]) else match[0]
