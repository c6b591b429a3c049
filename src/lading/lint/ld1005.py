"""LD1005: adduser, addgroup, useradd or groupadd that cannot work, for it names nobody."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Run
from lading.dockerfile.source import Span
from lading.lint import accounts
from lading.lint.accounts import Account
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.shell import Invocation
from lading.lint.subject import Subject

_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")


def check(subject: Subject) -> Iterator[Found]:
    """Yield every such command without a name."""
    for run, outer in subject.commands():
        command = outer.unwrapped
        if command.name not in accounts.CREATORS:
            continue
        image = _image(subject, run)
        account = accounts.read(command, image)
        if account is None or account.name is not None or not account.is_sure:
            continue
        kind = "group" if account.is_group else "user"
        fix = None if account.is_group else _fix(command, account, image)
        span = Span(command.words[0].span.start, command.words[-1].span.end)
        yield Found(span, f"{command.name} fails without a name: add that of the {kind} at the end", fix)


def _image(subject: Subject, run: Run) -> str:
    stage = subject.stage_of(run)
    return subject.image(stage) if stage else ""


def _fix(command: Invocation, account: Account, image: str) -> Fix | None:
    """Return the edit that names the account as its home is called."""
    name = account.home.rstrip("/").rpartition("/")[2]
    if not name or name[0] not in _NAME - set("0123456789-") or not _NAME.issuperset(name):
        return None
    end = command.words[-1].span.end
    edits = [Edit(Span(end, end), f" {name}")]
    if accounts.is_busybox(image) and account.flags.isdisjoint({"D", "S", "disabled-password", "system"}):
        # Without it BusyBox asks for a password, and there is nobody to answer.
        at = command.words[0].span.end
        edits.insert(0, Edit(Span(at, at), " -D"))
    # Only now does the account exist, and may turn out to be of no use.
    return Fix(f"Call the account {name[:80]}, as its home is", tuple(edits), safe=False, reveals=True)


RULE = Rule(
    code="LD1005",
    title="A command that creates an account or a group names it.",
    level=Level.ERROR,
    why=(
        "`adduser -G group -h /home/app` has options and their values but no name: it prints how it is used, and the "
        "step fails; or it does not fail, because of what stands behind it, and a later USER names nobody. The three "
        "families of these tools disagree about which options take a value (BusyBox, Debian's adduser, and "
        "useradd, which is what adduser is on Red Hat's systems): an option of another family can swallow the name."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM alpine:3.20\nRUN adduser -G appgroup -h /home/appuser\n",
        "FROM alpine:3.20\nRUN addgroup -S\n",
        "FROM debian:12\nRUN useradd -m -d /home/app -s /bin/sh\n",
        "FROM fedora:41\nRUN adduser -r -g users\n",
    ),
    good=(
        "FROM alpine:3.20\nRUN addgroup -S app && adduser -S -G app -h /home/app app\n",
        "FROM debian:12\nRUN useradd -gusers app && groupadd -g 10 x\n",
        "FROM debian:12\nARG WHO\nRUN useradd -m $WHO\n",
        "FROM debian:12\nRUN useradd -D -s /bin/sh\n",
        "FROM debian:12\nRUN adduser --disabled-password --gecos '' --home /srv app\n",
        "FROM alpine:3.20\nRUN adduser --help\n",
    ),
)
