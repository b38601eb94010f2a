"""What the cohort of Abdulkader 2014 says of itself: what was printed, and what dates stand for."""

from __future__ import annotations

from typing import Any

TITLE = "Abdulkader 2014: five patients with late-onset neutropenia after rituximab"

DESCRIPTION = (
    "The published patients, one row of the study's table each. Spans of days are the study's; "
    "calendar dates count from an arbitrary origin."
)

SOURCES = ({"title": "Abdulkader et al. J Rheumatol 2014;41:858, Table 2"},)

_NOTICES = (
    (
        "These are the study's five patients, as its table prints them: five cases of late-onset "
        "neutropenia among 108 patients with rheumatoid arthritis given rituximab. The other 103 "
        "are not here; nothing can be said of how frequent it is or of who gets it."
    ),
    (
        "Published: age, sex, number of rituximab cycles, days from a cycle to the onset, lowest "
        "count, days that the neutropenia lasted, whether G-CSF was given, and complications."
    ),
    (
        "No calendar dates were published. 1 January 2001 stands for each patient's rituximab "
        "cycle; only the days between a cycle, an onset and a recovery mean anything. Dates are "
        "therefore marked synthetic; the published spans that follow from them are not."
    ),
    (
        "The lowest count is put on the day of onset; on which day it was reached was not "
        "published, so that time from the nadir says nothing. The end of a neutropenia stands as a "
        "count above 1.5 × 10⁹/L on that day: the study counts 1.5 or lower as neutropenia, and no "
        "count at recovery was published. With a lower threshold the time to recovery is only "
        "known to be no longer."
    ),
    (
        "Case 2 has two episodes, 71 and 106 days after a cycle. Whether after one cycle or after "
        "two of the seven was not published; here they follow the same one, which invents no "
        "further date. Which of the two was treated with G-CSF was not published either."
    ),
    (
        "Case 4 had been given alemtuzumab before, says a footnote to the table: another possible "
        "cause of a late neutropenia. When was not published, and no row stands for it."
    ),
    (
        "When G-CSF was given, which product, and when pneumonia occurred were not published; they "
        "stand without dates and can't be placed in time."
    ),
)

_SYNTHETIC = (
    "patients.index_date",
    "labs.taken_at",
    "medications.started_on",
    "medications.stopped_on",
)

HELD = (
    "anc_recovery/patients/count",
    "anc_recovery/episodes/count",
    "anc_recovery/onset/median",
    "anc_recovery/onset/minimum",
    "anc_recovery/onset/maximum",
    "anc_recovery/duration/median",
    "anc_recovery/duration/minimum",
    "anc_recovery/duration/maximum",
)

CARD: dict[str, Any] = {
    "privacy": "public",
    "study": "abdulkader2014",
    "origin": "observed",
    "notices": list(_NOTICES),
    "synthetic_columns": list(_SYNTHETIC),
    "held": list(HELD),
}
