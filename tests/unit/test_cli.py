"""What the shell gets: exit codes, one short message, no traceback, and an answer at once."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version

import pytest

from incohort import cli
from incohort.commands import reporting
from incohort.errors import ExitCode, Fault
from incohort.reports.jobs import Failure, Outcome
from incohort.sources import Examination


def notebook(path, parameters='cohort: str = "kyritsi2015"  # the cohort'):
    """A notebook that only declares parameters."""
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# A question"},
        {
            "cell_type": "code",
            "metadata": {"tags": ["parameters"]},
            "source": parameters,
            "outputs": [],
            "execution_count": None,
        },
    ]
    path.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})
    )
    return str(path)


@pytest.fixture
def outcomes(monkeypatch):
    """What the runner would answer, without running anything."""
    given: list[Outcome] = []
    monkeypatch.setattr(reporting, "make_reports", lambda *_: tuple(given))
    return given


def said_once(capsys) -> str:
    """The one line on standard error; nothing that looks like a traceback."""
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "Traceback" not in error
    return error


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["rnu"], '"run"'),
        (["run"], "Name a notebook"),
        (["run", "no_such_notebook"], "no notebook 'no_such_notebook'"),
        (["run", "01_cohort_overview", "--colour"], "--colour"),
        (["run", "01_cohort_overview", "--jobs", "0"], "--jobs"),
        (["params"], "notebook"),
        (["params", "no_such.ipynb"], "no_such.ipynb"),
        (["dictionary", "show", "labz"], "'labs'"),
        (["claims", "kyritsi"], "'kyritsi2015'"),
        (["check", "no_such_cohort"], "no_such_cohort"),
    ],
)
def test_wrong_usage_is_one_message_and_exit_code_2(typed, said, capsys):
    """A slip is answered with what was wrong, in one line, and with 2."""
    assert cli.run(typed) == ExitCode.USAGE
    assert said in said_once(capsys)


def test_an_unknown_parameter_is_refused_before_anything_starts(tmp_path, capsys):
    """`-p conf_levl=0.9` starts no kernel, writes nothing, and names the parameter meant."""
    path = notebook(tmp_path / "a.ipynb", "conf_level: float = 0.95  # (0.5 to 0.999) how sure")
    out = tmp_path / "out"

    code = cli.run(
        ["run", path, "--cohort", "kyritsi2015", "-p", "conf_levl=0.9", "--out", str(out)]
    )

    assert code == ExitCode.USAGE
    assert "'conf_level'" in said_once(capsys)
    assert not out.exists()


@pytest.mark.parametrize("cells", [0, 2])
def test_a_notebook_needs_one_parameters_cell(tmp_path, capsys, cells):
    """Without the tag papermill would put values where the notebook overwrites them: refused."""
    path = tmp_path / "a.ipynb"
    notebook(path)
    document = json.loads(path.read_text())
    document["cells"] = document["cells"][1:] * cells
    path.write_text(json.dumps(document))

    assert cli.run(["params", str(path)]) == ExitCode.USAGE
    assert "'parameters'" in said_once(capsys)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"nbformat": 3, "worksheets": []}'])
def test_a_file_that_is_no_notebook_is_refused(tmp_path, capsys, content):
    """Any other file with that ending is named, not traced back."""
    path = tmp_path / "a.ipynb"
    path.write_text(content)

    assert cli.run(["params", str(path)]) == ExitCode.USAGE
    assert "not a notebook" in said_once(capsys)


def test_params_lists_type_default_and_help(tmp_path, capsys):
    """Everything that the refusal of a value rests on can be read beforehand."""
    line = 'index: Literal["gift", "gat"] = "gift"  # who is positive'
    path = notebook(tmp_path / "a.ipynb", line)

    assert cli.run(["params", path]) == ExitCode.DONE
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("index", "one of gift, gat", "who is positive"))


def test_faults_are_printed_as_they_are_with_exit_code_3(monkeypatch, capsys, tmp_path):
    """Text that looks like markup stands for itself, on the terminal and on the page."""
    fault = Fault(
        table="labs", column="value", row=3, value="[red]<b>1500</b>", rule="a rule", remedy="do so"
    )
    found = Examination(faults=(fault,), concerns=())
    monkeypatch.setattr("incohort.sources.examine", lambda _, **__: found)
    page = tmp_path / "faults.html"

    assert cli.run(["check", str(tmp_path), "--html", str(page)]) == ExitCode.COHORT_FAULTS
    printed = capsys.readouterr()
    assert "[red]<b>1500</b>" in printed.out.replace("\n", "")
    assert "1 fault" in printed.err
    assert "&lt;b&gt;1500&lt;/b&gt;" in page.read_text()


def test_a_failed_notebook_is_exit_code_1(outcomes, tmp_path, capsys):
    """One failure among the reports decides the exit code, also where figures were not met."""
    stopped = Failure(cell=3, name="ValueError", message="no")
    outcomes += [
        Outcome(folder="a", failure=None, not_reproduced=1),
        Outcome(folder="b", failure=stopped, not_reproduced=0),
    ]
    path = notebook(tmp_path / "a.ipynb")

    assert cli.run(["run", path, "--strict"]) == ExitCode.NOTEBOOK_FAILED
    assert "index.html" in capsys.readouterr().out


def test_strict_answers_4_where_a_figure_was_not_reproduced(outcomes, tmp_path, capsys):
    """Only `--strict` turns an unmet figure into a failure of the command."""
    outcomes.append(Outcome(folder="a", failure=None, not_reproduced=1))
    path = notebook(tmp_path / "a.ipynb")

    assert cli.run(["run", path]) == ExitCode.DONE
    capsys.readouterr()
    assert cli.run(["run", path, "--strict"]) == ExitCode.NOT_REPRODUCED
    assert "not reproduced" in said_once(capsys)


def test_help_lists_every_command_and_imports_nothing_heavy():
    """`--help` answers without pandas, IPython, papermill or a database behind it."""
    program = (
        "import sys; from incohort.cli import run; code = run(['--help']); "
        "heavy = {'pandas', 'numpy', 'ibis', 'duckdb', 'IPython', 'papermill', 'pydantic'}; "
        "print(sorted(heavy & set(sys.modules))); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"
    listed = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("│")}
    assert {"demo", "run", "params", "check", "import", "dictionary", "claims", "lab"} <= listed


def test_version_is_the_installed_one(capsys):
    """`--version` prints a version and nothing else."""
    assert cli.run(["--version"]) == ExitCode.DONE
    assert capsys.readouterr().out.strip() == version("incohort")


def test_a_run_imports_nothing_slow_that_it_does_not_need():
    """A grammar of web addresses, two seconds; scipy's distributions, one, and kernels have them.

    Whatever imports the notebook's format first decides, so each order of imports must do.
    """
    code = (
        "import sys, incohort.reports.runner, incohort.commands.reporting\n"
        "print(*(n for n in ('rfc3987_syntax', 'scipy.stats') if sys.modules.get(n)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.split() == []
    assert "scipy.stats" in reporting._PRELOAD
