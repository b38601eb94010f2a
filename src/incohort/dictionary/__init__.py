"""The data dictionary: tables, analytes, definitions, drugs and published figures."""

from incohort.dictionary.antigens import Antigen, AntigenSystem, NeutrophilAntigens, Sight, hna
from incohort.dictionary.assay_evidence import AssaySeries, assay_series
from incohort.dictionary.files import bundled
from incohort.dictionary.load import Dictionary, load, load_from, studies, study
from incohort.dictionary.models import (
    AcceptedUnit,
    Analyte,
    Category,
    Claim,
    Code,
    ColumnSpec,
    ColumnType,
    DateOrder,
    Definition,
    Definitions,
    Drug,
    Grade,
    NotPublished,
    Range,
    SeveritySystem,
    Statement,
    Study,
    TableSpec,
    Threshold,
    unit_key,
)
from incohort.dictionary.nearest import nearest, unknown_name
from incohort.dictionary.parse import DictionaryError

__all__ = [
    "AcceptedUnit",
    "Analyte",
    "Antigen",
    "AntigenSystem",
    "AssaySeries",
    "Category",
    "Claim",
    "Code",
    "ColumnSpec",
    "ColumnType",
    "DateOrder",
    "Definition",
    "Definitions",
    "Dictionary",
    "DictionaryError",
    "Drug",
    "Grade",
    "NeutrophilAntigens",
    "NotPublished",
    "Range",
    "SeveritySystem",
    "Sight",
    "Statement",
    "Study",
    "TableSpec",
    "Threshold",
    "assay_series",
    "bundled",
    "hna",
    "load",
    "load_from",
    "nearest",
    "studies",
    "study",
    "unit_key",
    "unknown_name",
]
