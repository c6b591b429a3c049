"""Which stages a stage takes files from."""

from __future__ import annotations

import pytest

from lading.dockerfile.parse import parse
from lading.lint import taken_from
from lading.lint.subject import Subject


def subject(last: str) -> Subject:
    return Subject(parse(f"FROM a AS One\nFROM b\nFROM c AS one\nFROM d AS two\nFROM e\n{last}\n"))


def test_of_two_stages_with_one_name_the_first_counts() -> None:
    assert taken_from.names(subject("RUN x")) == {"one": 0, "two": 3}


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("COPY --from=ONE a b", {0}),
        ("COPY --from=1 a b", {1}),
        ("COPY --from=4 a b", {4}),
        ("COPY --from=5 a b", set()),
        ("COPY --from=٣ a b", set()),
        (f"COPY --from={'0' * 5000} a b", set()),
        ("COPY --from=debian:12 a b", set()),
        ("COPY one two", set()),
        ("ADD one two", set()),
        ("RUN --mount=type=bind,from=two,target=/x y", {3}),
        ("RUN --mount=from=two --mount=type=cache,from=1,target=/c y", {1, 3}),
        ("RUN --mount=type=cache,target=/one,id=one y", set()),
        ("ONBUILD COPY --from=two a b", {3}),
        ("COPY --from=one a b\nRUN x\nCOPY --from=two c d", {0, 3}),
        ("COPY --from=one$A a b", None),
    ],
)
def test_stages_are_found(last: str, expected: set[int] | None) -> None:
    one = subject(last)
    assert taken_from.stages(one, one.stages[-1], taken_from.names(one)) == expected
