"""The form of a printed figure, and of what it is judged by where no patients are at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from incohort.dictionary.models import _Entry
from incohort.stats.printed import read_percent, read_printed

Kind = Literal["share", "mean", "ratio", "p_value", "rate", "count", "sum", "quantile", "other"]
Unit = Literal["patients", "episodes", "visits", "samples", "courses"]
_BLOCKS: Mapping[str, Kind] = {  # the part of a figure that says what it is judged by
    "share": "share",
    "interval": "share",
    "mean": "mean",
    "ratio": "ratio",
    "p": "p_value",
    "rate": "rate",
    "sum": "sum",
    "bounds": "count",
}


def _quoted(value: object) -> object:
    """A number without quotes has lost its trailing zeros by the time it is read."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        msg = "put it in quotes: the zeros at its end count"
        raise ValueError(msg)  # noqa: TRY004 — what a field's check answers with
    return value


def _with_number(text: str) -> str:
    read_printed(text)
    return text


def _positive(text: str) -> str:
    if read_printed(text).value < _FINEST:
        msg = "a step is above 0, and no finer than 0.000001"
        raise ValueError(msg)
    return text


def _named(text: str) -> str:
    if text and not is_id(text):
        msg = "an id begins with a letter"
        raise ValueError(msg)
    return text


def _id_or_number(text: str) -> str:
    return text if is_id(text) else _with_number(text)


def is_id(part: str) -> bool:
    """Whether a part of a sum is the id of a figure, and not a number."""
    return part[:1].isalpha()


Text = Annotated[str, BeforeValidator(_quoted)]
Number = Annotated[Text, AfterValidator(_with_number)]
_Part = Annotated[Text, AfterValidator(_id_or_number)]
_MOST = 10_000_000  # patients of a study
_FINEST = Decimal("0.000001")  # step of a measurement
_Count = Annotated[int, Field(ge=0, le=_MOST)]
_Positive = Annotated[int, Field(gt=0, le=_MOST)]
_Time = Annotated[float, Field(gt=0)]


class ShareCheck(_Entry):
    """Of how many a percentage is, and the count where it is known.

    `n_from` says whether the number was printed or follows from other figures. `exact_n` False is
    for “more than n”; `is_count` False for a cumulative incidence, a pooled or weighted share, or
    one that is attributed: no count need give it.
    """

    n: _Positive
    events: _Count | None = None
    n_from: Literal["printed", "derived"] = "printed"
    exact_n: bool = True
    is_count: bool = True

    @model_validator(mode="after")
    def _count_of_n(self) -> ShareCheck:
        if self.events is not None and self.events > self.n:
            msg = f"events is {self.events}, more than n, which is {self.n}"
            raise ValueError(msg)
        return self


class IntervalCheck(_Entry):
    """The count whose share has this interval; `ci` are its limits in per cent, as printed."""

    n: _Positive
    events: _Count
    ci: tuple[Number, Number]
    conf_level: Annotated[float, Field(gt=0, lt=1)] = 0.95

    @model_validator(mode="after")
    def _count_of_n(self) -> IntervalCheck:
        if self.events > self.n:
            msg = f"events is {self.events}, more than n, which is {self.n}"
            raise ValueError(msg)
        return self


class MeanCheck(_Entry):
    """Of how many a mean is, with its standard deviation and the step of the measurement.

    `granularity` is 1 for whole numbers (days, children); without it nothing can be checked.
    """

    n: Annotated[int, Field(ge=2, le=_MOST // 100)]
    sd: Number | None = None
    granularity: Annotated[Number, AfterValidator(_positive)] | None = None


class RatioCheck(_Entry):
    """The interval of a ratio (`log`) or a difference (`linear`), limits as printed.

    `method` is how the interval was made, where it was said: only one of Wald's has to lie
    symmetrically. `groups` are the sizes of the two groups where they are known: the counts behind
    an odds ratio are then looked for.
    """

    scale: Literal["log", "linear"] = "log"
    ci: tuple[Number, Number]
    conf_level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    method: Literal["unknown", "wald", "exact", "profile", "bootstrap", "bayes", "model"] = (
        "unknown"
    )
    groups: tuple[_Positive, _Positive] | None = None


class StatisticCheck(_Entry):
    """A printed test statistic with its degrees of freedom."""

    name: Literal["chi2", "t", "z", "F", "r"]
    value: Number
    df: tuple[Annotated[float, Field(gt=0)], ...] = ()

    @model_validator(mode="after")
    def _degrees(self) -> StatisticCheck:
        wanted = {"F": 2, "z": 0}.get(self.name, 1)
        if len(self.df) != wanted:
            msg = f"{self.name} has {wanted} degrees of freedom, not {len(self.df)}"
            raise ValueError(msg)
        return self


class PCheck(_Entry):
    """What a P value was worked out from: a table, two rates, a statistic, an interval by its id.

    A rate is its events and its time.

    `test` is the test that was named, `comparator` what stands before the number where `as_printed`
    leaves it out.
    """

    table: tuple[tuple[_Count, ...], ...] | None = None
    rates: tuple[tuple[_Count, _Time], tuple[_Count, _Time]] | None = None
    statistic: StatisticCheck | None = None
    interval_of: str = ""
    comparator: Literal["", "<", ">"] = ""
    test: Literal["unknown", "fisher", "pearson", "yates", "mid_p", "likelihood_ratio"] = "unknown"
    sided: Literal[1, 2] = 2

    @model_validator(mode="after")
    def _one_source(self) -> PCheck:
        given = [
            *(part is not None for part in (self.table, self.rates, self.statistic)),
            bool(self.interval_of),
        ]
        if sum(given) != 1:
            msg = "give one of table, rates, statistic, interval_of"
            raise ValueError(msg)
        rows = self.table or ((0, 0), (0, 0))
        if len(rows) < 2 or len(rows[0]) < 2 or len({len(row) for row in rows}) > 1:
            msg = "table has two rows or more, all of the same length of two or more"
            raise ValueError(msg)
        return self


class RateCheck(_Entry):
    """The limits of a rate as printed, the time that it is for, and its counts where known."""

    ci: tuple[Number, Number] | None = None
    events: _Count | None = None
    person_time: _Time | None = None
    per: _Time = 1.0
    unit: str = ""

    @model_validator(mode="after")
    def _checkable(self) -> RateCheck:
        if (self.events is None or self.person_time is None) and self.ci is None:
            msg = "give ci, or events and person_time"
            raise ValueError(msg)
        return self


class SumCheck(_Entry):
    """Parts and a total, each a number in quotes or the id of another figure.

    `at_most` in place of `equal`: no part may be more than the total.
    """

    parts: Annotated[tuple[_Part, ...], Field(min_length=1)]
    total: _Part
    relation: Literal["equal", "at_most"] = "equal"


class BoundsCheck(_Entry):
    """How many of n have each of several marks: how many can have all, any, or just one of them.

    `everybody` says that each of the n has one at least.
    """

    n: _Positive
    margins: Annotated[tuple[_Count, ...], Field(min_length=2, max_length=6)]
    everybody: bool = False

    @model_validator(mode="after")
    def _of_n(self) -> BoundsCheck:
        if max(self.margins) > self.n or (self.everybody and sum(self.margins) < self.n):
            msg = f"{', '.join(map(str, self.margins))} can't be of {self.n}"
            raise ValueError(msg)
        return self


class Figure(_Entry):
    """One printed figure: what stands on the page, and what it is judged by.

    `as_printed` keeps every digit. One of `share`, `interval`, `mean`, `ratio`, `p`, `rate`,
    `sum`, `bounds` says what the figure is judged by; `kind` follows from it, and names what can't
    be judged. `version_of` is the same figure in another version (`study/id`), `secondary_copy` a
    cell that was read in a copy and not in the paper: it is never called a misprint.
    """

    id: Annotated[str, AfterValidator(_named)] = ""
    label: str
    as_printed: Text
    kind: Kind | None = None
    of: Unit = "patients"
    share: ShareCheck | None = None
    interval: IntervalCheck | None = None
    mean: MeanCheck | None = None
    ratio: RatioCheck | None = None
    p: PCheck | None = None
    rate: RateCheck | None = None
    sum: SumCheck | None = None
    bounds: BoundsCheck | None = None
    version_of: str = ""
    secondary_copy: bool = False
    note: str = ""

    @property
    def judged_by(self) -> str:
        """Which of the parts it is judged by; empty for none."""
        return next((name for name in _BLOCKS if getattr(self, name) is not None), "")

    @property
    def what(self) -> Kind:
        """Its kind, as given or as it follows."""
        return self.kind or _BLOCKS.get(self.judged_by, "other")

    @model_validator(mode="after")
    def _one_block(self) -> Figure:
        given = [name for name in _BLOCKS if getattr(self, name) is not None]
        if len(given) > 1:
            msg = f"it is judged by one of {', '.join(given)}, not by several"
            raise ValueError(msg)
        if given and self.kind is not None and self.kind != _BLOCKS[given[0]]:
            msg = f"kind is {self.kind}, but {given[0]} belongs to {_BLOCKS[given[0]]}"
            raise ValueError(msg)
        if given and given[0] not in {"sum", "bounds"}:
            (read_percent if self.share else read_printed)(self.as_printed)
        return self


class FigureTable(_Entry):
    """A reader's own table of printed figures, `incohort claims --judge FILE`."""

    title: str = ""
    citation: str = ""
    figures: tuple[Figure, ...]

    @model_validator(mode="after")
    def _known_ids(self) -> FigureTable:
        if not self.figures:  # min_length would be told beside every other fault, too
            msg = "figures is empty: give one at least"
            raise ValueError(msg)
        check_ids(self.figures)
        return self


def check_ids(figures: Sequence[Figure]) -> None:
    """Refuse an id that stands twice, and one that no figure has.

    Raises:
        ValueError: All of them in one sentence each.
    """
    ids = Counter(figure.id for figure in figures if figure.id)
    faults = [f"the id {name!r} stands {n} times" for name, n in ids.items() if n > 1]
    for figure in figures:
        missing = [name for name in _names(figure) if name not in ids]
        faults += [
            f"{figure.label!r} names the id {name!r}, which no figure has" for name in missing
        ]
    summed = {
        part for figure in figures if figure.sum for part in (*figure.sum.parts, figure.sum.total)
    }
    faults += [_unread(figure) for figure in figures if figure.id in summed]
    if any(faults):
        raise ValueError("; ".join(filter(None, faults)))


def _unread(figure: Figure) -> str:
    """Why a figure can't be summed; empty where it can."""
    try:
        read_printed(figure.as_printed)
    except ValueError as error:
        return f"{figure.label!r} is part of a sum: {error}"
    return ""


def _names(figure: Figure) -> Iterable[str]:
    """The ids of other figures that a figure is judged by."""
    if figure.sum is not None:
        yield from (part for part in (*figure.sum.parts, figure.sum.total) if is_id(part))
    if figure.p is not None and figure.p.interval_of:
        yield figure.p.interval_of
