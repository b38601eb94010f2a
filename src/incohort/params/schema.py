"""Parameters as JSON Schema, for whoever writes or checks values by other programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from incohort.params.parameter import Kind, Parameter

_TYPES = {
    Kind.BOOL: "boolean",
    Kind.INT: "integer",
    Kind.FLOAT: "number",
    Kind.STR: "string",
    Kind.DATE: "string",
}


def schema_of(name: str, title: str, parameters: Iterable[Parameter]) -> str:
    """The JSON Schema of a notebook's parameters: nothing else is allowed, and nothing required."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:incohort:parameters:{name}",
        "title": title,
        "type": "object",
        "additionalProperties": False,
        "properties": {parameter.name: _property(parameter) for parameter in parameters},
    }
    return json.dumps(schema, ensure_ascii=False, indent=1)


def _property(parameter: Parameter) -> dict[str, Any]:
    default = parameter.default
    schema: dict[str, Any] = {
        "description": parameter.does,
        "default": default.isoformat() if isinstance(default, date) else default,
    }
    if parameter.kind is Kind.LITERAL:
        none = [None] if parameter.is_optional else []
        return schema | {"enum": [*parameter.choices, *none]}
    kind = _TYPES[parameter.kind]
    schema["type"] = [kind, "null"] if parameter.is_optional else kind
    if parameter.kind is Kind.DATE:
        schema["format"] = "date"
    if parameter.choices:  # a comma-separated list of names
        choice = "|".join(map(str, parameter.choices))
        schema["pattern"] = rf"^\s*({choice})\s*(,\s*({choice})\s*)*$"
    limits = {"minimum": parameter.low, "maximum": parameter.high}
    schema |= {word: limit for word, limit in limits.items() if limit is not None}
    return schema | ({"unit": parameter.unit} if parameter.unit else {})
