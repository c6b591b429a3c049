"""Where the removal of apt's lists is put, and where it is not."""

from __future__ import annotations

import pytest

from lading import lint
from lading.dockerfile.edit import apply
from lading.lint import checking

RM = "rm -rf /var/lib/apt/lists/*"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("RUN apt-get update\n", f"RUN apt-get update && {RM}\n"),
        (
            "RUN apt-get update && \\\n  make\nRUN make\n",
            f"RUN apt-get update && \\\n  make && {RM}\nRUN make\n",
        ),
        ("RUN <<E\napt-get update\nE\n", f"RUN <<E\napt-get update\n{RM}\nE\n"),
        ("RUN apt-get update\nRUN apt-get install a\n", None),
        ("RUN apt-get update\nRUN sudo apt-get install a\n", None),
        ("RUN apt-get update\nRUN xargs apt-get install < a\n", None),
        ('RUN apt-get update\nRUN bash -c "apt-get install a"\n', None),
        (
            "RUN apt-get update\nRUN ls /var/lib/apt /a/apt .apt\n",
            f"RUN apt-get update && {RM}\nRUN ls /var/lib/apt /a/apt .apt\n",
        ),
        ("RUN apt-get update # first\n", None),
        ("RUN apt-get update &\n", None),
        ("RUN (apt-get update)\n", None),
        ("RUN if a; then apt-get update; fi\n", None),
        ('RUN ["apt-get", "update"]\n', None),
        ("RUN bash <<E\napt-get update\nE\n", None),
    ],
)
def test_where_the_removal_goes(body: str, expected: str | None) -> None:
    outcome = checking.check(f"FROM debian:12\n{body}".encode(), rules=[lint.load("DL3009")])
    fixes = [one.fix for one in outcome.findings]
    if expected is None:
        assert [fix for fix in fixes if fix] == []
        return
    (fix,) = fixes
    assert fix is not None
    assert fix.safe is ("<<" not in body)
    assert apply(outcome.file.source, [fix.edits]).source.text == f"FROM debian:12\n{expected}"
