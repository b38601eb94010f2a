"""JupyterLab, opened on the suite: in the checkout itself, or on a copy that one can write to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from incohort.dictionary.files import bundled
from incohort.errors import UsageError
from incohort.reports.place import cannot_write

_COHORT_LINE = re.compile(r'(cohort: str = )\\"[^"\\]*\\"')


def open_lab(cohort: str | None, folder: Path) -> int:
    """Start JupyterLab and wait for it to end; its exit code.

    Without a cohort, in a checkout, the notebooks are opened where they are. Otherwise those
    that `folder` does not hold yet are copied there, with the cohort put in as their default.
    """
    notebooks = bundled("notebooks")
    is_checkout = (notebooks.parent / "pyproject.toml").is_file()
    opened = notebooks if is_checkout and cohort is None else copy_notebooks(cohort, folder)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={opened}"]
    return subprocess.call(command, env={**os.environ, **_without_news()})


def _without_news() -> dict[str, str]:
    """Settings of ours beside the user's own: JupyterLab asks for no news and no updates."""
    name = "JUPYTER_CONFIG_PATH"
    ours = Path(__file__).with_name("jupyter_config")
    return {name: os.pathsep.join(filter(None, (str(ours), os.environ.get(name))))}


def copy_notebooks(cohort: str | None, folder: Path) -> Path:
    """The folder with a copy of each notebook; one that is there already is left as it is.

    Raises:
        UsageError: Nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for notebook in sorted(bundled("notebooks").glob("*.ipynb")):
            copy = folder / notebook.name
            if copy.exists():
                continue
            shutil.copyfile(notebook, copy)
            if cohort is not None:
                copy.write_text(_on(cohort, copy.read_text("utf-8")), encoding="utf-8")
    except OSError as error:
        raise cannot_write(folder, error) from None
    return folder.resolve()


def _on(cohort: str, document: str) -> str:
    """A notebook's text with another cohort as its default."""
    if '"' in cohort or "\\" in cohort:
        raise UsageError(f"A cohort's name can't hold quotes or backslashes; got {cohort!r}.")
    return _COHORT_LINE.sub(lambda found: f'{found[1]}\\"{cohort}\\"', document)
