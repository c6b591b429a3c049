from __future__ import annotations

from lint.output.samples import linted, rendered


def test_github() -> None:
    assert rendered("github", linted()).splitlines() == [
        "::error file=a/Dockerfile,line=2,col=5,endColumn=8,title=T1::no sudo",
        '::notice file=a/Dockerfile,line=2,endLine=3,title=T3::two <lines> & "more" [x] {0}',
        "::warning file=a/Dockerfile,line=3,col=5,endColumn=6,title=T2::say 100%25: a, b",
    ]
