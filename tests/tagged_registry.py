"""A registry made of a dictionary that has tags to list, and indexes of several platforms."""

from __future__ import annotations

import json

from lading.oci import digest as digests
from lading.oci.image import OCI_INDEX, OCI_MANIFEST
from loopback import Exchange
from registries import FakeRegistry


class TaggedRegistry(FakeRegistry):
    """A registry that says digests, unless it is told not to, and lists tags in pages of two."""

    def __init__(self) -> None:
        super().__init__()
        self.tags = ["1.0", "1.1", "2.0", "latest", "z"]
        self.silent = False

    def answer(self, exchange: Exchange) -> None:
        """Answer a request."""
        path, _, query = exchange.path.partition("?")
        place = path.removeprefix("/v2/app/")
        if place in self.special:
            self.special[place](exchange)
        elif place == "tags/list":
            self._list(exchange, query)
        elif place in self.content and place.startswith("manifests/"):
            headers = {"Content-Type": self.types[place]}
            if not self.silent:
                headers["Docker-Content-Digest"] = digests.of(self.content[place])
            exchange.reply(body=self.content[place], headers=headers)
        else:
            super().answer(exchange)

    def _list(self, exchange: Exchange, query: str) -> None:
        last = query.partition("last=")[2]
        start = self.tags.index(last) + 1 if last else 0
        page = self.tags[start : start + 2]
        more = start + 2 < len(self.tags)
        link = {"Link": f'</v2/app/tags/list?n=2&last={page[-1]}>; rel="next"'} if more else {}
        exchange.reply(body=json.dumps({"name": "app", "tags": page}).encode(), headers=link)

    def index(self, tag: str, *platforms: tuple[str, bytes]) -> bytes:
        """Add an index with an image for each (architecture, manifest), and return it."""
        entries = []
        for architecture, raw in platforms:
            self.put(f"{tag}-{architecture}", raw, OCI_MANIFEST)
            entries.append(
                {
                    "mediaType": OCI_MANIFEST, "digest": digests.of(raw), "size": len(raw),
                    "platform": {"os": "linux", "architecture": architecture},
                }
            )  # fmt: skip
        made = json.dumps(
            {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries, "annotations": {"t": tag}}
        )
        self.put(tag, made.encode(), OCI_INDEX)
        return made.encode()
