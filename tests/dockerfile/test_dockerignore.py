from __future__ import annotations

from pathlib import Path

import pytest

from lading.dockerfile import dockerignore
from lading.errors import LimitError, MalformedError


@pytest.mark.parametrize(
    ("text", "path", "ignored"),
    [
        pytest.param("a", "a/b/c", True, id="folder"),
        pytest.param("a", "b/a", False, id="only-at-the-top"),
        pytest.param("*\n!a", "a", False, id="let-in-again"),
        pytest.param("*\n!a", "a/b", False, id="with-all-in-it"),
        pytest.param("!a\n*", "a", True, id="last-one-decides"),
        pytest.param("# a\n/a.?", "a.b", True, id="comment-and-slash"),
        pytest.param(" # a", "# a", True, id="no-comment"),
        pytest.param("\ufeffa", "a", True, id="byte-order-mark"),
        pytest.param("a\r\nb", "a", True, id="dos"),
        pytest.param("  ! /a/../b/ \nc", "b", False, id="cleaned"),
        pytest.param("b\n  ! /a/../b/ ", "b", False, id="cleaned-and-let-in"),
        pytest.param(".", "a", False, id="the-context-itself-stays"),
        pytest.param("a/b\n!a\n", "a/b", True, id="what-a-later-line-lets-in-only-by-its-folder"),
        pytest.param("**/b\n!a", "a/b", True, id="a-folder-that-needed-no-letting-in"),
        pytest.param("a\n!a/b\na/b/c", "a/b/c", True, id="three-deep"),
        pytest.param("a", "./x/../a", True, id="path-is-cleaned"),
        pytest.param("a", "", False, id="root"),
        pytest.param("\udcff", "\udcff/x", True, id="not-utf-8"),
    ],
)
def test_ignores(text: str, path: str, ignored: bool) -> None:  # noqa: FBT001 - a column of the table
    assert dockerignore.parse(text.encode("utf-8", "surrogateescape"), "f").ignores(path) is ignored


@pytest.mark.parametrize(
    ("text", "folder", "expected"),
    [
        pytest.param("a", "a", False, id="nothing-is-let-in"),
        pytest.param("a\n!a/b", "a", True, id="in-it"),
        pytest.param("a\n!b/c", "a", False, id="elsewhere"),
        pytest.param("a\n!a/b*", "a", True, id="wildcard-in-it"),
        pytest.param("a\n!a/b/*", "a/b/c", True, id="folder-of-a-wildcard"),
        pytest.param("a\n!**/c", "a", True, id="anywhere"),
        pytest.param("a\n!ab/c", "a", False, id="only-the-same-start"),
    ],
)
def test_lets_in_below(text: str, folder: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert dockerignore.parse(text.encode(), "f").lets_in_below(folder) is expected


@pytest.mark.parametrize("text", ["!", "a\n!/", "a\n\nb*[c"])
def test_broken(text: str) -> None:
    with pytest.raises(MalformedError, match=rf"^\.dockerignore:{text.count(chr(10)) + 1}: "):
        dockerignore.parse(text.encode(), ".dockerignore")


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dockerignore, "MAX_PATTERNS", 2)
    monkeypatch.setattr(dockerignore, "MAX_BYTES", 20)
    assert dockerignore.parse(b"a\nb\n#c\n", "f").ignores("b")
    with pytest.raises(LimitError, match="over 2 patterns"):
        dockerignore.parse(b"a\nb\nc\n", "f")
    with pytest.raises(LimitError, match="KiB"):
        dockerignore.parse(b"#" * 21, "f")


def test_patterns_of_flags() -> None:
    patterns = dockerignore.patterns(("*.txt", "", " !a.txt "))
    assert [patterns.ignores(path) for path in ("b.txt", "a.txt", "c")] == [True, False, False]


def test_the_file_of_the_dockerfile_comes_first(tmp_path: Path) -> None:
    assert dockerignore.find(tmp_path, "x/Dockerfile") is None
    (tmp_path / ".dockerignore").write_text("a")
    assert dockerignore.find(tmp_path, "x/Dockerfile") == tmp_path / ".dockerignore"
    (tmp_path / "Dockerfile.dockerignore").write_text("b")
    assert dockerignore.find(tmp_path, "x/Dockerfile") == tmp_path / "Dockerfile.dockerignore"
