"""The words of shell commands: from nodes of the syntax tree to text without quotes and escapes."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate

from tree_sitter import Node

from lading.dockerfile.source import Joined, Span
from lading.lint.shell import VARIABLE, Arg

_EXPANSIONS = frozenset(
    {"simple_expansion", "expansion", "command_substitution", "arithmetic_expansion", "process_substitution"}
)
_QUOTED = frozenset({"string", "raw_string", "ansi_c_string", "translated_string"})
KINDS = _EXPANSIONS | _QUOTED | {
    "word",
    "number",
    "concatenation",
    "brace_expression",
    "variable_name",
    "regex",
    "extglob_pattern",
    "array",
    "special_variable_name",
}  # fmt: skip
"""The kinds of nodes that are words."""

_PLAIN_ESCAPE = re.compile(r"\\(\n|.)", re.DOTALL)
_QUOTED_ESCAPE = re.compile(r'\\([$`"\\\n])')
# These run the command that follows them in their own place.
_LOOKED_THROUGH = frozenset({"command", "builtin", "busybox"})


class Text:
    """A script's text. joined: as Dockerfile text. data: its bytes, which the tree's offsets count."""

    def __init__(self, joined: Joined) -> None:
        self.joined = joined
        self.data = joined.text.encode("utf-8", "surrogatepass")
        self._ascii = len(self.data) == len(joined.text)

    @cached_property
    def _ends(self) -> list[int]:
        """For each character, the byte offset where it ends."""
        return list(accumulate(len(char.encode("utf-8", "surrogatepass")) for char in self.joined.text))

    def offset(self, byte: int) -> int:
        """Return the offset in characters of an offset in bytes."""
        return byte if self._ascii else bisect_right(self._ends, byte)

    def offsets(self, node: Node) -> tuple[int, int]:
        """Return where a node begins and ends, in characters."""
        return self.offset(node.start_byte), self.offset(node.end_byte)

    def span(self, node: Node | None) -> Span:
        """Return where a node stands in the source; nowhere for None."""
        return Span(0, 0) if node is None else self.joined.span(*self.offsets(node))

    def line_end(self, node: Node) -> int:
        """Return the offset of the line end behind a node; where it ends if there is none."""
        end = self.offset(node.end_byte)
        return max(self.joined.text.find("\n", end), end)

    def of(self, node: Node) -> str:
        """Return the text of a node as written."""
        start, end = self.offsets(node)
        return self.joined.text[start:end]

    def empty(self, at: int) -> Arg:
        """Return the word that has no characters."""
        return Arg("", "", literal=True, quoted=False, span=self.joined.span(at, at))

    def arg(self, node: Node) -> Arg:
        """Return the word that a node is."""
        texts: list[str] = []
        masked: list[str] = []
        quoted = False
        stack = [node]
        while stack:
            part = stack.pop()
            kind = part.type
            if kind in _EXPANSIONS:
                texts.append(self.of(part))
                masked.append(VARIABLE)
                continue
            if kind in _QUOTED:
                quoted = True
            if kind in {"string", "translated_string"}:
                self._string(part, texts, masked)
            elif kind == "concatenation" or (kind == "variable_assignment" and part.children):
                stack += part.children[::-1]
            else:
                text = self._plain(part)
                texts.append(text)
                masked.append(text)
        text, mask = "".join(texts), "".join(masked)
        return Arg(text, mask, literal=text == mask, quoted=quoted, span=self.span(node))

    def _plain(self, node: Node) -> str:
        text = self.of(node)
        if node.type == "raw_string":
            return text[1:-1]
        if node.type == "ansi_c_string":
            return text[2:-1]
        if "\\" in text:
            return _PLAIN_ESCAPE.sub(lambda found: found[1].strip("\n"), text)
        return text

    def _string(self, node: Node, texts: list[str], masked: list[str]) -> None:
        start, end = self.offsets(node)
        at = self.joined.text.find('"', start, end) + 1
        inner = node.children[-1].children if node.type == "translated_string" else node.children
        for child in inner:
            if child.type not in _EXPANSIONS:
                continue
            first, last = self.offsets(child)
            while self.joined.text[first] in " \t\n":  # blanks before it count as part of it
                first += 1
            before = _unescaped(self.joined.text[at:first])
            texts += (before, self.joined.text[first:last])
            masked += (before, VARIABLE)
            at = last
        rest = _unescaped(self.joined.text[at : end - 1])
        texts.append(rest)
        masked.append(rest)


def _unescaped(text: str) -> str:
    return _QUOTED_ESCAPE.sub(lambda found: found[1].strip("\n"), text) if "\\" in text else text


def named(read: list[Arg]) -> tuple[Arg, ...]:
    """Return the words of a command from that on which names what runs."""
    at = 0
    while at + 1 < len(read):
        name = read[at].masked
        following = at + 1
        if name == "exec":
            following = _after_options(read, following)
        elif name not in _LOOKED_THROUGH:
            break
        if following >= len(read) or read[following].masked.startswith("-"):
            break
        at = following
    return tuple(read[at:])


def _after_options(read: list[Arg], at: int) -> int:
    """Return where the options of `exec [-cl] [-a name]` end."""
    while at < len(read) and read[at].masked.startswith("-"):
        at += 1 + read[at].masked.endswith("a")
    return at
