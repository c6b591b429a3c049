from __future__ import annotations

import pytest

from lading.build import transfer_request
from lading.build.transfer_request import Inline, Request
from lading.build.words import Words
from lading.dockerfile.instruction import Add, Copy
from lading.dockerfile.parse import parse
from lading.errors import MalformedError


def _request(text: str, directory: str = "/work", **values: str) -> Request:
    file = parse(f"FROM x\n{text}\n")
    assert not file.errors, file.errors
    (instruction,) = file.stages[0].instructions
    assert isinstance(instruction, Copy | Add)
    return transfer_request.request(instruction, Words(values), directory)


@pytest.mark.parametrize(
    ("target", "path", "is_folder"),
    [
        ("/x", "x", False),
        ("/x/", "x", True),
        ("x", "work/x", False),
        (".", "work", True),
        ("./", "work", True),
        ("x/.", "work/x", True),
        ("../../..", "", False),
        ("/", "", True),
        ("$none", "work", True),
        ("$d/x", "a/x", False),
    ],
)
def test_target(target: str, path: str, is_folder: bool) -> None:  # noqa: FBT001 - a column of the table
    made = _request(f"COPY a {target}", d="/a")
    assert (made.target, made.is_folder) == (path, is_folder)


def test_flags() -> None:
    made = _request(
        "ADD --chown=$who --chmod=u+x --link=false --checksum=sha256:ab --exclude=*.$e --exclude=b "
        "--keep-git-dir --unpack=FALSE a $x /",
        who="1:2",
        e="txt",
        x="b c",
    )
    assert made.mode is not None
    assert made == Request(
        name="ADD",
        target="",
        is_folder=True,
        sources=("a", "b c"),
        chown="1:2",
        mode=made.mode,
        exclude=("*.txt", "b"),
        checksum="sha256:ab",
        keep_git=True,
        unpack=False,
    )
    assert made.mode.text == "u+x"
    assert made.excluded is not None
    assert made.excluded.ignores("a.txt")
    assert _request("COPY --parents --link a /").parents
    assert _request("COPY a /").excluded is None


def test_heredocs() -> None:
    made = _request("COPY <<a a.go <<-'b' /x/\n$v\na\n\t$v\nb", v="1")
    assert made.inline == (Inline("a", b"1\n"), Inline("b", b"$v\n"))
    assert made.sources == ("a.go",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("COPY --chmod=rwx a /", "is no mode"),
        ("COPY --link --chown=app a /", "names somebody"),
        ("COPY --link --chown=1:app a /", "names somebody"),
        ("COPY --exclude=[ a /", "not a pattern"),
        ("COPY <<'a/b' /\nx\na/b", "a heredoc cannot be called"),
        ("COPY <<.. /\nx\n..", "a heredoc cannot be called"),
    ],
)
def test_wrong(text: str, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        _request(text)


def test_linked_by_number() -> None:
    made = _request("COPY --link --chown=1:root a /")
    assert (made.chown, made.is_linked) == ("1:root", True)
    assert not _request("COPY --link --chmod=755 a /").is_linked
