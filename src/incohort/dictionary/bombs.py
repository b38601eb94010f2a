"""YAML that is small to write and endless to read: refused before anything walks it."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from incohort.errors import UsageError

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 60  # entries inside one another; a mapping has five
_MOST = 2_000_000  # entries that the file stands for once its aliases are written out
_LONGEST_NUMBER = 400  # characters; a float64 has 309 digits before its point
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")


class DictionaryError(UsageError):
    """A file of the data dictionary is not as its model says; names the file and the line."""


def refuse_depth(name: str, text: str) -> None:
    """Refuse what is nested too deeply, and would overflow a parser that calls itself."""
    depth = 0
    try:
        for event in yaml.parse(text, _Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > _DEEPEST:
                line = f":{event.start_mark.line + 1}" if event.start_mark else ""
                msg = f"{name}{line}: is nested too deeply."
                raise DictionaryError(msg)
    except yaml.YAMLError:
        return  # told when it is read


def refuse_bombs(name: str, root: yaml.Node) -> None:
    """Refuse aliases that hold themselves or stand for too much, and numbers of many digits."""
    sizes: dict[int, int | None] = {}
    if _size(root, sizes) > _MOST:
        msg = f"{name}: its aliases stand for more entries than one can read."
        raise DictionaryError(msg)
    for node in nodes_of(root):
        if node.tag in _NUMBERS and len(node.value) > _LONGEST_NUMBER:
            line = node.start_mark.line + 1
            msg = f"{name}:{line}: is a number of {len(node.value):,} digits."
            raise DictionaryError(msg)


def nodes_of(root: yaml.Node) -> Iterator[yaml.Node]:
    """Every node once, in the order of the file, whatever aliases lead to it again."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += reversed(_children(node))


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _size(node: yaml.Node, sizes: dict[int, int | None]) -> int:
    """How many nodes a node stands for; one that holds itself stands for more than any."""
    if id(node) in sizes:
        known = sizes[id(node)]
        return _MOST + 1 if known is None else known
    sizes[id(node)] = None
    size = 1 + sum(_size(child, sizes) for child in _children(node))
    sizes[id(node)] = min(size, _MOST + 1)
    return min(size, _MOST + 1)
