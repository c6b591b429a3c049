r"""One pattern of `.dockerignore`, as moby/patternmatcher reads it.

    name, dir/name    that path            *  ?    what is in one name
    dir/**            all that is in dir   [a-z]   as in regular expressions
    **/name           name in any folder   \        what follows, literally

The pattern becomes a regular expression, and what stands between brackets becomes part of it as it is: that is
how Docker's come to mean what they mean, odd ones included. Left out are `\p`, `\Q` and the like, which
are letters of Go's regular expressions that nobody means in a path; they are refused.
https://pkg.go.dev/github.com/moby/patternmatcher
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lading.dockerfile.wildcard import Wildcard
from lading.errors import MalformedError
from lading.record import Record

# With more of them, a regular expression may go back and forth for ages.
_MAX_BACKTRACKING_STARS = 2
_PLAIN = frozenset(".+()|{}$")
_WILD = re.compile(r"[*?\[\]\\]")
_CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_LAST = 0x10FFFF
# Pairs of the first and last character of a range.
_SETS = {
    "d": "09", "s": "\t\n\f\r  ", "w": "09AZaz__",
    "alnum": "09AZaz", "alpha": "AZaz", "ascii": "\0\x7f", "blank": "\t\t  ", "cntrl": "\0\x1f\x7f\x7f", "digit": "09",
    "graph": "!~", "lower": "az", "print": " ~", "punct": "!/:@[`{~", "space": "\t\r  ", "upper": "AZ",
    "word": "09AZaz__", "xdigit": "09AFaf",
}  # fmt: skip

Ranges = tuple[tuple[int, int], ...]


class Token(Record):
    """A piece of a pattern. kind: "one" character out of `ranges`, "many" of them, "folders" (any, or none),
    "rest", "start", "end".
    """

    kind: str
    ranges: Ranges = ()

    def has(self, char: str) -> bool:
        """Whether a character is one of those."""
        return any(low <= ord(char) <= high for low, high in self.ranges)


class IgnorePattern(Record):
    """A pattern. lets_in: what fits is not ignored after all. prefix: folders that all that fits is in."""

    text: str
    lets_in: bool
    prefix: str
    fits: Callable[[str], bool]


def compiled(text: str) -> IgnorePattern:
    """Return the pattern that a cleaned text is. Raises `MalformedError` where Docker would fail, too."""
    lets_in = text.startswith("!")
    text = text[1:] if lets_in else text
    if not text:
        raise MalformedError("a pattern is a lone !")
    Wildcard(text).fits(".")
    return IgnorePattern(text, lets_in, _prefix(text), _test(text))


def _prefix(text: str) -> str:
    found = _WILD.search(text)
    return text if found is None else text[: found.start()].rpartition("/")[0]


def _test(text: str) -> Callable[[str], bool]:
    """Return the test that a pattern comes to: the plain ones are compared as texts."""
    if _WILD.search(text) is None:
        return text.__eq__
    stars = text.find("**")
    if _WILD.search(text.replace("**", "", 1)) is None:
        if stars == 0:
            return _ends(text[2:])
        if stars == len(text) - 2:
            return _begins(text[:-2])
    tokens = tuple(_tokens(_expression(text), text))
    if sum(token.kind in {"many", "folders", "rest"} for token in tokens) > _MAX_BACKTRACKING_STARS:
        return _steps(tokens)
    expression = re.compile("".join(map(_written, tokens)))
    return lambda path: expression.search(path) is not None


def _begins(start: str) -> Callable[[str], bool]:
    return lambda path: path.startswith(start)


def _ends(end: str) -> Callable[[str], bool]:
    if end.startswith("/"):
        return lambda path: path.endswith(end) or path == end[1:]
    return lambda path: path.endswith(end)


def _expression(text: str) -> str:
    """Return the regular expression, in Go's words, that moby makes of a pattern."""
    done = ["^"]
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "*" and text.startswith("*", at):
            at += 1
            at += text.startswith("/", at)
            done.append("(.*/)?" if at < len(text) else ".*")
        elif char == "*":
            done.append("[^/]*")
        elif char == "?":
            done.append("[^/]")
        elif char in _PLAIN:
            done.append("\\" + char)
        elif char == "\\":
            done.append("\\" + text[at : at + 1])
            at += 1
        else:
            done.append(char)
    return "".join([*done, "$"])


def _tokens(expression: str, text: str) -> Iterator[Token]:
    at = 0
    while at < len(expression):
        char = expression[at]
        if expression.startswith("(.*/)?", at):
            yield Token("folders")
            at += 6
        elif expression.startswith(".*", at):
            yield Token("rest")
            at += 2
        elif char in "^$":
            yield Token("start" if char == "^" else "end")
            at += 1
        else:
            if char == "[":
                ranges, at = _class(expression, at + 1, text)
            elif char == "\\":
                ranges, at = _escaped(expression, at + 1, text)
            else:
                ranges, at = _exactly(char), at + 1
            is_many = expression.startswith("*", at)
            at += is_many
            yield Token("many" if is_many else "one", ranges)


def _class(expression: str, at: int, text: str) -> tuple[Ranges, int]:
    is_negated = expression.startswith("^", at)
    at += is_negated
    found: list[tuple[int, int]] = []
    is_first = True
    while is_first or not expression.startswith("]", at):
        is_first = False
        if at >= len(expression):
            raise _broken(text)
        name = expression[at + 2 : expression.find(":]", at)] if expression.startswith("[:", at) else ""
        if name and expression.find(":]", at) > 0:
            found += _named(name, text)
            at += len(name) + 4
            continue
        ranges, after = _member(expression, at, text)
        if expression.startswith("-", after) and not expression.startswith("-]", after):
            if len(ranges) != 1 or ranges[0][0] != ranges[0][1]:
                at = after
                found += ranges
                continue
            highs, after = _member(expression, after + 1, text)
            if len(highs) != 1 or highs[0][0] != highs[0][1] or highs[0][0] < ranges[0][0]:
                raise _broken(text)
            ranges = ((ranges[0][0], highs[0][0]),)
        found += ranges
        at = after
    return (_others(found) if is_negated else tuple(found)), at + 1


def _member(expression: str, at: int, text: str) -> tuple[Ranges, int]:
    if at >= len(expression):
        raise _broken(text)
    if expression[at] == "\\":
        return _escaped(expression, at + 1, text)
    return _exactly(expression[at]), at + 1


def _escaped(expression: str, at: int, text: str) -> tuple[Ranges, int]:
    char = expression[at : at + 1]
    if char in _CONTROLS:
        return _exactly(_CONTROLS[char]), at + 1
    if char.lower() in {"d", "s", "w"} and char:
        ranges = _spans(_SETS[char.lower()])
        return (_others(list(ranges)) if char.isupper() else ranges), at + 1
    if not char.isascii() or char.isalnum() or not char:
        raise _broken(text)
    return _exactly(char), at + 1


def _named(name: str, text: str) -> Ranges:
    inner = name.removeprefix("^")
    if inner not in _SETS or len(inner) == 1:
        raise _broken(text)
    ranges = _spans(_SETS[inner])
    return _others(list(ranges)) if inner != name else ranges


def _exactly(char: str) -> Ranges:
    return ((ord(char), ord(char)),)


def _spans(pairs: str) -> Ranges:
    return tuple((ord(low), ord(high)) for low, high in zip(pairs[::2], pairs[1::2], strict=True))


def _others(ranges: list[tuple[int, int]]) -> Ranges:
    found = []
    at = 0
    for low, high in sorted(ranges):
        if low > at:
            found.append((at, low - 1))
        at = max(at, high + 1)
    return (*found, (at, _LAST)) if at <= _LAST else tuple(found)


def _broken(text: str) -> MalformedError:
    return MalformedError(f"not a pattern: {text[:80]!r}", hint="write \\[ for a plain [")


def _written(token: Token) -> str:
    """Return a token as a regular expression of Python."""
    match token.kind:
        case "start":
            return r"\A"
        case "end":
            return r"\Z"
        case "rest":
            return ".*"
        case "folders":
            return "(?:.*/)?"
    if not token.ranges:
        inner = "(?!)"
    else:
        inner = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in token.ranges)
        inner = f"[{inner}]"
    return inner + "*" * (token.kind == "many")


def _steps(tokens: tuple[Token, ...]) -> Callable[[str], bool]:
    """Return a test that follows all ways at once: its time is the product of both lengths."""
    # A path without the longest literal text cannot fit, which spares most of the work.
    literal = max(_literals(tokens), key=len, default="")
    return lambda path: literal in path and _walk(tokens, path)


def _literals(tokens: tuple[Token, ...]) -> Iterator[str]:
    run = ""
    for token in tokens:
        is_literal = (
            token.kind == "one" and len(token.ranges) == 1 and token.ranges[0][0] == token.ranges[0][1]
        )
        if is_literal:
            run += chr(token.ranges[0][0])
        else:
            yield run
            run = ""
    yield run


def _walk(tokens: tuple[Token, ...], path: str) -> bool:
    ways = _passed({0}, tokens, 0, path)
    for place, char in enumerate(path, 1):
        ways = _passed({way for at in ways for way in _after(tokens, at, char)}, tokens, place, path)
        if not ways:
            return False
    return len(tokens) in ways


def _after(tokens: tuple[Token, ...], at: int, char: str) -> tuple[int, ...]:
    """Return where one may be after a character; inside of folders counts as minus their place, less one."""
    if at < 0:
        place = -at - 1
        return (at, place + 1) if char == "/" else (at,) if char != "\n" else ()
    token = tokens[at] if at < len(tokens) else Token("end")
    match token.kind:
        case "one":
            return (at + 1,) if token.has(char) else ()
        case "many":
            return (at,) if token.has(char) else ()
        case "rest":
            return (at,) if char != "\n" else ()
    return ()


def _passed(ways: set[int], tokens: tuple[Token, ...], place: int, path: str) -> set[int]:
    """Return these places, and those that are reached from them without a character."""
    pending = list(ways)
    while pending:
        at = pending.pop()
        if not 0 <= at < len(tokens):
            continue
        kind = tokens[at].kind
        more: list[int] = []
        if (
            kind in {"many", "rest"}
            or (kind == "start" and place == 0)
            or (kind == "end" and place == len(path))
        ):
            more = [at + 1]
        elif kind == "folders":
            more = [at + 1, -at - 1]
        pending += [one for one in more if one not in ways]
        ways |= set(more)
    return ways
