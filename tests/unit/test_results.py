"""Results as JSON: every kind comes back as it was, open ends as well."""

from __future__ import annotations

import json
import math

import pytest

from incohort.results import (
    Band,
    Curve,
    Estimate,
    Findings,
    Measure,
    NotEstimable,
    Origin,
    PatientPoints,
    PatientTracks,
    Suppressed,
    Track,
    findings_from_json,
    findings_to_json,
)

CURVE = Curve(
    key="s/curve", label="Recovery", x=(0.0, 7.0), y=(1.0, 0.5), ci_low=(1.0, 0.2),
    ci_high=(1.0, math.inf), conf_level=0.95, x_label="Days", y_label="Not recovered",
    measure="survival", n_at_risk=(10, 8), n_events=(0, 4), n_censored=(0, 1), n_persons=(0, 5),
    n=10, notes=("as printed",), sources=("labs.ANC",), origin=Origin.SYNTHETIC,
)  # fmt: skip
BAND = Band(
    key="s/band", label="ANC", x=(3.5,), q1=(0.1,), median=(-math.inf,), q3=(0.9,), n=(40,),
    x_label="Days", y_label="ANC",
)  # fmt: skip
TRACKS = PatientTracks(
    key="s/tracks", label="ANC", x_label="Days", y_label="ANC",
    tracks=(
        Track(x=(0.0, 3.0), y=(0.1, math.inf), spans=(("gcsf", 1.0, math.inf),),
              marks=(("recovered", 3.0),)),
        Track(),
    ),
)  # fmt: skip
EVERY_KIND = (
    Estimate(key="s/or", label="OR", measure=Measure.ODDS_RATIO, value=2.0, ci_low=1.1,
             ci_high=math.inf),
    NotEstimable(key="s/none", label="None", reason="nobody was tested", n=0),
    Suppressed(key="s/few", label="Few", reason="it rests on few patients"),
    PatientPoints(key="s/points", label="P", x=(1.0,), y=(math.inf,), group=("F",), x_label="X",
                  y_label="Y"),
    CURVE, BAND, TRACKS,
)  # fmt: skip


@pytest.mark.parametrize("result", EVERY_KIND, ids=lambda result: type(result).__name__)
def test_a_result_comes_back_from_json_as_it_was(result):
    """Through JSON text without infinity, every field and type of a result is the same again."""
    findings = Findings(name="s", title="S", results=(result,))
    text = json.dumps(findings_to_json(findings), allow_nan=False)
    assert findings_from_json(json.loads(text)) == findings


def test_infinity_inside_a_curve_is_told_in_words():
    """An open end of a curve's interval is the text that an estimate's is, not a missing value."""
    (curve,) = findings_to_json(Findings(name="s", title="S", results=(CURVE,)))["results"]
    assert curve["kind"] == "curve"
    assert list(curve["ci_high"]) == [1.0, "Infinity"]


@pytest.mark.parametrize("origin", list(Origin))
def test_findings_with_an_invented_curve_are_synthetic(origin):
    """Whether a number rests on invented values is asked of curves and series, too."""
    tracks = PatientTracks(key="s/t", label="T", tracks=(), x_label="Days", origin=origin)
    findings = Findings(name="s", title="S", results=(tracks,))
    assert findings.has_synthetic == (origin is Origin.SYNTHETIC)


def test_a_record_of_version_0_1_is_still_read():
    """What an estimate and a layout have lost since is passed over."""
    findings = Findings(name="s", title="S", results=EVERY_KIND[:1])
    record = json.loads(json.dumps(findings_to_json(findings)))
    record["results"][0] |= {"smallest": 12, "rests_on": ["s/n"]}
    record["layout"] |= {"margins": [{"total": "s/n", "parts": ["s/a", "s/b"]}]}

    assert findings_from_json(record) == findings
