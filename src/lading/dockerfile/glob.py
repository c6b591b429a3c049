"""Shell patterns inside `${x#p}`, `${x%p}` and `${x/p/r}`: `*`, `?`, and a backslash before either.

Neither sign goes over a line end, and there are no brackets: BuildKit makes regular expressions of these
patterns, and this gives what they give, at a cost of the product of both lengths at most.
"""

from __future__ import annotations

import re

from lading.errors import LimitError, MalformedError

MAX_PATTERN = 4096
MAX_RESULT = 2**20

_ANY = "?"
_STAR = "*"
# Go's ReplaceAllString reads these in a replacement; group 0 is the whole match, and there are no others.
_TEMPLATE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")
# (a literal character, or one of the signs; whether it is a sign)
_Token = tuple[str, bool]


def without_start(pattern: str, value: str, *, longest: bool) -> str:
    """Return `value` without the shortest, or longest, start that is like `pattern`."""
    end = _match_end(_chunks(_tokens(pattern)), value, 0, longest=longest)
    return value if end is None else value[end:]


def without_end(pattern: str, value: str, *, longest: bool) -> str:
    """Return `value` without the shortest, or longest, end that is like `pattern`."""
    end = _match_end(_chunks(_tokens(pattern)[::-1]), value[::-1], 0, longest=longest)
    return value if end is None else value[: len(value) - end]


def replaced(pattern: str, value: str, replacement: str, *, every: bool) -> str:
    """Return `value` with the first, or every, part like `pattern` (the longest there) replaced."""
    chunks = _chunks(_tokens(pattern))
    if not every:
        span = _find(chunks, value, 0)
        return value if span is None else value[: span[0]] + replacement + value[span[1] :]
    done: list[str] = []
    size = at = last = 0
    while at <= len(value) and (span := _find(chunks, value, at)):
        start, end = span
        done.append(value[last:start])
        # An empty match right behind a match is none.
        if end > last or start == 0:
            done.append(_template(replacement, value[start:end]))
            size += len(done[-1])
        if size > MAX_RESULT:
            raise LimitError(f"grows beyond {MAX_RESULT} characters")
        last = end
        at = max(end, at + 1)
    return "".join([*done, value[last:]])


def _template(replacement: str, matched: str) -> str:
    if "$" not in replacement:
        return replacement

    def group(found: re.Match[str]) -> str:
        if found[1]:
            return "$"
        name = found[2] or found[3]
        return matched if name.isdecimal() and int(name[:9]) == 0 else ""

    return _TEMPLATE.sub(group, replacement)


def _tokens(pattern: str) -> list[_Token]:
    if len(pattern) > MAX_PATTERN:
        raise LimitError(f"pattern is longer than {MAX_PATTERN} characters")
    tokens: list[_Token] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char != "\\":
            tokens.append((char, char in {_ANY, _STAR}))
            continue
        following = pattern[at : at + 1]
        if following in {"}", "/"}:
            continue  # escaped for the sake of the braces around, not of the pattern
        if following not in {_ANY, _STAR, "\\"}:
            raise MalformedError(f"invalid escape \\{following} in pattern {pattern!r}")
        tokens.append((following, False))
        at += 1
    return tokens


def _chunks(tokens: list[_Token]) -> list[re.Pattern[str]]:
    """Return what stands between the stars, one part more than there are; each has a fixed length."""
    parts = [""]
    for char, is_sign in tokens:
        if is_sign and char == _STAR:
            parts.append("")
        else:
            parts[-1] += "." if is_sign else re.escape(char)
    return [re.compile(part) for part in parts]


def _match_end(chunks: list[re.Pattern[str]], value: str, start: int, *, longest: bool) -> int | None:
    """Return the end of the match that begins at `start`; None if there is none.

    The earliest place for each chunk leaves most room for the others; only the last one may be sought
    from the end.
    """
    first = chunks[0].match(value, start)
    if first is None:
        return None
    at = first.end()
    for number, chunk in enumerate(chunks[1:], 2):
        line_end = value.find("\n", at)
        limit = len(value) if line_end < 0 else line_end
        places = [
            found.end() for found in _places(chunk, value, at, limit, last=longest and number == len(chunks))
        ]
        if not places:
            return None
        at = places[0]
    return at


def _places(chunk: re.Pattern[str], value: str, low: int, high: int, *, last: bool) -> list[re.Match[str]]:
    """Return the first, or last, match that begins from `low` to `high`, as a list of one or none."""
    if not last:
        found = chunk.search(value, low)
        return [found] if found and found.start() <= high else []
    for start in range(high, low - 1, -1):
        found = chunk.match(value, start)
        if found:
            return [found]
    return []


def _find(chunks: list[re.Pattern[str]], value: str, low: int) -> tuple[int, int] | None:
    """Return the leftmost match from `low` on, the longest there."""
    start = low
    while start <= len(value):
        first = chunks[0].search(value, start)
        if first is None:
            return None
        end = _match_end(chunks, value, first.start(), longest=True)
        if end is not None:
            return first.start(), end
        # What fails here fails everywhere up to the next line: the chunks behind have no place there.
        line_end = value.find("\n", first.start())
        if line_end < 0:
            return None
        start = line_end + 1
    return None
