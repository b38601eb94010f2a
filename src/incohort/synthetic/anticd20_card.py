"""What the cohort of printed anti-CD20 patients says of itself."""

from __future__ import annotations

from incohort.synthetic.cards import Card

DEFINITIONS = ("tesfa", "wolach", "nitta", "abdulkader", "lecture_3wk", "lecture_4wk")

CARD = Card(
    title="Eleven published patients with neutropenia after an anti-CD20 antibody",
    description=(
        "Published patients, one report each or one row of a table. Spans of days are the "
        "reports'; calendar dates count from an arbitrary origin."
    ),
    sources=(
        {"title": "Abdulkader et al. J Rheumatol 2014;41:858, Table 2"},
        {"title": "Late onset neutropenia following ocrelizumab, MSVirtual 2020, P0272"},
        {
            "title": "Late-onset severe neutropenia under ocrelizumab, AAN abstract 6-010",
            "path": "https://www.aan.com/MSA/Public/Events/AbstractDetails/57224",
        },
        {
            "title": "Ocrelizumab and neutropenia, BMJ Neurology Open 2021;3(Suppl 1):A17.2",
            "path": "https://neurologyopen.bmj.com/content/3/Suppl_1/A17.2",
        },
        {
            "title": "Non-late-onset neutropaenia, Neurologia 2023;38:463",
            "path": "https://doi.org/10.1016/j.nrleng.2021.01.005",
        },
    ),
    study="anticd20_cases",
    notices=(
        (
            "These are not a sample: they are patients whose neutropenia was published, five of "
            "one table and six single reports. Nothing can be said of how frequent it is."
        ),
        (
            "Published: age, sex, days from the last dose to the onset and the lowest count of "
            "eleven patients, five with rheumatoid arthritis given rituximab and six with multiple "
            "sclerosis given ocrelizumab; of the Spanish one neither age, sex nor count was read."
        ),
        (
            "No calendar dates were published. 1 January 2001 stands for each patient's last dose "
            "before the first episode; dates are marked synthetic, the published spans are not. "
            "Months are converted: 3 are 91 days, 4.5 are 137, 24 are 730."
        ),
        (
            "US1 is one patient with three episodes who was printed twice, in an abstract and in "
            "Frontiers in Neuroscience 2025, and stands once. The second patient of that report, a "
            "man of 35 years three months after a dose, is left out: no count was read."
        ),
        (
            "US1's third low count came under ozanimod, eight weeks after it was begun. That a "
            "count was normal again, after a week and when ozanimod was begun, stands as 1.5 × "
            "10⁹/L or more; the number was not printed."
        ),
        (
            "UK1 had further episodes with counts from 0.0 to 0.2 over six months, whose days were "
            "not printed: they are not here. UK2's second and third dose were followed by none; "
            "they stand half a year apart, as the drug is given. G-CSF stands without a day. When "
            "the episodes of UK1, UK2, UK3 and ES1 ended was not printed, nor US1's doses between "
            "the first episode and the final one."
        ),
        (
            "AU1, 14 days after a dose, was published as late-onset all the same; ES1, at 20 days, "
            "as non-late-onset. How much of the answer is the definition is what they show."
        ),
        (
            "Case 4 of 2014 had been given alemtuzumab before, when was not published: a rival "
            "late cause. Case 1 had no CD19-positive cells two weeks after the episode; case 2 "
            "neither, five weeks after one of her two episodes, which is not here for want of "
            "which. The lowest count of these five is put on the day of onset, and an episode's "
            "end stands as a count above 1.5."
        ),
    ),
    synthetic_columns=(
        "patients.index_date", "labs.taken_at", "medications.started_on", "medications.stopped_on",
        "events.occurred_on",
    ),
    held=(
        "late_onset/delay/median",
        "late_onset/delay/minimum",
        "late_onset/delay/maximum",
        *(f"late_onset/definition/{name}/count" for name in DEFINITIONS),
    ),
    origin="observed",
)  # fmt: skip
