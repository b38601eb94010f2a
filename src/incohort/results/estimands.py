"""What a number estimates, in words: two results with one estimand are one result."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimand:
    """Of whom, of what, until when, and how it is measured.

    `population` is whom it is of. `event` is what is counted or waited for among them; empty where
    values are summed up or where the label says it. `ends` says what ends observation, of times to
    an event. `measure` is the kind of number: a share, a median, an odds ratio.
    """

    population: str = ""
    event: str = ""
    ends: str = ""
    measure: str = ""

    @property
    def words(self) -> str:
        """The parts as one line, those that there are."""
        parts = (
            ("Of", self.population),
            ("event", self.event),
            ("observation ends", self.ends),
            ("measure", self.measure.replace("_", " ")),
        )
        return "; ".join(f"{head}: {text}" for head, text in parts if text)

    def differs_from(self, other: Estimand) -> tuple[str, ...]:
        """The parts that both have and in which they are not the same."""
        names = ("population", "event", "ends", "measure")
        pairs = ((name, getattr(self, name), getattr(other, name)) for name in names)
        return tuple(name for name, mine, its in pairs if mine and its and mine != its)
