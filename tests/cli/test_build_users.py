"""`lading build` by ordinary users: with ids of their own from /etc/subuid, and with one id alone."""

from __future__ import annotations

import shutil
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import needs
import ordinary
from ordinary import User

pytestmark = [needs.root(), needs.tool("crun", "newuidmap")]

DOCKERFILE = """FROM alpine:3.10
RUN adduser -D me && echo x > /x && rm -r /media && chmod 4755 /bin/busybox && ln /x /y
COPY {owner} f /d/
USER me
WORKDIR /home/me/w
RUN id -u > who
"""


@pytest.fixture(scope="module", params=[True, False], ids=["ids-of-subuid", "one-id"])
def somebody(request: pytest.FixtureRequest) -> Iterator[User]:
    with ordinary.user(subordinate=request.param) as made:
        yield made


def test_who_has_one_id_is_told(somebody: User) -> None:
    context = _with_alpine(somebody)
    (context / "Dockerfile").write_text("FROM alpine:3.10\nRUN touch /x && chown 5 /x\n")
    done = somebody.run([sys.executable, "-m", "lading", "build", "-q", str(context)])
    assert done.returncode == 0, done.stderr
    assert ("stays root's" in done.stderr) is not somebody.subordinate


def _lading(somebody: User, *arguments: str) -> str:
    done = somebody.run([sys.executable, "-m", "lading", *arguments])
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _content(layout: Path) -> dict[str, tuple[str, int, int, int]]:
    """Return of each path that the new layers bring: type, mode and owner, the highest layer's."""
    from lading.oci.layout import open_image

    found: dict[str, tuple[str, int, int, int]] = {}
    for layer in open_image(layout, "t", None, "t").layers[1:]:
        stream = layer.open()
        with tarfile.open(fileobj=stream) as archive:  # type: ignore[call-overload]  # it only reads
            found |= {one.name: (one.type.decode(), one.mode, one.uid, one.gid) for one in archive}
        stream.close()
    return found


def _with_alpine(somebody: User) -> Path:
    """Return a new folder of the user's, whose store has the real Alpine."""
    context = somebody.new_folder()
    shutil.copy(needs.images() / "alpine-310.tar.gz", context / "alpine.tar.gz")
    (context / "alpine.tar.gz").chmod(0o644)
    _lading(somebody, "tag", f"docker-archive:{context}/alpine.tar.gz", "alpine:3.10")
    return context


def test_the_image_is_the_one_that_root_would_make(somebody: User) -> None:
    context = _with_alpine(somebody)
    (context / "f").write_text("f")
    (context / ".dockerignore").write_text("alpine.tar.gz\nlayout\n")
    # With one id nobody else can be, and nothing can be given away.
    text = DOCKERFILE if somebody.subordinate else DOCKERFILE.replace("USER me\n", "")
    (context / "Dockerfile").write_text(text.format(owner="--chown=12:34"))
    digest = _lading(somebody, "build", "-q", "-t", "mine", "-o", f"oci:{context}/layout:t", str(context))
    assert _lading(somebody, "build", "-q", "-t", "mine", str(context)) == digest
    found = _content(context / "layout")
    assert found["d/f"] == ("0", 0o644, 12, 34)
    assert found["x"][1:] == (0o644, 0, 0)
    assert found["bin/busybox"][1] == 0o4755
    assert found["y"][0] == "1"
    assert ".wh.media" in found
    if somebody.subordinate:
        assert found["home/me/w/who"] == ("0", 0o644, 1000, 1000)
        assert found["home/me/w"][2:] == (1000, 1000)
    assert str(somebody.folder) not in Path("/proc/self/mounts").read_text()


def test_what_builds_have_left_can_be_taken_away(somebody: User) -> None:
    context = _with_alpine(somebody)
    (context / "Dockerfile").write_text(
        "FROM alpine:3.10\nRUN mkdir -m 700 /closed && touch /closed/x && chown 5:5 /closed || true\n"
    )
    _lading(somebody, "build", "-q", str(context))
    assert list((somebody.folder / ".cache/lading/build").glob("files-*/layers/*"))
    _lading(somebody, "prune", "--all")
    assert not list((somebody.folder / ".cache/lading/build").glob("files-*/layers/*"))
