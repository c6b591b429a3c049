"""Dockerfiles built by buildah and by Lading, from the same bases: the same files, and the same config.

Where the two differ on purpose, docs/buildah-differences.md says so: a row there names cases of the corpus, and each
of those has to show it. Everything else has to be the same.
"""

from __future__ import annotations

import functools
import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import pytest

import needs
import ordinary
from build import against, bases
from build.against import Case, Ended, Place
from build.image_files import Difference, differences
from loopback import Exchange, Served, serve

CORPUS = sorted(Path(__file__).with_name("corpus").glob("*.txt"))
CASES = {case.name: case for path in CORPUS for case in against.cases(path)}
DOCUMENT = needs.ROOT / "docs" / "buildah-differences.md"
MIN_CASES = 60
# What an ordinary user builds: where it matters who one is, and one case in six of everything else.
_BY_USER = ("run", "files", "mounts")
_EVERY = 6
_ROW = re.compile(r"\| (.+?) \| (root|user|both) \| (.+?) \| (.{20,}) \|")


class Row(NamedTuple):
    """A row of the document: these cases differ in these things, built by these users."""

    cases: tuple[str, ...]
    user: str
    whats: tuple[str, ...]

    def names(self, case: str, user: str) -> bool:
        return self.user in {user, "both"} and any(fnmatchcase(case, pattern) for pattern in self.cases)

    def covers(self, what: str) -> bool:
        return any(fnmatchcase(what, pattern) for pattern in self.whats)


@functools.cache
def rows() -> list[Row]:
    lines = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("| `")]
    found = [_ROW.fullmatch(line) for line in lines]
    wrong = [line for line, row in zip(lines, found, strict=True) if row is None]
    assert wrong == [], "a row is not of the form | `cases` | root, user or both | `what` | why |"
    return [Row(_quoted(row[1]), row[2], _quoted(row[3])) for row in found if row]


def _quoted(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", text))


def _version() -> str:
    program = shutil.which("buildah")
    if program is None:
        return ""
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout


pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="root makes the ordinary user"),
    needs.tool("buildah", "crun", "newuidmap", "setpriv", "setfattr", "zstd", "xz", "bzip2"),
    pytest.mark.skipif(
        "version 1.28." not in _version(), reason="what differs is known of buildah 1.28 alone"
    ),
]


def _archive() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("within")
        entry.size = 2
        archive.addfile(entry, io.BytesIO(b"x\n"))
    return out.getvalue()


CONTENT = {
    "/plain.txt": b"plain\n",
    "/plain.txt?a=b": b"query\n",
    "/sub/other.txt": b"other\n",
    "/archive.tar": _archive(),
}


def _answer(exchange: Exchange) -> None:
    content = CONTENT.get(exchange.path)
    if content is None:
        exchange.reply(404)
    else:
        exchange.reply(200, content, {"Last-Modified": "Sat, 03 Feb 2001 04:05:06 GMT"})


@pytest.fixture(scope="module", name="server")
def _server() -> Iterator[Served]:
    with serve(_answer) as served:
        yield served


@pytest.fixture(scope="module", name="images")
def _images() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lading-bases-") as name:
        folder = Path(name)
        bases.write(folder)
        # The ordinary user reads them as well.
        for path in (folder, *folder.iterdir()):
            path.chmod(0o755)
        yield folder


@contextmanager
def _place_of(user: str) -> Iterator[Place]:
    with ExitStack() as stack:
        if user == "user":
            somebody = stack.enter_context(ordinary.user(subordinate=True))
            yield Place(somebody.new_folder(), somebody)
        else:
            folder = tempfile.mkdtemp(prefix="lading-against-")
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            yield Place(Path(folder))


@pytest.fixture(scope="module", name="places")
def _places(images: Path) -> Iterator[Callable[[str], Place]]:
    """Return a function that gives the place of a user, made when it is first asked for."""
    with ExitStack() as stack:

        @functools.cache
        def made(user: str) -> Place:
            place = stack.enter_context(_place_of(user))
            place.prepare(images, [name for name in bases.NAMES if user == "root" or name != "devices:1"])
            return place

        yield made


def _wanted(case: Case, user: str, number: int) -> bool:
    if case.only:
        return case.only == user
    return user == "root" or case.name.startswith(_BY_USER) or number % _EVERY == 0


def _parameters() -> list[object]:
    return [
        pytest.param(user, case, id=f"{user}-{case.name}")
        for user in ("root", "user")
        for number, case in enumerate(CASES.values())
        if _wanted(case, user, number)
    ]


@pytest.mark.parametrize(("user", "case"), _parameters())
def test_the_same_image(
    user: str, case: Case, places: Callable[[str], Place], images: Path, server: Served
) -> None:
    place = places(user)
    folder = place.make(case)
    arguments = [*case.arguments, *_given(case, images, server)]
    buildah = place.by_buildah(folder, *arguments, layers=case.layers)
    lading = place.by_lading(folder, *arguments)
    shutil.rmtree(folder)
    found = list(_differences(case, buildah, lading))
    held = [row for row in rows() if row.names(case.name, user)]
    unknown = [str(one) for one in found if not any(row.covers(one.what) for row in held)]
    assert unknown == [], "these differ (buildah's is first), and no row of the document says why"
    stale = [row for row in held if case.name in row.cases and not any(row.covers(one.what) for one in found)]
    assert stale == [], "rows that say that this case differs, which it does not"


def _given(case: Case, images: Path, server: Served) -> Iterator[str]:
    for name, value in (("SERVER", server.url), ("DIGEST", bases.digest(images))):
        if f"ARG {name}\n" in case.dockerfile:
            yield from ("--build-arg", f"{name}={value}")


def _differences(case: Case, buildah: Ended, lading: Ended) -> Iterator[Difference]:
    if buildah.picture is not None and lading.picture is not None:
        assert not case.refused, "both build it"
        yield from differences(buildah.picture, lading.picture)
    elif buildah.picture is None and lading.picture is None:
        assert case.refused, f"both refuse it: {buildah.output}\n{lading.output}"
    else:
        ended = ["built" if end.picture else end.output[-2000:] for end in (buildah, lading)]
        yield Difference("refused by " + ("buildah" if buildah.picture is None else "Lading"), *ended)
    assert "Traceback" not in lading.output


def test_the_corpus_is_large_enough() -> None:
    assert len(CASES) >= MIN_CASES
    assert sum(_wanted(case, "user", number) for number, case in enumerate(CASES.values())) >= MIN_CASES


def test_rows_name_cases() -> None:
    patterns = [pattern for row in rows() for pattern in row.cases]
    assert [one for one in patterns if not any(fnmatchcase(name, one) for name in CASES)] == []


def test_a_difference_is_seen(images: Path) -> None:
    """What the comparison is worth: two images that differ in everything that is compared."""
    with _place_of("root") as place:
        place.prepare(images, [bases.ALPINE])
        script = (
            "mkdir /d; echo x > /d/a; ln /d/a /d/b; echo x > /d/c; ln -s a /d/l; touch /d/m /d/o; mkfifo /d/k"
        )
        other = "mkdir /d; echo y > /d/a; cp /d/a /d/b; echo y > /d/x; ln -s b /d/l; touch /d/m /d/o /d/k; chmod 600 /d/m; chown 1 /d/o"
        pictures = []
        for text in (script, other):
            case = Case("x", f"FROM {bases.ALPINE}\nRUN {text}\nENV a={len(text)}\n")
            pictures.append(place.by_lading(place.make(case)).picture)
        assert pictures[0] is not None
        assert pictures[1] is not None
        found = [one.what for one in differences(pictures[0], pictures[1])]
    assert found == [
        "content of d/a", "content of d/b", "buildah alone has d/c", "kind of d/k", "link of d/l", "mode of d/m", "owner of d/o", "Lading alone has d/x",
        "names of d/a", "names of d/b", "variable a",
    ]  # fmt: skip
