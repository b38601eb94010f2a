"""What the rebuilt studies of clonality say of themselves: what was published, what is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from incohort.synthetic.cards import REBUILT, Card

_DESCRIPTION = (
    "Individual results rebuilt from the counts that a study printed. The counts are the study's; "
    "who has which result belongs to nobody."
)
_LEFT_OUT = (
    "Ages, sexes, dates and blood counts were not published patient by patient; they are left out, "
    "not invented."
)
_RESPONSES = ("methotrexate", "cyclophosphamide", "ciclosporin", "steroids")

CARDS: Mapping[str, Card] = MappingProxyType(
    {
        "trbc1_2021": Card(
            title="TRBC1 against Vβ families, reconstructed: 99 samples by flow cytometry",
            description=_DESCRIPTION,
            sources=({"title": "TRBC1 against Vβ repertoire, ACS 2021, abstract"},),
            study="trbc1_2021",
            notices=(
                REBUILT,
                (
                    "Published: of 99 samples 51 were positive by TRBC1 and by Vβ families, 4 by "
                    "TRBC1 alone, 1 by Vβ alone, 43 by neither. The whole fourfold table was "
                    "printed; nothing in this cohort is drawn but the order of the patients."
                ),
                (
                    "The 4 that TRBC1 alone called clonal were oligoclonal by Vβ, and stand so. "
                    "Taken as not clonal, they are 4 of the 5 samples on which the methods "
                    "disagree; taken as clonal, they leave 1."
                ),
                (
                    "One patient per sample is an assumption: how many patients gave the 99 "
                    "samples was not found. Not clonal stands as polyclonal."
                ),
                _LEFT_OUT,
            ),
            held=("lgl/agreement/trbc1/v_beta/positive", "lgl/agreement/trbc1/v_beta/negative"),
        ),
        "v_beta_pcr25": Card(
            title="Vβ families against PCR, reconstructed: 25 patients with an LGL expansion",
            description=_DESCRIPTION,
            sources=({"title": "FC-Vβ against TCR gene rearrangement in 25 cases, abstract"},),
            study="v_beta_pcr25",
            notices=(
                REBUILT,
                (
                    "Published: 25 consecutive patients with an LGL expansion; in 17 with T-LGL "
                    "leukaemia Vβ found a clone in 17 and PCR in 16; in 8 with a reactive "
                    "expansion Vβ found one in 1 and PCR in 2. Another malignancy had 1 of the 17 "
                    "and 4 of the 8, with P = 0.023."
                ),
                (
                    "The fourfold table follows: both 17, Vβ alone 1, PCR alone 1, neither 6. That "
                    "the one reactive patient with a clone by Vβ had one by PCR, too, follows from "
                    "the pooled concordance of 107 in 110, which leaves 3 discordant."
                ),
                (
                    "Who had another malignancy is dealt out by itself at random: what sets it "
                    "against a test's result within a group is invented. Its kind was not "
                    "published; it stands as the condition other. Whoever has no diagnosis of "
                    "T-LGL leukaemia had a reactive expansion."
                ),
                _LEFT_OUT,
            ),
            synthetic_columns=("diagnoses.condition",),
            held=(
                "published/v_beta_pcr25/t_lgl",
                "lgl/clonal/pcr/t_lgl_leukaemia/proportion",
                "lgl/clonal/v_beta/t_lgl_leukaemia/proportion",
                "published/v_beta_pcr25/malignancy",
            ),
        ),
        "ra_stat3": Card(
            title="STAT3 in rheumatoid arthritis with neutropenia, reconstructed: two studies",
            description=_DESCRIPTION,
            sources=(
                {"title": "Savola et al. Haematologica 2018;103:304, abstract"},
                {"title": "Gorodetskiy et al. 2021, abstract"},
            ),
            study="gorodetskiy2021",
            notices=(
                REBUILT,
                (
                    "Published: Savola, STAT3 mutated in 6 of 14 patients with Felty syndrome by "
                    "deep amplicon sequencing; Gorodetskiy, in none of 25 with Felty syndrome and "
                    "in 22 of 56 with rheumatoid arthritis and T-LGL leukaemia by allele-specific "
                    "PCR; LGL above 2.0 × 10⁹/L in none of the 25 and 12 of the 56."
                ),
                (
                    "The two studies mean different things by Felty syndrome: Savola the clinic's "
                    "diagnosis, Gorodetskiy that no T-cell clone was found. Each study is a "
                    "centre; they must not be pooled without saying so."
                ),
                (
                    "Whether the 12 with LGL above 2.0 are among the 22 with a mutation was not "
                    "published: between none and all 12 may be. Each is dealt out by itself, so "
                    "that what sets the one against the other is invented."
                ),
                (
                    "Counts of LGL are drawn on their side of 2.0 and say nothing else; they are "
                    "marked synthetic. By which method clonality was tested was not found."
                ),
                "Ages, sexes, dates and neutrophil counts are left out, not invented.",
            ),
            synthetic_columns=("clonality.lgl_count", "gene_tests.result"),
            held=(
                "lgl/mutation/STAT3/savola_2018/felty/proportion",
                "lgl/mutation/STAT3/gorodetskiy_2021/t_lgl_leukaemia/proportion",
                "lgl/mutation/STAT3/gorodetskiy_2021/felty/proportion",
                "lgl/mutation/STAT3/gorodetskiy_2021/p_value",
                "lgl/mutation/STAT3/felty/gorodetskiy_2021/savola_2018/p_value",
            ),
        ),
        "bareau_courses": Card(
            title="Bareau 2010, reconstructed: responses to 151 courses in LGL leukaemia",
            description=(
                "Courses rebuilt from the percentages that a study printed. A row of patients is a "
                "course; which courses were one patient's was not published."
            ),
            sources=(
                {
                    "title": "Bareau et al. Haematologica 2010;95:1534",
                    "path": "https://doi.org/10.3324/haematol.2009.018481",
                },
            ),
            study="bareau2010",
            n_patients=100,
            notices=(
                (
                    "These are courses, not patients: 151 courses were given to 100 patients, and "
                    "which belong together was not published. Each course stands as a patient of "
                    "its own, so that no number of patients, and no interval that takes rows for "
                    "independent people, means anything here."
                ),
                REBUILT,
                (
                    "Published: response and complete response at three months in 12 and 3 % of 33 "
                    "courses of corticosteroids, 55 and 21 % of 62 of methotrexate, 66 and 47 % of "
                    "32 of cyclophosphamide, 21 and 4 % of 24 of ciclosporin. The counts are the "
                    "only ones that fit: 4 and 1, 34 and 13, 21 and 15, 5 and 1."
                ),
                (
                    "A response that is not complete stands as partial, no response as none. Drugs "
                    "were chosen by the clinic, one after another: a drug's share is that of the "
                    "courses it was chosen for."
                ),
                (
                    "Which corticosteroid was given, the lineage of the leukaemia (T 201, chronic "
                    "NK 27, aggressive NK 1 of all 229), lines and dates are left out."
                ),
            ),
            held=tuple(
                f"lgl/response/{drug}/{kind}"
                for drug in _RESPONSES
                for kind in ("overall", "complete")
            ),
        ),
    }
)
