"""SecretsUsedInArgOrEnv: an ARG or ENV whose name says that it is a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.instruction import Arg, Env, Instruction
from lading.dockerfile.words import Word
from lading.lint import dl3064
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_SECRET = frozenset(
    {"apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token"}
)
_PUBLIC = frozenset({"public"})
# The variable is about the secret: it says where it is.
_ABOUT = frozenset({"file", "path", "dir", "url", "uri"})
# Values that are no secrets, whatever their name: where one is, a switch, or the fingerprint of a public key.
_OPEN = re.compile(r"/\S*|true|false|yes|no|on|off|[01]|(?-i:[0-9A-F]{40})", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Found]:
    """Yield every name with a telling part between its underscores that DL3064 does not know."""
    for one, word, value in _names(subject):
        parts = word.value.lower().strip("'\"").split("_")
        if _SECRET.isdisjoint(parts) or not _PUBLIC.isdisjoint(parts) or parts[-1] in _ABOUT:
            continue
        if dl3064.is_telling(word.value):
            continue
        if value and _OPEN.fullmatch(subject.expanded(value, one) or ""):
            continue
        kind = "ARG" if isinstance(one, Arg) else "ENV"
        message = f"{kind} stays readable in the image: give {word.value[:80]} with RUN --mount=type=secret"
        yield Found(word.span, message)


def _names(subject: Subject) -> Iterator[tuple[Instruction, Word, Word | None]]:
    """Yield every name that gets a value, with its instruction and that value."""
    for argument in subject.all(Arg):
        # One before the first FROM leaves no trace, unless a stage takes it over: there it is reported.
        if subject.stage_of(argument) is None:
            continue
        yield from ((argument, one.name, one.default) for one in argument.definitions)
    for environment in subject.all(Env):
        yield from ((environment, one.name, one.value) for one in environment.pairs)


RULE = Rule(
    code="SecretsUsedInArgOrEnv",
    title="Secrets are not given by ARG or ENV.",
    level=Level.WARNING,
    why=(
        "The values of ENV are in the configuration of the image, those of ARG in its history; both come with "
        "every copy of it. A secret that a step needs is mounted for that step alone "
        "(`RUN --mount=type=secret,id=token`); "
        "one that the program needs is given when the container is started. Names that end in FILE, PATH, DIR or URL say "
        "where a secret is and are not reported, which Docker's own check does, nor are values that are a path, a switch "
        "(`true`) or the fingerprint of a key; what DL3064 finds is not said twice."
    ),
    check=check,
    bad=(
        "FROM debian:12\nARG SSH_KEY\n",
        "FROM debian:12\nENV DB_PASSWD=x\n",
        "ARG auth=x\nFROM debian:12\nARG auth\n",
    ),
    good=(
        "FROM debian:12\nARG PUBLIC_KEY\n",
        "FROM debian:12\nENV KEYBOARD=de MONKEY=1\n",
        "FROM debian:12\nENV POSTGRES_PASSWD_FILE=/run/secrets/db\n",
        "FROM debian:12\nENV GOOGLE_APPLICATION_CREDENTIALS=/etc/gcp.json BASIC_AUTH=false\n",
        "FROM debian:12\nENV SIGNING_KEY=0123456789ABCDEF0123456789ABCDEF01234567\n",
        "FROM debian:12\nENV DB_PASSWORD=x\n",
        "FROM debian:12\nRUN --mount=type=secret,id=token make\n",
    ),
)
