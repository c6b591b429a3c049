from __future__ import annotations

import pytest

from lading.report.update import closing
from report import factory


@pytest.mark.parametrize(
    ("type_", "fixes", "update"),
    [
        pytest.param("pypi", ["3.2.9", "3.2.10", None], "3.2.10", id="by-number"),
        pytest.param("deb", ["1.0-1", "1.0-1~deb12u1"], "1.0-1", id="debian"),
        pytest.param("deb", ["9", "1:0"], "1:0", id="epoch"),
        pytest.param("npm", ["1.0.0-rc.1", "1.0.0"], "1.0.0", id="pre-release"),
        pytest.param("npm", ["2.0.0"], "2.0.0", id="one"),
        pytest.param("npm", [None], "", id="none"),
        pytest.param("npm", [], "", id="no-findings"),
        pytest.param("generic", ["1", "2"], "", id="order-not-known"),
        pytest.param("pypi", ["1.0", "nonsense!"], "", id="not-a-version"),
        pytest.param("pypi", ["1.0", "1.0.0"], "1.0.0", id="equal"),
    ],
)
def test_closing(type_: str, fixes: list[str | None], update: str) -> None:
    package = factory.package("a", "0", type=type_)
    assert (
        closing([factory.finding(f"CVE-{n}", package, fixed_in=fix) for n, fix in enumerate(fixes)]) == update
    )
