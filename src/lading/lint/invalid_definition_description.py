"""InvalidDefinitionDescription: a comment above ARG or FROM that is not its description."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Arg, From, Instruction
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every comment right above an ARG or a named FROM that does not begin with the name."""
    for one in subject.file.instructions:
        name = _defined(one)
        above = [comment for comment in one.comments if comment.line < one.line]
        if not name or not above or above[-1].line != one.line - 1:
            continue
        words = above[-1].text.split(None, 1)
        if words and (words[0] != name or len(words) == 1):
            message = (
                f"a comment right above is a description: begin it with {name[:80]}, or leave a line between"
            )
            yield Found(above[-1].span, message)


def _defined(one: Instruction) -> str:
    """Return the name that an instruction defines; empty if it is none, or several."""
    if isinstance(one, From):
        return one.stage_word.value if one.stage_word else ""
    if isinstance(one, Arg) and len(one.definitions) == 1:
        return one.definitions[0].name.value
    return ""


RULE = Rule(
    code="InvalidDefinitionDescription",
    title="A comment right above ARG or a named FROM describes it.",
    level=Level.IGNORE,
    why=(
        "`docker build --call=outline` shows the arguments and stages of a file with their descriptions, which are "
        "comments of the form `# NAME what it is` right above. Any other comment there is none. Docker holds "
        "this check to be experimental and leaves it off; so does Lading: a level in the configuration switches it on."
    ),
    check=check,
    bad=(
        "FROM debian:12\n# Version of the tool\nARG VERSION=1\n",
        "# the base image\nFROM debian:12 AS base\n",
    ),
    good=(
        "FROM debian:12\n# VERSION of the tool\nARG VERSION=1\n",
        "# base is what all stand upon\nFROM debian:12 AS base\n",
        "# base image\n\nFROM debian:12 AS base\n",
        "# anything\nFROM debian:12\n",
    ),
)
