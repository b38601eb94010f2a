"""What is said of a cohort's origin, in a report and in JupyterLab."""

from __future__ import annotations

from incohort.results import Origin

ORIGINS = {
    Origin.OBSERVED: "As recorded by those who treated the patients",
    Origin.RECONSTRUCTED: "Reconstructed from published figures: not the study’s patients",
    Origin.SYNTHETIC: "Synthetic: no patient stands behind any row",
}
