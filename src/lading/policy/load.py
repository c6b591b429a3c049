"""Reading the files that set findings aside, whatever their format.

Names decide first: `.trivyignore`, `.trivyignore.yaml`, `.lading.yaml`. Otherwise the content does: a JSON
object is OpenVEX, YAML is told by its top-level keys, and lines of bare identifiers are as in `.trivyignore`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from lading.errors import DeniedError, LimitError, MalformedError, UnavailableError
from lading.policy import exceptions, marked, trivyignore, vex
from lading.policy.rule import Rule

MAX_BYTES = vex.MAX_BYTES

_HINT = "Lading reads .lading.yaml, .trivyignore, .trivyignore.yaml and OpenVEX documents"


def load(paths: Iterable[Path]) -> tuple[Rule, ...]:
    """Return the rules of all files, in the order given.

    Raises `UnavailableError` and `DeniedError` for files that cannot be read, `MalformedError` for
    those that are not what they should be, `LimitError` for size.
    """
    return tuple(rule for path in paths for rule in parse(_read(path), str(path)))


def parse(data: bytes, where: str) -> tuple[Rule, ...]:
    """Return the rules in `data`, whose format is told by name (the last part of `where`) and content.

    Raises as the format's own `parse` does, and `MalformedError` if it is none of them.
    """
    name = where.replace("\\", "/").rpartition("/")[2]
    yaml = name.endswith((".yaml", ".yml"))
    if name.startswith(".trivyignore"):
        return trivyignore.parse_yaml(data, where) if yaml else trivyignore.parse_lines(data, where)
    if name in {".lading.yaml", ".lading.yml"}:
        return exceptions.parse(data, where)
    if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return _json(data, where)
    if yaml:
        return _yaml(data, where)
    if _is_lines(data):
        return trivyignore.parse_lines(data, where)
    raise MalformedError("not a file of exceptions", where, _HINT)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except PermissionError as error:
        raise DeniedError("no permission to read it", str(path)) from error
    except OSError as error:
        raise UnavailableError(f"cannot be read: {error.strerror}", str(path)) from error
    if len(data) > MAX_BYTES:
        raise LimitError(f"larger than {MAX_BYTES} bytes", str(path))
    return data


def _json(data: bytes, where: str) -> tuple[Rule, ...]:
    try:
        head = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=dict[str, msgspec.Raw])
        known: dict[str, object] = {
            key: msgspec.json.decode(raw) for key, raw in head.items() if key in vex.TELLING
        }
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedError(f"not JSON: {error}", where) from error
    except RecursionError as error:
        raise LimitError("nested too deep", where) from error
    if not vex.looks_like(known):
        raise MalformedError("JSON, but not an OpenVEX document", where, _HINT)
    return vex.parse(data, where)


def _yaml(data: bytes, where: str) -> tuple[Rule, ...]:
    root = marked.parse(data, where)
    if (
        isinstance(root, marked.Fields)
        and "exceptions" not in root.values
        and "vulnerabilities" in root.values
    ):
        return trivyignore.parse_yaml(data, where)
    return exceptions.parse(data, where)


def _is_lines(data: bytes) -> bool:
    """True if every line that is not empty nor a comment begins with something like an identifier."""
    if len(data) > trivyignore.MAX_BYTES:
        return False
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return False
    words = [line.split()[0] for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return all("-" in word and word.replace("-", "").replace(":", "").isalnum() for word in words)
