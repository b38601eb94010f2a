"""Whether the neutropenia comes alone: anaemia and thrombocytopenia beside it."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.values import is_below


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


def anaemia(
    haemoglobin: ir.FloatingValue,
    comparator: ir.StringValue,
    sex: ir.StringValue,
    limit_men: float,
    limit_women: float,
) -> ir.BooleanValue:
    """Whether somebody is anaemic by the limit of their sex.

    Whose sex is neither male nor female, or not recorded, is anaemic below both limits, not anaemic
    above both, and NULL between them: neither limit is theirs.
    """
    of_men = is_below(haemoglobin, comparator, limit_men)
    of_women = is_below(haemoglobin, comparator, limit_women)
    return ibis.cases(
        (sex == "male", of_men),
        (sex == "female", of_women),
        (of_men & of_women, True),
        (~of_men & ~of_women, False),
    )
