"""What stands in Dockerfiles and ignore files may be anything: each parser takes it, or refuses it with an error of ours."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lading.build import build_context, git_reference, mode_change, paths, selection
from lading.build.directory_files import DirectoryFiles
from lading.dockerfile import dockerignore
from lading.dockerfile.wildcard import Wildcard
from lading.errors import LadingError

SIGNS = st.text(st.sampled_from("ab/.*?[]^-!\\:@#=&%+,ugorwxXst0 \n\0é\udcff\U0001f600"), max_size=30)
WORDS = st.one_of(SIGNS, st.text(max_size=30))


@settings(max_examples=400, deadline=None)
@given(WORDS, WORDS)
def test_patterns(text: str, path: str) -> None:
    with contextlib.suppress(LadingError):
        Wildcard(text).fits(path)
    try:
        patterns = dockerignore.parse(text.encode("utf-8", "surrogateescape"), "f")
    except (LadingError, UnicodeEncodeError):
        return
    assert patterns.ignores(path) in {True, False}
    assert patterns.lets_in_below(path or "a") in {True, False}


@settings(max_examples=400, deadline=None)
@given(WORDS)
def test_modes(text: str) -> None:
    try:
        change = mode_change.parse(text)
    except LadingError:
        return
    for mode in (0, 0o644, 0o7777):
        assert 0 <= change.apply(mode, is_folder=False) <= 0o7777


@settings(max_examples=400, deadline=None)
@given(
    st.builds(
        lambda *parts: "".join(parts),
        st.sampled_from(["https://", "git@h:", "ssh://", "http://[", "git://", "", "github.com/"]),
        WORDS,
        st.sampled_from(["", ".git", ".git#", ".git?ref=", ".git?", "#:"]),
        WORDS,
    )
)
def test_references(text: str) -> None:
    for parse in (git_reference.parse, git_reference.short):
        try:
            found = parse(text)
        except LadingError:
            continue
        if found is not None:
            assert not found.ref.startswith("-")
            assert ".." not in found.folder.split("/")


@settings(max_examples=200, deadline=None)
@given(WORDS)
def test_contexts(text: str) -> None:
    with contextlib.suppress(LadingError):
        build_context.named(text)


@pytest.fixture(scope="module", name="root")
def _root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("root")
    (root / "a/b").mkdir(parents=True)
    (root / "a/b/a").write_text("")
    (root / "b").symlink_to("a/../../a")
    return root


@settings(max_examples=300, deadline=None)
@given(WORDS, st.booleans())
def test_sources(root: Path, source: str, parents: bool) -> None:  # noqa: FBT001 - drawn
    there = DirectoryFiles(root)
    try:
        picks = selection.picks(there, source, None, parents=parents)
        for pick in picks:
            list(selection.selected(there, pick))
    except LadingError:
        return
    assert all(there.get(pick.path) == pick.node for pick in picks)


@settings(max_examples=300, deadline=None)
@given(WORDS)
def test_paths_stay_below(path: str) -> None:
    assert ".." not in paths.clean(path).split("/")
    assert ".." not in paths.resolve(lambda _: None, path).split("/")
