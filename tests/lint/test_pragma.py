"""Comments that switch rules off; hadolint's own are compared with hadolint in test_against_hadolint.py."""

from __future__ import annotations

import pytest

from lading.lint import checking
from lading.lint.hadolint_config import Config


def codes(text: str, config: Config | None = None) -> list[str]:
    found = checking.check(text.encode(), config=config or Config()).findings
    return [
        f"{one.line}:{one.code}"
        for one in found
        if one.code in {"DL3004", "DL3003", "DL4000", "StageNameCasing"}
    ]


OWN = [
    pytest.param("FROM a:1\n# lading ignore=DL3004\nRUN sudo x\n", [], id="line before"),
    pytest.param("FROM a:1\n# lading ignore=DL3004\n# why\nRUN sudo x\n", [], id="comment between"),
    pytest.param("FROM a:1\n# lading ignore=DL3004\n\nRUN sudo x\n", [], id="empty line between"),
    pytest.param("FROM a:1\n# lading ignore=DL3004\n#\nRUN sudo x\n", ["4:DL3004"], id="empty comment between"),
    pytest.param("FROM a:1\nRUN x && \\\n  # lading ignore=DL3004\n  sudo y\n", [], id="inside"),
    pytest.param(
        "FROM a:1\n# lading ignore=DL3004\n# lading ignore=DL3003\nRUN sudo x; cd y\n", [], id="two comments"
    ),
    pytest.param("FROM a:1\n# lading ignore=DL3004\nRUN x\nRUN sudo y\n", ["4:DL3004"], id="not the next but one"),
    pytest.param("# lading global ignore=DL3004\nFROM a:1\nRUN sudo y\n", [], id="global"),
    pytest.param("FROM a:1\n# ladings ignore=DL3004\nRUN sudo x\n", ["3:DL3004"], id="another word"),
    pytest.param("FROM a:1\nRUN sudo x # lading ignore=DL3004\n", ["2:DL3004"], id="behind the line is no comment"),
    pytest.param("FROM a:1\n# lading ignore=MaintainerDeprecated\nMAINTAINER x\n", [], id="Docker's name for it"),
    pytest.param("FROM a:1\n# lading ignore=StageNameCasing\nFROM b:1 AS Build\n", [], id="a rule of Docker's"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), OWN)
def test_comments_of_our_own(text: str, found: list[str]) -> None:
    assert codes(text) == found


DOCKERS = [
    pytest.param("skip=StageNameCasing", ["3:DL4000"], id="name"),
    pytest.param("skip=stagenamecasing", ["3:DL4000"], id="case"),
    pytest.param("skip=all", [], id="all"),
    pytest.param("skip=MaintainerDeprecated", ["2:StageNameCasing"], id="its rule has hadolint's code here"),
    pytest.param("skip=StageNameCasing, MaintainerDeprecated;error=true", [], id="two and more"),
    pytest.param("error=true", ["2:StageNameCasing", "3:DL4000"], id="nothing skipped"),
    pytest.param("skip=", ["2:StageNameCasing", "3:DL4000"], id="nothing named"),
    pytest.param("skip=DL4000", ["2:StageNameCasing"], id="a code"),
]


@pytest.mark.parametrize(("value", "found"), DOCKERS)
def test_the_directive_of_docker(value: str, found: list[str]) -> None:
    assert codes(f"# check={value}\nFROM a:1 AS Build\nMAINTAINER x\n") == found


def test_skip_all_leaves_what_docker_does_not_know() -> None:
    assert codes("# check=skip=all\nFROM a:1\nRUN sudo x\n") == ["3:DL3004"]


def test_comments_can_be_forbidden() -> None:
    text = "# check=skip=all\n# lading global ignore=DL4000\nFROM a:1\n# hadolint ignore=DL3004\nRUN sudo x\nMAINTAINER x\n"
    assert codes(text) == []
    assert codes(text, Config(pragmas=False)) == ["5:DL3004", "6:DL4000"]


def test_what_is_switched_off_is_kept_apart() -> None:
    outcome = checking.check(b"FROM a:1\n# hadolint ignore=DL3004\nRUN sudo x\n")
    assert [(one.code, one.line) for one in outcome.suppressed] == [("DL3004", 3)]
