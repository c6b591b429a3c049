"""YAML whose values know the line they stand on.

Only what a configuration needs: mappings with plain keys, lists, and scalars taken as the text that is
written (`no` is "no", 2026-01-31 is "2026-01-31"). Built from parser events without recursion, so that
depth, size and aliases are bounded whatever the document holds; tags, and with them
objects, are refused. Specification: https://yaml.org/spec/1.1/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

import msgspec

from lading.errors import LimitError, MalformedError

MAX_BYTES = 2**20
MAX_DEPTH = 20
MAX_VALUES = 200_000
MAX_TEXT = 4096

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class Text(msgspec.Struct, frozen=True):
    """A scalar as written; None for a null. line: from 1."""

    value: str | None
    line: int


class Items(msgspec.Struct):
    """A list. line: of its start, from 1."""

    line: int
    values: list[Node] = []


class Fields(msgspec.Struct):
    """A mapping, in the order written. line: of its start; lines: of each key, from 1."""

    line: int
    values: dict[str, Node] = {}
    lines: dict[str, int] = {}
    pending: Text | None = None


Node = Text | Items | Fields


def parse(data: bytes, where: str) -> Node:
    """Return the one document in `data` (UTF-8); an empty one is a `Text` of None.

    where: name of the file, for errors.

    Raises `MalformedError` with file and line for anything that is not YAML, a second document, a duplicate
    or nested key, a tag, an alias within its own anchor; `LimitError` for size, depth or number of values.
    """
    if len(data) > MAX_BYTES:
        raise LimitError(f"larger than {MAX_BYTES} bytes", where)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MalformedError("not UTF-8", f"{where}:{line}") from error
    return _Builder(where).build(text)


def stop(where: str, line: int, message: str, hint: str = "") -> NoReturn:
    """Raise the `MalformedError` of a place."""
    raise MalformedError(message, f"{where}:{line}", hint)


def is_null(node: Node) -> bool:
    """True if nothing is written where `node` stands."""
    return isinstance(node, Text) and node.value is None


def fields(node: Node, where: str, what: str, known: tuple[str, ...]) -> Fields:
    """Return `node` as the mapping that it must be, all its keys among `known`.

    what: the name of such a thing, for the error. Raises `MalformedError` with file and line.
    """
    if not isinstance(node, Fields):
        stop(where, node.line, f"{what} must be a mapping with the keys {', '.join(known)}")
    for key, line in node.lines.items():
        if key not in known:
            import difflib

            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            stop(where, line, f"unknown key {key[:80]!r}", hint)
    return node


def texts(of: Fields, key: str, where: str) -> list[Text]:
    """Return the value of `key` as a list of non-empty texts, whether one or several are written.

    Raises `MalformedError` with file and line for anything else, and for text of over `MAX_TEXT` characters.
    """
    node = of.values[key]
    found = node.values if isinstance(node, Items) else [node]
    good = [text for text in found if isinstance(text, Text) and text.value and text.value.strip()]
    if len(good) != len(found) or not good:
        stop(where, of.lines[key], f"{key} must be text, and not empty")
    for text in good:
        if len(str(text.value)) > MAX_TEXT:
            stop(where, text.line, f"{key} is longer than {MAX_TEXT} characters")
    return good


class _Builder:
    """Turns the parser's events into nodes, with a stack in place of recursion."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.count = 0
        self.open: list[tuple[Items | Fields, str | None, int]] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.root: Node | None = None

    def build(self, text: str) -> Node:
        """Return the root node of the one document in `text`."""
        import yaml

        try:
            for event in _events(text):
                self._take(event)
        except yaml.MarkedYAMLError as error:
            # The end of the text counts as a line of its own there, even where the last one has no end.
            line = 0 if error.problem_mark is None else min(error.problem_mark.line, text.count("\n"))
            if "maximum nesting depth" in str(error.problem):
                # libyaml's own limit, which comes first where it reads ahead.
                raise LimitError(f"nested more than {MAX_DEPTH} deep", f"{self.where}:{line + 1}") from error
            stop(self.where, line + 1, f"not YAML: {error.problem}")
        except yaml.YAMLError as error:
            # The reader's error (a character that YAML forbids) has a position and no line.
            raise MalformedError(f"not YAML: {str(error).splitlines()[0]}", self.where) from error
        return Text(None, 1) if self.root is None else self.root

    def _take(self, event: object) -> None:
        import yaml

        if isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            node, anchor, start = self.open.pop()
            self._name(anchor, node, self.count - start)
            return
        if not isinstance(event, yaml.NodeEvent):
            return
        line = 0 if event.start_mark is None else event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            self._alias(str(event.anchor), line)
            return
        self._count(1, line)
        if getattr(event, "tag", None) not in {None, "!", "tag:yaml.org,2002:str"}:
            stop(self.where, line, "a tag has no place here", "write the value without it")
        if isinstance(event, yaml.ScalarEvent):
            null = not event.style and event.tag is None and event.value in _NULLS
            text = Text(None if null else str(event.value), line)
            self._name(event.anchor, text, 1)
            self._put(text, line)
            return
        node = Items(line) if isinstance(event, yaml.SequenceStartEvent) else Fields(line)
        self._put(node, line)
        if len(self.open) >= MAX_DEPTH:
            raise LimitError(f"nested more than {MAX_DEPTH} deep", f"{self.where}:{line}")
        self.open.append((node, event.anchor, self.count - 1))

    def _alias(self, anchor: str, line: int) -> None:
        known = self.anchors.get(anchor)
        if known is None:
            stop(self.where, line, f"alias *{anchor} has no anchor above it that is complete")
        self._count(known[1], line)
        self._put(known[0], line)

    def _name(self, anchor: str | None, node: Node, weight: int) -> None:
        if anchor is not None:
            self.anchors[anchor] = (node, weight)

    def _count(self, values: int, line: int) -> None:
        self.count += values
        if self.count > MAX_VALUES:
            raise LimitError(f"more than {MAX_VALUES} values, aliases counted", f"{self.where}:{line}")

    def _put(self, node: Node, line: int) -> None:
        if not self.open:
            if self.root is not None:
                stop(self.where, line, "a second document begins here", "keep one document in a file")
            self.root = node
            return
        parent = self.open[-1][0]
        if isinstance(parent, Items):
            parent.values.append(node)
        elif parent.pending is None:
            self._key(parent, node, line)
        else:
            parent.values[str(parent.pending.value)] = node
            parent.pending = None

    def _key(self, parent: Fields, node: Node, line: int) -> None:
        if not isinstance(node, Text) or node.value is None:
            stop(self.where, line, "a key must be a plain word")
        if node.value in parent.lines:
            stop(self.where, line, f"key {node.value!r} was given in line {parent.lines[node.value]} already")
        parent.lines[node.value] = line
        parent.pending = node


def _events(text: str) -> Iterator[object]:
    import yaml

    fast = getattr(yaml, "CSafeLoader", None)  # absent where PyYAML was built without libyaml
    return yaml.parse(text, Loader=fast or yaml.SafeLoader)
