"""Every clinical threshold of the lecture and of the literature, typed out a second time."""

from __future__ import annotations

import pytest

from incohort.dictionary import load

# definition, threshold as a clinician says it, who says so
THRESHOLDS = """
neutropenia                  | <  1.8  10*9/L   | Lecture; Crete; LBBR; KIP
neutropenia                  | <  1.5  10*9/L   | Japanese; Farruggia; HPO
neutropenia                  | <  2.0  10*9/L   | Aggarwal
neutropenia                  | <  1.0  10*9/L   | Review
infant_limit_begins          | >= 2    wk       | Review
infant_limit_begins          | >= 2    mo       | Another review
infant_limit_ends            | <= 1    a        | Review
age_bands                    | >= 1    a        | first birthday
age_bands                    | >= 18   a        | Adults
age_bands                    | >= 40   a        | choice
age_bands                    | >= 65   a        | choice
age_bands                    | >= 80   a        | choice
agranulocytosis              | <  0.1  10*9/L   | Lecture; ceftaroline
agranulocytosis              | <  0.2  10*9/L   | thebloodproject
agranulocytosis              | <  0.5  10*9/L   | Andersohn; HPO
infection_risk               | <  0.5  10*9/L   | Lecture
infection_bands              | >= 0.1  10*9/L   | Lecture
infection_bands              | >= 0.5  10*9/L   | Lecture
infection_bands              | >= 1.0  10*9/L   | Common
infection_bands              | >= 1.5  10*9/L   | Common
count_in_force               | <  30   d        | Moots 2017
growth_factor_washout        | <= 7    d        | without a source
infection_washout            | <= 14   d        | without a source
infection_episode            | <  14   d        | without a source
chronic                      | >= 3    mo       | Lecture; HP:0410252; Japanese; Dale
chronic                      | >= 6    mo       | Lecture
severe_chronic               | <  0.5  10*9/L   | SCNIR
severe_chronic               | >  3    mo       | SCNIR
chronic_idiopathic           | >= 3    mo       | PMC5380401
idiopathic_of_infancy        | >= 4    {tests}  | Farruggia
primary_autoimmune           | <= 3    a        | Fioredda
late_onset_paediatric        | >  5    a        | Fioredda
long_lasting_paediatric      | >  3    a        | Fioredda
drug_induced_onset           | <= 7    d        | Lecture; Benichou
drug_induced_recovery_count  | >  1.5  10*9/L   | Lecture; Benichou
drug_induced_recovery_count  | >  1.0  10*9/L   | Wang
drug_induced_recovery_count  | >  0.5  10*9/L   | Fukata; Maloisel
drug_induced_recovery_time   | <= 1    mo       | Lecture; Benichou
recovery_count               | >= 1.5  10*9/L   | Wang
recovery_count               | >= 1.0  10*9/L   | Wang
recovery_count               | >= 0.5  10*9/L   | Fukata; Maloisel
severe_infection             | >= 3    {grade}  | CTCAE v5
late_onset_count             | <  1.5  10*9/L   | Tesfa; Monaco
late_onset_count             | <= 1.5  10*9/L   | Abdulkader
late_onset_count             | <  1.0  10*9/L   | Zonozi; Wolach
late_onset_count             | <= 1.0  10*9/L   | Nitta
late_onset_count             | <  0.5  10*9/L   | Lecture
late_onset_delay             | >= 4    wk       | Tesfa; Monaco
late_onset_delay             | >= 3    wk       | Lecture; Wolach
late_onset_horizon           | <= 12   mo       | Abdulkader
late_onset_baseline          | <  1.5  10*9/L   | No source
late_onset_rival             | <= 30   d        | No source
b_cell_depletion             | <  0.01 10*9/L   | No source
b_cell_depletion             | <= 90   d        | No source
b_cell_depletion             | <= 180  d        | No source
checkpoint_window            | <= 90   d        | No source
checkpoint_rival             | <= 30   d        | No source
checkpoint_rival             | <= 7    d        | No source
lgl_count                    | >  0.5  10*9/L   | Lecture; Lamy
lgl_count                    | >  2.0  10*9/L   | Lamy
lgl_duration                 | >  6    mo       | Lecture; Lamy
lgl_nk_count                 | >  0.75 10*9/L   | NCT01976182
lgl_e5998                    | >  0.4  10*9/L   | E5998
lgl_e5998                    | >  0.65 10*9/L   | E5998
felty_count                  | <  1.5  10*9/L   | Owlia
felty_count                  | <= 2.0  10*9/L   | Barnes
felty_white_cells            | <  3.5  10*9/L   | Barnes
autoimmune_marks             | <  4.0  10*9/L   | Fragoulis 2018
autoimmune_marks             | <  1.0  10*9/L   | Fragoulis 2018
autoimmune_marks             | >= 20   [IU]/mL  | without a source
autoimmune_marks             | <  10   mg/dL    | without a source
duffy_null                   | >= 1.21 10*9/L   | Merz
duffy_null                   | <= 5.39 10*9/L   | Merz
growth_factor                | >  65   a        | Lecture
growth_factor                | <  0.1  10*9/L   | Lecture
anaemia                      | <  12   g/dL     | World Health Organization
anaemia                      | <  13   g/dL     | World Health Organization
thrombocytopenia             | <  150  10*9/L   | lower limit of normal
thrombocytopenia             | <  100  10*9/L   | immune thrombocytopenia
"""
# system, grade, from, to below; a dash is open
GRADES = """
lecture   mild      1.0  1.8
lecture   moderate  0.5  1.0
lecture   severe    -    0.5
common    mild      1.0  1.5
common    moderate  0.5  1.0
common    severe    -    0.5
ctcae_v5  grade_1   1.5  1.8
ctcae_v5  grade_2   1.0  1.5
ctcae_v5  grade_3   0.5  1.0
ctcae_v5  grade_4   -    0.5
"""


def test_every_threshold_stands_once_and_no_other_does():
    """Value, unit and comparison of each alternative, the lecture's and those that disagree."""
    expected = []
    for line in THRESHOLDS.strip().splitlines():
        definition, threshold, _ = (part.strip() for part in line.split("|"))
        comparison, value, unit = threshold.split()
        expected.append((definition, comparison, float(value), unit))

    found = [
        (entry.name, choice.comparison, choice.value, choice.unit)
        for entry in load().definitions.definitions
        for choice in entry.alternatives
    ]
    assert sorted(found) == sorted(expected)


def test_every_threshold_names_who_says_so():
    """A threshold's source names each of those who use it."""
    for line in THRESHOLDS.strip().splitlines():
        name, threshold, sources = (part.strip() for part in line.split("|"))
        comparison, value, unit = threshold.split()
        choice = next(
            c
            for c in load().definition(name).alternatives
            if (c.comparison, c.value, c.unit) == (comparison, float(value), unit)
        )
        assert all(source.strip() in choice.source for source in sources.split(";")), line


def test_every_grade_stands_once_and_no_other_does():
    """The lecture's 1.8, 1.0 and 0.5; the common 1.5, 1.0 and 0.5; CTCAE's four grades."""
    expected = []
    for line in GRADES.strip().splitlines():
        system, grade, low, high = line.split()
        expected.append((system, grade, None if low == "-" else float(low), float(high)))

    found = [
        (system.name, grade.name, grade.low, grade.high)
        for system in load().definitions.severity_systems
        for grade in system.grades
    ]
    assert found == expected


@pytest.mark.parametrize("system", load().definitions.severity_systems, ids=lambda s: s.name)
def test_grades_leave_no_gap_below_the_limit(system):
    """From the limit down each grade ends where the next begins, and the last one is open."""
    assert system.grades[0].high == system.upper_limit
    for upper, lower in zip(system.grades, system.grades[1:], strict=False):
        assert upper.low == lower.high
    assert system.grades[-1].low is None


def test_the_lectures_word_alone_is_never_called_more():
    """What only the lecture says is marked so; what a paper says too is not the lecture's alone."""
    for entry in load().definitions.definitions:
        for said in (*entry.alternatives, *entry.statements):
            if said.source == "Lecture":
                assert said.certainty == "lecture", (entry.name, said)


def test_contradictions_are_told_on_both_sides_or_at_the_weaker_one():
    """The lecture's 5 % below 0.1 stands beside the letter's 5 % below 1.0, each naming the other.

    G-CSF and mortality: the paper that the lecture cites does not compare it.
    """
    lupus = [s for s in load().definition("systemic_lupus").statements if s.contradicts]
    assert sorted(s.certainty for s in lupus) == ["lecture", "primary"]
    assert "1.0" in next(s for s in lupus if s.certainty == "lecture").contradicts
    assert "0.1" in next(s for s in lupus if s.certainty == "primary").contradicts

    growth = [s for s in load().definition("growth_factor").statements if s.contradicts]
    assert ["Andersohn 2007" in s.contradicts for s in growth] == [True]
