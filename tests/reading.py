"""Reading single files by a reader of the inventory, as the walk would."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lading.errors import LadingError
from lading.model.fact import Fact
from lading.model.package import Package
from lading.oci.reader import FileReader, TreeFile


def facts(reader: FileReader, path: str, content: str | bytes) -> list[Fact]:
    """Return what `reader` says of a file with this content."""
    data = content.encode() if isinstance(content, str) else content
    return list(reader.read(TreeFile(path, len(data), data=data)))


def packages(reader: FileReader, path: str, content: str | bytes) -> list[Package]:
    """Return the packages among the facts, after a check that every one says where it was found."""
    found = [fact for fact in facts(reader, path, content) if isinstance(fact, Package)]
    assert all(one.reader == reader.name and one.locations[0].path == path and one.key for one in found)
    return found


def pins(reader: FileReader, path: str, content: str | bytes) -> list[tuple[str, str, int, str]]:
    """Return name, version, line and scope of each package."""
    return [
        (one.name, one.version, one.locations[0].line, one.scope) for one in packages(reader, path, content)
    ]


def survives(reader: FileReader, path: str, content: str | bytes) -> list[Fact] | LadingError:
    """Return what comes of any content: facts, or the error that says why there are none."""
    caught: LadingError
    try:
        return facts(reader, path, content)
    except LadingError as error:
        caught = error
    assert path in caught.where
    assert "\n" not in caught.message
    return caught


def wrong_types(sample: str) -> Iterator[str]:
    """Yield the JSON `sample` once for each value in it and each type, with that value replaced."""
    document = json.loads(sample)
    for path in list(_paths(document)):
        others: tuple[object, ...] = (None, True, 7, "x", [], [[]], {}, {"a": {}})
        for other in others:
            yield json.dumps(_replaced(document, path, other))


def _paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield from _paths(member, (*path, key))


def _replaced(value: object, path: tuple[str | int, ...], other: object) -> object:
    if not path:
        return other
    if isinstance(value, dict):
        return {key: _replaced(old, path[1:], other) if key == path[0] else old for key, old in value.items()}
    assert isinstance(value, list)
    return [_replaced(old, path[1:], other) if at == path[0] else old for at, old in enumerate(value)]
