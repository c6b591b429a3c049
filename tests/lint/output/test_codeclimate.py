from __future__ import annotations

import json

from lint.output.samples import linted, rendered


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
