"""What ShellCheck says of the commands of a Dockerfile, as findings: codes that begin with SC.

ShellCheck is asked by somebody who is handed in. Its places are taken back through the text that continuation lines
have joined, so that a finding stands where the command does.
https://www.shellcheck.net/wiki/
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.lint import sc_fix, sc_text
from lading.lint.rule import Found, Level
from lading.lint.sc_text import Script
from lading.lint.subject import Subject
from lading.shellcheck.answer import Ask, Comment

PREFIX = "SC"


def check(subject: Subject, ask: Ask) -> Iterator[Found]:
    """Yield what ShellCheck says, in the order of the file, each with its code and level.

    What it could not check is added to `subject.unread`.
    """
    scripts = list(sc_text.of(subject.file, subject.languages))
    for script, answer in zip(scripts, ask([one.text for one in scripts]), strict=True):
        if answer.problem:
            subject.unread.append(f"the shell commands of line {script.run.line} {answer.problem}")
        text = _Text(script)
        for comment in answer.comments:
            found = text.found(comment, subject.file.escape)
            if found is not None:
                yield found


class _Text:
    """A script whose lines and columns can be found again in the source."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._can_be_fixed = sc_fix.can_be_made(script.body)
        self._starts = [0]
        at = script.body.text.find("\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = script.body.text.find("\n", at + 1)

    def found(self, comment: Comment, escape: str) -> Found | None:
        """Return a comment as a finding; None if it is about what stands before the body."""
        start = self.index(comment.line, comment.column)
        if start is None:
            return None
        end = self.index(comment.end_line, comment.end_column)
        body = self._script.body
        return Found(
            body.span(start, max(start if end is None else end, start)),
            comment.message,
            code=f"{PREFIX}{comment.code}",
            level=Level(comment.level),
            fix=sc_fix.fix(comment, body, self.index, escape) if self._can_be_fixed else None,
        )

    def index(self, line: int, column: int) -> int | None:
        """Return the place in the body that a line and column of the script are; None if they are before it."""
        number = line - self._script.first_line
        if number < 0 or column < 1:
            return None
        number = min(number, len(self._starts) - 1)
        size = len(self._script.body.text)
        end = self._starts[number + 1] - 1 if number + 1 < len(self._starts) else size
        return min(self._starts[number] + column - 1, end)
