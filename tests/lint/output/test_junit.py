from __future__ import annotations

import xml.etree.ElementTree as ET

from lint.output.samples import linted, rendered


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
