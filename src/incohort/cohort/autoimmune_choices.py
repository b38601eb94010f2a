"""What Felty's syndrome and the cause of a neutropenia leave open, in autoimmune disease."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from incohort.cohort.lgl_choices import LglChoices
from incohort.cohort.refusing import refuse_outside, refuse_unknown
from incohort.dictionary import load

Felty = Literal["clinic", "triad", "clone_free", "barnes1971"]
When = Literal["ever", "index"]
KnownCause = Literal["include", "exclude"]
LglNeeds = Literal["rule", "clone"]
FELTY: tuple[Felty, ...] = ("clinic", "triad", "clone_free", "barnes1971")
WHENS: tuple[When, ...] = ("ever", "index")
KNOWN_CAUSES: tuple[KnownCause, ...] = ("include", "exclude")
LGL_NEEDS: tuple[LglNeeds, ...] = ("rule", "clone")


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoimmuneChoices:
    """Which alternatives a report on neutropenia in autoimmune disease uses.

    `anc_limit` is the count below which a patient is neutropenic and a cause is asked for;
    `felty_limit` the one of Felty's syndrome, both in 10⁹/L. `when` takes any count (`ever`) or the
    one nearest the index date, at most `window_days` away. `known_cause` leaves whoever has a drug
    or a disease of the blood for a cause out of Felty's syndrome (`exclude`), or says it beside.
    `lgl_needs` says whether rheumatoid arthritis with T-LGL takes the whole `rule` or the `clone`
    alone. `onset` and `platelets` name alternatives in the dictionary; haemoglobin and platelets
    are those nearest the low count, at most `window_days` away. `lgl` says what a clone is.
    """

    anc_limit: float = 1.5
    felty_limit: float = 1.5
    when: When = "ever"
    known_cause: KnownCause = "include"
    lgl_needs: LglNeeds = "rule"
    onset: str = "seven_days"
    platelets: str = "below_150"
    window_days: int = 90
    lgl: LglChoices = field(default_factory=LglChoices)

    def __post_init__(self) -> None:
        """Refuse what nobody could be classified by.

        Raises:
            UsageError: A word that is no choice, or a number out of range.
        """
        refuse_unknown(
            ("count", self.when, WHENS),
            ("handling of a known cause", self.known_cause, KNOWN_CAUSES),
            ("need of T-LGL", self.lgl_needs, LGL_NEEDS),
        )
        load().threshold("drug_induced_onset", self.onset)
        load().threshold("thrombocytopenia", self.platelets)
        refuse_outside(
            ("anc_limit", self.anc_limit, 0.1, 5.0),
            ("felty_limit", self.felty_limit, 0.5, 2.0),
            ("window_days", self.window_days, 0, 3650),
        )
