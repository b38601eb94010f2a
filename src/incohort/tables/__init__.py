"""Estimates as cells, sentences and tables: the only room that rounds."""

from incohort.tables.html import sentence_html, table_html
from incohort.tables.text import sentence_text

__all__ = ["sentence_html", "sentence_text", "table_html"]
