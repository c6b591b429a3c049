r"""Words: quotes, escapes, and `$variables` with their modifiers, as BuildKit's lexer takes them.

    $x ${x}                                  the value; nothing where there is none
    ${x-y} ${x:-y}   ${x+y} ${x:+y}          instead of it, with `:` also when it is empty
    ${x?text} ${x:?text}                     an error with this text
    ${x#p} ${x##p}   ${x%p} ${x%%p}          without the shortest or longest start or end like p
    ${x/p/r} ${x//p/r}                       the first, or every, part like p replaced

Inside single quotes everything is literal, in double quotes variables and `\$`, `\"`, `\\` are not.
https://docs.docker.com/reference/dockerfile/#environment-replacement
"""

from __future__ import annotations

from collections.abc import Mapping

from lading.dockerfile.source import BOM, SPACES
from lading.errors import LimitError, MalformedError
from lading.record import Record

MAX_DEPTH = 64
MAX_RESULT = 2**20

_BLANKS = dict.fromkeys(map(ord, SPACES), " ")
_SPECIAL = "@*#?-$!0"
_BAD_START = "{}:"


class Reference(Record):
    """A variable that a word names. start, end: of the whole `$...` in the word.

    modifier: `-`, `:+`, `#`, `/` ...; empty for the plain value. found: whether it has a value.
    """

    name: str
    start: int
    end: int
    modifier: str = ""
    found: bool = False


class Expanded(Record):
    """What a word has become. text: in one. words: split where there were spaces outside quotes."""

    text: str
    words: tuple[str, ...]
    references: tuple[Reference, ...]


class Lexing(Record, kw_only=True):
    """How to read.

    escape: the escape character. raw_quotes, raw_escapes: these stay in the result.
    quotes: whether quotes mean anything (not in the text of a heredoc).
    keep_unset: what names a variable without a value stays as it is written.
    """

    escape: str = "\\"
    raw_quotes: bool = False
    raw_escapes: bool = False
    quotes: bool = True
    keep_unset: bool = False


PLAIN = Lexing()


def expand(word: str, values: Mapping[str, str], lexing: Lexing = PLAIN) -> Expanded:
    """Return what `word` becomes with these values of variables.

    Raises `MalformedError` for an open quote or brace, a modifier that does not exist, and for `?` where
    there is no value; `LimitError` for nesting or growth beyond reason.
    """
    lexer = _Lexer(word, values, lexing)
    text, words = lexer.until("", raw=lexing.raw_escapes, pattern=False)
    return Expanded(text, tuple(words), tuple(sorted(lexer.references, key=lambda one: one.start)))


class _Words:
    """Gathers the text, and the words that spaces part it into."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.words: list[str] = []
        self.current: list[str] = []
        self.size = 0

    def add(self, text: str, *, splits: bool) -> None:
        """Take more text; where it `splits`, white space in it ends a word."""
        self.size += len(text)
        if self.size > MAX_RESULT:
            raise LimitError(f"grows beyond {MAX_RESULT} characters")
        self.text.append(text)
        if not splits:
            self.current.append(text)
            return
        first, *rest = text.translate(_BLANKS).split(" ")
        self.current.append(first)
        for piece in rest:
            self.end_word()
            self.current.append(piece)

    def end_word(self) -> None:
        word = "".join(self.current)
        if word:
            self.words.append(word)
        self.current = []


class _Lexer:
    """A word, and how far it is read."""

    def __init__(self, word: str, values: Mapping[str, str], lexing: Lexing) -> None:
        self.word = word
        self.values = values
        self.lexing = lexing
        self.at = len(word[:1]) if word.startswith(BOM) else 0
        self.raw = lexing.raw_escapes
        self.depth = 0
        self.references: list[Reference] = []

    def peek(self) -> str:
        return self.word[self.at : self.at + 1]

    def next(self) -> str:
        char = self.word[self.at : self.at + 1]
        self.at += 1
        return char

    def until(self, stop: str, *, raw: bool, pattern: bool) -> tuple[str, list[str]]:
        """Read up to the character `stop`, or to the end if it is empty.

        raw: escapes stay. pattern: escapes in quotes are doubled, for the pattern is read once more.
        """
        outer, self.raw = self.raw, raw
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise LimitError(f"variables nested more than {MAX_DEPTH} deep")
        found = _Words()
        while self.at < len(self.word):
            if stop and self.peek() == stop:
                self.at += 1
                stop = ""
                break
            self._one(found, pattern=pattern)
        self.raw = outer
        self.depth -= 1
        if stop:
            raise MalformedError(f"unexpected end while looking for the matching {stop}")
        found.end_word()
        return "".join(found.text), found.words

    def _one(self, found: _Words, *, pattern: bool) -> None:
        char = self.peek()
        if char == "$":
            found.add(self._dollar(), splits=True)
        elif char == "<":
            found.add(self._angle(), splits=False)
        elif char == "'" and self.lexing.quotes:
            found.add(self._single(pattern=pattern), splits=False)
        elif char == '"' and self.lexing.quotes:
            found.add(self._double(pattern=pattern), splits=False)
        elif char == self.lexing.escape:
            self.at += 1
            # An escape at the very end is nothing.
            found.add((char if self.raw else "") + self.next(), splits=False)
        else:
            found.add(self._plain(), splits=True)

    def _plain(self) -> str:
        """Read the next character, and with it all that follow and mean nothing either."""
        start = self.at
        self.at += 1
        while self.at < len(self.word) and self.word[self.at].isalnum():
            self.at += 1
        return self.word[start : self.at]

    def _single(self, *, pattern: bool) -> str:
        end = self.word.find("'", self.at + 1)
        if end < 0:
            self.at = len(self.word)
            raise MalformedError("unexpected end while looking for the matching single quote")
        text = self.word[self.at + 1 : end]
        self.at = end + 1
        if pattern:
            text = text.replace(self.lexing.escape, self.lexing.escape * 2)
        return f"'{text}'" if self.lexing.raw_quotes else text

    def _double(self, *, pattern: bool) -> str:
        quote = '"' if self.lexing.raw_quotes else ""
        found = [quote]
        self.at += 1
        while self.at < len(self.word):
            char = self.peek()
            if char == '"':
                self.at += 1
                return "".join([*found, quote])
            if char == "$":
                found.append(self._dollar())
                continue
            self.at += 1
            if char == self.lexing.escape:
                char = self._escape_in_double(pattern=pattern)
            found.append(char)
        raise MalformedError("unexpected end while looking for the matching double quote")

    def _escape_in_double(self, *, pattern: bool) -> str:
        escape = self.lexing.escape
        following = self.peek()
        if not following:
            return ""
        if following in {'"', "$", escape}:
            self.at += 1
            return (escape if self.raw else "") + following
        doubled = self.raw and (not self.lexing.raw_quotes or pattern)
        return escape * 2 if doubled else escape

    def _angle(self) -> str:
        """Read `<`, or `<<` with the blanks after it, which belong to the word of a heredoc."""
        self.at += 1
        if self.peek() != "<":
            return "<"
        start = self.at
        self.at += 1
        while self.peek() and self.peek() in "\t\r ":
            self.at += 1
        return "<" + self.word[start : self.at]

    def _name(self) -> str:
        start = self.at
        first = self.peek()
        if first.isdecimal():
            while self.peek().isdecimal():
                self.at += 1
        elif first and first in _SPECIAL:
            self.at += 1
        else:
            while (char := self.peek()) and (char.isalpha() or char.isdecimal() or char == "_"):
                self.at += 1
        return self.word[start : self.at]

    def _value(self, name: str, start: int, modifier: str = "") -> str | None:
        value = self.values.get(name)
        self.references.append(Reference(name, start, self.at, modifier, value is not None))
        return value

    def _dollar(self) -> str:
        start = self.at
        self.at += 1
        if self.peek() != "{":
            name = self._name()
            if not name:
                return "$"
            value = self._value(name, start)
            return self._unset("$" + name) if value is None else value
        self.at += 1
        if not self.peek():
            raise MalformedError("missing } after ${")
        if self.peek() in _BAD_START:
            raise MalformedError(f"bad substitution ${{{self.peek()}")
        name = self._name()
        modifier = self.next()
        if modifier == "}":
            value = self._value(name, start)
            return self._unset(f"${{{name}}}") if value is None else value
        if modifier == "/":
            return self._replaced(name, start)
        if modifier == ":":
            modifier += self.next()
        return self._modified(name, start, modifier)

    def _unset(self, written: str) -> str:
        return written if self.lexing.keep_unset else ""

    def _modified(self, name: str, start: int, modifier: str) -> str:
        kind = modifier[-1:]
        trims = kind in {"#", "%"}
        if kind not in {"+", "-", "?", "#", "%"} and modifier[:1] != ":":
            raise MalformedError(f"unsupported modifier {modifier!r} in substitution")
        if trims and modifier[0] == ":":
            raise MalformedError(f"unsupported modifier {modifier!r} in substitution")
        word = self._operand("}", raw=trims, pattern=trims)
        value = self._value(name, start, modifier)
        if value is None and self.lexing.keep_unset:
            return f"${{{name}{modifier}{word}}}"
        if kind not in {"+", "-", "?", "#", "%"}:
            raise MalformedError(f"unsupported modifier {modifier!r} in substitution")
        if trims:
            from lading.dockerfile import glob

            longest = word.startswith(kind)
            cut = glob.without_start if kind == "#" else glob.without_end
            return cut(word[1:] if longest else word, value or "", longest=longest)
        return self._conditional(name, modifier, word, value)

    def _conditional(self, name: str, modifier: str, word: str, value: str | None) -> str:
        missing = value is None or (modifier[0] == ":" and not value)
        if modifier[-1] == "-":
            return word if missing else (value or "")
        if modifier[-1] == "+":
            return "" if missing else word
        if missing:
            state = "unset" if value is None else "empty"
            raise MalformedError(f"{name}: {word or f'is not allowed to be {state}'}")
        return value or ""

    def _replaced(self, name: str, start: int) -> str:
        every = self.peek() == "/"
        self.at += every
        pattern = self._operand("/", raw=True, pattern=True)
        replacement = self._operand("}", raw=True, pattern=False)
        value = self._value(name, start, "//" if every else "/")
        if value is None and self.lexing.keep_unset:
            return f"${{{name}/{pattern}/{replacement}}}"
        from lading.dockerfile import glob

        return glob.replaced(pattern, value or "", replacement, every=every)

    def _operand(self, stop: str, *, raw: bool, pattern: bool) -> str:
        return self.until(stop, raw=raw, pattern=pattern)[0]
