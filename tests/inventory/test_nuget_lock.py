from __future__ import annotations

import pytest

import reading
from lading.errors import LadingError, LimitError, MalformedError
from lading.inventory.nuget_lock import CONFIG, LOCK

LOCKED = """{
  "version": 1,
  "dependencies": {
    "net6.0": {
      "Newtonsoft.Json": {"type": "Direct", "requested": "[13.0.1, )", "resolved": "13.0.1", "contentHash": "a"},
      "System.Memory": {"type": "Transitive", "resolved": "4.5.4", "dependencies": {"x": "1"}},
      "shop.core": {"type": "Project", "resolved": "1.0.0", "dependencies": {"Newtonsoft.Json": "13.0.1"}}
    },
    "net48": {
      "Newtonsoft.Json": {"type": "Direct", "resolved": "13.0.1"},
      "System.Memory": {"type": "CentralTransitive", "resolved": "4.5.5"}
    }
  }
}"""
CONFIGURED = """\
<?xml version="1.0" encoding="utf-8"?>
<packages>
  <package id="jQuery" version="3.1.1" targetFramework="net46" />
  <package id="NUnit" version="3.1" developmentDependency="true" />
  <package id="NoVersion" />
</packages>
"""


def test_lock() -> None:
    assert reading.pins(LOCK, "srv/packages.lock.json", LOCKED) == [
        ("Newtonsoft.Json", "13.0.1", 0, ""),
        ("System.Memory", "4.5.4", 0, ""),
        ("System.Memory", "4.5.5", 0, ""),
    ]


def test_config() -> None:
    expected = [("jQuery", "3.1.1", 3, ""), ("NUnit", "3.1", 4, "dev")]
    assert reading.pins(CONFIG, "srv/packages.config", CONFIGURED) == expected
    assert reading.pins(CONFIG, "packages.config", "\ufeff" + CONFIGURED) == expected


def test_of_an_installed_package() -> None:
    assert reading.facts(LOCK, "srv/vendor/packages.lock.json", LOCKED) == []
    assert reading.facts(CONFIG, "srv/node_modules/a/packages.config", CONFIGURED) == []


@pytest.mark.parametrize("text", ["{}", '{"dependencies": 3}', '{"dependencies": {"net6.0": {"a": 3}}}'])
def test_empty(text: str) -> None:
    assert reading.facts(LOCK, "packages.lock.json", text) == []


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        pytest.param("", MalformedError, "packages.config: not XML", id="empty"),
        pytest.param("<packages>", MalformedError, "not XML", id="open"),
        pytest.param('<?xml version="1.0" encoding="x"?><a/>', MalformedError, "not XML", id="encoding"),
        pytest.param("<!DOCTYPE a []><a/>", MalformedError, "document type", id="doctype"),
        pytest.param(
            '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a>&z;</a>', MalformedError, "type", id="bomb"
        ),
        pytest.param("<a>" * 10**6, LimitError, "nested over 32 deep", id="deep"),
    ],
)
def test_broken_config(text: str, error: type[LadingError], message: str) -> None:
    with pytest.raises(error, match=message):
        reading.facts(CONFIG, "packages.config", text)


def test_broken_lock() -> None:
    with pytest.raises(MalformedError, match=r"packages\.lock\.json: not a JSON object"):
        reading.facts(LOCK, "packages.lock.json", LOCKED[:-1])
