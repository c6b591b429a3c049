"""Whole Dockerfiles through the real program: what it finds, and what `--fix --unsafe-fixes` makes of them.

Versions and digests come from a real registry and from indexes in their real formats, on loopback ports, which the
settings name as a company names its mirrors.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import imaging
import registries
from lading.lint.pins_bases import NAMES
from lint import index_site
from program import Lading

pytestmark = registries.NEEDS

TANGLED = """\
FROM ubuntu
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y golang-go
COPY app.go .
RUN CGO_ENABLED=0 go build app.go

# runtime stage
FROM alpine:3.12.1
RUN chmod a-w /etc
RUN addgroup -S appgroup && adduser -G appgroup -h /home/appuser
RUN rm -fr /bin/*
COPY --from=0 /app /home/appuser/
USER appuser
CMD ["/home/appuser/app"]
"""
UNTANGLED = """\
FROM ubuntu:26.04@{ubuntu}
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install --no-install-recommends -y golang-go=2:1.24~2
COPY app.go /
RUN CGO_ENABLED=0 go build app.go

# runtime stage
FROM alpine:3.12.1@{alpine}
RUN chmod a-w /etc
RUN addgroup -S appgroup && adduser -D -G appgroup -h /home/appuser appuser
RUN rm -fr /bin/*
COPY --from=0 /app /home/appuser/
USER appuser
CMD ["/home/appuser/app"]
"""
EVERY_INDEX = """\
FROM debian:12
RUN apt-get update && apt-get install -y curl && pip install flask && npm install -g left-pad && gem install rake
FROM alpine:3.12.1
RUN apk add bash
RUN go install example.com/Tool/cmd/x@latest
USER 1000
"""
PINNED = """\
FROM debian:12@{debian}
RUN apt-get update && apt-get install --no-install-recommends -y curl=7.88.1-10+deb12u8 && \
pip install --no-cache-dir flask==3.1.0 && npm install -g left-pad@1.3.0 && gem install rake:13.2.1
FROM alpine:3.12.1@{alpine}
RUN apk add --no-cache bash=5.0.17-r0 \\
    && go install example.com/Tool/cmd/x@v1.4.2
USER 1000
"""


@dataclass(frozen=True)
class Mirrors:
    """A registry's host, the digests of its images by name, and the indexes."""

    host: str
    digests: dict[str, str]
    site: index_site.Site

    def indexes(self) -> dict[str, str]:
        """Return the address of each index."""
        return {name: f"{self.site.url}/{name}" for name in NAMES}


@pytest.fixture(scope="module", name="mirrors")
def _mirrors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirrors]:
    folder = tmp_path_factory.mktemp("mirrors")
    names = {"ubuntu": ("26.04", "latest"), "old": ("24.04",), "alpine": ("3.12.1",), "debian": ("12",)}
    with registries.registry(folder / "registry") as host, index_site.site() as site:
        digests = {}
        for name, tags in names.items():
            tree: imaging.Tree = {"etc/name": name.encode()}
            digests[name] = str(imaging.write_layout(folder / name, [imaging.tar(tree)]).digest)
            repository = "ubuntu" if name == "old" else name
            for tag in tags:
                registries.push(folder / name, f"{host}/library/{repository}:{tag}")
        _fill(site)
        yield Mirrors(host, digests, site)


def _fill(site: index_site.Site) -> None:
    packages = "main/binary-amd64/Packages.xz"
    apt = {
        "ubuntu/dists/resolute": {"golang-go": "2:1.24~2"},
        "debian/dists/bookworm": {"curl": "7.88.1-10+deb12u7"},
        "debian-security/dists/bookworm-security": {"curl": "7.88.1-10+deb12u8"},
    }
    for place, versions in apt.items():
        site.files[f"/{place}/{packages}"] = index_site.xz(index_site.apt_index(versions))
    site.files["/alpine/v3.12/main/x86_64/APKINDEX.tar.gz"] = index_site.apk_index({"bash": "5.0.17-r0"})
    flask = {
        "files": [{"filename": "flask-3.1.0-py3-none-any.whl"}],
        "meta": {"api-version": "1.0"},
        "name": "flask",
    }
    site.files["/pypi/flask/"] = json.dumps(flask).encode()
    site.types["/pypi/flask/"] = "application/vnd.pypi.simple.v1+json"
    site.files["/npm/left-pad"] = index_site.packument("1.3.0", ["1.2.0", "1.3.0"])
    site.files["/gem/info/rake"] = b"---\n13.2.0 |checksum:0\n13.2.1 |checksum:0\n"
    site.files["/go/example.com/!tool/@latest"] = b'{"Version":"v1.4.2"}'


@pytest.fixture(name="lading")
def _lading(tmp_path: Path, mirrors: Mirrors) -> Lading:
    indexes = ",".join(f"{name}={url}" for name, url in mirrors.indexes().items())
    environ = {"LADING_REGISTRY_MIRRORS": f"docker.io=http://{mirrors.host}", "LADING_INDEXES": indexes}
    return Lading(tmp_path, environ)


def findings(lading: Lading, *arguments: str) -> list[dict[str, Any]]:
    """Lint ./Dockerfile and return what is found, which is something."""
    done = lading("lint", "-f", "json", *arguments)
    assert (done.returncode, done.stderr) == (1, b"")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_everything_that_can_be_fixed_is_fixed(lading: Lading, mirrors: Mirrors) -> None:
    file = lading.folder / "Dockerfile"
    file.write_text(TANGLED)
    (lading.folder / "app.go").write_text("package main\nfunc main() {}\n")
    before = findings(lading)
    assert {(one["code"], one["line"], one["level"]) for one in before} >= {
        ("DL3006", 1, "warning"),
        ("DL3008", 3, "warning"),
        ("LD1001", 8, "info"),
        ("LD1005", 10, "error"),
        ("LD1016", 12, "info"),
    }
    messages = {one["code"]: one["message"] for one in before}
    assert messages["DL3006"].startswith("ubuntu has no tag")
    assert messages["LD1005"].startswith("adduser fails without a name")
    assert messages["LD1016"].startswith("root-owned files in the home of appuser")
    assert {one["code"] for one in before if one["level"] in {"error", "warning"} and one["fixable"]} >= {
        "DL3006",
        "DL3008",
        "LD1005",
    }

    after = findings(lading, "--fix", "--unsafe-fixes")
    assert [one for one in after if one["level"] in {"error", "warning"} and one["fixable"]] == []
    assert file.read_text() == UNTANGLED.format(**mirrors.digests)
    # What has no fix is still told.
    told = {one["code"] for one in after if not one["code"].startswith("SC")}
    assert told == {"LD1007", "LD1009", "LD1016", "DL3066"}
    assert findings(lading, "--fix", "--unsafe-fixes") == after
    assert file.read_text() == UNTANGLED.format(**mirrors.digests)


def test_every_index_is_asked_where_the_settings_say(tmp_path: Path, mirrors: Mirrors) -> None:
    lading = Lading(tmp_path)
    indexes = "".join(f'{name} = "{url}/"\n' for name, url in mirrors.indexes().items())
    mirror = f'registry-mirrors = {{"docker.io" = ["http://{mirrors.host}"]}}'
    (tmp_path / "lading.toml").write_text(f"{mirror}\n[indexes]\n{indexes}")
    file = tmp_path / "Dockerfile"
    file.write_text(EVERY_INDEX)
    after = findings(lading, "--fix", "--unsafe-fixes")
    assert file.read_text() == PINNED.format(**mirrors.digests)
    assert [one for one in after if one["level"] in {"error", "warning"} and one["fixable"]] == []


def test_without_the_mirrors_nothing_is_invented(tmp_path: Path) -> None:
    """No index is reached: what needs one stays, with a word, and the rest is fixed."""
    lading = Lading(tmp_path)
    file = tmp_path / "Dockerfile"
    file.write_text(TANGLED)
    done = lading("lint", "--fix", "--unsafe-fixes", "--offline")
    assert done.returncode == 1
    text = file.read_text()
    assert "FROM ubuntu\n" in text
    assert "install --no-install-recommends -y golang-go\n" in text
    assert "adduser -D -G appgroup -h /home/appuser appuser\n" in text
    assert done.stderr.count(b"offline, and not known from before") >= 1
