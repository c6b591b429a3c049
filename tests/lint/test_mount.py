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


def test_options_are_read_as_csv() -> None:
    assert mount.options('type=cache,"target=/a,b",ReadOnly') == {
        "type": "cache",
        "target": "/a,b",
        "readonly": "",
    }
    assert mount.options("") == {}
