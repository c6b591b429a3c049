"""DL3058: labels that are no mail address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.lint import labels
from lading.lint.hadolint_config import Config
from lading.lint.rule import Found, Level, Rule
from lading.lint.subject import Subject

# RFC 5321, 4.5.3.1: the whole, what stands before the @, and a part of the name of a host.
_MAX_CHARS = 254
_MAX_LOCAL_CHARS = 64
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_WORD = rf'(?:{_ATOM}|"(?:[ \t!#-\[\]-~]|\\[ -~])*")'
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOT = r"[ \t]*\.[ \t]*"
# RFC 5322, 3.4.1 and 4.4, but that a host has a name as hosts have.
_ADDRESS = re.compile(
    rf"[ \t]*({_WORD}(?:{_DOT}{_WORD})*)[ \t]*@[ \t]*(?:{_LABEL}(?:{_DOT}{_LABEL})*|\[[ \t!-Z^-~]*\])[ \t]*"
)
# `"` and what it closes, an escaped character, or a parenthesis.
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[()]', re.DOTALL)
_NAMED = re.compile(r"(?:mailto:|[^<>]*<)([^<>]+)>?")


def check(subject: Subject) -> Iterator[Found]:
    """Yield values of labels of type `email` that are none."""
    return labels.ill_typed(
        subject, "email", _is_valid, "a mail address and nothing else, such as me@example.com", _mended
    )


def _is_valid(value: str) -> bool:
    if len(value) > _MAX_CHARS or not value.isascii():
        return False
    found = _ADDRESS.fullmatch(_without_comments(value))
    return found is not None and len(found[1]) <= _MAX_LOCAL_CHARS


def _without_comments(text: str) -> str:
    """Return `text` with a space for each comment; comments hold comments."""
    kept: list[str] = []
    depth = at = 0
    for piece in _PIECE.finditer(text):
        if not depth:
            kept.append(text[at : piece.start()])
            at = piece.start()
        if piece[0] == "(":
            depth += 1
        elif piece[0] == ")" and depth:
            depth -= 1
            if not depth:
                kept.append(" ")
                at = piece.end()
    kept.append(text[at:])
    return "".join(kept)


def _mended(value: str) -> str:
    """Return the address in `Name <address>` or `mailto:address`."""
    found = _NAMED.fullmatch(value)
    return found[1] if found else value


RULE = Rule(
    code="DL3058",
    title="A label that should be a mail address is none.",
    level=Level.WARNING,
    why=labels.why(
        "An address is written as in RFC 5322, without the name of its owner.",
        "https://www.rfc-editor.org/rfc/rfc5322#section-3.4.1",
    ),
    check=check,
    fixable=True,
    config=Config(labels={"it": "email"}),
    bad=(
        "FROM debian:12\nLABEL it=me\n",
        'FROM debian:12\nLABEL it="Me <me@example.com>"\n',
        "FROM debian:12\nLABEL it=mailto:me@example.com\n",
        "FROM debian:12\nLABEL it=me..too@example.com\n",
        "FROM debian:12\nLABEL it=me@-example.com\n",
    ),
    good=(
        "FROM debian:12\nLABEL it=me+ops@example.com\n",
        "FROM debian:12\nLABEL it='\"me too\"@example.com'\n",
        'FROM debian:12\nLABEL it="me@example.com (at night)"\n',
        "FROM debian:12\nLABEL it=me@[192.0.2.1]\n",
        "FROM debian:12\nLABEL other=me\n",
    ),
)
