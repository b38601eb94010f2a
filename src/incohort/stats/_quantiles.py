"""How many standard errors an interval reaches to each side."""

from __future__ import annotations

from scipy import special


def z_of(conf_level: float) -> float:
    """By the normal distribution."""
    return float(special.ndtri(0.5 + conf_level / 2))


def t_of(conf_level: float, df: float) -> float:
    """By Student's t distribution."""
    return float(special.stdtrit(df, 0.5 + conf_level / 2))
