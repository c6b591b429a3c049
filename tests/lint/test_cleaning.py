"""Caches that are left behind, and the fix that clears them."""

from __future__ import annotations

import pytest

from lading import lint
from lading.dockerfile.edit import apply
from lading.lint import checking

BASE = "FROM rockylinux:9\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("RUN yum install -y a-1", "RUN yum install -y a-1 && yum clean all", id="at the end"),
        pytest.param(
            "RUN yum install -y a-1 && make",
            "RUN yum install -y a-1 && yum clean all && make",
            id="in the middle",
        ),
        pytest.param(
            "RUN yum install -y a-1; yum install -y b-1",
            "RUN yum install -y a-1; yum install -y b-1 && yum clean all",
            id="after the last",
        ),
    ],
)
def test_the_fix_cleans_right_after(before: str, after: str) -> None:
    outcome = checking.check((BASE + before + "\n").encode(), rules=[lint.load("DL3032")])
    (found,) = outcome.findings
    assert found.fix is not None
    assert found.safe
    fixed = apply(outcome.file.source, [found.fix.edits]).source.text
    assert fixed == BASE + after + "\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('RUN ["yum", "install", "-y", "a-1"]', id="exec form"),
        pytest.param("RUN yes | yum install a-1", id="pipeline"),
        pytest.param("RUN yum install -y a-1 &", id="in the background"),
        pytest.param("RUN if x; then yum install -y a-1; fi", id="condition"),
        pytest.param("RUN yum clean all && yum install -y a-1", id="cleaned too early"),
    ],
)
def test_where_it_is_not_plain_there_is_no_fix(text: str) -> None:
    (found,) = checking.check((BASE + text + "\n").encode(), rules=[lint.load("DL3032")]).findings
    assert found.fix is None
