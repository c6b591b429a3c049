"""SecretsUsedInArgOrEnv: an ARG or ENV whose name says that it is a secret."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Arg, Env
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


def check(subject: Subject) -> Iterator[Found]:
    """Yield every name with a telling part between its underscores that DL3064 does not know."""
    for kind, word in _names(subject):
        parts = word.value.lower().strip("'\"").split("_")
        if _SECRET.isdisjoint(parts) or not _PUBLIC.isdisjoint(parts) or parts[-1] in _ABOUT:
            continue
        if dl3064.is_telling(word.value):
            continue
        message = f"{kind} stays readable in the image: give {word.value[:80]} with RUN --mount=type=secret"
        yield Found(word.span, message)


def _names(subject: Subject) -> Iterator[tuple[str, Word]]:
    for argument in subject.all(Arg):
        # One before the first FROM leaves no trace, unless a stage takes it over: there it is reported.
        if subject.stage_of(argument) is None:
            continue
        yield from (("ARG", one.name) for one in argument.definitions)
    for environment in subject.all(Env):
        yield from (("ENV", one.name) for one in environment.pairs)


RULE = Rule(
    code="SecretsUsedInArgOrEnv",
    title="Secrets are not given by ARG or ENV.",
    level=Level.WARNING,
    why=(
        "The values of ENV are in the configuration of the image, those of ARG in its history; both come with "
        "every copy of it. A secret that a step needs is mounted for that step alone "
        "(`RUN --mount=type=secret,id=token`); "
        "one that the program needs is given when the container is started. Names that end in FILE, PATH, DIR or URL say "
        "where a secret is and are not reported, which Docker's own check does; what DL3064 finds is not said twice."
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
        "FROM debian:12\nENV DB_PASSWORD=x\n",
        "FROM debian:12\nRUN --mount=type=secret,id=token make\n",
    ),
)
