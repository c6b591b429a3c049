"""Glob patterns over names and paths, matched without regular expressions.

`*` stands for any characters within a name, `**` as a whole name for any number of directories (none
among them), `?` for one character, `[a-z]` and `[!a-z]` for one of a class, `{a,b}` for either; a
backslash takes the next character as it is. The syntax is that of doublestar, which Trivy uses.

Matching costs at most the product of both lengths: there is no pattern that makes it hang.
"""

from __future__ import annotations

import itertools

import msgspec

from lading.errors import LimitError, MalformedError

MAX_LENGTH = 4096
MAX_ALTERNATIVES = 256


class _One(msgspec.Struct, frozen=True):
    """One character: any of the inclusive ranges, or, negated, none of them."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False

    def takes(self, char: str) -> bool:
        return any(low <= char <= high for low, high in self.ranges) is not self.negated


_ANY = _One((), negated=True)
# A literal character, one of a class, or None for a star.
_Tokens = tuple[str | _One | None, ...]


class Glob(msgspec.Struct, frozen=True):
    """A compiled pattern.

    text: as written. alternatives: one for each choice that `{}` gives; in it a token list for each
    name of the path, where None stands for `**`.
    """

    text: str
    alternatives: tuple[tuple[_Tokens | None, ...], ...]


def for_path(text: str) -> Glob:
    """Return the pattern for paths relative to the root; a leading `/` or `./` is dropped.

    Raises `MalformedError` for an open bracket or brace, `LimitError` for an oversized pattern.
    """
    choices = _braces(text)
    bare = (choice.removeprefix("./").lstrip("/") for choice in choices)
    return Glob(text, tuple(tuple(map(_segment, choice.split("/"))) for choice in bare))


def for_name(text: str) -> Glob:
    """Return the pattern for names of packages, where `*` goes over `/` too (`github.com/aws/*`).

    Raises as `for_path` does.
    """
    return Glob(text, tuple((_tokens(choice),) for choice in _braces(text)))


def stars_only(text: str) -> Glob:
    """Return the pattern for names in which `*` is the only sign with a meaning, as in package URLs."""
    return Glob(text, ((tuple(None if char == "*" else char for char in text),),))


def matches_path(glob: Glob, path: str) -> bool:
    """True if the whole of `path` (relative, no leading `/`) has the form of the pattern."""
    names = path.split("/")
    return any(_fits_path(alternative, names) for alternative in glob.alternatives)


def matches_name(glob: Glob, name: str) -> bool:
    """True if the whole of `name` has the form of the pattern made by `for_name`."""
    return any(_fits(tokens, name) for (tokens,) in glob.alternatives if tokens is not None)


def matches_all(glob: Glob) -> bool:
    """True if the pattern is nothing but stars, so that it leaves nothing out."""
    return any(
        all(part is None or (part and all(token is None for token in part)) for part in parts)
        for parts in glob.alternatives
    )


def _segment(text: str) -> _Tokens | None:
    return None if text == "**" else _tokens(text)


def _fits_path(parts: tuple[_Tokens | None, ...], names: list[str]) -> bool:
    """Go forward; at a mismatch return to the last `**` and let it take one name more."""
    part = at = 0
    star, resume = -1, 0
    while at < len(names):
        current = parts[part] if part < len(parts) else ()
        if current is None:
            star, resume, part = part, at, part + 1
        elif part < len(parts) and _fits(current, names[at]):
            part, at = part + 1, at + 1
        elif star >= 0:
            resume += 1
            part, at = star + 1, resume
        else:
            return False
    return all(rest is None for rest in parts[part:])


def _fits(tokens: _Tokens, text: str) -> bool:
    """Go forward; at a mismatch return to the last star and let it take one character more."""
    token = at = 0
    star, resume = -1, 0
    while at < len(text):
        current = tokens[token] if token < len(tokens) else ""
        if current is None:
            star, resume, token = token, at, token + 1
        elif current and (current == text[at] if isinstance(current, str) else current.takes(text[at])):
            token, at = token + 1, at + 1
        elif star >= 0:
            resume += 1
            token, at = star + 1, resume
        else:
            return False
    return all(rest is None for rest in tokens[token:])


def _tokens(text: str) -> _Tokens:
    tokens: list[str | _One | None] = []
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "\\" and at < len(text):
            tokens.append(text[at])
            at += 1
        elif char == "[":
            one, at = _class(text, at)
            tokens.append(one)
        elif char == "*":
            tokens.append(None)
        else:
            tokens.append(_ANY if char == "?" else char)
    return tuple(tokens)


def _class(text: str, start: int) -> tuple[_One, int]:
    """Read `a-z]` from `start` on; return the class and the place after the bracket."""
    negated = text[start : start + 1] in {"!", "^"}
    at = start + negated
    ranges: list[tuple[str, str]] = []
    while at < len(text) and (text[at] != "]" or not ranges):
        at += text[at] == "\\"
        low = high = text[at : at + 1]
        at += 1
        if text[at : at + 1] == "-" and text[at + 1 : at + 2] not in {"]", ""}:
            high = text[at + 1]
            at += 2
        ranges.append((low, high))
    if at >= len(text):
        raise MalformedError(f"pattern {text!r} has a [ without ]")
    return _One(tuple(ranges), negated), at + 1


def _braces(text: str) -> list[str]:
    """Return the patterns that `{a,b}` spells out, in order; nested braces as well."""
    if len(text) > MAX_LENGTH:
        raise LimitError(f"pattern is longer than {MAX_LENGTH} characters")
    done: list[str] = []
    waiting = [text]
    while waiting:
        current = waiting.pop()
        span = _first_braces(current)
        if span is None:
            done.append(current)
            continue
        start, commas, end = span
        cuts = [start, *commas, end]
        for low, high in reversed(list(itertools.pairwise(cuts))):
            waiting.append(current[:start] + current[low + 1 : high] + current[end + 1 :])
        if len(done) + len(waiting) > MAX_ALTERNATIVES:
            raise LimitError(f"pattern {text!r} has more than {MAX_ALTERNATIVES} alternatives")
    return done


def _first_braces(text: str) -> tuple[int, list[int], int] | None:
    """Return the places of the first `{`, of its commas, and of its `}`; None if there is none."""
    start, depth, at = -1, 0, 0
    commas: list[int] = []
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char == "{":
            start = at if depth == 0 else start
            depth += 1
        elif char == "}" and depth:
            depth -= 1
            if depth == 0:
                return start, commas, at
        elif char == "," and depth == 1:
            commas.append(at)
        at += 1
    if depth:
        raise MalformedError(f"pattern {text!r} has a {{ without }}")
    return None
