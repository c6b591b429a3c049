"""LD1003: the final stage runs as root."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Cmd, Entrypoint
from lading.dockerfile.parse import Stage
from lading.dockerfile.scope import SCRATCH
from lading.lint import users
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject

_NUMBER = "65532:65532"
# Whose images are made to run as another user.
_UNPRIVILEGED = ("nonroot", "rootless", "unprivileged", "bitnami/", "cgr.dev/chainguard/")


def check(subject: Subject) -> Iterator[Found]:
    """Yield the final stage, if no USER holds at its end, or one of root's that an earlier stage has set."""
    stage = subject.stages[-1] if subject.stages else None
    if stage is None or (subject.image(stage) == SCRATCH and not _starts(subject, stage)):
        return
    # There is no root there, and no number: names are what its accounts have.
    if subject.is_on_windows(stage):
        return
    last = users.last(subject, stage)
    if last is None:
        image = subject.image(stage)
        if image and not any(word in image for word in _UNPRIVILEGED):
            message = "the final stage runs as root: end it with USER and an unprivileged number"
            yield Found(stage.base.image.span, message, _fix(subject, stage))
    # Root in the stage itself is the matter of DL3002.
    elif last[0] is not stage and users.is_root(subject, last[1]):
        line = last[1].line
        message = f"the final stage runs as root, as line {line} says: end it with an unprivileged USER"
        yield Found(stage.base.image.span, message, _fix(subject, stage))


def _starts(subject: Subject, stage: Stage) -> bool:
    """Whether a stage says what to run; one from scratch that does not is there to take files from."""
    return any(
        isinstance(one, (Cmd, Entrypoint)) for each in subject.lineage(stage) for one in each.instructions
    )


def _fix(subject: Subject, stage: Stage) -> Fix | None:
    """Return the edit that ends the stage with the number of the account that it creates, or with another."""
    created = [one for one in users.created(subject, stage) if one.is_sure]
    # A name could not be checked by those who start the container.
    who = (created[0].uid if len(created) == 1 else "") or _NUMBER
    end = subject.end_of(stage)
    if end is None:
        return None
    edit = Edit(end, f"\n{subject.keyword('USER')} {who}")
    return Fix(f"End the final stage with USER {who[:80]}", (edit,), safe=False)


RULE = Rule(
    code="LD1003",
    title="The final stage does not run as root.",
    level=Level.INFO,
    why=(
        "Unless USER says otherwise, the program in the container is root, and needs one fault in the kernel or "
        "one mount too many to be root on the host. The stages that a stage is built upon are followed here, for "
        "USER is inherited; what an image outside the file sets cannot be seen. A number is better than a name: "
        "orchestrators can tell from it that it is not root, and it needs no line in /etc/passwd. "
        "Files that the program must write to have to belong to that number. Windows has no root, and is left alone."
    ),
    check=check,
    fixable=True,
    bad=(
        'FROM debian:12\nCMD ["app"]\n',
        "FROM debian:12 AS a\nUSER 1000\nFROM debian:12\nCOPY --from=a /x /x\n",
        "FROM debian:12 AS a\nUSER root\nFROM a\nRUN make\n",
        'FROM debian:12\nRUN useradd -u 1234 app\nCMD ["app"]',
    ),
    good=(
        "FROM debian:12\nUSER 65532:65532\n",
        'FROM debian:12 AS a\nUSER app\nFROM a\nCMD ["app"]\n',
        "FROM gcr.io/distroless/static:nonroot\n",
        "FROM debian:12 AS a\nFROM scratch AS out\nCOPY --from=a /x /x\n",
        "FROM debian:12\nARG WHO\nUSER $WHO\n",
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n",
    ),
)
