"""Modules of RPM repositories: which packages dnf does not see, because their stream is not the default.

Format: https://github.com/fedora-modularity/libmodulemd/tree/main/yaml_specs
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lading.errors import MalformedError

_MAX_DOCUMENTS = 20_000
_MAX_DEPTH = 50


def hidden_of(data: bytes, where: str) -> frozenset[str]:
    """Return the packages of all streams but the default ones, as `name-epoch:version-release.arch`.

    A stream without a default for its module is hidden too. Raises `MalformedError`.
    """
    defaults: dict[str, str] = {}
    streams: list[tuple[str, str, list[str]]] = []
    for document in _documents(data, where):
        kind, body = document.get("document"), document.get("data")
        if not isinstance(body, dict):
            continue
        if kind == "modulemd-defaults":
            # Quoted or not, a stream is text: `stream: 2.4` is read as a number.
            defaults[str(body.get("module"))] = str(body.get("stream"))
        elif kind == "modulemd":
            streams.append((str(body.get("name")), str(body.get("stream")), _artifacts(body)))
    return frozenset(
        artifact
        for name, stream, artifacts in streams
        if defaults.get(name) != stream
        for artifact in artifacts
    )


def _artifacts(body: dict[str, Any]) -> list[str]:
    artifacts = body.get("artifacts")
    rpms = artifacts.get("rpms") if isinstance(artifacts, dict) else None
    return [one for one in rpms if isinstance(one, str)] if isinstance(rpms, list) else []


def _documents(data: bytes, where: str) -> Iterator[dict[str, Any]]:
    """Yield the documents that are mappings; scalars stay text, as `1.10` and `1.1` are two streams.

    Made from events, because PyYAML's loaders recurse, the one in C until the process falls.
    """
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    count = 0
    root: list[Any] = []
    open_nodes: list[_Node] = []
    try:
        for event in yaml.parse(data, Loader=loader):
            if isinstance(event, yaml.DocumentStartEvent):
                root = []
                open_nodes = [_Node(root)]
            elif isinstance(event, yaml.DocumentEndEvent):
                count += 1
                yield from (one for one in root if isinstance(one, dict))
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                made: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                open_nodes[-1].add(made)
                open_nodes.append(_Node(made))
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                open_nodes.pop()
            elif isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent)):
                open_nodes[-1].add(getattr(event, "value", None))
            if count > _MAX_DOCUMENTS or len(open_nodes) > _MAX_DEPTH:
                raise MalformedError("modules nested too deep, or too many", where)
    except (yaml.YAMLError, ValueError) as error:
        raise MalformedError("modules are not YAML", where) from error


class _Node:
    """A mapping or sequence that is being filled; an alias, or a key that is no text, counts as None."""

    def __init__(self, made: Any) -> None:  # noqa: ANN401 - as YAML has it
        self._made = made
        self._keys: list[object] = []

    def add(self, value: object) -> None:
        """Add an item, or a key, or the value of the key before."""
        if isinstance(self._made, list):
            self._made.append(value)
        elif self._keys:
            self._made[self._keys.pop()] = value
        else:
            self._keys.append(value if isinstance(value, str) else None)
