"""ExposeInvalidFormat: EXPOSE with an address or a port of the host, or with what is no port."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Expose
from lading.dockerfile.words import Word
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject

# How large the numbers may be is the matter of DL3011.
_PORT = re.compile(r"[0-9]+(?:-[0-9]+)?(?:/(?:tcp|udp|sctp)?)?", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Found]:
    """Yield every port that is written as a mapping, and the first word of each EXPOSE that is no port."""
    for expose in subject.all(Expose):
        for word in expose.ports:
            ports = (subject.expanded(word, expose) or "").split()
            if not all(_PORT.fullmatch(port.rpartition(":")[2]) for port in ports):
                hint = ": comments have lines of their own" if word.value.startswith("#") else ""
                yield Found(word.span, f"{word.value[:80]} is no port, and stops the build{hint}")
                break
            # A colon is also in `${PORT:-80}`.
            if ":" in word.value and "$" not in word.value:
                yield _mapping(subject, word)


def _mapping(subject: Subject, word: Word) -> Found:
    port = word.value.rpartition(":")[2]
    fix = None
    if port and subject.text(word.span) == word.value:
        fix = Fix(f"Leave {port[:80]}", (Edit(word.span, port),), safe=True)
    message = "EXPOSE names ports of the container alone: leave out the address and the port of the host"
    return Found(word.span, message, fix)


RULE = Rule(
    code="ExposeInvalidFormat",
    title="EXPOSE names ports of the container, nothing else.",
    level=Level.WARNING,
    why=(
        "Which address and port of the host lead to a container is decided when it is started (`-p 127.0.0.1:80:8080`). "
        "EXPOSE only notes the port inside. What more is written there has no effect today, and later "
        "versions of the build are to refuse it. Words that are no port, such as a comment behind one, stop the build."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nEXPOSE 80:8080\n",
        "FROM debian:12\nEXPOSE 127.0.0.1:80:8080/tcp\n",
        "FROM debian:12\nEXPOSE [::1]:80:8080\n",
        "FROM debian:12\nEXPOSE 80 # web\n",
        "FROM debian:12\nEXPOSE 80,443\n",
    ),
    good=(
        "FROM debian:12\nEXPOSE 8080/tcp 9000-9010\n",
        "FROM debian:12\nEXPOSE ${PORT:-8080}\n",
        'FROM debian:12\nENV PORTS="80 443/UDP"\nEXPOSE $PORTS $OTHER "8080"\n',
    ),
)
