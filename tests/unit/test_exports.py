"""A report taken along: read back by python-docx, openpyxl and csv, and held against its record."""

from __future__ import annotations

import csv
import json
import math
import re
import shutil
import struct
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO, StringIO
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from nbformat.notebooknode import from_dict

import incohort
from incohort.cli import run as command
from incohort.errors import UsageError
from incohort.exports import printing
from incohort.exports.again import read_report
from incohort.exports.exporting import export_report
from incohort.exports.pictures import picture_of
from incohort.exports.workbook import sheet_name
from incohort.figures.framed import figure_svg
from incohort.jupyter import display
from incohort.reports.crate import Times, crate_record
from incohort.reports.document import compose
from incohort.reports.harvest import harvest
from incohort.reports.identity import Identity
from incohort.reports.jobs import Failure
from incohort.reports.kernels import Execution, write_node
from incohort.reports.manifest import CRATE
from incohort.reports.notebooks import Notebook
from incohort.reports.page import Run, report_page
from incohort.reports.records import as_json, claims_record, results_record
from incohort.results import (
    Cell,
    CellKind,
    CohortCard,
    Column,
    Estimate,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Measure,
    NotEstimable,
    Row,
    Sentence,
    Series,
    Suppressed,
    Table,
    findings_to_json,
)
from incohort.results.serialise import MIME_TYPE
from incohort.tables.portable import neutral, plain

HOSTILE = ('=HYPERLINK("http://a.example")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1")
SHARE = Estimate(
    key="s/all/ill/proportion", label="Ill", measure=Measure.PROPORTION, value=95 / 218, n=218,
    events=95, ci_low=0.371654321987, ci_high=0.502054321, conf_level=0.95, method="Wilson",
)  # fmt: skip
RATIO = Estimate(
    key="s/all/ill/ratio", label="Odds", measure=Measure.ODDS_RATIO, value=14 / 3, ci_low=0.98,
    ci_high=math.inf, conf_level=0.95,
)  # fmt: skip
DIFFERENCE = Estimate(
    key="s/all/change/mean", label="Change", measure=Measure.MEAN, value=-1 / 3, n=218, unit="d"
)
GONE = Suppressed(key="s/all/rare/proportion", label="Rare", reason="it rests on 7 or fewer")
NONE = NotEstimable(key="s/all/none/proportion", label="None", reason="nobody was tested", n=0)
RESULTS = (SHARE, RATIO, DIFFERENCE, GONE, NONE)


def table_of(*results, key="s/table", caption="What is seen", spanner="Together") -> Table:
    """A table with a row a result, below a heading."""
    kinds = {SHARE.key: CellKind.FRACTION_PERCENT_CI, RATIO.key: CellKind.ESTIMATE_CI}
    rows = [
        Row(r.label, (Cell(kinds.get(r.key, CellKind.ESTIMATE), (r.key,)), Cell(CellKind.TEXT)), 1)
        for r in results
    ]
    columns = (Column("Share", spanner), Column("Words", spanner))
    return Table(
        key=key, caption=caption, stub_head="Who", columns=columns, notes=("Of everybody.",),
        rows=(Row("All of them", (), is_heading=True), *rows),
    )  # fmt: skip


def findings_of(*results, title="A finding", profile="none", **parts) -> Findings:
    """Findings with a table of all of them, a sentence and a figure."""
    shares = tuple(r.key for r in results if isinstance(r, Estimate) and r.events)
    figure = Figure(
        key="s/figure", kind=FigureKind.BARS, caption="How many", alt="Bars of shares.",
        series=(Series("", shares),),
    )  # fmt: skip
    layout = Layout(
        sentences=tuple(Sentence(f"Of all, {{{key}:fraction_percent}} are ill.") for key in shares),
        tables=(table_of(*results),),
        figures=(figure,) if shares else (),
        cautions=("It is a sample.",),
    )
    return Findings(
        name="s/part", title=title, results=results, profile=profile,
        layout=parts.get("layout", layout),
    )  # fmt: skip


def report_in(place: Path, *found: Findings, lead="# A question\n\nIts *design*.", **more) -> Path:
    """The folder of a report of these findings, as a run writes it, without a kernel."""
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": {MIME_TYPE: findings_to_json(f)}}
        for f in found
    ]
    cells = [
        {"cell_type": "markdown", "metadata": {"papermill": {}}, "source": lead},
        {"cell_type": "markdown", "metadata": {"papermill": {}}, "source": "## A part\n\n- one"},
        {
            "cell_type": "code", "metadata": {"papermill": {"duration": 1.0}}, "source": "show()",
            "outputs": outputs, "execution_count": 1,
        },
    ]  # fmt: skip
    node = from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    kept = harvest(Execution(node=node, failure=more.get("failure")), shows_rows=True)
    card = CohortCard(
        name="mine", title=more.get("title", "A cohort"), is_public=more.get("is_public", True),
        notices=("Nobody exists.",),
    )  # fmt: skip
    book = Notebook(name="01_a", path=place, title="A question", sha256="cd" * 32, parameters=())
    run = Run(
        notebook=book, card=card, overrides={}, profile=more.get("profile", "none"),
        is_internal=more.get("is_internal", False),
    )  # fmt: skip
    place.mkdir(parents=True)
    document = compose(kept.node, kept, "A question")
    (place / "report.html").write_text(report_page(run, document, kept, ()), "utf-8")
    (place / "results.json").write_text(as_json(results_record(run, kept, [])), "utf-8")
    (place / "claims.json").write_text(as_json(claims_record({})), "utf-8")
    write_node(kept.node, place / "notebook.ipynb")
    at = datetime(2024, 1, 1, tzinfo=UTC)
    identity = Identity(notebook="01_a", notebook_place="x", cohort="mine", cohort_place="y")
    text = identity.as_text(("01_a", "mine"))
    crate = crate_record(run, kept, place, Times(started=at, ended=at), text)
    (place / CRATE).write_text(as_json(crate), "utf-8")
    return place


@pytest.fixture
def report(tmp_path) -> Path:
    """A report with a number of each kind."""
    return report_in(tmp_path / "report", findings_of(*RESULTS))


def exported(report: Path, to: str) -> bytes:
    """The bytes of a report in a format."""
    return export_report(
        str(report), to, str(report.parent / f"out.{to}"), replace=True
    ).read_bytes()


def recorded(report: Path) -> dict[str, dict]:
    """The results that lie beside the page, by key."""
    record = json.loads((report / "results.json").read_text("utf-8"))
    return {result["key"]: result for result in record["results"]}


def rows_of(sheet) -> list[dict]:
    """The rows of a list by the names in its first row."""
    heads, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def words_of(document) -> str:
    """All words of a Word document, those in tables too."""
    return "\n".join(text.text or "" for text in document.element.body.iter(qn("w:t")))


def csv_rows(content: bytes) -> list[dict]:
    """A CSV file's rows."""
    return list(csv.DictReader(StringIO(content.decode("utf-8"), newline="")))


def test_every_number_of_the_csv_is_the_recorded_one(report):
    """Value, limits, n and events are those of `results.json`, to the last bit."""
    rows = {row["key"]: row for row in csv_rows(exported(report, "csv"))}

    assert rows.keys() == recorded(report).keys()
    for key, result in recorded(report).items():
        for name in ("value", "ci_low", "ci_high", "conf_level", "n", "events"):
            ours = result.get(name)
            assert rows[key][name] == ("" if ours is None else rows[key][name])
            assert ours is None or float(rows[key][name]) == float(ours)
    assert rows[SHARE.key]["run"] == "01_a--mine"
    assert (rows[SHARE.key]["study"], rows[SHARE.key]["population"]) == ("s", "all")
    assert (rows[SHARE.key]["group"], rows[SHARE.key]["measure"]) == ("ill", "proportion")


def test_the_csv_is_of_the_form_that_readers_know(report):
    """RFC 4180: lines end in CR LF, each has as many fields; UTF-8."""
    content = exported(report, "csv")
    lines = list(csv.reader(StringIO(content.decode("utf-8"), newline=""), strict=True))

    assert content.count(b"\r\n") == content.count(b"\n") == len(RESULTS) + 1
    assert len({len(line) for line in lines}) == 1


def test_every_number_of_the_workbook_is_the_recorded_one(report):
    """In the list of estimates numbers are numbers, and are those of `results.json`."""
    book = openpyxl.load_workbook(BytesIO(exported(report, "xlsx")))
    rows = {row["key"]: row for row in rows_of(book["estimates"])}

    for key, result in recorded(report).items():
        for name in ("value", "ci_low", "ci_high", "conf_level", "n", "events"):
            ours, theirs = result.get(name), rows[key][name]
            if ours == "Infinity":
                assert theirs == "∞"
            else:
                assert theirs == ours
                assert ours is None or isinstance(theirs, int | float)
    assert rows[GONE.key]["state"] == "withheld"
    assert rows[NONE.key]["state"] == "not estimable"
    assert rows[SHARE.key]["state"] == "shown"


def test_a_tables_sheet_has_its_numbers_beside_what_is_printed(report):
    """Value, limits, n and events have columns of their own, under the head that they belong to."""
    sheet = openpyxl.load_workbook(BytesIO(exported(report, "xlsx")))["Table 1"]
    lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    heads = next(line for line in lines if "as printed" in line)
    line = next(line for line in lines if line[0] == "Ill")
    found = dict(zip(heads[1:], line[1:], strict=True))

    assert lines[0][0] == "Table 1. What is seen"
    assert found["as printed"] == "95/218, 43.6\u00a0% (37.2 to 50.2)"
    assert (found["value"], found["n"], found["events"]) == (95 / 218, 218, 95)
    assert (found["ci_low"], found["ci_high"]) == (SHARE.ci_low, SHARE.ci_high)
    assert lines[-1][0] == "(b) Nobody was tested."


def test_word_has_each_table_with_caption_numbers_and_notes(report):
    """A real table: what each cell prints, heads that come again, merged spanners, notes below."""
    document = docx.Document(BytesIO(exported(report, "docx")))
    table = document.tables[0]
    printed = [[cell.text for cell in row.cells] for row in table.rows]
    texts = [paragraph.text for paragraph in document.paragraphs]

    assert printed[0] == ["", "Together", "Together"]
    assert printed[1] == ["Who", "Share", "Words"]
    assert printed[2] == ["All of them"] * 3
    assert printed[3][:2] == ["Ill", "95/218, 43.6\u00a0% (37.2 to 50.2)"]
    assert printed[4][1] == "4.67 (0.98 to ∞)"
    assert [line[1] for line in printed[6:]] == ["–a", "–b"]
    assert "Table 1. What is seen" in texts
    assert texts.index("Of everybody.") > texts.index("Table 1. What is seen")
    assert "a It rests on 7 or fewer." in texts
    assert "Of all, 95/218 (43.6\u00a0%) are ill." in texts
    repeated = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
    assert repeated == [True, True, *[False] * 6]


def test_a_tables_borders_and_type_are_its_own(report):
    """They stand on the table and not in a style, so that it keeps them in another document."""
    table = docx.Document(BytesIO(exported(report, "docx"))).tables[0]
    borders = table._tbl.tblPr.find(qn("w:tblBorders"))

    assert {side.tag for side in borders} == {qn(f"w:{s}") for s in ("top", "bottom", "insideH")}
    assert all(side.get(qn("w:val")) == "single" for side in borders)
    runs = [run for cell in table.rows[3].cells for p in cell.paragraphs for run in p.runs]
    assert runs
    assert all(run.font.size for run in runs)
    assert table.rows[3].cells[0].paragraphs[0].paragraph_format.left_indent > 0


def test_a_figure_is_a_sharp_picture_with_its_words(report):
    """It says to those who can't see it what the page's says, and has 200 dots an inch at least."""
    document = docx.Document(BytesIO(exported(report, "docx")))
    (shape,) = document.inline_shapes
    told = shape._inline.docPr.get("descr")
    blip = shape._inline.graphic.graphicData.pic.blipFill.blip.embed
    png = document.part.related_parts[blip].blob
    dots = struct.unpack(">II", png[16:24])

    assert told == "Bars of shares."
    assert "Figure 1. How many" in [p.text for p in document.paragraphs]
    assert dots[0] / shape.width.inches >= 200
    assert dots[1] / shape.height.inches >= 200


def test_equal_reports_give_equal_files(report, monkeypatch):
    """No clock and no chance: a file that is written again has the same bytes."""
    first = {to: exported(report, to) for to in ("docx", "xlsx", "csv")}
    monkeypatch.setattr("time.time", lambda: 2e9)

    assert {to: exported(report, to) for to in first} == first


def test_a_picture_has_the_same_bytes_and_no_reference_to_the_page():
    """Its colours are the light page's, not names that only a page knows."""
    findings = findings_of(SHARE)
    svg = figure_svg(findings.layout.figures[0], findings)
    first, again = picture_of(svg), picture_of(svg)

    assert first.png == again.png
    assert "var(" in svg
    assert first.png.startswith(b"\x89PNG")
    assert first.dots[0] / first.width >= 200


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_a_formula(tmp_path, text):
    """Whatever a cohort, a label or a caption is called, no spreadsheet calculates it."""
    named = replace(SHARE, label=text)
    found = findings_of(named, GONE, title=text)
    layout = replace(found.layout, tables=(table_of(named, GONE, caption=text),))
    place = report_in(tmp_path / "r", replace(found, layout=layout), title=text, lead=f"# {text}")
    book = openpyxl.load_workbook(BytesIO(exported(place, "xlsx")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    fields = [f for row in csv.reader(StringIO(exported(place, "csv").decode())) for f in row]

    assert not [cell for cell in cells if cell.data_type == "f"]
    starts = [str(c.value).lstrip(" ")[0] for c in cells if isinstance(c.value, str) and c.value]
    starts += [f.lstrip(" ")[0] for f in fields if f.strip() and not _is_number(f)]
    assert not set(starts) & set("=+-@\t\r\n＝")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_negative_numbers_stay_numbers(report):
    """Only texts are made harmless: −1/3 is a number in both files."""
    rows = {row["key"]: row for row in csv_rows(exported(report, "csv"))}
    book = openpyxl.load_workbook(BytesIO(exported(report, "xlsx")))
    cells = {row["key"]: row for row in rows_of(book["estimates"])}

    assert float(rows[DIFFERENCE.key]["value"]) == -1 / 3
    assert cells[DIFFERENCE.key]["value"] == -1 / 3


def test_letters_that_no_file_may_hold_and_very_long_names_are_taken(tmp_path):
    """Control characters, right-to-left words and a caption of 40,000 letters come through."""
    arabic = "\u0627\u0644\u0639\u062f\u0644\u0627\u062a"
    named = replace(SHARE, label=f"a\x0bb\x00 {arabic}")
    found = findings_of(named)
    layout = replace(found.layout, tables=(table_of(named, caption="long " * 8000),))
    place = report_in(tmp_path / "r", replace(found, layout=layout), title="x" * 500)
    document = docx.Document(BytesIO(exported(place, "docx")))
    book = openpyxl.load_workbook(BytesIO(exported(place, "xlsx")))

    assert document.tables[0].rows[3].cells[0].text == f"a\ufffdb\ufffd {arabic}"
    assert rows_of(book["estimates"])[0]["label"] == f"a\ufffdb\ufffd {arabic}"
    assert any(arabic in row["label"] for row in csv_rows(exported(place, "csv")))


def test_sheets_names_are_short_and_no_two_are_one():
    """31 letters, none that Excel refuses; it doesn't tell upper from lower case."""
    taken: set[str] = set()
    wanted = ["a" * 40, "A" * 40, "a" * 31, "a/b:c", "''", "History", "=1"]
    names = [sheet_name(name, taken) for name in wanted]

    assert len({name.casefold() for name in names}) == len(wanted)
    assert all(0 < len(name) <= 31 for name in names)
    assert not set("".join(names)) & set("[]:*?/\\")
    assert "history" not in [name.casefold() for name in names]


def test_what_was_withheld_stays_withheld(tmp_path):
    """No file holds more than the report's bundles; the reason stands where the number would."""
    found = findings_of(SHARE, GONE, profile="opensafely")
    place = report_in(tmp_path / "r", found, is_public=False, profile="opensafely")
    _, row = csv_rows(exported(place, "csv"))
    book = openpyxl.load_workbook(BytesIO(exported(place, "xlsx")))
    document = docx.Document(BytesIO(exported(place, "docx")))
    texts = [paragraph.text for paragraph in document.paragraphs]

    assert {row[name] for name in ("value", "ci_low", "ci_high", "n", "events")} == {""}
    assert (row["state"], row["reason"]) == ("withheld", GONE.reason)
    _, estimate = rows_of(book["estimates"])
    assert (estimate["value"], estimate["n"], estimate["events"]) == (None, None, None)
    assert document.tables[0].rows[4].cells[1].text == "–a"
    assert "1 of 2 results are withheld." in texts
    assert "Restricted cohort" in texts


def test_an_internal_report_is_marked_in_every_format(tmp_path):
    """In the header of each page and sheet, and in each row of the CSV."""
    place = report_in(tmp_path / "r", findings_of(SHARE), is_public=False, is_internal=True)
    mark = "INTERNAL: without disclosure control. Not to leave the study team."
    document = docx.Document(BytesIO(exported(place, "docx")))
    book = openpyxl.load_workbook(BytesIO(exported(place, "xlsx")))

    assert all(section.header.paragraphs[0].text == mark for section in document.sections)
    assert all(sheet.oddHeader.center.text == mark for sheet in book)
    assert all(row["marking"] == mark for row in csv_rows(exported(place, "csv")))


@pytest.mark.parametrize("name", ["report.html", "notebook.ipynb", "results.json", "claims.json"])
def test_a_report_that_was_changed_is_refused(report, name, capsys):
    """One sentence, exit code 2, and no file: what was sealed is what is exported."""
    (report / name).write_text((report / name).read_text("utf-8") + " ", "utf-8")
    out = report.parent / "out.csv"

    assert command(["export", str(report), "--to", "csv", "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert name in told
    assert told.count("\n") == 1
    assert not out.exists()


def test_what_is_no_report_is_refused(tmp_path, capsys):
    """A folder without a crate, a name that leads nowhere, a format that is none."""
    assert command(["export", str(tmp_path), "--to", "csv"]) == 2
    assert command(["export", str(tmp_path / "no"), "--to", "csv"]) == 2
    assert command(["export", str(tmp_path), "--to", "odt"]) == 2
    assert capsys.readouterr().err.count("\n") == 3


def test_nobodys_file_is_overwritten(report, capsys):
    """A file that is there is replaced only where somebody says so."""
    out = report.parent / "mine.csv"
    out.write_text("mine")
    words = ["export", str(report / "report.html"), "--to", "csv", "--out", str(out)]

    assert command(words) == 2
    assert "--replace" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert command([*words, "--replace"]) == 0
    assert len(csv_rows(out.read_bytes())) == len(RESULTS)
    assert sorted(path.name for path in report.parent.iterdir()) == ["mine.csv", "report"]


def test_a_file_whose_name_says_another_format_is_refused(report):
    """A Word document is not written into `table.xlsx`."""
    with pytest.raises(UsageError, match="does not end as docx"):
        export_report(str(report), "docx", str(report.parent / "a.xlsx"))


def test_without_a_browser_the_remedy_is_told(report, monkeypatch):
    """A PDF needs Chromium; one sentence says what to do without."""
    monkeypatch.setattr(printing, "_PLACES", {})
    monkeypatch.setattr(printing.shutil, "which", lambda _: None)

    with pytest.raises(UsageError, match=r"none was found here. Install one, or open report.html"):
        exported(report, "pdf")


def test_a_cells_findings_pass_the_gate_before_they_are_written(tmp_path):
    """Findings that name no set of patients are of a restricted cohort: nothing of them is told."""
    display._LEDGERS.clear()
    found = replace(findings_of(SHARE, profile=""), is_public=False)
    for ending in ("csv", "xlsx", "docx"):
        incohort.export(found, tmp_path / f"one.{ending}")
    (row,) = csv_rows((tmp_path / "one.csv").read_bytes())
    document = docx.Document(tmp_path / "one.docx")
    estimate = rows_of(openpyxl.load_workbook(tmp_path / "one.xlsx")["estimates"])[0]

    assert (row["state"], row["value"], row["n"]) == ("withheld", "", "")
    assert (estimate["state"], estimate["value"]) == ("withheld", None)
    assert not any(number in words_of(document) for number in ("95", "218", "43.6"))
    assert "names no set of patients" in words_of(document)


def test_a_public_cells_findings_are_written_as_they_are(tmp_path):
    """`ic.export(findings, "table1.docx")`: its table, numbered from one."""
    incohort.export(replace(findings_of(SHARE, profile=""), is_public=True), tmp_path / "one.docx")
    document = docx.Document(tmp_path / "one.docx")

    assert document.tables[0].rows[3].cells[1].text == "95/218, 43.6\u00a0% (37.2 to 50.2)"
    with pytest.raises(UsageError, match="there already"):
        incohort.export(findings_of(SHARE), tmp_path / "one.docx")
    with pytest.raises(UsageError, match="takes what a question gave"):
        incohort.export("findings", tmp_path / "two.docx")
    with pytest.raises(UsageError, match="whole report"):
        incohort.export(findings_of(SHARE), tmp_path / "two.pdf")


def test_texts_are_made_harmless_and_others_stay():
    """A dash, a minus sign, a number with a sign below it: only what begins a formula is quoted."""
    assert [neutral(text) for text in ("–", "−0.3", "<0.001", "", "a=b")] == [
        "–", "−0.3", "<0.001", "", "a=b",
    ]  # fmt: skip
    assert plain("a\ud800b\uffff") == "a\ufffdb\ufffd"


def test_a_wide_table_stands_across(tmp_path):
    """Where a table is wider than a page its type gets smaller, then the page is turned."""
    shares = [replace(SHARE, key=f"s/all/{n}/proportion", label=str(n)) for n in range(9)]
    cells = tuple(Cell(CellKind.FRACTION_PERCENT_CI, (share.key,)) for share in shares)
    table = Table(
        key="s/wide", caption="Wide", stub_head="Who", rows=(Row("All", cells),),
        columns=tuple(Column(f"Group {n}") for n in range(9)),
    )  # fmt: skip
    found = findings_of(*shares, layout=Layout(tables=(table,)))
    document = docx.Document(BytesIO(exported(report_in(tmp_path / "r", found), "docx")))
    shapes = [section.page_width > section.page_height for section in document.sections]

    assert shapes == [False, True, False]


def test_a_report_read_again_is_the_one_that_was_written(report):
    """Its findings are those of the bundles, in order, under the headings of the notebook."""
    again = read_report(str(report))

    assert again.title == "A question"
    assert again.findings == (findings_of(*RESULTS),)
    assert list(again.results) == list(recorded(report))


def test_a_report_that_failed_says_so(tmp_path):
    """Whoever gets the document sees that it is not whole."""
    failure = Failure(cell=3, name="ValueError", message="no such thing")
    place = report_in(tmp_path / "r", findings_of(SHARE), failure=failure)
    document = docx.Document(BytesIO(exported(place, "docx")))

    assert "This notebook failed in cell 3: ValueError: no such thing" in words_of(document)


def test_the_answer_comes_first_and_once(tmp_path):
    """As on the page: after the question, whichever cell gives it."""
    told = replace(SHARE, key="s/answer/proportion", again_of=SHARE.key)
    layout = Layout(sentences=(Sentence(f"In short, {{{told.key}:percent_ci}}."),))
    answer = Findings(
        name="s/answer", title="For the clinician", results=(told,), profile="none", layout=layout
    )
    place = report_in(tmp_path / "r", findings_of(SHARE), answer)
    texts = [p.text for p in docx.Document(BytesIO(exported(place, "docx"))).paragraphs]
    short = "In short, 43.6\u00a0% (37.2 to 50.2)."

    assert texts.count(short) == 1
    assert texts.index("The question") < texts.index("The answer") < texts.index(short)
    assert texts.index(short) < texts.index("Table 1. What is seen")
    assert {row["key"] for row in csv_rows(exported(place, "csv"))} == {SHARE.key, told.key}


def test_a_notebooks_words_are_words_in_word(tmp_path):
    """Headings, emphasis, lists, code and tables of markdown; a link leads where it says."""
    lead = (
        "# Q\n\nSome *em* **strong** `code` [page](https://a.example/x) [no](javascript:x)\n\n"
        "- one\n  - two\n\n1. first\n\n| a | b |\n|---|---|\n| 1 | =2 |\n\n```\nx = 1\n```\n\n"
        "<b>raw</b>"
    )
    place = report_in(tmp_path / "r", findings_of(SHARE), lead=lead)
    document = docx.Document(BytesIO(exported(place, "docx")))
    styles = {p.text: p.style.name for p in document.paragraphs}
    runs = {run.text: run for p in document.paragraphs for run in p.runs}
    links = [r.target_ref for r in document.part.rels.values() if r.is_external]

    assert styles["Q"] == "Title"
    assert styles["A part"] == "Heading 1"
    assert (styles["one"], styles["two"]) == ("List Bullet", "List Bullet 2")
    assert styles["first"] == "List Number"
    assert (runs["em"].italic, runs["strong"].bold) == (True, True)
    assert runs["code"].font.name == runs["x = 1"].font.name == "Courier New"
    assert [cell.text for cell in document.tables[0].rows[1].cells] == ["1", "=2"]
    assert "<b>raw</b>" in styles
    assert links == ["https://a.example/x"]


def test_methods_and_parameters_stand_at_the_end(report):
    """What the report says of its methods, the software with its version."""
    document = docx.Document(BytesIO(exported(report, "docx")))
    texts = [paragraph.text for paragraph in document.paragraphs]
    software = next(text for text in texts if text.startswith("Software: "))

    assert texts.index("Methods") < texts.index(software)
    assert "Also used: Wilson." in texts[texts.index("Methods") + 1]
    assert f"incohort {version('incohort')}" in software


@pytest.mark.browser
def test_a_pdf_is_tagged_and_the_same_each_time(report, skip_or_fail):
    """Printed by the Chromium that is there, with no clock in it and nothing fetched."""
    if not any(map(shutil.which, printing._NAMES)):
        skip_or_fail("there is no Chromium")
    first = exported(report, "pdf")

    assert first.startswith(b"%PDF-")
    assert b"/Marked true" in first
    assert b"/StructTreeRoot" in first
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", first)
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}  # A4 in points
    assert exported(report, "pdf") == first
