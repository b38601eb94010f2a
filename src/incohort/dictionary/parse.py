"""YAML files into frozen models, with the file and line of whatever is wrong in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from incohort.dictionary.bombs import DictionaryError, nodes_of, refuse_bombs, refuse_depth
from incohort.dictionary.files import bundled, read_regular
from incohort.dictionary.nearest import nearest

__all__ = ["DictionaryError", "parse_file", "parse_values"]

_MOST_FAULTS = 20  # of one file told one by one
_LONGEST = 300  # characters
# What PyYAML raises where a value doesn't bear out its tag, or what looks like a date is none.
_UNBORNE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

ModelT = TypeVar("ModelT", bound=BaseModel)


def parse_file(path: Path, model: type[ModelT]) -> ModelT:
    """The entry that a YAML file holds.

    Args:
        path: The file; messages name it by its last two parts only.
        model: The form that the whole file must have.

    Raises:
        DictionaryError: Not readable, not YAML, a key given twice, an unknown key or a wrong type;
            all faults of the file in one message.
    """
    name = f"{path.parent.name}/{path.name}"
    try:
        text = read_regular(path).decode("utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        msg = f"{name}: cannot be read ({reason})."
        raise DictionaryError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{name}: is not UTF-8 text; save it as UTF-8."
        raise DictionaryError(msg) from error
    if not path.is_relative_to(bundled("data_dictionary")):
        refuse_depth(name, text)
    node, value = _compose(name, text)
    return _validated(name, value, model, node)


def parse_values(name: str, value: object, model: type[ModelT]) -> ModelT:
    """The entry that plain values hold, as a YAML file would: what a notebook hands over.

    Args:
        name: What messages call it.
        value: Mappings, sequences, numbers and texts.
        model: The form that it must have.

    Raises:
        DictionaryError: An unknown key or a wrong type; all faults in one message.
    """
    return _validated(name, value, model, None)


def _validated(name: str, value: object, model: type[ModelT], node: yaml.Node | None) -> ModelT:
    """The values in the form of the model; faults with their lines where these are known."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = error.errors(include_url=False)
        places = [f":{_line(node, d['loc'])}" if node else "" for d in details]
        faults = [
            f"{name}{place}: {_sentence(d, model)}"
            for place, d in list(zip(places, details, strict=True))[:_MOST_FAULTS]
        ]
        if len(details) > _MOST_FAULTS:
            faults.append(f"{name}: and {len(details) - _MOST_FAULTS:,} more faults.")
        raise DictionaryError("\n".join(faults)) from error


def _compose(name: str, text: str) -> tuple[yaml.Node, object]:
    """The node tree, which knows lines, and the plain values of a YAML text."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            msg = f"{name}: is empty."
            raise DictionaryError(msg)
        refuse_bombs(name, node)
        _refuse_twins(name, node)
        return node, loader.construct_document(node)
    except (*_UNBORNE, RecursionError) as error:  # !!int abc, 2001-99-99
        reason = f" ({_brief(str(error))})" if isinstance(error, ValueError) else ""
        msg = f"{name}: holds a value that is not what it says it is{reason}."
        raise DictionaryError(msg) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "is not YAML"
        msg = f"{name}{line}: {problem}."
        raise DictionaryError(msg) from error
    finally:
        loader.dispose()


def _refuse_twins(name: str, root: yaml.Node) -> None:
    """Refuse a key that stands twice in one mapping: YAML would keep the last in silence."""
    for mapping in _mappings(root):
        seen: set[str] = set()
        for key, _ in mapping.value:
            if not isinstance(key, yaml.ScalarNode):
                msg = f"{name}:{key.start_mark.line + 1}: a key is one word or number."
                raise DictionaryError(msg)
            if key.value in seen:
                msg = f"{name}:{key.start_mark.line + 1}: {_brief(key.value)!r} stands twice."
                raise DictionaryError(msg)
            seen.add(key.value)


def _mappings(root: yaml.Node) -> Iterator[yaml.MappingNode]:
    return (node for node in nodes_of(root) if isinstance(node, yaml.MappingNode))


def _line(node: yaml.Node, location: Sequence[int | str]) -> int:
    """The line (from 1) of the deepest part of `location` that the file has."""
    line: int = node.start_mark.line
    for step in location:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
        elif isinstance(node, yaml.MappingNode):
            matches = [(key, child) for key, child in node.value if key.value == step]
            if not matches:
                break
            line, node = matches[0][0].start_mark.line, matches[0][1]
            continue
        else:
            break
        line = node.start_mark.line
    return line + 1


def _sentence(detail: ErrorDetails, model: type[BaseModel]) -> str:
    """One validation error in words: where in the entry, what is wrong, the nearest name."""
    where = _brief(".".join(str(step) for step in detail["loc"])) or "the file"
    if detail["type"] == "extra_forbidden":
        match = nearest(str(detail["loc"][-1]), _field_names(model))
        hint = f" Did you mean {match!r}?" if match else ""
        return f"{where} is not a known key.{hint}"
    if detail["type"] == "missing":
        return f"{where} is missing."
    if detail["type"] == "value_error":
        return f"{where}: {_brief(str(detail['ctx']['error']))}."
    given = detail["input"]
    is_plain = isinstance(given, str | int | float | bool)
    shown = _brief(repr(given)) if is_plain else type(given).__name__
    return f"{where}: {detail['msg'][0].lower()}{_brief(detail['msg'][1:])} (found {shown})."


def _brief(text: str) -> str:
    """A text of somebody's file, as much as a message can bear."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _field_names(model: type[BaseModel]) -> set[str]:
    """The keys of a model and of the models inside it."""
    names: set[str] = set()
    waiting: list[type[BaseModel]] = [model]
    seen: set[type[BaseModel]] = set()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for name, field in current.model_fields.items():
            names.add(name)
            waiting.extend(_models_in(field.annotation))
    return names


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models_in(part)
