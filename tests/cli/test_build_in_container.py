"""`lading build` within a container that may neither mount nor make namespaces: what it makes is what root makes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import needs
from cli import stocked
from program import Lading

pytestmark = [needs.root(), needs.tool("crun")]

DOCKERFILE = """\
FROM alpine:3.10
RUN echo x > /x && mkdir -p /d/e && chown 5:6 /d/e && ln -s x /l && ln /x /y && rm /etc/motd && echo more >> /etc/profile
COPY f /srv/
WORKDIR /w/x
RUN adduser -D me && touch /home/me/f && chown me /home/me/f
RUN cat /etc/hosts /etc/resolv.conf > /dev/null && echo y > /etc/new
"""
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/alternatives")


@pytest.fixture
def inside(lading: Lading) -> list[str]:
    """Return the words that run Lading in a container whose programs are this machine's."""
    stocked.tag(lading, f"docker-archive:{needs.images() / 'alpine-310.tar.gz'}", "alpine:3.10")
    context = lading.folder / "context"
    context.mkdir()
    (context / "f").write_text("content")
    (context / "Dockerfile").write_text(DOCKERFILE)
    folders = {*SYSTEM, sys.prefix, sys.base_prefix, str(needs.ROOT), str(needs.images()), str(lading.folder)}
    volumes = [word for one in sorted(folders) if Path(one).exists() for word in ("-v", f"{one}:{one}")]
    environ = {"PATH": "/usr/bin:/usr/sbin:/bin", "LADING_DATA_DIR": f"{lading.folder}/in/data"}
    environ |= {"LADING_CACHE_DIR": f"{lading.folder}/in/cache", "PYTHONPATH": ":".join(sys.path)}
    variables = [word for name, value in environ.items() for word in ("-e", f"{name}={value}")]
    return [
        "run",
        *volumes,
        *variables,
        "-w",
        str(lading.folder),
        "alpine:3.10",
        sys.executable,
        "-m",
        "lading",
    ]


def _ok(lading: Lading, *arguments: str) -> str:
    done = lading(*arguments)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def test_the_same_image(lading: Lading, inside: list[str]) -> None:
    tagged = ["tag", f"docker-archive:{needs.images() / 'alpine-310.tar.gz'}", "alpine:3.10"]
    _ok(lading, *inside, *tagged)
    digest = _ok(lading, *inside, "build", "-q", "--timestamp", "0", "context")
    assert digest == _ok(lading, "build", "-q", "--timestamp", "0", "context")
