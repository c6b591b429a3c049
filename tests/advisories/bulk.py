"""A source of advisories in OSV's layout, made for a test, and what serves it."""

from __future__ import annotations

import http.server
import io
import itertools
import json
import threading
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from lading import net
from lading.advisories.sync import Outcome, Source, update
from lading.model.package import Location, Package

Json = dict[str, Any]
DAY_S = 86400.0


def record(name: str, ecosystem: str, package: str, *events: Mapping[str, str], **more: Any) -> Json:  # noqa: ANN401 -- any field
    """Return a record with one package and one range; no event means `introduced: 0`."""
    ranges = [{"type": "ECOSYSTEM", "events": list(events) or [{"introduced": "0"}]}]
    affected = [{"package": {"ecosystem": ecosystem, "name": package}, "ranges": ranges}]
    return {"id": name, "modified": "2024-01-01T00:00:00Z", "affected": affected, **more}


def span(introduced: str, fixed: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the two events of a range."""
    return {"introduced": introduced}, {"fixed": fixed}


def packed(records: Iterable[Json]) -> bytes:
    """Return `all.zip`."""
    return zipped({one["id"] + ".json": json.dumps(one).encode() for one in records})


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip file of any members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def listing(records: Iterable[Json]) -> bytes:
    """Return `modified_id.csv`, newest first."""
    rows = sorted(((one["modified"], one["id"]) for one in records), reverse=True)
    return "".join(f"{modified},{name}\n" for modified, name in rows).encode()


def publish(base: Path, family: str, records: Iterable[Json], *, single: bool = False) -> None:
    """Put the records of an ecosystem where they are fetched; single: `<ID>.json` as well."""
    folder = base / family
    folder.mkdir(parents=True, exist_ok=True)
    records = list(records)
    (folder / "all.zip").write_bytes(packed(records))
    (folder / "modified_id.csv").write_bytes(listing(records))
    for one in records if single else ():
        (folder / f"{one['id']}.json").write_text(json.dumps(one))


def run(base: Path, data_dir: Path, *families: str, now: float = 1e9, **options: Any) -> list[Outcome]:  # noqa: ANN401 -- of `update`
    """Update from a folder; nothing counts as fresh unless `max_age_s` says so."""
    options.setdefault("max_age_s", 0.0)
    return update(families, data_dir, Source(base.as_uri()), no_client, now=now, **options)


def update_until(base: Path, data_dir: Path, enough: Event) -> None:
    """Update from a folder again and again, once at least; for a process of its own."""
    for n in itertools.count():
        (outcome,) = run(base, data_dir, "PyPI", now=1e9 + n, force=True)
        assert outcome.action == "full", outcome
        if enough.is_set():
            return


def listed(folder: Path) -> list[str]:
    """Return the names in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


def no_client() -> net.Client:
    raise AssertionError("no HTTP client is made for file://")


def package(
    name: str,
    version: str,
    ecosystem: str = "PyPI",
    kind: str = "pypi",
    **more: Any,  # noqa: ANN401 -- as in `Package`
) -> Package:
    """Return a package with a place; kind: purl type."""
    return Package(
        type=kind, name=name, version=version, ecosystem=ecosystem, locations=(Location("a/place"),), **more
    )


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the parent's name
        """Say nothing."""

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        server.asked.append(self.path)
        super().do_GET()


class Server(http.server.ThreadingHTTPServer):
    """A server on the loopback; asked: the paths it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """Serve a folder while the block runs."""
    with Server(folder) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
