"""DL3066: USER with a name."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.expand import Lexing, expand
from lading.dockerfile.instruction import Arg, User
from lading.errors import LadingError
from lading.lint import users
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject

_ROOT = "0"


def check(subject: Subject) -> Iterator[Found]:
    """Yield every USER that names who it is by something other than a number."""
    arguments: set[str] = set()
    for one in subject.file.instructions:
        if isinstance(one, Arg):
            arguments.update(each.name.value for each in one.definitions)
        elif (
            isinstance(one, User) and not _is_on_windows(subject, one) and _is_named(subject, one, arguments)
        ):
            message = "only the image knows who this is: give the number of the user"
            yield Found(one.user.span, message, _fix(subject, one))


def _is_on_windows(subject: Subject, user: User) -> bool:
    stage = subject.stage_of(user)
    return stage is not None and subject.is_on_windows(stage)


def _is_named(subject: Subject, user: User, arguments: set[str]) -> bool:
    name = users.name(subject, user)
    if name is None:
        # An argument without a default may well be given a number.
        return arguments.isdisjoint(_variables(subject, user.user.value))
    return name != "" and not (name.isascii() and name.isdecimal())


def _variables(subject: Subject, text: str) -> Iterator[str]:
    try:
        found = expand(text, {}, Lexing(escape=subject.file.escape)).references
    except LadingError:
        return
    yield from (one.name for one in found)


def _fix(subject: Subject, user: User) -> Fix | None:
    """Return the fix that writes the number, if a step before it tells which."""
    name, colon, group = user.user.value.partition(":")
    number = _ROOT if name == "root" else _number(subject, user, name)
    if not number:
        return None
    edit = Edit(user.user.span, f"{number}{colon}{group}")
    # A build step of a number is in no group of its name.
    return Fix(f"Name the user by number, {number}", (edit,), safe=False)


def _number(subject: Subject, user: User, name: str) -> str:
    stage = subject.stage_of(user)
    for account in users.created(subject, stage) if stage else ():
        if account.name and account.name.text == name and account.is_sure and account.name.span < user.span:
            return account.uid
    return ""


RULE = Rule(
    code="DL3066",
    title="USER gives a number, not a name.",
    level=Level.INFO,
    why=(
        "What a name means stands in /etc/passwd of the image, and nowhere else. Kubernetes, told to start nothing "
        "as root (`runAsNonRoot`), refuses an image whose user is a name, for it cannot tell; and the owner of a "
        "file in a mounted volume is a number, too. Give accounts a number when they are created, and USER that "
        "number. An ARG without a default is left alone, and so is Windows, which has names only."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nUSER app\n",
        "FROM debian:12\nRUN useradd -l -u 1234 app\nUSER app:www\nRUN make\nUSER root\n",
        "FROM debian:12\nARG WHO=app\nUSER $WHO\n",
        "FROM debian:12\nUSER $WHO\n",
    ),
    good=(
        "FROM debian:12\nUSER 1234\n",
        "FROM debian:12\nUSER 1234:app\n",
        "FROM debian:12\nARG WHO=1234\nUSER $WHO\n",
        "FROM debian:12\nARG WHO\nUSER $WHO\n",
        'FROM debian:12\nENV WHO=1234\nUSER "${WHO:-app}"\n',
        "FROM debian:12\nONBUILD USER app\n",
        "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nUSER ContainerUser\n",
    ),
)
