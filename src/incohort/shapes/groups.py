"""The groups that a table has as columns: one for each category of a property, and everybody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incohort.dictionary.frames import frame
from incohort.results.groups import NOT_ASKED
from incohort.shapes import vocabulary
from incohort.shapes.people import words_of
from incohort.shapes.recorded import LABEL, NOT_RECORDED
from incohort.shapes.sets import Members

OVERALL = "overall"
# Who is in no group: of whom the property can't be asked, which is not that it was not recorded.
_WITHOUT = {
    "severity": "No neutrophil count",
    "course": "No dated count below the limit",
    "cytopenia": "No count below the limit",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One column of a table: its name in keys, its head, whom it is of."""

    name: str
    label: str
    members: Members


def overall(members: Members) -> Group:
    """Everybody asked."""
    return Group(name=OVERALL, label="All", members=members)


def side_by_side(
    members: Members, axis: str, labels: Mapping[str, str], *, lists_all: bool
) -> list[Group]:
    """Everybody asked, then the groups of `groups_by`; nobody but everybody by `none`."""
    parts = [] if axis == "none" else groups_by(members, axis, labels, lists_all=lists_all)
    return [overall(members), *parts]


def groups_by(
    members: Members, axis: str, labels: Mapping[str, str], *, lists_all: bool
) -> list[Group]:
    """One group for each category of a column that somebody has, in the given order.

    Args:
        members: Whom the groups part.
        axis: The column that parts them.
        labels: Its categories as they are printed; for any other the user's own word stands.
        lists_all: Whether groups are there even where nobody asked is in them, if only somebody in
            the cohort is: that one is not there would tell of those asked.
    """
    covered = {word for category in labels for word in words_of(axis, category)}
    unlabelled = [word for word in members.base.recorded_words(axis) if word not in covered]
    names = {name: name for name in labels} | _names_in_keys(unlabelled, taken=tuple(labels))
    asked = [(name, labels.get(word, word), words_of(axis, word)) for word, name in names.items()]
    asked.append((NOT_RECORDED, _WITHOUT.get(axis, LABEL), (NOT_RECORDED, NOT_ASKED)))
    whole = members.base.everybody if lists_all else members
    return [
        Group(name=name, label=label, members=members.where(axis, *words))
        for name, label, words in asked
        if len(whole.where(axis, *words))
    ]


def labels_of(axis: str, severity: Mapping[str, str]) -> Mapping[str, str]:
    """The printed categories of a column, `severity` being those of the grades in use."""
    if axis in {"aetiology", "sex", "ancestry"}:
        return vocabulary.labels("patients", axis)
    if axis == "thyroid_subtype":
        return vocabulary.thyroid_subtypes()
    if axis.startswith("assay_"):
        return vocabulary.labels("antibody_tests", "result")
    known: Mapping[str, Mapping[str, str]] = {
        "severity": severity,
        "course": vocabulary.COURSES,
        "cytopenia": vocabulary.CYTOPENIAS,
    }
    return known.get(axis, {})


def sources_of(axis: str, unit: str = "patients") -> tuple[str, ...]:
    """The columns of the data that say in which group somebody is, as the dictionary has it."""
    if axis in {"none", "age"}:
        return ("patients.age_years",) if axis == "age" else ()
    known = frame(unit).by_name.get(axis)
    return known.sources if known is not None and known.sources else (f"patients.{axis}",)


def _names_in_keys(values: Sequence[str], taken: Sequence[str]) -> dict[str, str]:
    """A plain name for each word that a user wrote: what stands in a key is never free text."""
    names: dict[str, str] = {}
    for value in values:
        plain = re.sub(r"\W+", "_", value.casefold()).strip("_") or "unnamed"
        used = {OVERALL, NOT_RECORDED, *taken, *names.values()}
        numbered = (f"{plain}_{number}" for number in range(2, len(values) + 3))
        names[value] = next(name for name in (plain, *numbered) if name not in used)
    return names
