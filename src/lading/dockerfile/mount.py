"""`RUN --mount=type=cache,target=/x`: a comma-separated list of options, quoted as CSV quotes.

https://docs.docker.com/reference/dockerfile/#run---mount
"""

from __future__ import annotations

from collections.abc import Iterator

from lading.errors import MalformedError
from lading.record import Record

TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")
_ALIASES = {"src": "source", "dst": "target", "destination": "target", "ro": "readonly", "rw": "readwrite"}
_KEYS = frozenset(
    {
        "type",
        "from",
        "source",
        "target",
        "readonly",
        "readwrite",
        "id",
        "sharing",
        "required",
        "size",
        "mode",
        "uid",
        "gid",
        "env",
    }
)


class Mount(Record):
    """A mount. options: by name in full (`src` is `source`), the last of each; None without `=`.

    unknown: names of options that there are none of.
    """

    options: dict[str, str | None]
    unknown: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """`bind`, `cache` ... in lower case; as written, if it is a variable."""
        value = self.options.get("type")
        return "bind" if value is None else value.lower()


def parse(text: str) -> Mount:
    """Return the mount that the value of a `--mount` describes.

    Raises `MalformedError` for wrong quotes and for a variable in `from`, which is looked at before
    variables are known.
    """
    options: dict[str, str | None] = {}
    unknown = []
    for field in fields(text):
        key, sign, value = field.partition("=")
        key = key.lower()
        name = _ALIASES.get(key, key)
        if name not in _KEYS:
            unknown.append(key)
        if name == "from" and "$" in value[:-1]:
            raise MalformedError("from= takes no variable: give the image a stage name and use that")
        options[name] = value if sign else None
    return Mount(options, tuple(unknown))


def fields(text: str) -> tuple[str, ...]:
    """Return the fields of a line of CSV (RFC 4180).

    Raises `MalformedError` for wrong quotes, and for no text at all, which is no record.
    """
    if not text:
        raise MalformedError("nothing is given")
    return tuple(_fields(text))


def _fields(text: str) -> Iterator[str]:
    at = 0
    while True:
        if not text.startswith('"', at):
            end = text.find(",", at)
            field = text[at : len(text) if end < 0 else end]
            if '"' in field:
                raise MalformedError(f"a quote within a field that has none around it: {field[:80]!r}")
            yield field
            if end < 0:
                return
            at = end + 1
            continue
        field, at = _quoted(text, at + 1)
        yield field
        if at == len(text):
            return
        if text[at] != ",":
            raise MalformedError(f"a quote is followed by other than a comma: {text[:80]!r}")
        at += 1


def _quoted(text: str, at: int) -> tuple[str, int]:
    taken: list[str] = []
    while True:
        end = text.find('"', at)
        if end < 0:
            raise MalformedError(f"a quote is not closed: {text[:80]!r}")
        taken.append(text[at:end])
        at = end + 1
        if not text.startswith('"', at):
            return "".join(taken), at
        taken.append('"')
        at += 1
