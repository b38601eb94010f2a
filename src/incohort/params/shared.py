"""The fields that several studies share: one name, one meaning and one range everywhere."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from incohort.params.model import Acts, Bears, Picks, Rare, Unit

Cohort = Annotated[str, Field(description="the cohort's name, or the folder that holds it")]
Describe = Annotated[
    Literal["everybody", "counted", "neutropenic"],
    Field(
        description="who takes part: everybody in the cohort, those with a neutrophil count, or "
        "those below the limit"
    ),
]
Sex = Annotated[Literal["all", "female", "male"], Field(description="only patients of this sex")]
AgeFrom = Annotated[
    float | None,
    Field(ge=0, le=125, description="only patients of at least this age (None: any)"),
    Unit("years"),
]
AgeBelow = Annotated[
    float | None,
    Field(ge=0, le=125, description="only patients younger than this (None: any)"),
    Unit("years"),
]

# Whom the grades leave out is said by `describe`, which bears on everything.
SeveritySystem = Annotated[
    Literal["lecture", "common", "ctcae_v5"],
    Field(
        description="whose limits grade the neutropenia; the upper one makes a count low, and "
        "opens an episode"
    ),
    Picks("severity_systems"),
]
# Of episodes: what was low only by one system's limit opens an episode, or prolongs it.
EpisodeSystem = Annotated[
    SeveritySystem, Acts("where counts lie between the systems' upper limits")
]
AncLimit = Annotated[
    float | None,
    Field(
        ge=0.1, le=5, description="another upper limit (None: that of the system, or of the study)"
    ),
    Unit("10⁹/L"),
    Bears(),
]
CountAt = Annotated[
    Literal["index", "nadir", "latest"],
    Field(
        description="which neutrophil count a patient has: nearest the index date, the lowest, "
        "or the last"
    ),
]
Infants = Annotated[
    Literal["two_weeks", "two_months", "as_adults"],
    Field(
        description="from which age to the first birthday the lower limit of infants holds, or "
        "that they are graded as adults"
    ),
    Picks("infant_limit_begins"),
    Bears(),
]
WindowDays = Annotated[
    int,
    Field(
        ge=0, le=3650, description="how far from the index date another laboratory value may lie"
    ),
    Unit("days"),
    Acts("where values were taken on other days"),
]

RecoveryThreshold = Annotated[
    float,
    Field(ge=0.1, le=10, description="the count from which a patient has recovered"),
    Unit("10⁹/L"),
    Picks("recovery_count"),
]
TimeZero = Annotated[
    Literal["withdrawal", "nadir", "first_low", "admission"],
    Field(
        description="where the clock starts: the last suspect drug's withdrawal, the nadir, the "
        "first low count, or admission"
    ),
]
HorizonDays = Annotated[
    int,
    Field(ge=1, le=3650, description="how far restricted means reach"),
    Unit("days"),
    Bears(),
]

GroupBy = Literal[
    "none", "aetiology", "sex", "severity", "course", "cytopenia", "centre", "ancestry"
]

# Method and confidence level of an interval bear on limits alone, which say both themselves.
Interval = Annotated[
    Literal["wilson", "clopper_pearson", "jeffreys"],
    Field(description="the method of every proportion's interval"),
    Bears(),
]
ConfLevel = Annotated[
    float, Field(ge=0.5, le=0.999, description="how wide every interval is"), Bears()
]
Resamples = Annotated[
    int,
    Field(
        ge=100, le=100_000, description="how many times patients are drawn anew for the bootstrap"
    ),
    Rare(),
    Bears(),
]
Seed = Annotated[
    int,
    Field(
        ge=0,
        le=2_147_483_647,
        description="where the random numbers begin; the same seed gives the same report",
    ),
    Rare(),
    Bears(),
]

BY_DESCRIBE = Acts("where describe is neutropenic")
