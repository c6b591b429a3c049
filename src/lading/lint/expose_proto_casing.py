"""ExposeProtoCasing: EXPOSE with a protocol in capitals."""

from __future__ import annotations

from collections.abc import Iterator

from lading.dockerfile.edit import Edit
from lading.dockerfile.instruction import Expose
from lading.lint.rule import Fix, Found, Level, Rule
from lading.lint.subject import Subject


def check(subject: Subject) -> Iterator[Found]:
    """Yield every port with a protocol that is not in lower case."""
    for expose in subject.all(Expose):
        for word in expose.ports:
            port, slash, protocol = word.value.partition("/")
            if not slash or protocol == protocol.lower() or "$" in protocol:
                continue
            text = f"{port}/{protocol.lower()}"
            fix = None
            if subject.text(word.span) == word.value:
                fix = Fix(f"Write it as {text[:80]}", (Edit(word.span, text),), safe=True)
            yield Found(word.span, f"protocols are lower case: write {text[:80]}", fix)


RULE = Rule(
    code="ExposeProtoCasing",
    title="Protocols in EXPOSE are in lower case.",
    level=Level.STYLE,
    why=(
        "`EXPOSE 53/UDP` and `EXPOSE 53/udp` come to the same port, but what reads the image's configuration, or the "
        "Dockerfile itself, and compares texts takes them for two."
    ),
    check=check,
    fixable=True,
    bad=("FROM debian:12\nEXPOSE 80/TCP\n", "FROM debian:12\nEXPOSE 53/Udp 80\n"),
    good=(
        "FROM debian:12\nEXPOSE 80/tcp\n",
        "FROM debian:12\nEXPOSE 80\n",
        "FROM debian:12\nEXPOSE 80/$PROTO\n",
    ),
)
