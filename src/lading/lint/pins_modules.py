"""Modules of RPM repositories: which packages dnf does not see, because their stream is not the default.

Format: https://github.com/fedora-modularity/libmodulemd/tree/main/yaml_specs
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lading.errors import MalformedError

_MAX_DOCUMENTS = 20_000


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


def _documents(data: bytes, where: str) -> Iterable[dict[str, Any]]:
    import yaml

    # The loader that makes no numbers: `1.10` and `1.1` are two streams.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        for count, document in enumerate(yaml.load_all(data, Loader=loader)):
            if count > _MAX_DOCUMENTS:
                raise MalformedError(f"more than {_MAX_DOCUMENTS} documents", where)
            if isinstance(document, dict):
                yield document
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise MalformedError("modules are not YAML", where) from error
