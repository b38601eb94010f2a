"""What tables and figures are called in an export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incohort.results import Findings


def numbered(findings: Sequence[Findings]) -> Mapping[str, str]:
    """Each table's and figure's name under its key, counted in reading order."""
    names: dict[str, str] = {}
    for found in findings:
        for word, laid in (("Table", found.layout.tables), ("Figure", found.layout.figures)):
            for one in laid:
                so_far = sum(name.startswith(word) for name in names.values())
                names.setdefault(one.key, f"{word} {so_far + 1}")
    return names
