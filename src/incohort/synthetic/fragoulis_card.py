"""What the cohort of Fragoulis 2018 says of itself: what was printed, and what is drawn."""

from __future__ import annotations

from incohort.synthetic.cards import JOINT, REBUILT, Card

_MARKS = (
    "anaemia", "platelets", "wbc", "lymphocytes", "methotrexate", "sulfasalazine",
    "hydroxychloroquine", "leflunomide", "azathioprine", "prednisone", "im_steroid",
    "tnf_inhibitor",
)  # fmt: skip

CARD = Card(
    title="Fragoulis 2018, reconstructed: neutropenia in 771 patients with early RA",
    description=(
        "Patients rebuilt from the table that a study printed. How many have each characteristic "
        "is the study's; who has which belongs to nobody."
    ),
    sources=(
        {
            "title": "Fragoulis et al. RMD Open 2018;4:e000739, abstract and Table 2",
            "path": "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC6203094/",
        },
    ),
    study="fragoulis2018",
    notices=(
        REBUILT,
        (
            "Published: a count below 2.0 × 10⁹/L in 58 of 771, grades 1 to 4 in 42, 14, 1 and 1, "
            "77 episodes, a single one in 44, a drug stopped in 14; of the 58 and the other 713 "
            "anaemia in 25 and 210, low platelets in 1 and 5, white cells below 4 in 41 and 23, "
            "lymphocytes below 1 in 13 and 98; of the 58 and 667 of the others eleven drugs; "
            "infections at 4.43 and 3.87 per 1,000 person-months."
        ),
        (
            "Drugs are known of 667 of the 713; 46 have no drug here, and everybody else has one "
            "at least. Prednisone was printed of 57 of the 58: who is the one that nothing is "
            "known of can't be told. Which drug was stopped in the 14 was not printed and is drawn."
        ),
        (
            "The counts of infections and the person-time were not printed: 6 in 1,352 and 55 in "
            "14,182 person-months give both rates and their limits. How long each patient was "
            "followed is drawn between 6 and 48 months, the sum is not; an infection stands in "
            "another patient each time."
        ),
        JOINT,
        (
            "Of haemoglobin, platelets, white cells and lymphocytes only the side of a limit is "
            "known, and no day. The limits of anaemia and of low platelets were not found: below "
            "12 g/dL and from 13 g/dL on, and 150 × 10⁹/L, stand for them."
        ),
        (
            "Lowest counts are drawn within their grade. How the 33 episodes of 14 patients divide "
            "was not printed; here 9 have two and 5 have three. Days of episodes and of normal "
            "counts between them are invented; the first low count is the index date, of all "
            "others the day from which they were followed. Ages, sexes and smoking are left out."
        ),
        (
            "An abstract of 2017 on the same cohort has 60 of 698 patients and grades 49, 9, 0 and "
            "2, with the same 77 episodes."
        ),
    ),
    synthetic_columns=(
        "patients.index_date", "patients.followed_from", "patients.followed_until", "labs.ANC",
        "labs.HB", "labs.PLT", "labs.WBC", "labs.LYMPH", "labs.taken_at", "medications.atc",
        "medications.drug",
        "medications.role", "medications.stop_reason", "events.event", "events.occurred_on",
    ),
    collected=("infections",),
    held=(
        "autoimmune/frequency/rheumatoid_arthritis/2.0",
        *(
            f"autoimmune/association/{name}/{part}"
            for name in _MARKS
            for part in ("neutropenic", "other", "p_value")
        ),
        *(
            f"autoimmune/association/{name}/p_value"
            for name in ("abatacept", "tocilizumab", "rituximab")
        ),
        *(f"autoimmune/infection_rate/{part}" for part in ("neutropenic", "other", "p_value")),
    ),
)  # fmt: skip
