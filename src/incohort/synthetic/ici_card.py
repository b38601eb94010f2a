"""What two cohorts of neutropenia under checkpoint inhibitors say of themselves."""

from __future__ import annotations

from incohort.synthetic.cards import JOINT, REBUILT, Card

_BMC = {
    "title": "Grade 4 neutropenia under checkpoint inhibitors, BMC Cancer 2020, Table 2",
    "path": "https://doi.org/10.1186/s12885-020-06763-y",
}

CASES_CARD = Card(
    title="Published patients with neutropenia under checkpoint inhibitors, from two reviews",
    description=(
        "Ten printed rows of eight patients or so. Spans of days are the reviews'; calendar dates "
        "count from an arbitrary origin."
    ),
    sources=(
        _BMC,
        {
            "title": "Neutropenia under checkpoint inhibitors, JITC 2019, Table 1",
            "path": "https://doi.org/10.1186/s40425-019-0648-3",
        },
    ),
    study="ici_cases",
    notices=(
        (
            "These are not a sample: they are patients whose neutropenia was published, the severe "
            "and the cured above all. Only the first six rows of BMC Cancer's table and five of "
            "JITC's were read; the others are not completed."
        ),
        (
            "Published: of BMC1 to BMC6 drug, dose, cycles, days from the last dose to the onset, "
            "days that it lasted, days from salvage to recovery, treatments and deaths; of JITC1 "
            "to JITC5 age, sex, drug, cycles, lowest count and days that it lasted."
        ),
        (
            "Two rows are probably one patient twice: BMC1 and JITC1 (8 against 60 days), BMC2 and "
            "JITC2 (3 cycles and 20 days against 4 cycles and 52 days). The reviews differ and the "
            "reports behind them were not read; same_as names the other row. Never count both. "
            "JITC's fourth row is BMC6, where both agree on 16 days; it stands once, with JITC's "
            "age, sex and lowest count."
        ),
        (
            "No calendar dates were published. 1 January 2001 stands for each patient's last dose, "
            "and for the onset where the days between were not printed; the dose then has no day. "
            "Dates are marked synthetic, the published spans are not."
        ),
        (
            "The lowest count is put on the day of onset; of five of BMC's rows only that it was "
            "of grade 4 was printed, of JITC3 nothing. The end stands as 1.5 × 10⁹/L or more: what "
            "the reviews take for recovered was not found. Salvage is taken to begin with a growth "
            "factor. Deaths have no day."
        ),
        (
            "Which corticosteroid, growth factor and antithymocyte globulin was given, the doses "
            "of BMC3 (3, then 10 mg/kg), tumours and other drugs are left out."
        ),
    ),
    synthetic_columns=(
        "patients.index_date", "labs.taken_at", "medications.started_on", "medications.stopped_on",
    ),
    held=(
        "checkpoint/duration/median",
        "checkpoint/duration/minimum",
        "checkpoint/duration/maximum",
        "checkpoint/delay/median",
    ),
    origin="observed",
)  # fmt: skip

REVIEW_CARD = Card(
    title="Grade 4 neutropenia under checkpoint inhibitors, reconstructed: 34 published cases",
    description=(
        "Patients rebuilt from the shares that a review printed. How many recovered, died and had "
        "a fever is the review's; who did, and when, belongs to nobody."
    ),
    sources=(_BMC,),
    study="ici_review2020",
    notices=(
        REBUILT,
        (
            "Published: of 34 cases 26 recovered, after a median of 13 days; 14 died, 3 of an "
            "immune-related event; of 22 each 15 had a fever and 3 a positive blood culture; onset "
            "a median of 10.5 weeks after the first dose, the quartiles 6 weeks apart."
        ),
        JOINT,
        (
            "How many died before they recovered was not printed: none to 8 of the 34. Here "
            "recovery and death are dealt out by themselves; whoever has both died afterwards. "
            "The median of 13 days is that of those who recovered; of all 34 it is 13 or more."
        ),
        (
            "Durations are drawn around the median; six are those printed one by one. Onsets "
            "follow a normal curve. All dates are invented. Recovered stands as 1.5 × 10⁹/L or "
            "more: what the review takes for recovered was not found."
        ),
        (
            "Of whom fever and culture are known, 22 each, can't be told: only who had a fever has "
            "a row, and the 3 positive cultures are taken to be among them. Causes of the 11 other "
            "deaths, drugs, doses, tumours, ages and sexes are left out."
        ),
    ),
    synthetic_columns=(
        "patients.index_date", "labs.taken_at", "medications.started_on", "events.event",
        "events.occurred_on", "events.cause", "events.culture",
    ),
    held=(
        "checkpoint/recovered",
        "checkpoint/died",
        "checkpoint/irae_death",
    ),
)  # fmt: skip
