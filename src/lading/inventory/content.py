"""The content of a file as text, JSON, TOML or YAML, with limits that hostile input cannot pass.

What comes out is typed as little as the file is trusted: `fields`, `items` and `text` narrow a
value of any type to the one that is wanted, and give an empty one where it is another.

Recursion is the weak spot of all three parsers: msgspec and tomllib stop with RecursionError,
libyaml's composer overflows the C stack, so YAML is built here from libyaml's events.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from lading.errors import LimitError, MalformedError
from lading.oci.reader import TreeFile

T = TypeVar("T")

MAX_YAML_DEPTH = 64
MAX_YAML_NODES = 4_000_000
MAX_TOML_BYTES = 8 * 2**20
# tomllib takes quadratic time in the parts of a dotted key, and a key cannot span lines.
MAX_TOML_DOTS = 32
_LONG_LINE = 4096
_TOML_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"|\'[^\']*+\'')

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Group 1 is half of a surrogate pair; msgspec refuses the whole document for one.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_RAW_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RAW_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_ANY = msgspec.json.Decoder()


def unfit(name: str, version: str, values: Iterable[str], max_chars: int) -> str:
    """Return why what a database states is no package, for a note; empty if it is one.

    values: all texts that are kept; one of more than `max_chars` is an attempt to fill memory or a terminal.
    """
    if not (name and version):
        return f"a package without {'version' if name else 'name'}: {(name or version)[:80]!r}"
    return f"a field of more than {max_chars} characters" if max(map(len, values)) > max_chars else ""


def data_of(file: TreeFile) -> bytes:
    """Return the bytes of `file`, held or spooled."""
    return file.data if file.spool is None else file.open().read()


def text_of(file: TreeFile) -> str:
    """Return the content as text: UTF-8 or what a byte order mark says; bad bytes become U+FFFD."""
    data = data_of(file)
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, "replace")
    return data.decode("utf-8", "replace")


def json_object(data: bytes, where: str) -> dict[str, msgspec.Raw]:
    """Return the members of the JSON object `data`, each still encoded (see `json_value`).

    Raises `MalformedError` if it is not JSON, not an object, or nested too deeply.
    """
    try:
        return _RAW_OBJECT.decode(data)
    except RecursionError as error:
        raise MalformedError("JSON nested too deeply", where) from error
    except UnicodeDecodeError:
        return json_object(data.decode("utf-8", "replace").encode(), where)
    except msgspec.DecodeError as error:
        mended = _mended(data)
        if mended == data:
            raise MalformedError(f"not a JSON object: {error}", where) from error
    return json_object(mended, where)


def _mended(data: bytes) -> bytes:
    """Return JSON without what other parsers forgive: byte order marks, escapes of half a character."""
    marked = next((encoding for bom, encoding in _BOMS if data.startswith(bom)), "")
    if marked:
        data = data.decode(marked, "replace").lstrip("\ufeff").encode()
    return _ESCAPE.sub(lambda escape: b"\\ufffd" if escape[1] else escape[0], data)


def json_value(raw: bytes | None) -> object:
    """Return the value of one member; None if it is missing or cannot be represented.

    A number beyond all bounds in a field costs that field, not the file.
    """
    return _decoded(_ANY, raw)


def json_members(raw: bytes | None) -> dict[str, msgspec.Raw]:
    """Return the members of the object `raw`, each still encoded; none if it is no object."""
    return _decoded(_RAW_OBJECT, raw) or {}


def json_items(raw: bytes | None) -> list[msgspec.Raw]:
    """Return the items of the array `raw`, each still encoded; none if it is no array."""
    return _decoded(_RAW_ARRAY, raw) or []


def _decoded(decoder: msgspec.json.Decoder[T], raw: bytes | None) -> T | None:
    try:
        return decoder.decode(raw) if raw else None
    except UnicodeDecodeError:
        return _decoded(decoder, bytes(raw or b"").decode("utf-8", "replace").encode())
    except (msgspec.DecodeError, RecursionError):
        return None


def toml_of(file: TreeFile) -> dict[str, object]:
    """Return the TOML document; raises `MalformedError`, or `LimitError` for one that would take too long."""
    import tomllib

    content = text_of(file)
    if len(content) > MAX_TOML_BYTES or any(_has_long_key(line) for line in content.split("\n")):
        raise LimitError("TOML too large or its keys too long", file.path)
    try:
        return tomllib.loads(content)
    except RecursionError as error:
        raise MalformedError("TOML nested too deeply", file.path) from error
    except ValueError as error:
        raise MalformedError(f"not TOML: {error}", file.path) from error


def _has_long_key(line: str) -> bool:
    if line.count(".") <= MAX_TOML_DOTS:
        return False
    return len(line) > _LONG_LINE or _TOML_STRING.sub("", line).count(".") > MAX_TOML_DOTS


def yaml_documents(file: TreeFile) -> list[object]:
    """Return the YAML documents as dictionaries, lists and strings; no type is guessed.

    Aliases and tags are refused: no lock file has them, and bombs are made of them.
    Raises `MalformedError`, or `LimitError` for more depth or nodes than stated above.
    """
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return _built(yaml.parse(text_of(file), Loader=loader), file.path)
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        # libyaml has a limit of its own, which may be lower than ours.
        if "maximum nesting depth" in str(error):
            raise LimitError("YAML with too deeply nested nodes", file.path) from error
        raise MalformedError(f"not YAML: {' '.join(str(error).split())}", file.path) from error


def _built(events: Iterable[object], where: str) -> list[object]:
    """Build the values that `events` describe. Keys and items of one node alternate in its list."""
    import yaml

    root: list[object] = []
    open_nodes: list[tuple[bool, list[object]]] = [(False, root)]
    for count, event in enumerate(events):
        if count > MAX_YAML_NODES or len(open_nodes) > MAX_YAML_DEPTH:
            raise LimitError("YAML with too many or too deeply nested nodes", where)
        if isinstance(event, yaml.ScalarEvent):
            open_nodes[-1][1].append(event.value)
        elif isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((isinstance(event, yaml.MappingStartEvent), []))
        elif isinstance(event, yaml.CollectionEndEvent):
            is_mapping, children = open_nodes.pop()
            open_nodes[-1][1].append(_mapping(children) if is_mapping else children)
        elif isinstance(event, yaml.AliasEvent):
            raise MalformedError("YAML with an alias, which no lock file has", where)
    return root


def _mapping(children: list[object]) -> dict[object, object]:
    keys = (key if isinstance(key, str) else "" for key in children[::2])
    return dict(zip(keys, children[1::2], strict=False))


def fields(value: object) -> dict[str, object]:
    """Return `value` if it is a dictionary, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """Return `value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """Return `value` if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""
