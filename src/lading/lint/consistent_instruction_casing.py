"""ConsistentInstructionCasing: keywords in capitals and in small letters in one file."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Broken, From
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every keyword that is not in the case of most others."""
    whole = [one for one in subject.file.instructions if not isinstance(one, Broken)]
    lower = sum(one.keyword.value.islower() for one in whole)
    small = lower > sum(one.keyword.value.isupper() for one in whole)
    for one in whole:
        word = one.keyword
        wanted = word.value.lower() if small else word.value.upper()
        if word.value != wanted:
            edits = [Edit(word.span, wanted)]
            # AS goes with its FROM.
            if isinstance(one, From) and one.as_word is not None:
                edits.append(Edit(one.as_word.span, "as" if small else "AS"))
            fix = Fix(f"Write it as {wanted}", tuple(edits), safe=True)
            yield Found(word.span, f"write {wanted}, in the case of the other instructions", fix)


RULE = Rule(
    code="ConsistentInstructionCasing",
    title="All keywords of a file are in one case.",
    level=Level.STYLE,
    why=(
        "The build takes keywords in any case. A file in which all of them are in capitals, or all in small "
        "letters, can be read down its left edge; one in which they vary hides an instruction among the arguments "
        "of its neighbours. What most keywords of the file are in is what counts; capitals, where there are as many."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nrun make\n",
        "from debian:12\nrun make\nCMD ls\n",
        "FROM debian:12\nRun make\n",
        "from debian:12 as a\nRUN make\nFROM a\n",
    ),
    good=("FROM debian:12\nRUN make\n", "from debian:12\nrun make\n", "FROM debian:12\nONBUILD run make\n"),
)
