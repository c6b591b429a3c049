"""DL1001: a comment that switches rules off."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_IGNORE = re.compile(r"(?:hadolint|lading)[ \t]+ignore[ \t]*=[ \t]*[A-Za-z0-9]")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every comment that ignores rules for one instruction."""
    for comment in subject.file.comments:
        if not comment.inside and _IGNORE.match(comment.text):
            message = (
                "this comment hides findings: mend what it hides, or decide it once, in the configuration"
            )
            yield Found(comment.span, message, line=comment.line)


RULE = Rule(
    code="DL1001",
    title="Comments should not switch rules off.",
    level=Level.IGNORE,
    why=(
        "A comment such as `# hadolint ignore=DL3008` takes a decision in one place, for whoever wrote it, and "
        "stays when its reason has gone. Where a team wants exceptions to be decided together, in the "
        "configuration, this rule shows the comments that go around it. It is off unless the configuration gives "
        "it a level."
    ),
    check=check,
    bad=(
        "FROM debian:12\n# hadolint ignore=DL3059\nRUN make\n",
        "FROM debian:12\n#hadolint ignore = DL3059,SC2086\nRUN make\n",
        "FROM debian:12\n# lading ignore=LD1003\nRUN make\n",
    ),
    good=(
        "FROM debian:12\n# hadolint global ignore=DL3059\nRUN make\n",
        "FROM debian:12\n# hadolint shell=bash\nRUN make\n",
        "FROM debian:12\n# to ignore DL3059, ask hadolint ignore\nRUN make\n",
        "FROM debian:12\nRUN make \\\n# hadolint ignore=DL3059\n all\n",
    ),
)
