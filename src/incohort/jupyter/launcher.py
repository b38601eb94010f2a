"""JupyterLab, opened on copies of the suite's notebooks: the suite itself is never edited."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incohort.dictionary.files import bundled
from incohort.errors import CohortFaultsError, UsageError
from incohort.reports.identity import plain_label
from incohort.reports.notebooks import read_notebook
from incohort.reports.parameters_cell import with_default
from incohort.reports.place import cannot_write
from incohort.stopping import STOPPED, instead

_NBFORMAT = 4


@dataclass(frozen=True, slots=True)
class Chosen:
    """A cohort for the notebooks: what it is called, and what stands in them for it."""

    name: str
    value: str


def open_lab(cohort: str | None, folder: Path, options: Sequence[str]) -> int:
    """Start JupyterLab on copies in `folder` and wait for it to end; its exit code.

    Args:
        cohort: The cohort that the copies start with; each cohort has copies of its own.
        folder: The folder for the copies.
        options: Further options for JupyterLab.

    Raises:
        UsageError: There is no such cohort, or nothing can be written there.
        CohortFaultsError: It breaks the dictionary's rules.
    """
    opened = copy_notebooks(None if cohort is None else chosen(cohort), folder)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={opened}", *options]
    with subprocess.Popen(command, env={**os.environ, **_without_news()}) as lab:

        def stop(number: int) -> None:
            # In a terminal JupyterLab has heard it, too, and asks whether it is meant.
            if number != signal.SIGINT or not sys.stdin.isatty():
                lab.terminate()

        with instead(stop):
            code = lab.wait()
    return code if code >= 0 else STOPPED


def chosen(cohort: str) -> Chosen:
    """A cohort that was let in; the suite's own go by their names, others by their places.

    Raises:
        UsageError: There is no such cohort.
        CohortFaultsError: It breaks the dictionary's rules; all faults come at once.
    """
    from incohort.jupyter.admission import admit  # noqa: PLC0415 — brings in a database

    admission = admit(cohort)
    if admission.card is None:
        raise CohortFaultsError(admission.name, admission.faults)
    is_bundled = Path(admission.path).parent == bundled("data_dictionary") / "cohorts"
    return Chosen(admission.name, admission.name if is_bundled else admission.path)


def copy_notebooks(cohort: Chosen | None, folder: Path) -> Path:
    """The folder with a copy of each notebook; one that is there already is left as it is.

    Without a cohort it is `folder`; each cohort has one of its own in it.

    Raises:
        UsageError: Nothing can be written there.
    """
    folder = folder.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        place = folder if cohort is None else _own_folder(cohort, folder)
        place.mkdir(exist_ok=True)
        for notebook in sorted(bundled("notebooks").glob("*.ipynb")):
            copy = place / notebook.name
            if not os.path.lexists(copy):
                text = _with_cohort(notebook, cohort)
                with copy.open("x", encoding="utf-8") as file:
                    file.write(text)
    except OSError as error:
        raise cannot_write(folder, error, option="--into") from None
    return place.resolve()


def _own_folder(cohort: Chosen, folder: Path) -> Path:
    """The folder in `folder` whose notebooks start with this cohort, or a new one."""
    label, number = plain_label(cohort.name, "cohort"), 1
    while True:
        place = folder / (label if number == 1 else f"{label}-{number}")
        copies = list(place.glob("*.ipynb"))
        is_new = not os.path.lexists(place) or (place.is_dir() and not copies)
        if is_new or any(_cohort_of(copy) == cohort.value for copy in copies):
            return place
        number += 1


def _cohort_of(copy: Path) -> object:
    """The cohort that a notebook starts with; None where it can't be told."""
    try:
        parameters = read_notebook(str(copy)).parameters
    except (UsageError, OSError):
        return None
    return next((p.default for p in parameters if p.name == "cohort"), None)


def _with_cohort(notebook: Path, cohort: Chosen | None) -> str:
    """A notebook's text, with another cohort as its default."""
    text = notebook.read_text("utf-8")
    if cohort is None:
        return text
    import nbformat  # noqa: PLC0415 — takes a while to import

    node: Any = nbformat.reads(text, as_version=_NBFORMAT)
    for cell in node.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = with_default(cell.source, "cohort", cohort.value)
    return str(nbformat.writes(node)) + "\n"


def _without_news() -> dict[str, str]:
    """Settings of ours beside the user's own: JupyterLab asks for no news and no updates."""
    name = "JUPYTER_CONFIG_PATH"
    ours = Path(__file__).with_name("jupyter_config")
    return {name: os.pathsep.join(filter(None, (str(ours), os.environ.get(name))))}
