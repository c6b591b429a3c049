"""FromAsCasing: FROM in capitals with a small `as`, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every AS that is not written as its FROM is."""
    for stage in subject.stages:
        keyword, word = stage.base.keyword.value, stage.base.as_word
        if word is None or not (keyword.isupper() or keyword.islower()):
            continue
        wanted = "AS" if keyword.isupper() else "as"
        if word.value != wanted:
            fix = Fix(f"Write it as {wanted}", (Edit(word.span, wanted),), safe=True)
            yield Found(word.span, f"write {wanted}, in the case of {keyword}", fix)


RULE = Rule(
    code="FromAsCasing",
    title="AS is written in the case of its FROM.",
    level=Level.STYLE,
    why=(
        "The build takes both keywords in any case. One line in two cases makes the name of the stage harder to "
        "find, for the eye takes the word in small letters for a part of the name of the image."
    ),
    check=check,
    fixable=True,
    bad=("FROM debian:12 as build\n", "from debian:12 AS build\n", "FROM debian:12 As build\n"),
    good=("FROM debian:12 AS build\n", "from debian:12 as build\n", "From debian:12 as build\n"),
)
