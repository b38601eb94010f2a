"""Findings as plain JSON values and back: the machine's half of a display bundle."""

from __future__ import annotations

import math
from dataclasses import asdict
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from incohort.results.curves import Band, Curve, PatientTracks
from incohort.results.estimates import Estimate, NotEstimable, PatientPoints, Suppressed
from incohort.results.findings import Findings
from incohort.results.kinds import Result
from incohort.results.layout import Layout

MIME_TYPE = "application/vnd.incohort.results+json"

_KINDS: dict[str, type[Result]] = {
    "estimate": Estimate,
    "not_estimable": NotEstimable,
    "suppressed": Suppressed,
    "patient_points": PatientPoints,
    "curve": Curve,
    "band": Band,
    "patient_tracks": PatientTracks,
}
_LAYOUT = "layout"
_NAMES = {kind: name for name, kind in _KINDS.items()}


def result_to_json(result: Result) -> dict[str, Any]:
    """One result as a JSON object; `kind` tells an estimate from a reason.

    JSON has no infinity: an interval's open end is written as the text `Infinity` or `-Infinity`,
    a curve's as well.
    """
    values = {name: _finite(value) for name, value in asdict(result).items()}
    if isinstance(result, Suppressed) and result.events is None:
        del values["events"]
    return {"kind": _NAMES[type(result)], **values}


def _finite(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_finite(element) for element in value]
    if isinstance(value, dict):
        return {name: _finite(element) for name, element in value.items()}
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def findings_to_json(findings: Findings) -> dict[str, Any]:
    """Findings as JSON values: numbers to their last digit, the layout beside them."""
    return {
        "name": findings.name,
        "title": findings.title,
        "is_public": findings.is_public,
        "profile": findings.profile,
        "results": [result_to_json(result) for result in findings.results],
        "layout": asdict(findings.layout),
    }


def findings_from_json(data: dict[str, Any]) -> Findings:
    """Findings again, typed, from what `findings_to_json` wrote.

    Raises:
        pydantic.ValidationError: The object does not have the form.
    """
    results = tuple(
        _reader(item["kind"]).validate_python(
            {name: value for name, value in item.items() if name != "kind"}
        )
        for item in data["results"]
    )
    return Findings(
        name=data["name"],
        title=data["title"],
        is_public=data["is_public"],
        profile=data["profile"],
        results=results,
        layout=_reader(_LAYOUT).validate_python(data["layout"]),
    )


@cache
def _reader(kind: str) -> TypeAdapter[Any]:
    """What reads objects of a kind; making one takes far longer than reading."""
    return TypeAdapter(Layout if kind == _LAYOUT else _KINDS[kind])
