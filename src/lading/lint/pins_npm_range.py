"""npm's ranges of versions: `^1.2`, `~1.2.3`, `1.x`, `>=1 <3`, `1.2 - 2`, `^1 || ^2`.

Grammar and meaning: https://github.com/npm/node-semver#ranges
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lading.errors import MalformedError

_MAX_CHARS = 256
_PART = r"(?:[xX*]|\d{1,16})"
_PRE = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_PARTIAL = rf"[v=\s]*({_PART})(?:\.({_PART})(?:\.({_PART})(?:-?({_PRE}))?(?:\+{_PRE})?)?)?"
_COMPARATOR = re.compile(rf"(\^|~>?|>=|<=|>|<|=|)\s*{_PARTIAL}", re.ASCII)
_HYPHEN = re.compile(rf"\s*{_PARTIAL}\s+-\s+{_PARTIAL}\s*", re.ASCII)
_OPERATOR_SPACE = re.compile(r"(\^|~>?|[<>]=?|=)\s+")
_VERSION = re.compile(
    rf"v?(0|[1-9]\d{{0,15}})\.(0|[1-9]\d{{0,15}})\.(0|[1-9]\d{{0,15}})(?:-({_PRE}))?(?:\+{_PRE})?", re.ASCII
)

Pre = tuple[tuple[int, int, str], ...]
Version = tuple[int, int, int, Pre]
"""Numbers, then the pre-release: comparing these is comparing versions."""

# Behind every pre-release: numbers are 0, words 1.
_FINAL: Pre = ((2, 0, ""),)
# Below every pre-release: what `<2.0.0` from an `x` or a caret means.
_LOWEST: Pre = ()
_Bound = tuple[str, Version]


def version(text: str) -> Version | None:
    """Return a version that can be compared; None if it is none."""
    found = _VERSION.fullmatch(text) if len(text) <= _MAX_CHARS else None
    return (int(found[1]), int(found[2]), int(found[3]), _pre(found[4])) if found else None


def is_final(made: Version) -> bool:
    """Say whether it is no pre-release."""
    return made[3] == _FINAL


def satisfies(text: str) -> Callable[[Version], bool]:
    """Return what says whether a version is in a range.

    A pre-release is only if a comparator beside it has one of the same three numbers.
    Raises `MalformedError` for what is no range.
    """
    if len(text) > _MAX_CHARS:
        raise MalformedError("not a range of versions: too long", text[:40])
    sets = [_bounds(part) for part in text.split("||")]
    return lambda made: any(_within(made, bounds) for bounds in sets)


def _within(made: Version, bounds: list[_Bound]) -> bool:
    if not all(_HOLDS[operator](made, bound) for operator, bound in bounds):
        return False
    named = any(bound[:3] == made[:3] and bound[3] not in {_FINAL, _LOWEST} for _, bound in bounds)
    return is_final(made) or named


_HOLDS: dict[str, Callable[[Version, Version], bool]] = {
    ">=": lambda made, bound: made >= bound,
    ">": lambda made, bound: made > bound,
    "<": lambda made, bound: made < bound,
    "<=": lambda made, bound: made <= bound,
    "=": lambda made, bound: made == bound,
}


def _bounds(text: str) -> list[_Bound]:
    """Return the comparators of one alternative; all have to hold."""
    hyphen = _HYPHEN.fullmatch(text)
    if hyphen:
        return _simple(">=", hyphen.groups()[:4]) + _simple("<=", hyphen.groups()[4:])
    bounds = []
    for word in _OPERATOR_SPACE.sub(r"\1", text).split():
        found = _COMPARATOR.fullmatch(word)
        if not found:
            raise MalformedError("not a range of versions", text[:80])
        bounds += _simple(found[1], found.groups()[1:])
    return bounds


def _simple(operator: str, parts: tuple[str | None, ...]) -> list[_Bound]:
    """Return what an operator before a version means, whose last numbers may be missing or `x`.

    Leading zeros are taken, as npm does, which reads ranges loosely.
    """
    numbers: list[int] = []
    for part in parts[:3]:
        if part is None or not part.isdigit():
            break
        numbers.append(int(part))
    if any(part is not None and part.isdigit() for part in parts[len(numbers) : 3]):
        raise MalformedError(
            "not a range of versions: a number behind an x", ".".join(filter(None, parts))[:80]
        )
    pre = _pre(parts[3]) if len(numbers) == 3 else _FINAL  # noqa: PLR2004 - major, minor, patch
    if not numbers:
        return [("<", (0, 0, 0, _LOWEST))] if operator in {"<", ">"} else []
    low = _made(numbers, pre)
    match operator:
        case "^":
            return [(">=", low), ("<", _next(numbers, _first_that_counts(numbers)))]
        case "~" | "~>":
            return [(">=", low), ("<", _next(numbers, min(2, len(numbers))))]
        case "" | "=":
            whole = len(numbers) == 3  # noqa: PLR2004 - as above
            return [("=", low)] if whole else [(">=", low), ("<", _next(numbers, len(numbers)))]
    if len(numbers) == 3 or operator in {">=", "<"}:  # noqa: PLR2004 - as above
        # `<1.2` ends below the pre-releases of 1.2.0, too.
        return [(operator, low if operator == ">=" or len(numbers) == 3 else _made(numbers, _LOWEST))]  # noqa: PLR2004
    beyond = _next(numbers, len(numbers))
    return [(">=", (*beyond[:3], _FINAL))] if operator == ">" else [("<", beyond)]


def _first_that_counts(numbers: list[int]) -> int:
    """Return how many numbers a caret keeps: up to the first that is not 0."""
    for count, number in enumerate(numbers, 1):
        if number:
            return count
    return len(numbers)


def _next(numbers: list[int], count: int) -> Version:
    """Return what lies above all versions that begin with the first `count` numbers."""
    kept = numbers[:count]
    kept[-1] += 1
    return _made(kept, _LOWEST)


def _made(numbers: list[int], pre: Pre) -> Version:
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    return major, minor, patch, pre


def _pre(text: str | None) -> Pre:
    if not text:
        return _FINAL
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in text.split("."))
