"""Whether the neutropenia comes alone: anaemia and thrombocytopenia beside it."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir


def pattern(
    is_neutropenic: ir.BooleanValue,
    is_anaemic: ir.BooleanValue,
    is_low_in_platelets: ir.BooleanValue,
) -> ir.StringValue:
    """`isolated`, `with_anaemia`, `with_thrombocytopenia`, `pancytopenia` or `unknown`.

    Both other lines have to be known, or the pattern is not. NULL where there is no neutropenia.
    """
    return ibis.cases(
        (~is_neutropenic | is_neutropenic.isnull(), ibis.null(str)),
        (is_anaemic.isnull() | is_low_in_platelets.isnull(), "unknown"),
        (is_anaemic & is_low_in_platelets, "pancytopenia"),
        (is_anaemic, "with_anaemia"),
        (is_low_in_platelets, "with_thrombocytopenia"),
        else_="isolated",
    )


def haemoglobin_limit(
    sex: ir.StringValue, limit_men: float, limit_women: float
) -> ir.FloatingValue:
    """The limit below which somebody is anaemic: that of women where the sex is not known."""
    return (sex == "male").fill_null(False).ifelse(limit_men, limit_women)  # noqa: FBT003 — Ibis takes it by position only
