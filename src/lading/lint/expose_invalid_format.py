"""ExposeInvalidFormat: EXPOSE with an address or a port of the host."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Expose
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every port that is written as a mapping."""
    for expose in subject.all(Expose):
        for word in expose.ports:
            # A colon is also in `${PORT:-80}`.
            if ":" not in word.value or "$" in word.value:
                continue
            port = word.value.rpartition(":")[2]
            fix = None
            if port and subject.text(word.span) == word.value:
                fix = Fix(f"Leave {port[:80]}", (Edit(word.span, port),), safe=True)
            message = (
                "EXPOSE names ports of the container alone: leave out the address and the port of the host"
            )
            yield Found(word.span, message, fix)


RULE = Rule(
    code="ExposeInvalidFormat",
    title="EXPOSE names ports of the container, nothing else.",
    level=Level.WARNING,
    why=(
        "Which address and port of the host lead to a container is decided when it is started (`-p 127.0.0.1:80:8080`). "
        "EXPOSE only notes the port inside. What more is written there has no effect today, and later "
        "versions of the build are to refuse it."
    ),
    check=check,
    fixable=True,
    bad=(
        "FROM debian:12\nEXPOSE 80:8080\n",
        "FROM debian:12\nEXPOSE 127.0.0.1:80:8080/tcp\n",
        "FROM debian:12\nEXPOSE [::1]:80:8080\n",
    ),
    good=("FROM debian:12\nEXPOSE 8080/tcp 9000-9010\n", "FROM debian:12\nEXPOSE ${PORT:-8080}\n"),
)
