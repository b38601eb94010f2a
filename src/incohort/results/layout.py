"""How an analysis wants its numbers laid out: tables, figures and sentences that name keys only.

Nothing here holds a number. A layout is filled after the disclosure gate, so what is withheld in
one place is withheld in all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CellKind(StrEnum):
    """How the numbers of one cell are set."""

    COUNT = "count"  # 95
    N_PERCENT = "n_percent"  # 95 (43.6 %)
    FRACTION_PERCENT = "fraction_percent"  # 95/218 (43.6 %)
    PERCENT_CI = "percent_ci"  # 43.6 % (37.2 to 50.2)
    FRACTION_PERCENT_CI = "fraction_percent_ci"  # 95/218, 43.6 % (37.2 to 50.2)
    ESTIMATE = "estimate"  # 4.67
    ESTIMATE_CI = "estimate_ci"  # 4.67 (0.98 to 30.5)
    MEAN_SD = "mean_sd"  # 52.1 (12.3): keys are the mean, then the SD
    MEDIAN_IQR = "median_iqr"  # 1.2 (0.9 to 1.5): keys are median, first and third quartile
    P_VALUE = "p_value"  # 0.052, <0.001
    TEXT = "text"  # words only, no key


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell: the keys it shows, or words.

    `target` is the key of a table or figure of the same report that the words lead to.
    """

    kind: CellKind
    keys: tuple[str, ...] = ()
    text: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One table row: its label (the stub), its cells, and how deep it is indented."""

    label: str
    cells: tuple[Cell, ...]
    level: int = 0
    is_heading: bool = False  # a heading row has a label and no cells


@dataclass(frozen=True, slots=True)
class Column:
    """One column head, with the spanner it stands under, if any."""

    label: str
    spanner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table by its parts: caption, stub head, boxhead, rows, source notes."""

    key: str
    caption: str
    stub_head: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


class FigureKind(StrEnum):
    """The drawings the figures room knows."""

    FOREST = "forest"  # point and interval per key, one row each; series are groups of rows
    BARS = "bars"  # one bar per key, series side by side; proportions get their interval
    HISTOGRAM = "histogram"  # counts per bin; the estimates' labels are the bins, in order
    FLOW = "flow"  # attrition: counts from top to bottom, series "included" and "excluded"
    OVERLAP = "overlap"  # counts of set intersections; labels are "A & B"
    SCATTER = "scatter"  # one PatientPoints key
    CURVES = "curves"  # Curve keys, those at risk under them; `/lower` and `/upper` as a band
    LINES = "lines"  # estimates over ordered categories, which are the estimates' labels
    HEATMAP = "heatmap"  # a matrix of estimates: series are rows, named by their labels
    MULTIVERSE = "multiverse"  # one key a series, whose label lists `choice=value; choice=value`
    TRACKS = "tracks"  # PatientTracks as trajectories, or the Band that the gate makes of them
    SWIMMER = "swimmer"  # PatientTracks as one bar a patient
    BLAND_ALTMAN = "bland_altman"  # PatientPoints, then bias, lower and upper limit


class SizedBy(StrEnum):
    """What the area of a forest plot's marks grows with."""

    ALIKE = "alike"  # nothing: all marks are of one size
    N = "n"  # how many stand behind each estimate
    WEIGHT = "weight"  # what each weighs in the pooled one: the keys of `Series.weights`


@dataclass(frozen=True, slots=True)
class Series:
    """A named run of keys that are drawn alike.

    `is_summary` says that each sums up others, as a pooled effect does: a forest plot draws a
    diamond. `weights` are the keys of what each of the keys weighs there, in their order.
    """

    label: str
    keys: tuple[str, ...]
    is_summary: bool = False
    weights: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure: what is drawn from which keys, and how it is told to someone who can't see it.

    `alt` is a template like a sentence's, and the caption stands for one that can't be said;
    `reference` is where a guide line stands (1 for ratios).
    `low_means` and `high_means` say what lies on either side of it (`favours G-CSF`), where the
    effect has a direction; `sized_by` is what the marks of a forest plot grow with.
    `columns` name a heat map's columns, `marked` is the key that a multiverse points out, and
    `is_roc` draws the diagonal of chance.
    """

    key: str
    kind: FigureKind
    caption: str
    alt: str
    series: tuple[Series, ...]
    x_label: str = ""
    y_label: str = ""
    reference: float | None = None
    is_log: bool = False
    columns: tuple[str, ...] = ()
    marked: str = ""
    is_roc: bool = False
    low_means: str = ""
    high_means: str = ""
    sized_by: SizedBy = SizedBy.ALIKE


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of findings, which is there only where it can be said and is true.

    `{key:kind}` stands for a number, kind being a `CellKind` value, and `clauses` makes a list.
    Every number that it names must be there to be shown, and so must those of `needs`, which it
    speaks of without printing them. `holds` is whether it is true: an analysis may look only at
    numbers that the sentence names or needs, so that it tells nothing of what is withheld.
    `is_key` says that it belongs to the answer of its study, too.

    Example: `"Thyroid disease was found in {thyroid_antibodies/frequency/thyroid_disease/
    proportion:fraction_percent_ci}."`
    """

    template: str
    needs: tuple[str, ...] = ()
    holds: bool = True
    is_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Everything an analysis says about how its results are to be read, in reading order."""

    sentences: tuple[Sentence, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    cautions: tuple[str, ...] = ()  # what the design can't say; shown as an aside
    most: int | None = None  # sentences that are read, of those that can be said
