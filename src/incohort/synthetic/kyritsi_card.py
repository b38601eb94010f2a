"""What the reconstructed Kyritsi cohort says of itself: what was published and what is made up."""

from __future__ import annotations

from typing import Any

from incohort.synthetic.assay_cards import in_order_keys, pair_keys, positive_keys

TITLE = "Kyritsi 2015, reconstructed: 218 adults with neutropenia, 95 of them with thyroid disease"

DESCRIPTION = (
    "Individual patients rebuilt from the figures that a study printed. Counts and correlations "
    "are the study's; everything else is drawn at random and belongs to nobody."
)

SOURCES = (
    {
        "title": (
            "Kyritsi et al. High Frequency of Thyroid Disorders in Patients Presenting With "
            "Neutropenia to an Outpatient Hematology Clinic. Medicine 2015;94(23):e886"
        ),
        "path": "https://doi.org/10.1097/MD.0000000000000886",
    },
)

_NOTICES = (
    (
        "These are not the study's patients. They were rebuilt by a seeded program from the "
        "figures that the abstract and a lecture print, so that each printed count and "
        "correlation comes out; agreement with those figures shows that the calculation is "
        "right, not that the study is."
    ),
    (
        "Published: the five diagnoses of the 218 patients; how many of the 95 patients with "
        "thyroid disease were tested for anti-PMN antibodies, by subtype, and how many were "
        "positive, by subtype and by assay; five correlations; the P value for recurrent "
        "infections; and, in words only, that anti-TPO was higher in the patients with anti-PMN "
        "antibodies."
    ),
    (
        "Synthetic: age, sex, dates, centre, every laboratory value, clonality results, and "
        "which patients had recurrent infections. Means, medians, severity, course and "
        "cytopenias therefore say nothing about the study's patients."
    ),
    (
        "The thyroid subtype of the 52 untested patients was not published; it stands as "
        "unknown and was not invented."
    ),
    (
        "Which 4 of the 16 GIFT-positive patients were GAT-positive was not published and is "
        "drawn at random. That the 27 GIFT-negative patients were GAT-negative too is an "
        "assumption."
    ),
    (
        "Four of the five correlations are printed as a negative r², which no square can be; "
        "all five are built in as Pearson r on the values as measured. The denominators were "
        "not printed. They are among those that the printed r and P allow (94 to 97, 148 to 168 "
        "and 68): FT3 is therefore present only in the 95 patients with thyroid disease, C3 and "
        "C4 in 158 patients, CD4 in 68 patients, all of them here with thyroid disease. For T4 "
        "the free molar concentration (FT4) is used."
    ),
    (
        "The counts of recurrent infections were not published, nor was the test. 27 of 95 and "
        "21 of 123 are one pair that gives P = 0.045 in Pearson's chi-square test without "
        "continuity correction, which is assumed; other pairs do as well, and Fisher's exact "
        "test or a continuity correction gives another P."
    ),
    (
        "All patients are below 1.8 × 10⁹/L on the index date. The paper's definition of "
        "neutropenia was not available; 1.8 is the lecture's limit."
    ),
)

_SYNTHETIC = (
    "patients.sex",
    "patients.age_years",
    "patients.index_date",
    "patients.centre",
    *(
        f"labs.{analyte}"
        for analyte in (
            "ANC", "WBC", "LYMPH", "MONO", "HB", "PLT", "TSH", "FT3", "FT4", "ANTI_TPO",
            "ANTI_TG", "C3", "C4", "CD4",
        )
    ),
    "labs.taken_at",
    "antibody_tests.taken_on",
    "diagnoses.diagnosed_on",
    "events.event",
    "events.occurred_on",
    "clonality.taken_on",
    "clonality.lgl_count",
    "clonality.tcr_result",
)  # fmt: skip

_STUDY = "thyroid_antibodies"
_AETIOLOGIES = ("thyroid_disease", "chronic_immunologic", "t_lgl", "autoimmune_disorder", "other")
_SUBTYPES = ("hashimoto", "graves", "ttm", "ntmg", "an_shp")
_CORRELATIONS = ("ft3_anc", "tpo_c4", "tg_c4", "cd4_t4", "cd4_tsh")
_OF_A_CORRELATION = ("pearson", "pearson_p_value", "r_squared", "implied_n_low", "implied_n_high")

_HELD = (
    f"{_STUDY}/frequency/total/count",
    *(f"{_STUDY}/frequency/{name}/proportion" for name in _AETIOLOGIES),
    *(f"cohort_overview/aetiology/{name}/proportion" for name in _AETIOLOGIES),
    f"{_STUDY}/anti_pmn/tested/proportion",
    f"{_STUDY}/anti_pmn/all/proportion",
    *(f"{_STUDY}/anti_pmn/{name}/proportion" for name in _SUBTYPES),
    f"{_STUDY}/anti_pmn/autoimmune_thyroid/proportion",
    f"{_STUDY}/anti_pmn/not_autoimmune_thyroid/proportion",
    f"{_STUDY}/anti_pmn/by_subtype/fisher_p_value",
    *(
        f"{_STUDY}/anti_pmn/{comparison}/{part}"
        for comparison in ("hashimoto_vs_rest", "autoimmune_vs_rest")
        for part in ("odds_ratio", "odds_ratio_conditional", "fisher_p_value")
    ),
    *(f"{_STUDY}/assays/{name}/proportion" for name in ("gift", "gat", "lift")),
    f"{_STUDY}/assays/gat_within_gift/proportion",
    *(
        f"{_STUDY}/correlations/{name}/{part}"
        for name in _CORRELATIONS
        for part in _OF_A_CORRELATION
    ),
    f"{_STUDY}/infections/chi_square_p_value",
    *(
        f"assay_yield/{key}"
        for key in (
            *positive_keys("gift", "gat", "lift"),
            *pair_keys("gift", "gat"),
            *in_order_keys("gift", "gat"),
        )
    ),
)

CARD: dict[str, Any] = {
    "privacy": "public",
    "study": "kyritsi2015",
    "origin": "reconstructed",
    "notices": list(_NOTICES),
    "synthetic_columns": list(_SYNTHETIC),
    "held": list(_HELD),
}
