"""What the rebuilt assay comparisons say of themselves: what was published, assumed, made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from incohort.synthetic.cards import REBUILT

_LEFT_OUT = (
    "Ages, sexes, dates and neutrophil counts were not published patient by patient; they are left "
    "out, not invented."
)
_YIELD = "assay_yield"
_OF_A_PAIR = (
    "n/count", "kappa", "pabak", "ac1", "mcnemar_exact_p_value", "mcnemar_mid_p_value",
    "difference", "odds_ratio", "agreement", "positive_agreement", "negative_agreement",
    "prevalence_index", "bias_index",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One study's descriptor: `notices` are what stands between the two that all share.

    `synthetic_columns` hold something that was not published; `held`, without the prefix, are the
    keys of what comes out as printed all the same.
    """

    title: str
    source: Mapping[str, str]
    notices: tuple[str, ...]
    held: tuple[str, ...]
    synthetic_columns: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        """What the cohort is, in a sentence."""
        return (
            "Individual results rebuilt from the counts that a study printed. The counts are the "
            "study's; who has which result belongs to nobody."
        )

    def incohort(self, study: str) -> dict[str, Any]:
        """The descriptor's own object."""
        return {
            "privacy": "public",
            "study": study,
            "origin": "reconstructed",
            "notices": [REBUILT, *self.notices, _LEFT_OUT],
            "synthetic_columns": list(self.synthetic_columns),
            "held": [f"{_YIELD}/{key}" for key in self.held],
        }


def pair_keys(first: str, second: str) -> tuple[str, ...]:
    """The keys of two assays compared whose whole fourfold table was printed."""
    cells = ("both", f"only_{first}", f"only_{second}", "neither")
    tails = (*(f"{cell}/count" for cell in cells), *_OF_A_PAIR)
    return tuple(f"pair/{first}_{second}/{tail}" for tail in tails)


def positive_keys(*assays: str) -> tuple[str, ...]:
    """The keys of the shares positive by each assay."""
    return tuple(f"positive/{assay}/proportion" for assay in assays)


def in_order_keys(*assays: str) -> tuple[str, ...]:
    """What each assay adds, in this order."""
    return tuple(
        f"{kind}/{assay}/proportion" for kind in ("incremental", "cumulative") for assay in assays
    )


CARDS: Mapping[str, Card] = MappingProxyType(
    {
        "jinca2021": Card(
            title="Jinca 2021, reconstructed: GIFT and GAT in 18 children",
            source={
                "title": "Jinca et al. Experimental and Therapeutic Medicine 2021;21:280",
                "path": "https://doi.org/10.3892/etm.2021.9711",
            },
            notices=(
                (
                    "Published: 18 children with primary autoimmune neutropenia; GIFT and GAT "
                    "positive in 3, GIFT alone in 8, GAT alone in none, neither in 7."
                ),
                (
                    "Both assays are taken to have been done on one serum of each child; that and "
                    "how often a negative test was repeated were not found."
                ),
            ),
            held=(
                *positive_keys("gift", "gat"),
                *pair_keys("gift", "gat"),
                *in_order_keys("gift", "gat"),
            ),
        ),
        "flow_wift2015": Card(
            title="Vox Sanguinis 2015, reconstructed: GIFT or GAT against flow in 333 samples",
            source={
                "title": (
                    "Detection of granulocyte-reactive antibodies: a comparison of different "
                    "methods. Vox Sanguinis 2015;108:287-93, PMID 25556963"
                ),
            },
            notices=(
                (
                    "Published: of 333 samples 77 were positive by GIFT or GAT and 108 by "
                    "Flow-WIFT, 6 only by GIFT or GAT and 37 only by Flow-WIFT; MAIGA and beads "
                    "agreed in 70 positive samples, and 83 were confirmed by either; kappa was "
                    "0.682 for the former pair and 0.742 for the latter."
                ),
                (
                    "One patient per sample is an assumption: how many patients gave the 333 "
                    "samples was not found. Results per patient are those per sample here."
                ),
                (
                    "Which samples went on to MAIGA and beads is worked out: 71 + 6 + 37 = 114, "
                    "all that were positive by any screen, of which 31 are then negative by both. "
                    "With 114 the printed kappa of 0.742 comes out."
                ),
                (
                    "How the 13 samples in which MAIGA and beads differ divide was not published. "
                    "Splits from 4 and 9 to 9 and 4 all give the printed kappa; 6 by MAIGA alone "
                    "and 7 by beads alone is one of them, taken here. What rests on the split, "
                    "McNemar's test above all, says nothing about the study."
                ),
                (
                    "Which of the 114 samples MAIGA and beads found is drawn at random. Anything "
                    "that sets MAIGA or beads against GIFT, GAT or flow is invented, latent "
                    "classes of the four among it; results are therefore marked synthetic unless "
                    "they follow from the printed counts."
                ),
            ),
            held=(
                *positive_keys("gift_gat", "flow_wift"),
                *pair_keys("gift_gat", "flow_wift"),
                *in_order_keys("gift_gat", "flow_wift"),
                *(
                    f"pair/maiga_beads/{tail}"
                    for tail in (
                        "both/count",
                        "neither/count",
                        "n/count",
                        "kappa",
                        "agreement",
                        "positive_agreement",
                        "negative_agreement",
                        "pabak",
                        "prevalence_index",
                    )
                ),
            ),
            synthetic_columns=("antibody_tests.result",),
        ),
        "porretti2018": Card(
            title="Porretti 2018, reconstructed: GIFT repeated in 162 children",
            source={"title": "Porretti et al. Pediatric Blood & Cancer 2018, PMID 29230955"},
            notices=(
                (
                    "Published: 162 children with chronic idiopathic neutropenia, of whom 49 % "
                    "were positive by direct GIFT; indirect GIFT was repeated in 44 of them, and "
                    "12 turned positive at the second test, 2 at the third; 10 of these 14 had "
                    "been positive by direct GIFT at the first screen."
                ),
                (
                    "That the 44 were negative at their first indirect GIFT is read from their "
                    "turning positive later. What it was in the other 118 was not found, so they "
                    "have none here."
                ),
                (
                    "49 % of 162 is 79 or 80 children; 79 is taken. Which of them they are, apart "
                    "from 10 of the 14, is drawn at random."
                ),
                (
                    "How many of the 32 children who were negative twice were tested a third time "
                    "was not published. All 32 are here, so that 14 of 44 are found in the end; "
                    "the share found at the third test is then as low as it can be, and it is "
                    "marked synthetic."
                ),
                (
                    "The study's other groups (174 with primary, 81 with secondary autoimmune, 51 "
                    "with post-infectious, 65 with non-autoimmune neutropenia) are not here."
                ),
                (
                    "S1, S2 and S3 number a child's samples in the order in which they were taken. "
                    "Chronic idiopathic neutropenia stands as cause unknown, looked for and not "
                    "found."
                ),
            ),
            held=(
                *positive_keys("gift", "direct_gift"),
                "repeats/2/positive/count",
                "repeats/2/proportion",
                "repeats/2/cumulative/proportion",
                "repeats/3/positive/count",
                "repeats/3/cumulative/proportion",
            ),
            synthetic_columns=("antibody_tests.result",),
        ),
        "lane2009": Card(
            title="Lane 2009, reconstructed: immunofluorescence on marrow in 76 patients",
            source={"title": "Lane 2009, immunofluorescence on bone-marrow cells"},
            notices=(
                (
                    "Published: the test on marrow cells was positive in 24 of 45 patients with "
                    "autoimmune and in none of 28 with non-immune neutropenia, and 3 tests failed; "
                    "sensitivity 53 %, specificity 100 %, predictive values 100 % and 57 %."
                ),
                (
                    "The 3 failed tests stand as indeterminate, in three more patients whose cause "
                    "of neutropenia is empty: their group was not published, and the printed "
                    "percentages come out only if they are neither among the 45 nor the 28."
                ),
                (
                    "Autoimmune neutropenia stands as primary autoimmune, the nearest cause that "
                    "the dictionary has; whether some of it was secondary was not found. "
                    "Non-immune stands as other."
                ),
                (
                    "The predictive values hold for 45 patients with and 28 without the disease, a "
                    "share that the study's design set."
                ),
            ),
            held=(
                *(
                    f"accuracy/bmift/{name}"
                    for name in ("sensitivity", "specificity", "ppv", "npv", "lr_negative")
                ),
                *positive_keys("bmift"),
            ),
        ),
        "taniuchi2002": Card(
            title="Taniuchi 2002, reconstructed: direct and indirect GIFT in 18 infants",
            source={"title": "Taniuchi et al. Acta Paediatrica 2002;91:1179"},
            notices=(
                (
                    "Published: 18 infants with autoimmune neutropenia; direct GIFT positive in 18 "
                    "of 18, indirect GIFT in 17 of 18."
                ),
                (
                    "Incorporation bias: the infants were called autoimmune because antibodies "
                    "were found, so that neither share is a sensitivity. There is nobody here "
                    "without the disease."
                ),
                (
                    "Both tests are taken to have been done at one time. Autoimmune neutropenia of "
                    "infants stands as primary autoimmune."
                ),
            ),
            held=(
                *positive_keys("gift", "direct_gift"),
                *pair_keys("gift", "direct_gift"),
                *in_order_keys("gift", "direct_gift"),
            ),
        ),
        "hong_kong2021": Card(
            title="Hong Kong series, reconstructed: antibodies and infections in 81 children",
            source={
                "title": "Ha et al., a series of children from Hong Kong; preprint, Authorea 565159"
            },
            notices=(
                (
                    "Published: 81 children with chronic benign neutropenia; antibodies in 25, "
                    "against HNA-1a in 21 and HNA-3a in 4; invasive infections in 6 of the 25 and "
                    "in 4 of the 56 others, with P = 0.041."
                ),
                (
                    "GAT, GIFT and beads were done and their results not published one by one: a "
                    "child has one result, of an assay that is not named. Which assay found the "
                    "four antibodies against HNA-3a can't be told."
                ),
                (
                    "Which antigen the 6 infected children's antibodies were against was not "
                    "published; the antigens are dealt out among the 25 at random. The cause of "
                    "the neutropenia is left out."
                ),
                (
                    "The printed P does not come out of the printed counts by Fisher's exact test, "
                    "which gives 0.062; the test was not found. The likelihood-ratio chi-square "
                    "test without a correction gives 0.041."
                ),
            ),
            held=(
                *positive_keys("other"),
                "events/infection/positive/proportion",
                "events/infection/negative/proportion",
                "events/infection/fisher_p_value",
            ),
        ),
    }
)
