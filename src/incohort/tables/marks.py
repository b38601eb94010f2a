"""What a page adds to its tables, figures and numbers: what each is called, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

INTERNAL = "INTERNAL: without disclosure control. Not to leave the study team."


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one page, on which every key has one place that links lead to.

    `labels` are what tables and figures are called, such as `Table 3`, by their keys.
    `tells_synthetic` is whether the numbers that rest on invented values are marked one by one:
    where all of them do, the page says so once. A notebook's cell is no page (`NONE`): it doesn't
    know what stands around it.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    tells_synthetic: bool = True
    is_page: bool = True
    _placed: set[str] = field(default_factory=set)

    def caption(self, key: str, words: str) -> str:
        """A caption as HTML, with what the table or figure is called before it."""
        label = self.labels.get(key)
        return f"<b>{escape(label)}.</b> {escape(words)}" if label else escape(words)

    def name(self, key: str, words: str) -> str:
        """What a box around a table or figure is called: no other of the page is called so."""
        label = self.labels.get(key)
        return escape(f"{label}: {words}" if label else words, quote=True)

    def place(self, key: str) -> str:
        """The attribute that makes an element the place of a key, the first time; then nothing."""
        if key in self._placed or key in self.labels:
            return ""
        self._placed.add(key)
        return f' id="{escape(key, quote=True)}"'


NONE = Marks(is_page=False)
