"""What the user points at: a transport and what it is to open, as in containers-transports(5).

`docker://ref`, `oci:dir[:tag]`, `oci-archive:file[:tag]`, `docker-archive:file[:ref]`, `dir:dir`,
`docker-daemon:ref`, `containers-storage:ref`, `rootfs:dir`, `sbom:file`. A text that begins with
none of these is bare: whoever opens it looks at its content, or takes it as a reference.
"""

from __future__ import annotations

import msgspec

from lading.errors import UsageError

# Each with what follows it, as shown to the user; PATH may have a name behind a colon.
TRANSPORTS = {
    "docker": "//REFERENCE",
    "oci": "DIRECTORY[:TAG]",
    "oci-archive": "FILE[:TAG]",
    "docker-archive": "FILE[:REFERENCE]",
    "dir": "DIRECTORY",
    "docker-daemon": "REFERENCE",
    "containers-storage": "REFERENCE",
    "rootfs": "DIRECTORY",
    "sbom": "FILE",
}
_WITH_NAME = ("oci", "oci-archive", "docker-archive")


class Target(msgspec.Struct, frozen=True):
    """A transport, empty for a bare text, and the rest; `docker`'s `//` is not part of the rest."""

    transport: str
    rest: str

    @property
    def path(self) -> str:
        """The path in the rest: up to the first colon where a name may follow, else all of it."""
        return self.rest.partition(":")[0] if self.transport in _WITH_NAME else self.rest

    @property
    def name(self) -> str:
        """The tag or reference behind the path; empty if there is none."""
        return self.rest.partition(":")[2] if self.transport in _WITH_NAME else ""

    def __str__(self) -> str:
        slashes = "//" if self.transport == "docker" else ""
        return f"{self.transport}:{slashes}{self.rest}" if self.transport else self.rest


def parse_target(text: str) -> Target:
    """Return the target that `text` names.

    Raises `UsageError` for an empty text, a transport with nothing behind it, or `docker:` without
    slashes. Whether there is such a thing is not looked at.
    """
    transport, colon, rest = text.partition(":")
    if not text.strip():
        raise UsageError("no target is named", hint=_forms())
    if not colon or transport not in TRANSPORTS:
        if "://" in text:
            raise UsageError(f"no transport is called {transport!r}", _shown(text), _forms())
        return Target("", text)
    if transport == "docker":
        if not rest.startswith("//"):
            raise UsageError("docker: is followed by //", _shown(text), f"write docker://{rest}")
        rest = rest[2:]
    target = Target(transport, rest)
    if not target.path:
        raise UsageError(
            f"nothing is named behind {transport}:", hint=f"write {transport}:{TRANSPORTS[transport]}"
        )
    if "\0" in rest:
        raise UsageError("a name cannot hold a NUL character", _shown(text))
    return target


def _forms() -> str:
    return "write one of " + ", ".join(f"{name}:{form}" for name, form in TRANSPORTS.items())


def _shown(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text[:120])
