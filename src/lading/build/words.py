"""The words of an instruction with their variables replaced, as they are when its turn comes."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lading.dockerfile.expand import Lexing, expand
from lading.dockerfile.heredoc import Heredoc
from lading.dockerfile.instruction import Flag
from lading.dockerfile.words import Word


class Words(msgspec.Struct, frozen=True):
    """Replaces variables. values: of those that have one. escape: the file's escape character."""

    values: Mapping[str, str]
    escape: str = "\\"

    def one(self, word: Word) -> str:
        """Return what a word becomes, in one. Raises what `expand` raises."""
        return expand(word.value, self.values, Lexing(escape=self.escape)).text

    def many(self, word: Word) -> tuple[str, ...]:
        """Return the words that a word becomes, parted where a variable brought spaces."""
        return expand(word.value, self.values, Lexing(escape=self.escape)).words

    def flag(self, flag: Flag) -> str:
        """Return the value of a flag; empty where it has none."""
        return expand(flag.value or "", self.values, Lexing(escape=self.escape)).text

    def heredoc(self, heredoc: Heredoc) -> str:
        """Return the text of a heredoc as a file gets it."""
        if not heredoc.expands:
            return heredoc.text
        # A backslash is the escape in there, whatever the file's directive says.
        return expand(heredoc.text, self.values, Lexing(quotes=False)).text
