"""From the syntax tree of bash to commands: where they stand in lists and pipelines, and their words.

tree-sitter gives a tree of statements in which lists and pipelines nest to the left, redirections stand around what
they redirect, and what follows a heredoc's start stands inside of it. Here each block becomes one row of
commands with operators between, which is what rules ask about.

1. `_Walk` takes nodes from a stack, so that no depth of nesting in the text is a depth of calls.
2. The children of a node become a row: statements as items, operators between, redirections with the item before.
3. Simple commands of the row are read; everything else that may hold commands goes back on the stack.
"""

from __future__ import annotations

import functools
import re
import time
from _thread import get_ident  # threading's, without all that comes with it
from collections.abc import Iterator
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from itertools import pairwise
from types import ModuleType

import tree_sitter
from tree_sitter import Node

from lading.dockerfile.source import Joined, Span
from lading.lint import words
from lading.lint.shell import Arg, Assignment, Invocation, Place, Redirection, Script
from lading.lint.words import Text

_OPERATORS = frozenset({"&&", "||", ";", "&", "|", "|&", "\n", ";;", ";&", ";;&"})
_PIPES = frozenset({"|", "|&"})
_FLATTENED = frozenset({"list", "pipeline", "redirected_statement", "negated_command"})
_REDIRECTIONS = frozenset({"file_redirect", "herestring_redirect", "heredoc_redirect"})
_SIMPLE = frozenset(
    {"command", "declaration_command", "unset_command", "variable_assignment", "variable_assignments"}
)
_COMPOUND = frozenset(
    {
        "subshell",
        "compound_statement",
        "if_statement",
        "while_statement",
        "for_statement",
        "c_style_for_statement",
        "case_statement",
        "function_definition",
        "test_command",
    }
)
_DEEPER = _COMPOUND | {"command_substitution", "process_substitution"}
# Recovery from errors can take time that grows with the square of the text. Below the first of these sizes that is
# nothing, above it is watched; in a long pipe with a hole at its end it cannot be, so there is a limit to these.
_QUICK_BYTES = 1000
_MAX_S = 1.0
_MAX_PIPES = 2000
_CHUNK_BYTES = 2**16
_HEREDOC = re.compile(rb"(?<!<)<<-?(?!<)")
_LEAVES = frozenset(
    {"word", "raw_string", "number", "comment", "simple_expansion", "variable_name", "heredoc_content"}
)


@functools.cache
def _parser(_thread: int) -> tree_sitter.Parser:
    """Return the parser of a thread: two that use one at the same time crash."""
    return tree_sitter.Parser(_language())


@functools.cache
def _language() -> tree_sitter.Language:
    return tree_sitter.Language(_binding().language())


def _binding() -> ModuleType:
    """Return the compiled half of tree_sitter_bash.

    The other half imports `importlib.resources`, which takes longer than parsing a hundred Dockerfiles, for files
    with queries that nobody asks for here.
    """
    package = find_spec("tree_sitter_bash")
    folders = package.submodule_search_locations if package else None
    found = PathFinder.find_spec("_binding", folders)
    if found is None or found.loader is None:
        return import_module("tree_sitter_bash")
    # The name under which the file itself was made: Python looks for a function of that name in it.
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


def script(joined: Joined, language: str, *, is_heredoc: bool, bodiless: bool) -> Script:
    """Return the script in `joined`; raises nothing, whatever the text.

    bodiless: heredocs are announced in it whose text is elsewhere.
    """
    text = Text(joined)
    root = _root(_without_heredocs(text.data) if bodiless else text.data)
    if root is None:
        return Script(joined, language, broken=True, is_heredoc=is_heredoc)
    walk = _Walk(text)
    walk.run(root)
    return Script(
        joined,
        language,
        tuple(sorted(walk.commands, key=lambda one: one.span)),
        broken=root.has_error,
        pipelines=walk.pipelines,
        is_heredoc=is_heredoc,
    )


def _root(data: bytes) -> Node | None:
    """Return the syntax tree; None if that takes too long, as only text does that nobody has written."""
    parser = _parser(get_ident())
    if len(data) <= _QUICK_BYTES:
        return parser.parse(data).root_node
    if data.count(b"|") > _MAX_PIPES:
        return None
    until = time.thread_time() + _MAX_S
    try:
        return parser.parse(
            lambda offset, _: data[offset : offset + _CHUNK_BYTES],
            progress_callback=lambda _offset, _error: time.thread_time() > until,
        ).root_node
    except ValueError:
        parser.reset()
        return None


def _without_heredocs(data: bytes) -> bytes:
    """Return the text with redirections from files in place of those from heredocs, nothing moved."""
    return _HEREDOC.sub(lambda found: b"<" + b" " * (len(found[0]) - 1), data)


class _Item:
    """A statement in a row, and the operators around it. words: arguments that stand behind a redirection.

    begins, ends: offsets of line ends in place of operators; -1 for none.
    """

    __slots__ = ("after", "before", "begins", "ends", "negated", "node", "redirections", "words")

    def __init__(self, node: Node, before: Node | None, *, negated: bool) -> None:
        self.node = node
        self.before = before
        self.after: Node | None = None
        self.begins = self.ends = -1
        self.negated = negated
        self.redirections: list[Node] = []
        self.words: list[Node] = []


class _Row:
    """The statements of a block, in order. rest: nodes in between that may hold commands of their own."""

    def __init__(self) -> None:
        self.lists: list[list[_Item]] = [[]]
        self.rest: list[Node] = []
        self._operator: Node | None = None
        self._negated = False

    def fill(self, node: Node) -> None:
        """Take the children of a block."""
        stack = node.children[::-1]
        while stack:
            child = stack.pop()
            kind = child.type
            if kind in _FLATTENED:
                stack += child.children[::-1]
            elif kind in _OPERATORS:
                self._operate(child)
            elif kind in _SIMPLE or kind in _COMPOUND:
                self._add(child)
            elif kind in _REDIRECTIONS:
                self._redirect(child, stack)
            elif kind == "!":
                self._negated = True
            elif child.is_named:
                self.rest.append(child)
            else:
                self._operator = None
                self.lists.append([])

    def _operate(self, operator: Node) -> None:
        self._operator = operator
        if self.lists[-1]:
            self.lists[-1][-1].after = operator

    def _add(self, node: Node) -> None:
        self.lists[-1].append(_Item(node, self._operator, negated=self._negated))
        self._operator, self._negated = None, False

    def _redirect(self, node: Node, stack: list[Node]) -> None:
        last = self.lists[-1][-1] if self.lists[-1] else None
        if last is None:
            self.rest.append(node)
            return
        last.redirections.append(node)
        if node.type != "heredoc_redirect":
            return
        for child in reversed(node.children):
            if child.type in _OPERATORS or child.type in _FLATTENED | _SIMPLE | _COMPOUND | _REDIRECTIONS:
                stack.append(child)
            elif child.type == "heredoc_body":
                self.rest.append(child)
            elif child.type in words.KINDS:
                last.words.insert(0, child)


class _Walk:
    """The way through a tree. commands: those found. pipelines: how many were met."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.commands: list[Invocation] = []
        self.pipelines = 0
        self._lists = 0
        self._stack: list[tuple[Node, int]] = []

    def run(self, root: Node) -> None:
        """Find all commands below `root`."""
        self._stack.append((root, 0))
        while self._stack:
            node, depth = self._stack.pop()
            row = _Row()
            row.fill(node)
            self._push(row.rest, depth)
            for items in row.lists:
                self._lists += 1
                for item, place in self._placed(items, depth):
                    self._item(item, place, depth)

    def _push(self, nodes: list[Node], depth: int) -> None:
        for node in nodes:
            if node.type not in _LEAVES:
                self._stack.append((node, depth + (node.type in _DEEPER)))

    def _placed(self, items: list[_Item], depth: int) -> Iterator[tuple[_Item, Place]]:
        """Yield the items of a list with their places."""
        for item, following in pairwise(items):
            if item.after is None:  # nothing but a line end is between
                item.ends = following.begins = self.text.line_end(item.node)
        for run in _pipelines(items):
            number = -1
            if len(run) > 1:
                number = self.pipelines
                self.pipelines += 1
            for position, item in enumerate(run):
                before, before_span = self._operator(item.before, item.begins)
                after, after_span = self._operator(item.after, item.ends)
                place = Place(
                    before=before,
                    before_span=before_span,
                    after=after,
                    after_span=after_span,
                    pipeline=number,
                    position=position,
                    length=len(run),
                    depth=depth,
                    list_number=self._lists,
                    negated=item.negated,
                )
                yield item, place

    def _operator(self, node: Node | None, line_end: int) -> tuple[str, Span]:
        if node is None:
            return (";", self.text.joined.span(line_end, line_end + 1)) if line_end >= 0 else ("", Span(0, 0))
        return ";" if node.type == "\n" else node.type, self.text.span(node)

    def _item(self, item: _Item, place: Place, depth: int) -> None:
        node = item.node
        for redirection in item.redirections:
            if redirection.type != "heredoc_redirect":
                self._push(redirection.children, depth)
        self._push(item.words, depth)
        if node.type in _SIMPLE:
            self._push(_descend(node), depth)
            self.commands.append(_simple(self.text, item, place))
        else:
            self._stack.append((node, depth + 1))


def _pipelines(items: list[_Item]) -> Iterator[list[_Item]]:
    run: list[_Item] = []
    for item in items:
        if run and not (item.before is not None and item.before.type in _PIPES):
            yield run
            run = []
        run.append(item)
    if run:
        yield run


def _descend(node: Node) -> list[Node]:
    """Return the parts of a simple command that may hold substitutions."""
    found = node.children
    if found and found[0].type == "command_name":
        return [*found[0].children, *found[1:]]
    return found


def _simple(text: Text, item: _Item, place: Place) -> Invocation:
    read: list[Arg] = []
    assignments: list[Assignment] = []
    redirections: list[Redirection] = []
    children = [item.node] if item.node.type == "variable_assignment" else item.node.children
    for child in [*children, *item.redirections]:
        kind = child.type
        if kind == "variable_assignment":
            assignments.append(_assignment(text, child))
            if read:  # of `export A=b`
                read.append(text.arg(child))
        elif kind == "command_name":
            read.append(text.arg(child.children[0] if child.children else child))
        elif kind in _REDIRECTIONS:
            more = _redirection(text, child)
            redirections.append(more[0])
            read += more[1]
        elif kind in words.KINDS or not child.is_named:
            read.append(text.arg(child))
    read += [text.arg(word) for word in item.words]
    # A heredoc's text is not counted, for other commands stand before it.
    others = [one for one in item.redirections if one.type != "heredoc_redirect"]
    ends = [text.span(one) for one in (item.node, *others, *item.words)] + [one.span for one in redirections]
    span = Span(min(one.start for one in ends), max(one.end for one in ends))
    return Invocation(words.named(read), tuple(assignments), tuple(redirections), place, span)


def _assignment(text: Text, node: Node) -> Assignment:
    name = node.children[0]
    value = node.child_by_field_name("value")
    start, end = text.offsets(node)
    has_sign = "=" in text.joined.text[start:end]
    arg = text.arg(value) if value is not None else text.empty(end) if has_sign else None
    return Assignment(text.of(name), arg, text.span(node))


def _redirection(text: Text, node: Node) -> tuple[Redirection, list[Arg]]:
    """Return a redirection, and the words behind it that the grammar takes to be part of it."""
    descriptor = operator = ""
    targets: list[Arg] = []
    end = node
    for child in node.children:
        if child.type == "file_descriptor":
            descriptor = text.of(child)
        elif node.type == "heredoc_redirect" and child.type == "heredoc_start":
            end = child
            break
        elif child.type in words.KINDS:
            targets.append(text.arg(child))
        elif not child.is_named:
            operator = operator or child.type
    target = targets[0] if targets else None
    start = text.offset(node.start_byte) + len(descriptor)
    if text.joined.text.startswith("<<", start) and operator == "<":  # one whose text is elsewhere
        operator = "<<-" if text.joined.text.startswith("-", start + 2) else "<<"
        return Redirection(
            descriptor, operator, None, Span(text.span(node).start, targets[0].span.end)
        ), targets[1:]
    span = Span(text.span(node).start, target.span.end if target else text.span(end).end)
    return Redirection(descriptor, operator, target, span), targets[1:]
