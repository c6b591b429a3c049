from __future__ import annotations

from pathlib import Path

import pytest

from lading import lint
from lading.dockerfile.parse import parse
from lading.lint import checking, hadolint_config, signs
from lading.lint.hadolint_config import Config
from lading.lint.subject import Subject

CORPUS = Path(__file__).with_name("corpus")
ALL = tuple(lint.rules())
LABELS = Config(labels={"name": "text", "home": "url"}, strict_labels=True, trusted_registries=("x.example",))


def of(text: str, config: Config | None = None, context: Path | None = None) -> set[str]:
    subject = Subject(parse(text.encode()), config=config or Config(), context=context)
    return set(signs.of(subject).splitlines())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", {"=no-stage"}, id="nothing"),
        pytest.param("FROM a", {"from a", "=from"}, id="an-instruction"),
        pytest.param("FROM a\nFROM b", {"from a", "from b", "=from again"}, id="two-of-a-kind"),
        pytest.param("FROM A as B", {"from a as b", "=from", "=stage-name"}, id="a-name-in-lower-case"),
        pytest.param("FROM $A", {"from $a", "=from", "=from-variable"}, id="a-variable"),
        pytest.param(
            "ARG A\nFROM a", {"arg a", "from a", "=arg", "=from", "=late-from"}, id="not-the-first"
        ),
        pytest.param("FROM a\nrun b", {"from a", "run b", "=from", "=run", "=mixed-case"}, id="two-cases"),
        pytest.param("From a", {"from a", "=from", "=mixed-case"}, id="two-cases-in-a-word"),
        pytest.param("from a\nrun b", {"from a", "run b", "=from", "=run"}, id="lower-case-alone"),
        pytest.param(
            "FROM a\nONBUILD RUN b\nRUN c",
            {"from a", "onbuild run b", "run c", "=from", "=onbuild", "=run again"},
            id="inside-of-onbuild",
        ),
        pytest.param('FROM a\nRUN s"u"d\\\no', {"from a", "run sudo", "=from", "=run"}, id="quotes-and-escapes"),
        pytest.param("# x\nFROM a", {"from a", "#x", "=from"}, id="a-comment"),
        pytest.param(
            "FROM a\nRUN <<E\nsudo b\nE", {"from a", "run <<e", "sudo b", "", "=from", "=run"}, id="a-heredoc"
        ),
        pytest.param(
            "FROM a\nRUN b \\\n\n  c",
            {"from a", "run b   c", "=from", "=run", "=empty-continuation"},
            id="a-problem",
        ),
    ],
)  # fmt: skip
def test_text_and_form(text: str, expected: set[str]) -> None:
    assert {sign.rstrip() for sign in of(text)} == {sign.rstrip() for sign in expected}


def test_what_is_configured() -> None:
    config = Config(levels={"DL3057": "info"}, labels={"a": "text"}, trusted_registries=("b",))
    assert of("FROM a", config, Path()) - of("FROM a") == {
        "dl3057",
        "label-schema",
        "=trusted-registries",
        "=build-context",
    }


@pytest.mark.parametrize(
    ("groups", "there"),
    [
        ([], True),
        (["copy"], True),
        (["x,copy"], True),
        (["x"], False),
        (["=copy again,x"], False),
        (["copy", "from"], True),
        (["copy", "x,z"], False),
        (["x", "from"], False),
    ],
)
def test_one_of_each_group(groups: list[str], *, there: bool) -> None:
    assert signs.have("from a\ncopy b\n=copy", groups) is there


EXAMPLES = [text.encode() for one in ALL for text in (*one.bad, *one.good)]
FILES = [path.read_bytes() for path in sorted(CORPUS.glob("*.Dockerfile"))]
OTHERWISE_WRITTEN = [
    text for one in EXAMPLES for text in (one.lower(), one.upper(), one.replace(b" ", b" \\\n "))
]


@pytest.mark.parametrize(
    ("given", "config", "context"),
    [
        pytest.param(EXAMPLES + FILES, Config(), None, id="as-they-are"),
        pytest.param(OTHERWISE_WRITTEN, Config(), None, id="otherwise-written"),
        pytest.param(EXAMPLES + FILES, LABELS, None, id="configured"),
        pytest.param(EXAMPLES, Config(), Path(__file__).parent, id="with-a-context"),
    ],
)
def test_no_rule_is_left_out_that_would_find_something(
    given: list[bytes], config: Config, context: Path | None
) -> None:
    different = [
        text
        for text in given
        if checking.check(text, config=config, context=context).findings
        != checking.check(text, config=config, context=context, rules=ALL).findings
    ]
    assert different == []


def test_with_the_configurations_of_the_corpus() -> None:
    for path in sorted(CORPUS.glob("*.yaml")):
        config = hadolint_config.load(path)
        text = path.with_suffix(".Dockerfile").read_bytes()
        found = checking.check(text, config=config).findings
        assert found == checking.check(text, config=config, rules=ALL).findings, path.name
