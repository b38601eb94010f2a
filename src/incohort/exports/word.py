"""A report, or one cell's findings, as a Word document."""

from __future__ import annotations

from collections.abc import Sequence
from html import unescape
from io import BytesIO
from re import sub
from typing import TYPE_CHECKING

import docx
from docx.enum.section import WD_SECTION
from docx.shared import Inches, Pt

from incohort.exports.again import Report, Shown
from incohort.exports.pictures import picture_of
from incohort.exports.settled import settled
from incohort.exports.word_parts import (
    LENGTH,
    MUTED,
    RED,
    WIDTH,
    caption,
    link_outside,
    prepare,
    raised,
    set_page,
)
from incohort.exports.word_prose import add_prose, heading_style
from incohort.exports.word_tables import Plain, Set, Setting, add_table, setting_of
from incohort.figures.framed import alternative, figure_svg, rests_on_synthetic, why_not_drawn
from incohort.reports.abbreviations import used_in
from incohort.reports.answer import Answer, answer_of
from incohort.reports.claims_view import ClaimGroup, StudyView
from incohort.reports.closing import cited_in
from incohort.reports.fragment import why_untold
from incohort.reports.libraries import asked_for, listed
from incohort.reports.methods import methods_of
from incohort.reports.numbering import is_empty, is_unanswered, numbered, why_absent
from incohort.results import Figure, Findings, Table
from incohort.tables.cells import Filled
from incohort.tables.laid import SYNTHETIC, SYNTHETIC_NOTE, lay
from incohort.tables.marks import Marks
from incohort.tables.portable import plain
from incohort.tables.templates import pieces

if TYPE_CHECKING:
    from docx.document import Document

_INCH = 25.4
_TALLEST = 0.82  # of a page's length
_USUAL = 0.85  # of a figure's size on a screen: its words are then of the text's size


def report_docx(report: Report, marking: str) -> bytes:
    """The whole report: data, question, answer, sections, published figures, methods."""
    writer = Writer(report.title, marking, report.marks)
    writer.title(report.title, f"{report.notebook} · {report.card.title or report.card.name}")
    _add_data(writer, report)
    if report.lead:
        writer.heading("The question", 2)
        add_prose(writer.document, report.lead)
    if report.answer is not None:
        writer.heading("The answer", 2)
        writer.answer(report.answer, answer_of((*report.findings, report.answer), report.marks))
    for part in report.sections:
        if isinstance(part, Shown):
            writer.findings(part.findings, part.level, is_titled=part.is_titled)
        else:
            writer.upright()
            add_prose(writer.document, part.tokens)
    _add_published(writer, report.studies)
    _add_parameters(writer, report)
    _add_methods(writer, report)
    writer.abbreviations()
    return writer.content()


def findings_docx(findings: Findings, marking: str) -> bytes:
    """What one cell shows."""
    writer = Writer(findings.title, marking, Marks(labels=numbered([findings])))
    writer.heading(findings.title, 2)
    writer.findings(findings, 3, is_titled=False)
    if findings.profile not in {"", "none"}:
        writer.small(f"Disclosure profile: {findings.profile}.")
    return writer.content()


class Writer:
    """A document in the making, which knows what its tables and figures are called."""

    def __init__(self, title: str, marking: str, marks: Marks) -> None:
        self.document: Document = docx.Document()
        self._marks = marks
        self._is_landscape = False
        prepare(self.document, title, marking)

    def content(self) -> bytes:
        """The finished document, the same bytes for the same words."""
        out = BytesIO()
        self.document.save(out)
        return settled(out.getvalue())

    def title(self, text: str, kicker: str) -> None:
        """What the report is called, and of what it is."""
        self.document.add_paragraph(plain(text), style="Title")
        self.small(kicker)

    def heading(self, text: str, level: int) -> None:
        """A heading; the title is of the first level."""
        self.upright()
        self.document.add_paragraph(plain(text), style=heading_style(level))

    def paragraph(self, text: str) -> None:
        """A paragraph of words."""
        self.upright()
        self.document.add_paragraph(plain(text))

    def small(self, text: str) -> None:
        """A remark."""
        run = self.document.add_paragraph().add_run(plain(text))
        run.font.size, run.font.color.rgb = Pt(8.5), MUTED

    def items(self, texts: Sequence[str]) -> None:
        """A list."""
        for text in texts:
            self.document.add_paragraph(plain(text), style="List Bullet")

    def upright(self) -> None:
        """Go on upon an upright page."""
        self._turn(is_landscape=False)

    def _turn(self, *, is_landscape: bool) -> None:
        if is_landscape is self._is_landscape:
            return
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        set_page(section, is_landscape=is_landscape)
        self._is_landscape = is_landscape

    def findings(self, findings: Findings, level: int, *, is_titled: bool) -> None:
        """Sentences, tables, figures and cautions of one cell."""
        layout = findings.layout
        if is_titled:
            self.heading(findings.title, level)
        if is_unanswered(findings):
            self._absent(why_absent(None, findings))
            return
        sentences = [list(pieces(sentence, findings)) for sentence in layout.sentences]
        for sentence in filter(None, sentences):
            self._sentence(sentence)
        if not any(sentences) and (why := why_untold(findings)):
            self._absent(why)
        for table in layout.tables:
            self._table(table, findings)
        for figure in layout.figures:
            self._figure(figure, findings)
        self._cautions(layout.cautions)

    def _cautions(self, cautions: Sequence[str]) -> None:
        if not cautions:
            return
        self.upright()
        head = self.document.add_paragraph()
        head.paragraph_format.keep_with_next = True
        head.add_run("What this cannot say").bold = True
        self.items(cautions)

    def answer(self, section: Findings, answer: Answer | None) -> None:
        """The key sentences, each with what its numbers rest on, and what they can't say."""
        all_sentences = [list(pieces(sentence, section)) for sentence in section.layout.sentences]
        sentences = list(filter(None, all_sentences))
        if answer is None or not sentences:
            self.findings(section, 3, is_titled=False)
            return
        for sentence, result in zip(sentences, answer.results, strict=True):
            self._sentence(sentence)
            for basis in result.bases:
                self.small(". ".join(filter(None, (basis.words, basis.label))))
        self._cautions(answer.cautions)

    def abbreviations(self) -> None:
        """Those that are used, spelt out."""
        cells = (c.text for t in self.document.tables for row in t.rows for c in row.cells)
        words = " ".join([*(p.text for p in self.document.paragraphs), *cells])
        used = used_in(words)
        if used:
            self.heading("Abbreviations", 2)
            self.items([f"{name}: {meaning}" for name, meaning in used.items()])

    def _sentence(self, parts: Sequence[str | Filled]) -> None:
        self.upright()
        paragraph = self.document.add_paragraph()
        for part in parts:
            if isinstance(part, str):
                paragraph.add_run(plain(part))
            else:
                paragraph.add_run(plain(part.text))
                if part.is_synthetic and self._marks.tells_synthetic:
                    raised(paragraph, SYNTHETIC, is_italic=True)

    def _table(self, table: Table, findings: Findings) -> None:
        if is_empty(table, findings):
            self._absent(why_absent(table, findings))
            return
        tells = self._marks.tells_synthetic
        laid = lay(table, findings, tells_synthetic=tells)
        self.table(setting_of(laid, tells_synthetic=tells), laid.caption, key=laid.key)

    def _absent(self, why: str) -> None:
        """In place of what is not there."""
        self.upright()
        run = self.document.add_paragraph().add_run(plain(why))
        run.italic, run.font.color.rgb = True, MUTED

    def table(self, setting: Setting, text: str, *, key: str) -> None:
        """A table below its caption, on a page across where it is wide."""
        self._turn(is_landscape=setting.fit.is_landscape)
        above = caption(self.document, key, self._marks.labels.get(key, ""), text)
        above.paragraph_format.keep_with_next = True
        add_table(self.document, setting)

    def _figure(self, figure: Figure, findings: Findings) -> None:
        if is_empty(figure, findings):
            self._absent(why_absent(figure, findings))
            return
        self.upright()
        svg = figure_svg(figure, findings)
        if svg:
            self._picture(svg, alternative(figure, findings), figure.caption)
        else:
            self._absent(why_not_drawn(figure, findings))
        number = self._marks.labels.get(figure.key, "")
        below = caption(self.document, figure.key, number, figure.caption)
        below.paragraph_format.space_after = Pt(6)
        if self._marks.tells_synthetic and rests_on_synthetic(figure, findings):
            raised(below, SYNTHETIC, is_italic=True)
            below.paragraph_format.keep_with_next = True
            self.small(SYNTHETIC_NOTE)

    def _picture(self, svg: str, alt: str, name: str) -> None:
        picture = picture_of(svg)
        scale = min(
            _USUAL,
            WIDTH / _INCH / picture.width,
            _TALLEST * LENGTH / _INCH / picture.height,
        )
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(
            BytesIO(picture.png), Inches(picture.width * scale), Inches(picture.height * scale)
        )
        properties = shape._inline.docPr
        properties.set("descr", plain(alt))
        properties.set("name", plain(name)[:200])


def _add_data(writer: Writer, report: Report) -> None:
    """What the data are, what was withheld, and whether it may leave."""
    writer.heading("The data", 2)
    writer.items(report.badges)
    if report.withheld is not None:
        gone = report.withheld
        writer.paragraph(f"{gone.n} of {gone.n_all} results are withheld.")
        writer.items(gone.rules)
    writer.paragraph(report.privacy)
    for notice in report.card.notices:
        writer.paragraph(notice)
    if report.failure is not None:
        place = f" in cell {report.failure.cell}" if report.failure.cell else ""
        paragraph = writer.document.add_paragraph()
        run = paragraph.add_run(
            plain(
                f"This notebook failed{place}: {report.failure.name}: {report.failure.message} "
                "What stands before is complete; nothing after it was run."
            )
        )
        run.bold, run.font.color.rgb = True, RED


_PUBLISHED = (
    ("notable", "Figures that did not come out, can’t be as printed, or differ from ours"),
    ("printed", "Figures as the study printed them, ours, and the verdict"),
    ("quoted", "Printed figures that the rebuilt rows were made from: they can’t but agree"),
    ("derived", "Figures worked out from the printed ones"),
)


def _add_published(writer: Writer, studies: Sequence[StudyView]) -> None:
    reported = [study for study in studies if study.is_told]
    if not reported:
        return
    writer.heading("Published figures beside ours", 2)
    for study in reported:
        writer.heading(study.citation, 3)
        whose = (
            f" They are of {study.population}; that the patients are others may explain a "
            "difference."
            if study.population
            else ""
        )
        writer.paragraph(study.tally + whose)
        if study.doi:
            address = f"https://doi.org/{study.doi}"
            link_outside(writer.document.add_paragraph(), address.partition("//")[2], address)
        for name, title in _PUBLISHED:
            groups: tuple[ClaimGroup, ...] = getattr(study, name)
            if groups:
                writer.table(_claims(groups), title, key=f"{study.name}/{name}")
        untested = sum(len(group.rows) for group in study.untested)
        if untested:
            writer.small(f"{untested} more can’t be tested here; the report tells why.")


def _claims(groups: Sequence[ClaimGroup]) -> Setting:
    rows: list[Set] = []
    for group in groups:
        rows.append(Set(label=Plain(text=group.location), is_heading=True))
        for row in group.rows:
            remark = " ".join(filter(None, (row.explanation, row.note)))
            ours = unescape(sub(r"<[^>]*>", "", str(row.ours)))
            rows.append(
                Set(
                    label=Plain(text=row.label, below=remark),
                    cells=(
                        Plain(text=row.as_printed),
                        Plain(text=ours),
                        Plain(text=f"{row.icon} {row.verdict}", below=row.origin),
                    ),
                )
            )
    return Setting(
        stub_head="Figure",
        heads=("As printed", "Ours", "Verdict"),
        words=(True, True, True),
        rows=tuple(rows),
    )


def _add_parameters(writer: Writer, report: Report) -> None:
    if not report.parameters:
        return
    writer.heading("Parameters of this run", 2)
    rows = tuple(
        Set(
            label=Plain(text=parameter.name),
            cells=(
                Plain(
                    text=parameter.value,
                    below="changed from the default" if parameter.is_changed else "",
                ),
                Plain(text=parameter.does, below=parameter.may_be),
            ),
        )
        for parameter in report.parameters
    )
    setting = Setting(
        stub_head="Parameter",
        heads=("Value", "What it does, and what it may be"),
        words=(True, True),
        rows=rows,
    )
    writer.table(setting, "What was chosen, and what may be", key="parameters")


def _add_methods(writer: Writer, report: Report) -> None:
    """How the numbers were worked out, with what, and what is cited."""
    used = methods_of(report.findings, report.marks.labels)
    if used.methods:
        writer.heading("Methods", 2)
        writer.paragraph(used.paragraph)
        writer.paragraph(used.multiplicity)
        writer.paragraph(f"Software: {listed(asked_for(dict(report.software)))}.")
    cited = cited_in(report.results, {study.name for study in report.studies})
    named = [(study.citation, study.doi) for study in report.studies]
    named += [(study.citation, study.doi) for study in cited]
    studies = [text + (f" doi:{doi}" if doi else "") for text, doi in named]
    if used.references or studies:
        writer.heading("References", 2)
        for number, text in enumerate((*used.references, *studies), 1):
            writer.paragraph(f"{number}. {text}")
