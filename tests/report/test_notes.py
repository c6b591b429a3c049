from __future__ import annotations

import pytest

from lading.model.finding import Suppression
from lading.model.report import Report
from lading.report.notes import notes, unmatched, why
from lading.report.paint import Page
from report import factory


def told(report: Report, *, suppressed: bool = False) -> str:
    page = Page(100, color=False)
    notes(page, report, show_suppressed=suppressed)
    return page.text()


def test_nothing_to_say() -> None:
    assert told(factory.report(skipped=(), removed=(), suppressed=())) == ""


def test_all_there_is_to_say() -> None:
    assert told(factory.report(unmatched=("npm",)), suppressed=True) == (
        "Not checked, for want of advisories:\n"
        "  npm: 0 packages\n"
        "\n"
        "1 could not be read, so that nothing is known of it:\n"
        "  opt/app.jar: not a zip file (java/jar)\n"
        "\n"
        "1 removed or replaced, but still shipped in a lower layer:\n"
        "  pip 9.0.1 (layer 2, gone since layer 3)\n"
        "\n"
        "1 finding set aside by exceptions:\n"
        "  LOW CVE-2019-1563 in openssl: the function is never called (.lading.yaml, by ops@example.com, unt…\n"
        "\n"
    )


def test_what_was_not_checked_at_all_is_said_elsewhere() -> None:
    assert "Not checked" not in told(factory.report(unmatched=("npm",), advisories={}))


def test_unmatched_counts_releases_of_the_ecosystem() -> None:
    packages = tuple(
        factory.package(f"a{n}", ecosystem=name) for n, name in enumerate(("Alpine:v3.1", "Alpine", "Alp"))
    )
    assert unmatched(factory.report(packages=packages, unmatched=("Alpine",))) == [("Alpine", 2)]


@pytest.mark.parametrize(
    ("held", "said"),
    [
        pytest.param(None, "", id="not-set-aside"),
        pytest.param(Suppression(source="f"), "no reason given (f)", id="no-reason"),
        pytest.param(Suppression(source="f", reason="r"), "r (f)", id="reason"),
        pytest.param(Suppression(source="f", vex_status="not_affected"), "not affected (f)", id="vex"),
        pytest.param(
            Suppression(source="f", vex_status="not_affected", reason="r", owner="o", expires="2030-01-01"),
            "not affected: r (f, by o, until 2030-01-01)",
            id="all",
        ),
    ],
)
def test_why(held: Suppression | None, said: str) -> None:
    assert why(factory.finding(suppression=held)) == said
