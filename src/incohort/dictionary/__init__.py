"""The data dictionary: tables, analytes, definitions, drugs and published figures."""

from incohort.dictionary.antigens import Antigen, AntigenSystem, NeutrophilAntigens, Sight, hna
from incohort.dictionary.assay_evidence import AssaySeries, assay_series
from incohort.dictionary.collected import Collected, collectable
from incohort.dictionary.costs import COSTS_FORM, costs_in
from incohort.dictionary.evidence import (
    GcsfArm,
    PooledDifference,
    RecoverySeries,
    gcsf_arms,
    gcsf_pooled,
    recovery_series,
)
from incohort.dictionary.figures import Figure, FigureTable
from incohort.dictionary.files import bundled
from incohort.dictionary.load import Dictionary, load, load_from, studies, study
from incohort.dictionary.models import (
    AcceptedUnit,
    Analyte,
    Category,
    Code,
    ColumnSpec,
    ColumnType,
    Contradiction,
    DateOrder,
    Definition,
    Definitions,
    Drug,
    Grade,
    Range,
    SeveritySystem,
    Statement,
    TableSpec,
    Threshold,
    unit_key,
)
from incohort.dictionary.nearest import nearest, unknown_name
from incohort.dictionary.parse import DictionaryError
from incohort.dictionary.printed_shares import PrintedShare, printed_shares
from incohort.dictionary.publications import Claim, NotPublished, Study

__all__ = [
    "COSTS_FORM",
    "AcceptedUnit",
    "Analyte",
    "Antigen",
    "AntigenSystem",
    "AssaySeries",
    "Category",
    "Claim",
    "Code",
    "Collected",
    "ColumnSpec",
    "ColumnType",
    "Contradiction",
    "DateOrder",
    "Definition",
    "Definitions",
    "Dictionary",
    "DictionaryError",
    "Drug",
    "Figure",
    "FigureTable",
    "GcsfArm",
    "Grade",
    "NeutrophilAntigens",
    "NotPublished",
    "PooledDifference",
    "PrintedShare",
    "Range",
    "RecoverySeries",
    "SeveritySystem",
    "Sight",
    "Statement",
    "Study",
    "TableSpec",
    "Threshold",
    "assay_series",
    "bundled",
    "collectable",
    "costs_in",
    "gcsf_arms",
    "gcsf_pooled",
    "hna",
    "load",
    "load_from",
    "nearest",
    "printed_shares",
    "recovery_series",
    "studies",
    "study",
    "unit_key",
    "unknown_name",
]
