"""All that can stand under a key."""

from __future__ import annotations

from incohort.results.curves import Band, Curve, PatientTracks
from incohort.results.estimates import Estimate, NotEstimable, PatientPoints, Suppressed

Drawn = PatientPoints | Curve | Band | PatientTracks  # drawn, not printed in a cell
Result = Estimate | NotEstimable | Suppressed | Drawn
