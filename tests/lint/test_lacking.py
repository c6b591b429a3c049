"""Stages whose image lacks something. In the tables `+` is what is looked for: a LABEL."""

from __future__ import annotations

import pytest

from lading.dockerfile.parse import parse
from lading.lint import lacking
from lading.lint.subject import Subject


def lacks(text: str) -> list[int]:
    subject = Subject(parse("\n".join(text.replace("+", "LABEL a=1").split("; "))))
    carriers = {
        stage.index for stage in subject.stages if any(one.name == "LABEL" for one in stage.instructions)
    }
    return [stage.index for stage in lacking.stages(subject, carriers, lacking.givers(subject))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("FROM a", [0]),
        ("FROM a; +", []),
        ("FROM a; FROM a; +; FROM a", [0, 2]),
        ("FROM a AS b; +; FROM B", []),
        ("FROM a AS b; +; FROM b AS c; FROM c AS d; FROM d", []),
        ("FROM a AS b; FROM b AS c; FROM c AS d; +", []),
        ("FROM a AS b; FROM b AS c; +; FROM b AS d", [2]),
        ("FROM a AS b; FROM b AS c; FROM b AS d", [0, 1, 2]),
        ("FROM a AS b; FROM c; COPY --from=b x y", [1]),
        ("FROM a AS b; FROM b AS c; FROM d; +; COPY --from=c x y", []),
        ("FROM a AS b; FROM b AS c; FROM b AS e; FROM d; +; COPY --from=c x y", [2]),
        ("FROM a AS b; COPY --from=b x y", [0]),
        ("ARG A=b; FROM a AS b; +; FROM $A", []),
        ("FROM a AS b; +; FROM b:1", [1]),
        ("FROM a AS b; FROM c; COPY --from=$B x y; +", [0]),
    ],
)
def test_stages_are_told_apart(text: str, expected: list[int]) -> None:
    assert lacks(text) == expected


def test_a_chain_of_stages_takes_no_time() -> None:
    """Each stage is looked at once, not once for each stage above it."""
    names = "; ".join(f"FROM s{at} AS s{at + 1}" for at in range(3000))
    assert lacks(names) == list(range(3000))
    assert lacks(f"{names}; +") == []
