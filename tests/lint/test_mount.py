"""Mounts of RUN."""

from __future__ import annotations

import pytest

from lading.dockerfile.instruction import Run
from lading.dockerfile.parse import parse
from lading.lint import mount
from lading.lint.subject import Subject


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("--mount=type=cache,target=/a/b", True),
        ("--mount=type=tmpfs,dst=/a/b/", True),
        ("--mount=target=/a/b/c,type=cache,sharing=locked", True),
        ('--mount=type=cache,"destination=/a/b"', True),
        ("--mount=type=bind,target=/a/b", False),
        ("--mount=target=/a/b", False),
        ("--mount=type=cache,target=/a", False),
        ("--mount=type=cache,source=/a/b,target=/c", False),
        ("--mount=type=cache", False),
        ("--network=none", False),
    ],
)
def test_what_is_kept_out(flags: str, *, expected: bool) -> None:
    (run,) = Subject(parse(f"FROM debian:12\nRUN {flags} make\n")).all(Run)
    assert mount.is_kept_out(run, "/a/b") is expected


def test_all_folders_have_to_be() -> None:
    text = "FROM debian:12\nRUN --mount=type=cache,target=/a --mount=type=tmpfs,target=/b make\n"
    (run,) = Subject(parse(text)).all(Run)
    assert mount.is_kept_out(run, "/a", "/b")
    assert not mount.is_kept_out(run, "/a", "/c")


def test_a_mount_that_no_build_takes_is_left_out() -> None:
    text = "FROM debian:12\nRUN --mount=type=cache,target=/a --mount=target=/c,from=$A --mount= make\n"
    (run,) = Subject(parse(text)).all(Run)
    assert [one.options for _, one in mount.all_of(run)] == [{"type": "cache", "target": "/a"}]


@pytest.mark.parametrize(
    ("flags", "kept"),
    [
        ("--mount=type=cache,target=/root/.cache/pip", True),
        ("--mount=type=cache,dst=/root/.cache/pip/", True),
        ("--mount=type=tmpfs,destination=/home/me/.cache/pip/http", True),
        ("--mount=type=bind,target=/a --mount=target=/root/.cache/pip,type=cache", True),
        ("--mount=type=bind,target=/root/.cache/pip", False),
        ("--mount=target=/root/.cache/pip", False),
        ("--mount=type=cache,target=/root/.cache", False),
        ("--mount=type=cache,target=/root/.cache/pipx", False),
        ("--mount=type=cache,id=/root/.cache/pip", False),
        ("--network=none", False),
        ("", False),
    ],
)
def test_a_directory_is_looked_for_anywhere(flags: str, *, kept: bool) -> None:
    (run,) = Subject(parse(f"FROM a\nRUN {flags} make\n")).all(Run)
    assert mount.is_kept_out_somewhere(run, ".cache/pip") is kept
