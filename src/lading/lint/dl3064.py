"""DL3064: secrets by name in ARG and ENV."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.instruction import Arg, Env, Instruction
from lading.dockerfile.words import Word
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

_PARTS = ("api_key", "client_key", "password", "private", "secret", "token", "username")
# Names of services' variables that the parts do not cover.
_NAMES = frozenset(
    {
        "application_key",
        "aws_access_key_id",
        "ci_deploy_user",
        "docker_email",
        "facebook_app_id",
        "heroku_api_user",
        "okta_authn_groupid",
        "okta_client_orgurl",
        "okta_oauth2_clientid",
        "stripe_device_name",
        "travis_os_name",
        "travis_secure_env_vars",
        "travis_sudo",
    }
)


def check(subject: Subject) -> Iterator[Found]:
    """Yield the names that sound like a secret."""
    for one in subject.instructions:
        for name in _names(one):
            if is_telling(name.value):
                message = (
                    f"{name.value[:80]} stays readable in the image: use RUN --mount=type=secret instead"
                )
                yield Found(name.span, message)


def is_telling(name: str) -> bool:
    """Whether a name as it is written sounds like a secret."""
    text = name.strip("\"'").lower()
    return text in _NAMES or any(part in text for part in _PARTS)


def _names(one: Instruction) -> tuple[Word, ...]:
    if isinstance(one, Env):
        return tuple(pair.name for pair in one.pairs)
    return tuple(each.name for each in one.definitions) if isinstance(one, Arg) else ()


RULE = Rule(
    code="DL3064",
    title="A secret seems to be kept in ARG or ENV.",
    level=Level.WARNING,
    why=(
        "The values of ENV are part of the image's configuration, and those of ARG stand in its history: "
        "everybody who can pull the image can read them, whatever later layers do. Hand secrets to a step "
        "with `RUN --mount=type=secret`, and to a container when it is run."
    ),
    check=check,
    aliases=("SecretsUsedInArgOrEnv",),
    bad=(
        "FROM debian:12\nENV DB_PASSWORD=example\n",
        "FROM debian:12\nARG NPM_TOKEN\n",
        "FROM debian:12\nONBUILD ARG client_secret\n",
        "FROM debian:12\nENV AWS_ACCESS_KEY_ID=example\n",
    ),
    good=(
        "FROM debian:12\nENV DB_HOST=example.org\n",
        "FROM debian:12\nARG VERSION\n",
        "FROM debian:12\nRUN --mount=type=secret,id=token make\n",
    ),
)
