"""Parameters in a real kernel: JupyterLab's runs in any order, papermill alone, nbconvert."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager

from incohort.jupyter import given
from incohort.jupyter.assigned import CellRun
from incohort.jupyter.given import Given
from incohort.reports.notebooks import read_notebook

ASK = "import incohort as ic\nstudy = ic.cohort_overview(ic.parameters())"
TELL = "print(study.asked.conf_level, study.asked.sex, study.asked.age_from)"


class Lab:
    """A kernel that is sent cells as JupyterLab sends them, each with its cell's name."""

    def __init__(self) -> None:
        self._manager = KernelManager(kernel_name="python3")
        self._manager.start_kernel()
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)

    def run(self, code: str, cell: str) -> list[str]:
        """What a cell shows: the lines that it prints, or those of its error."""
        message = self._client.session.msg(
            "execute_request",
            {"code": code, "silent": False, "store_history": True, "user_expressions": {},
             "allow_stdin": False, "stop_on_error": True},
            metadata={"cellId": cell},
        )  # fmt: skip
        self._client.shell_channel.send(message)
        lines: list[str] = []
        while True:
            told = self._client.get_iopub_msg(timeout=60)
            if told["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            content = told["content"]
            if told["msg_type"] == "stream" and content["name"] == "stdout":
                lines += content["text"].splitlines()
            elif told["msg_type"] == "error":
                lines += [line for part in content["traceback"] for line in part.splitlines()]
            elif told["msg_type"] == "status" and content["execution_state"] == "idle":
                self._client.get_shell_msg(timeout=60)
                return lines

    def close(self) -> None:
        """End the kernel."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A fresh kernel."""
    one = Lab()
    yield one
    one.close()


@pytest.mark.slow
def test_in_jupyterlab_the_newest_run_of_each_cell_counts(lab):
    """Slips are one line; mended, run again and in any order, a notebook asks what it says now."""
    cell = "cohort: str = 'kyritsi2015'\nconf_level: float = 0.9\nage_from: float | None = 18.0"
    assert lab.run(cell, "a") == []
    assert lab.run("sex = 'Female'", "b") == []
    (said,) = lab.run(ASK, "c")
    assert said.startswith("UsageError: Parameter 'sex' must be one of all, female, male; got")
    assert lab.run("sex = 'female'", "b") == []
    assert lab.run(ASK, "c") == []
    assert lab.run(TELL, "d") == ["0.9 female 18.0"]

    # names of a reader's own, below the study, are no parameters
    assert lab.run("n = 5\ntable = study.attrition()", "e") == []
    assert lab.run(ASK, "c") == []

    # a line taken out of the cell; a name deleted; a slip among parameters, and mended
    assert lab.run("cohort: str = 'kyritsi2015'\nconf_level: float = 0.8", "a") == []
    assert lab.run("del sex", "f") == []
    assert lab.run(f"{ASK}\n{TELL}", "c") == ["0.8 all None"]
    assert lab.run("cohort: str = 'kyritsi2015'\nconf_levl: float = 0.7", "a") == []
    (said,) = lab.run(ASK, "c")
    assert said.startswith("UsageError: There is no parameter 'conf_levl'. Did you mean")
    assert lab.run("cohort: str = 'kyritsi2015'\nconf_level: float = 0.7", "a") == []
    assert lab.run(f"{ASK}\n{TELL}", "c") == ["0.7 all None"]

    # what a cell raises itself is told in full, and so is what is no mistake of a user
    own = "from incohort.errors import UsageError\nraise UsageError('of a cell')"
    assert len(lab.run(own, "g")) > 3
    assert len(lab.run("1 / 0", "h")) > 3
    (said,) = lab.run("ic.open_cohort('no_such')", "i")
    assert said.startswith("UsageError: ")


def papermill(notebook: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Plain papermill, which knows nothing of incohort."""
    command = [sys.executable, "-m", "papermill", str(notebook), str(out), "--log-level", "ERROR"]
    return subprocess.run(
        [*command, "--no-progress-bar", *options], capture_output=True, text=True, check=False
    )


def short(name: str, place: Path) -> Path:
    """A notebook of the suite as far as the cell that opens the study, which tells its seed."""
    document = nbformat.read(read_notebook(name).path, as_version=4)
    place.write_text(read_notebook(name).path.read_text("utf-8"), "utf-8")
    number = next(n for n, cell in enumerate(document.cells) if "ic.parameters()" in cell.source)
    document.cells = document.cells[: number + 1]
    document.cells[
        -1
    ].source += "\nprint(study.asked.conf_level, getattr(study.asked, 'seed', None))"
    nbformat.write(document, place)
    return place


@pytest.mark.slow
def test_papermill_alone_runs_with_what_it_is_given(tmp_path):
    """A folded parameter takes effect, as papermill's values come after both cells."""
    notebook = short("03_assay_yield", tmp_path / "n.ipynb")
    done = papermill(notebook, tmp_path / "out.ipynb", "-p", "seed", "7", "-p", "conf_level", "0.9")

    assert done.returncode == 0, done.stderr
    assert "0.9 7" in (tmp_path / "out.ipynb").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("conf_levl", "0.9"), "There is no parameter 'conf_levl'. Did you mean 'conf_level'?"),
        (("sex", "Female"), "Parameter 'sex' must be one of all, female, male; got 'Female'."),
    ],
)
def test_papermill_alone_refuses_what_the_command_line_refuses(tmp_path, option, said):
    """The run stops at the cell that asks, and the notebook holds one line and no traceback."""
    notebook = read_notebook("02_thyroid_antibodies").path
    done = papermill(notebook, tmp_path / "out.ipynb", "-p", *option)
    document = json.loads((tmp_path / "out.ipynb").read_text("utf-8"))
    (error,) = (
        output
        for cell in document["cells"]
        for output in cell.get("outputs", [])
        if output["output_type"] == "error"
    )

    assert done.returncode != 0
    assert len(error["traceback"]) == 1
    assert re.sub(r"\x1b\[[0-9;]*m", "", error["traceback"][0]).startswith(f"UsageError: {said}")


@pytest.mark.slow
def test_nbconvert_runs_a_copy_with_its_own_values(tmp_path):
    """A value changed in the file is what the run asks."""
    notebook = short("04_anc_recovery", tmp_path / "n.ipynb")
    text = notebook.read_text("utf-8").replace("seed: int = 1", "seed: int = 5")
    notebook.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--execute", "--to", "notebook"]
    done = subprocess.run(
        [*command, "--output", "out", str(notebook)],
        capture_output=True, text=True, check=False, env=os.environ,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "0.95 5" in (tmp_path / "out.ipynb").read_text("utf-8")


def found(*texts: str, model: str = "cohort_overview", **values: object) -> dict[str, object]:
    """What these cells, run one after the other, give a study."""
    from incohort.analyses.studies import model_of  # noqa: PLC0415

    runs = [CellRun(text=text) for text in texts]
    return Given(runs=runs, values=values).asked_of(model_of(model))


def test_only_what_cells_assign_is_read():
    """A name that lies in the kernel, and that no cell assigned, is no parameter."""
    assert found("cohort = 'a'", cohort="a", sex="female") == {"cohort": "a"}
    assert found("def f():\n    sex = 'x'\n", sex="female") == {}
    assert found("%%bash\nsex=1", sex="female") == {}


def test_a_value_in_the_cell_that_asks_counts_if_it_stands_above(monkeypatch):
    """What is assigned before the call is read; the study's own name, after it, is none."""
    monkeypatch.setattr(given, "_TOLD", given._Told())
    cell = f"conf_level = 0.9\n{ASK}\nsex = 'female'"
    assert found(cell, conf_level=0.9, study=None, sex="male") == {"conf_level": 0.9}
