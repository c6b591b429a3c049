"""What `--chmod` does to a mode: octal (`755`), or symbolic as in chmod(1) (`u=rwX,go=rX`).

https://pubs.opengroup.org/onlinepubs/9799919799/utilities/chmod.html, with the umask taken as zero. Where POSIX
leaves something open, this does what BSD's setmode(3) does, which BuildKit has taken over: `X` looks at the mode as it
was before all changes.
"""

from __future__ import annotations

import re

import msgspec

from lading.errors import MalformedError

_MAX_MODE = 0o7777
_SETUID, _SETGID, _STICKY = 0o4000, 0o2000, 0o1000
_ALL = 0o6777  # of "a"; the sticky bit is nobody's
_WHO = {"u": 0o4700, "g": 0o2070, "o": 0o007, "a": _ALL}
_SHIFTS = {"u": 6, "g": 3, "o": 0}
_BITS = {"r": 0o444, "w": 0o222, "x": 0o111, "X": 0o111, "s": _SETUID | _SETGID, "t": _STICKY}
_EXECUTE = 0o111
_CLAUSE = re.compile(r"([ugoa]*)((?:[-+=](?:[rwxXst]|[ugo])*)+)")
_ACTION = re.compile(r"([-+=])([rwxXstugo]*)")
_LETTERS = re.compile(r"[ugo]|[rwxXst]+")


class ModeChange(msgspec.Struct, frozen=True):
    """A change. text: as written. octal: the mode that all get; None for a symbolic one."""

    text: str
    octal: int | None = None

    def apply(self, mode: int, *, is_folder: bool) -> int:
        """Return the mode after the change."""
        if self.octal is not None:
            return self.octal
        before = mode
        for clause in self.text.split(","):
            found = _CLAUSE.fullmatch(clause)
            assert found is not None, self.text
            who = 0
            for letter in found[1]:
                who |= _WHO[letter]
            for action in _ACTION.finditer(found[2]):
                mode = _act(mode, who, action[1], action[2], may_execute=is_folder or bool(before & _EXECUTE))
        return mode


def parse(text: str) -> ModeChange:
    """Return what `--chmod=text` means. Raises `MalformedError`."""
    if text[:1].isdigit():
        digits = text.lstrip("0") or "0"
        if not re.fullmatch("[0-7]{1,4}", digits, re.ASCII) or int(digits, 8) > _MAX_MODE:
            raise _wrong(text)
        return ModeChange(text, int(digits, 8))
    if not all(_CLAUSE.fullmatch(clause) for clause in text.split(",")):
        raise _wrong(text)
    return ModeChange(text)


def _act(mode: int, who: int, sign: str, letters: str, *, may_execute: bool) -> int:
    """Return the mode after one sign with what follows it. who: zero for all, as far as the umask lets."""
    is_cleared = sign != "="
    runs = _LETTERS.findall(letters)
    for number, run in enumerate(runs, 1):
        if run in _SHIFTS:
            mode = _copied(mode, who, sign, run)
            is_cleared = True
            continue
        bits = 0
        for letter in run:
            # To others alone, setuid, setgid and sticky say nothing.
            if letter in "st" and who == _WHO["o"]:
                continue
            # From here on it is about this bit, and only about others if they were named.
            who |= _STICKY * (letter == "t")
            bits |= _BITS[letter] * (letter != "X" or sign == "-")
        mask = who or _MAX_MODE
        if sign == "=" and (bits or (number == len(runs) and not is_cleared)):
            mode &= ~(who or _ALL)
            is_cleared = True
        mode = mode & ~(bits & mask) if sign == "-" else mode | bits & mask
        if "X" in run and sign != "-" and may_execute:
            mode |= _EXECUTE & mask
    return mode if is_cleared else mode & ~(who or _ALL)


def _copied(mode: int, who: int, sign: str, whose: str) -> int:
    """Return the mode after the permissions of one class are given to, or taken from, others."""
    value = mode >> _SHIFTS[whose] & 0o7
    for shift in _SHIFTS.values():
        if who and not who & 0o4 << shift:
            continue
        if sign == "=":
            mode &= ~(0o7 << shift)
        mode = mode & ~(value << shift) if sign == "-" else mode | value << shift
    return mode


def _wrong(text: str) -> MalformedError:
    return MalformedError(
        f"--chmod={text[:80]} is no mode", hint="write an octal number up to 7777, or as in u=rwX,go=rX"
    )
