"""Antibody assays compared: which to run, in which order, how often, and what a negative says."""

from __future__ import annotations

from incohort.analyses.assay_yield.accuracy import accuracy
from incohort.analyses.assay_yield.consequences import consequences
from incohort.analyses.assay_yield.design import design
from incohort.analyses.assay_yield.indeterminates import indeterminates
from incohort.analyses.assay_yield.laboratory import answer, reporting
from incohort.analyses.assay_yield.order import order
from incohort.analyses.assay_yield.pairs import pairs
from incohort.analyses.assay_yield.parameters import AssayParameters
from incohort.analyses.assay_yield.question import Question
from incohort.analyses.assay_yield.readings import readings
from incohort.analyses.assay_yield.repeated import repeats
from incohort.analyses.assay_yield.yields import yields
from incohort.analyses.study import Study, part
from incohort.analyses.unrecorded import unrecorded


class AssayYield(Study[AssayParameters]):
    """A laboratory's questions about its assays, asked of one cohort.

    Source: STARD 2015; tests/spec/test_assay_yield.py.
    """

    parameters = AssayParameters
    question = Question

    design = part(design)
    yields = part(yields)
    pairs = part(pairs)
    order = part(order)
    repeats = part(repeats)
    accuracy = part(accuracy)
    readings = part(readings)
    indeterminates = part(indeterminates)
    consequences = part(consequences)
    unrecorded = part(unrecorded)
    answer = part(answer)
    reporting = part(reporting)
