"""What a Dockerfile has in it, as far as it tells which rules it may concern.

All its text in lower case, without quotes and backslashes, and signs for what has no word of its own:

    =copy               there is such an instruction, perhaps in an ONBUILD; one for each that there is
    =copy again         there is more than one
    =stage-name         a stage has a name
    =from-variable      a FROM has a variable
    =late-from          an instruction stands before the first FROM
    =mixed-case         keywords are neither all upper case nor all lower case
    =empty-continuation what the parser calls a problem, by its code
    =build-context      there is a folder to look into
    =trusted-registries, =strict-labels, label-schema    what the configuration sets
    dl3057              and which codes it gives a level

A sign may be there where nothing is wrong; where a rule would find something, all its signs must be there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from lading.dockerfile.instruction import From
from lading.lint.subject import Subject

_QUOTING = str.maketrans("", "", "\"'\\`^")


def of(subject: Subject) -> str:
    """Return the text and the signs of a Dockerfile, a line each."""
    instructions = subject.file.instructions
    parts = [one.text.text for one in instructions]
    parts += [heredoc.content for one in instructions for heredoc in one.heredocs]
    parts += ["#" + one.text for one in subject.file.comments]
    parts += _of_form(subject)
    parts += _of_configuration(subject)
    return "\n".join(parts).translate(_QUOTING).lower()


def have(signs: str, groups: Iterable[str]) -> bool:
    """Tell whether of each group one of its words, which have commas between, is there."""
    # Not `any` and `all`: this is asked a hundred times for each file.
    for group in groups:
        for word in group.split(","):
            if word in signs:
                break
        else:
            return False
    return True


def _of_form(subject: Subject) -> Iterator[str]:
    counts = Counter(one.name for one in subject.instructions)
    for name, count in counts.items():
        yield f"={name} again" if count > 1 else f"={name}"
    bases = [one for one in subject.file.instructions if isinstance(one, From)]
    if any(one.stage for one in bases):
        yield "=stage-name"
    if any("$" in one.text.text for one in bases):
        yield "=from-variable"
    if subject.file.instructions and not isinstance(subject.file.instructions[0], From):
        yield "=late-from"
    keywords = "".join(one.keyword.value for one in subject.file.instructions)
    if keywords and not (keywords.isupper() or keywords.islower()):
        yield "=mixed-case"
    for problem in subject.file.problems:
        yield f"={problem.code}"


def _of_configuration(subject: Subject) -> Iterator[str]:
    yield from subject.config.levels
    if subject.config.labels:
        yield "label-schema"
    if subject.config.strict_labels:
        yield "=strict-labels"
    if subject.config.trusted_registries:
        yield "=trusted-registries"
    if subject.context is not None:
        yield "=build-context"
