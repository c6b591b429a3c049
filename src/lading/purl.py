"""Package URLs: `pkg:type/namespace/name@version?qualifiers#subpath`.

Specification: https://github.com/package-url/purl-spec (ECMA-427). Written here and not taken from
a library because an image has thousands of them and every scan makes each once.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, unquote

import msgspec

from lading.errors import MalformedError

# Types whose namespace or name have no case, by the type definitions of the specification.
_LOWER_NAMESPACE = frozenset({"alpm", "apk", "bitbucket", "composer", "deb", "github", "gitlab", "rpm"})
_LOWER_NAME = frozenset(
    {"alpm", "apk", "bitbucket", "composer", "deb", "github", "gitlab", "npm", "oci", "pypi"}
)
_MAX_CHARS = 4096


class Purl(msgspec.Struct, frozen=True, kw_only=True):
    """A package URL taken apart; every part decoded."""

    type: str
    namespace: str = ""
    name: str
    version: str = ""
    qualifiers: dict[str, str] = {}
    subpath: str = ""


def to_string(
    type_: str,
    namespace: str,
    name: str,
    version: str = "",
    *,
    qualifiers: Iterable[tuple[str, str]] = (),
    subpath: str = "",
) -> str:
    """Return the canonical form; parts come decoded, empty ones are left out.

    Names are put into the case and spelling that the type asks for; qualifiers are sorted by key.
    """
    if type_ in _LOWER_NAMESPACE:
        namespace = namespace.lower()
    if type_ in _LOWER_NAME:
        name = name.lower()
    if type_ == "pypi":
        name = name.replace("_", "-")
    text = f"pkg:{type_}/"
    if namespace:
        text += "/".join(_quote(part) for part in namespace.split("/") if part) + "/"
    text += _quote(name)
    if version:
        text += "@" + _quote(version)
    pairs = sorted((key.lower(), value) for key, value in qualifiers if value)
    if pairs:
        text += "?" + "&".join(f"{key}={quote(value, safe=_PLAIN + '/')}" for key, value in pairs)
    if subpath.strip("/"):
        text += "#" + "/".join(_quote(part) for part in subpath.split("/") if part not in {"", ".", ".."})
    return text


def parse(text: str) -> Purl:
    """Return the parts of a package URL, decoded.

    Raises `MalformedError` where scheme, type or name is missing, or it has over 4,096 characters.
    """
    scheme, _, rest = text.partition(":")
    if scheme.lower() != "pkg" or len(text) > _MAX_CHARS:
        raise MalformedError(f"not a package URL: {text[:200]!r}")
    rest, _, subpath = rest.lstrip("/").partition("#")
    rest, _, query = rest.partition("?")
    type_, _, path = rest.partition("/")
    path, version = _split_version(path)
    *namespace, name = [unquote(part) for part in path.strip("/").split("/") if part] or [""]
    if not type_ or not name:
        raise MalformedError(f"package URL without type or name: {text[:200]!r}")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return Purl(
        type=type_.lower(),
        namespace="/".join(namespace),
        name=name,
        version=unquote(version),
        qualifiers={key.lower(): unquote(value) for key, _, value in pairs if value},
        subpath="/".join(unquote(part) for part in subpath.split("/") if part),
    )


# Left as they are: RFC 3986's unreserved signs, which `quote` knows, and the colon.
_PLAIN = ":"


def _quote(part: str) -> str:
    return quote(part, safe=_PLAIN)


def _split_version(path: str) -> tuple[str, str]:
    """Split at the last `@` of the last name; an npm scope's unencoded `@` is no version's."""
    at = path.rfind("@")
    if at <= 0 or path[at - 1] == "/":
        return path, ""
    return path[:at], path[at + 1 :]
