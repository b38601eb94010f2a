"""The sentences of the dictionary's page that come from no entry."""

from __future__ import annotations

INTRODUCTION = """\
<!-- Written by `make pages` from data_dictionary/. Change the YAML there, not this page. -->

# The data dictionary

What every column, unit, threshold, code and printed figure means, with where it comes from. The
same files check a cohort at the door, convert its units and set the thresholds of each report, so
what stands here is what is applied.

**How to read it.** *Accepted* ranges are limits: a value outside them is a fault. *Plausible*
ranges are wide enough for the very ill; a value outside them is only worth a look. An empty
cell is missing, unless its column says what it stands for. *Certainty* says how sure a figure
is: read in the paper or its abstract, read in another paper, found only in the lecture that
the project starts from, worked out here from such figures, or a published standard. In a
terminal, `incohort dictionary show` gives the same."""

ATTRIBUTION = """\
Codes are stored as facts, to recognise and exchange data. No code system is shipped, and none of
their owners endorses this project.

- **LOINC.** This material contains content from LOINC (`loinc.org`). LOINC is copyright ©
  Regenstrief Institute, Inc. and the Logical Observation Identifiers Names and Codes (LOINC)
  Committee, and is available at no cost under the license at `loinc.org/license`. LOINC® is a
  registered United States trademark of Regenstrief Institute, Inc. Names of codes are shortened
  here.
- **HPO.** Human Phenotype Ontology, release 2025-01-16 (`human-phenotype-ontology.github.io`).
- **SNOMED CT.** © SNOMED International (`snomed.org`). Using SNOMED CT in a system needs a
  licence where the country has none.
- **ATC.** WHO Collaborating Centre for Drug Statistics Methodology, index of 2026-04-25
  (`atcddd.fhi.no`). Its table isn't copied; only the codes of the drugs named here are.
- **ICD-10.** World Health Organization; ICD-10-CM is the modification of the United States.
- **OMIM, Orphanet, MONDO, OMOP.** Identifiers of the respective owners.

Not found, and therefore not coded: MAIGA, LIFT and bead assays, CD3+CD8+CD57+ cells, CD19+ cells,
double-negative T cells, the laboratory's tests of T-cell clonality, and LGL leukaemia, for which
the ICD-10 has no code of its own."""
