"""Pieces of a Word document that python-docx has no name for: captions, marks, links, headers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from incohort.tables.portable import plain

if TYPE_CHECKING:
    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.section import Section
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run

FONT = "Arial"
PAGE = (210.0, 297.0)  # A4, in millimetres
MARGIN = 20.0
WIDTH, LENGTH = PAGE[0] - 2 * MARGIN, PAGE[1] - 2 * MARGIN  # what can be written on, upright
INK, MUTED, RED = RGBColor(0x1D, 0x1D, 0x1B), RGBColor(0x56, 0x56, 0x4F), RGBColor(0xA0, 0x17, 0x22)
_HEADINGS = {"Title": 20, "Heading 1": 15, "Heading 2": 12, "Heading 3": 10.5, "Heading 4": 10}


def element(kind: str, /, **attributes: str) -> BaseOxmlElement:
    """An element of WordprocessingML with attributes of its own kind."""
    node = OxmlElement(f"w:{kind}")
    for attribute, value in attributes.items():
        node.set(qn(f"w:{attribute}"), value)
    return node


def prepare(document: Document, title: str, marking: str) -> None:
    """Page, styles, header and footer of a new document."""
    _style(document)
    section = document.sections[0]
    set_page(section, is_landscape=False)
    core = document.core_properties
    core.title, core.author, core.comments = plain(title)[:255], "incohort", ""
    core.language = "en-GB"
    if marking:
        head = section.header.paragraphs[0]
        head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = head.add_run(plain(marking))
        run.bold, run.font.color.rgb, run.font.size = True, RED, Pt(9)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot.add_run(f"{plain(title)[:80]} · page ")
    field(foot, "PAGE", "1")
    foot.add_run(" of ")
    field(foot, "NUMPAGES", "1")


def _style(document: Document) -> None:
    styles = document.styles
    normal = styles["Normal"]
    normal.font.name, normal.font.size, normal.font.color.rgb = FONT, Pt(10), INK
    normal.paragraph_format.space_after = Pt(6)
    _name_font(normal.element)
    for name, size in _HEADINGS.items():
        style = styles[name]
        style.font.name, style.font.size, style.font.bold = FONT, Pt(size), True
        style.font.italic, style.font.color.rgb = False, INK
        style.paragraph_format.space_before = Pt(0 if name == "Title" else 12)
        style.paragraph_format.space_after = Pt(4)
        style.paragraph_format.keep_with_next = True
        _name_font(style.element)
        for border in style.element.findall(f".//{qn('w:pBdr')}"):
            border.getparent().remove(border)
    caption = styles["Caption"]
    caption.font.name, caption.font.size, caption.font.bold = FONT, Pt(9.5), True
    caption.font.color.rgb = INK
    caption.paragraph_format.space_before, caption.paragraph_format.space_after = Pt(8), Pt(3)
    for name in ("Header", "Footer"):
        styles[name].font.size, styles[name].font.color.rgb = Pt(8), MUTED
    language = element("lang", val="en-GB")
    normal.element.get_or_add_rPr().append(language)


def _name_font(style: BaseOxmlElement) -> None:
    """The font for letters of every script, in place of the theme's."""
    fonts = style.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{name}"), FONT)


def set_page(section: Section, *, is_landscape: bool) -> None:
    """A4, upright or across."""
    short, long = PAGE
    section.orientation = WD_ORIENT.LANDSCAPE if is_landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (
        (Mm(long), Mm(short)) if is_landscape else (Mm(short), Mm(long))
    )
    section.left_margin = section.right_margin = Mm(MARGIN)
    section.top_margin = section.bottom_margin = Mm(MARGIN)


def field(paragraph: Paragraph, code: str, shown: str) -> Run:
    """A field that Word can count anew, with what it shows until then."""
    for kind in ("begin", "code", "separate"):
        run = paragraph.add_run()
        if kind == "code":
            text = element("instrText")
            text.set(qn("xml:space"), "preserve")
            text.text = f" {code} "
            run._r.append(text)
        else:
            run._r.append(element("fldChar", fldCharType=kind))
    result = paragraph.add_run(shown)
    paragraph.add_run()._r.append(element("fldChar", fldCharType="end"))
    return result


def bookmark_name(key: str) -> str:
    """A bookmark's name for a table's or figure's key: letters and digits, always the same."""
    return "k" + hashlib.sha256(key.encode()).hexdigest()[:16]


def caption(document: Document, key: str, number: str, text: str) -> Paragraph:
    """`Table 3. What it shows`, counted by Word and with a bookmark that links lead to."""
    paragraph = document.add_paragraph(style="Caption")
    mark = bookmark_name(key)
    begin = element("bookmarkStart", id=str(int(mark[1:9], 16) % 2**31), name=mark)
    paragraph._p.append(begin)
    word, _, count = number.rpartition(" ")
    if word:
        paragraph.add_run(f"{word} ")
        field(paragraph, f"SEQ {word} \\* ARABIC", count)
        paragraph.add_run(". ")
    paragraph._p.append(element("bookmarkEnd", id=begin.get(qn("w:id"))))
    paragraph.add_run(plain(text))
    return paragraph


def link_inside(paragraph: Paragraph, text: str, key: str) -> None:
    """Words that lead to another table or figure of the document."""
    link = element("hyperlink", anchor=bookmark_name(key), history="1")
    run = paragraph.add_run(plain(text))
    link.append(run._r)
    paragraph._p.append(link)


def link_outside(paragraph: Paragraph, text: str, address: str) -> Run:
    """Words that lead to a page elsewhere, for whoever follows them."""
    place = paragraph.part.relate_to(plain(address), RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = element("hyperlink", history="1")
    link.set(qn("r:id"), place)
    run = paragraph.add_run(plain(text))
    run.font.color.rgb, run.font.underline = RGBColor(0x0A, 0x55, 0x66), True
    link.append(run._r)
    paragraph._p.append(link)
    return run


def raised(paragraph: Paragraph, text: str, *, is_italic: bool = False) -> None:
    """A mark of a note above the line."""
    run = paragraph.add_run(plain(text))
    run.font.superscript, run.italic = True, is_italic or None
