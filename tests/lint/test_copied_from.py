"""COPY --from."""

from __future__ import annotations

from lading.dockerfile.parse import parse
from lading.lint import copied_from
from lading.lint.subject import Subject


def test_copies_come_with_their_stage_and_without_those_of_onbuild() -> None:
    text = (
        "FROM debian:12 AS one\nCOPY a b\nONBUILD COPY --from=x a b\nADD a b\n"
        "FROM debian:12\nCOPY --from=One a b\nCOPY --chown=1 --from=0 a b\n"
    )
    found = [(one.stage.index, one.name, one.flag.value) for one in copied_from.all_of(Subject(parse(text)))]
    assert found == [(1, "one", "One"), (1, "0", "0")]
