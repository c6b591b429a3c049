"""The page in a real browser: what its script does, and that it asks for nothing and complains of nothing."""

from __future__ import annotations

import http.server
import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import needs
from lading.model.report import Report
from lading.model.severity import Severity
from lading.report.rendering import render
from report import factory

pytestmark = [
    needs.tool("chromium", "chromedriver"),
    # One browser serves all tests of this file.
    pytest.mark.xdist_group("browser"),
]
_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1400,1000"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    for flag in _FLAGS.split():
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.binary_location = shutil.which("chromium") or ""
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


def logs(browser: Any, kind: str) -> list[dict[str, Any]]:  # noqa: ANN401 -- selenium leaves the type out
    return list(browser.get_log(kind))


class Page:
    """A report in the browser."""

    def __init__(self, browser: webdriver.Chrome, folder: Path, report: Report) -> None:
        self.browser = browser
        path = folder / "report.html"
        path.write_bytes(render("html", report))
        self.url = path.as_uri()
        logs(browser, "browser")
        browser.get(self.url)

    def ask(self, script: str) -> Any:  # noqa: ANN401 -- JSON
        return self.browser.execute_script(script)

    def click(self, selector: str) -> None:
        self.browser.find_element(By.CSS_SELECTOR, selector).click()

    def type(self, text: str) -> None:
        self.browser.find_element(By.ID, "filter").send_keys(text)
        time.sleep(0.3)

    def rows(self, panel: str = "findings", column: int = 2) -> list[str]:
        """Return the text of a column of the rows that are shown."""
        return list(
            self.ask(
                f"return [...document.querySelectorAll('#{panel} tbody tr:not(.empty)')]"
                f".filter(row => !row.hidden).map(row => row.cells[{column}])"
                ".map(cell => (cell.querySelector('summary b') ?? cell).textContent.trim())"
            )
        )

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in logs(self.browser, "browser")]


@pytest.fixture
def page(browser: webdriver.Chrome, tmp_path: Path) -> Iterator[Page]:
    shown = Page(browser, tmp_path, factory.report())
    yield shown
    assert shown.complaints() == []


ALL = ["libssl3", "requests", "libssl3", "openssl", "node"]


def test_all_findings_by_risk(page: Page) -> None:
    assert page.rows() == ALL
    assert page.ask("return document.querySelector('#count').textContent") == "5 shown"


@pytest.mark.parametrize(
    ("selector", "shown"),
    [
        pytest.param(".chip.critical", ["libssl3"], id="severity"),
        pytest.param(".chip.medium", ["libssl3", "openssl"], id="another-severity"),
        pytest.param("[data-filter=kev]", ["libssl3"], id="known-exploited"),
        pytest.param("[data-filter=fix]", ["libssl3", "requests"], id="fix-available"),
        pytest.param(".layer[data-layer='3']", ["requests"], id="layer"),
        pytest.param(".layer[data-layer='1']", ["libssl3", "libssl3", "openssl"], id="another-layer"),
    ],
)
def test_filters(page: Page, selector: str, shown: list[str]) -> None:
    page.click(selector)
    assert page.rows() == shown
    assert page.ask(f"return document.querySelector(`{selector}`).getAttribute('aria-pressed')") == "true"
    assert page.ask("return document.querySelector('#count').textContent") == f"{len(shown)} of 5 shown"
    page.click(selector)
    assert page.rows() == ALL


def test_filters_add_up_and_can_be_undone(page: Page) -> None:
    page.click(".chip.critical")
    page.click(".chip.high")
    assert page.rows() == ["libssl3", "requests"]
    page.click(".layer[data-layer='3']")
    assert page.rows() == ["requests"]
    page.click("#layer-chip")
    assert page.rows() == ["libssl3", "requests"]
    page.click("#reset")
    assert page.rows() == ALL
    assert not page.browser.find_element(By.ID, "reset").is_displayed()


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        pytest.param("openssl", ["libssl3", "libssl3", "openssl"], id="package-and-source"),
        pytest.param("CVE-2024 libssl3", ["libssl3"], id="all-words"),
        pytest.param("ghsa-x84v", ["requests"], id="alias"),
        pytest.param("METADATA", ["requests"], id="path-in-any-case"),
        pytest.param("nothing like it", [], id="nothing"),
    ],
)
def test_text(page: Page, words: str, shown: list[str]) -> None:
    page.type(words)
    assert page.rows() == shown
    empty = page.browser.find_element(By.CSS_SELECTOR, "#findings .empty")
    assert empty.is_displayed() is (not shown)


def test_a_layer_filters_packages_too(page: Page) -> None:
    page.click(".layer[data-layer='1']")
    page.click("a[href='#packages']")
    assert page.rows("packages", 0) == ["libssl3", "openssl"]


@pytest.mark.parametrize(
    ("column", "once", "twice"),
    [
        pytest.param(
            1, "libssl3 requests libssl3 openssl node", "libssl3 requests", id="severity-gravest-first"
        ),
        pytest.param(2, "requests libssl3 node libssl3 openssl", "libssl3 openssl node", id="identifier"),
        pytest.param(3, "libssl3 libssl3 node openssl requests", "requests openssl", id="package"),
        pytest.param(
            6, "libssl3 requests node libssl3 openssl", "libssl3 openssl node", id="exploit-likeliest-first"
        ),
        pytest.param(8, "libssl3 libssl3 openssl node requests", "requests node", id="layer"),
    ],
)
def test_order(page: Page, column: int, once: str, twice: str) -> None:
    head = f"#findings th:nth-child({column})"
    page.click(f"{head} button")
    assert page.rows() == once.split()
    first = page.ask(f"return document.querySelector('{head}').getAttribute('aria-sort')")
    page.click(f"{head} button")
    second = page.ask(f"return document.querySelector('{head}').getAttribute('aria-sort')")
    assert {first, second} == {"ascending", "descending"}
    if column == 1:
        assert page.rows() == ["node", "libssl3", "openssl", "requests", "libssl3"]
    else:
        assert page.rows()[: len(twice.split())] == twice.split()
    assert page.ask("return document.querySelectorAll('#findings [aria-sort]').length") == 1


def test_versions_and_identifiers_are_ordered_by_number(browser: webdriver.Chrome, tmp_path: Path) -> None:
    ids = ["CVE-2020-10000", "CVE-2020-999", "CVE-2019-1"]
    findings = tuple(factory.finding(id_, severity=Severity.LOW) for id_ in ids)
    shown = Page(browser, tmp_path, factory.report(findings=findings))
    shown.click("#findings th:nth-child(2) button")
    assert shown.rows(column=1) == ["CVE-2019-1", "CVE-2020-999", "CVE-2020-10000"]


def test_tabs_by_keyboard(page: Page) -> None:
    def current() -> tuple[str, list[str]]:
        return (
            str(page.ask("return document.activeElement.hash")),
            list(
                page.ask(
                    "return [...document.querySelectorAll('.panel')].filter(p => !p.hidden).map(p => p.id)"
                )
            ),
        )

    tab = page.browser.find_element(By.CSS_SELECTOR, ".tabs a[href='#findings']")
    tab.send_keys(Keys.ARROW_RIGHT)
    assert current() == ("#packages", ["packages"])
    page.browser.switch_to.active_element.send_keys(Keys.END)
    assert current() == ("#advisories", ["advisories"])
    page.browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    assert current() == ("#findings", ["findings"])
    page.browser.find_element(By.TAG_NAME, "body").send_keys("/")
    assert page.ask("return document.activeElement.id") == "filter"


def test_details_unfold_over_the_row_and_fold_again(page: Page) -> None:
    page.click("#findings summary")
    time.sleep(0.1)
    wide = page.browser.find_element(By.CSS_SELECTOR, "#findings .wide .more")
    assert wide.is_displayed()
    assert "DSA-5764-1, GHSA-8rwr-x37p-mx23" in wide.text
    page.click("#findings summary")
    time.sleep(0.1)
    assert page.browser.find_elements(By.CSS_SELECTOR, "#findings .wide") == []
    assert page.ask("return document.querySelectorAll('#findings details .more').length") == 5


def test_hostile_texts_do_nothing(browser: webdriver.Chrome, tmp_path: Path) -> None:
    shown = Page(browser, tmp_path, factory.hostile())
    assert shown.complaints() == []
    for tab in browser.find_elements(By.CSS_SELECTOR, ".tabs a"):
        tab.click()
    assert shown.ask("return document.images.length") == 0
    assert shown.ask("return document.scripts.length") == 1
    assert shown.rows("packages", 0)[0] == "<script>alert(1)</script>"
    assert shown.complaints() == []


def test_without_scripts_all_is_there(browser: webdriver.Chrome, tmp_path: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        shown = Page(browser, tmp_path, factory.report())
        texts = [one.text for one in shown.browser.find_elements(By.CSS_SELECTOR, ".panel")]
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert len(texts) == 6
    assert all(texts)


def test_nothing_is_requested(browser: webdriver.Chrome, tmp_path: Path) -> None:
    asked: list[str] = []
    data = render("html", factory.report())

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    Page(browser, tmp_path, factory.bare())
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        logs(browser, "performance")
        browser.get(f"http://127.0.0.1:{server.server_port}/report")
        time.sleep(0.5)
        events = [json.loads(entry["message"])["message"] for entry in logs(browser, "performance")]
        server.shutdown()
    urls = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert asked == ["/report"]
    assert [url for url in urls if not url.startswith("data:")] == [
        f"http://127.0.0.1:{server.server_port}/report"
    ]
    assert [entry["message"] for entry in logs(browser, "browser")] == []


def test_three_thousand_findings_are_no_trouble(browser: webdriver.Chrome, tmp_path: Path) -> None:
    shown = Page(browser, tmp_path, factory.large())
    assert len(shown.rows()) == 3000
    milliseconds = shown.ask(
        "const start = performance.now(); document.querySelector('#findings th button').click();"
        "document.querySelector('.chips .chip').click(); document.body.offsetHeight; return performance.now() - start"
    )
    assert milliseconds < 5000
    assert len(shown.rows()) == 240
    assert shown.complaints() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800, 1400])
def test_it_fits_and_can_be_read(browser: webdriver.Chrome, tmp_path: Path, width: int, scheme: str) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    try:
        shown = Page(browser, tmp_path, factory.report())
        assert (
            shown.ask("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
            == 0
        )
        # WCAG 2.2, 1.4.3: 4.5 to 1 for text.
        assert shown.ask(_CONTRAST) == []
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


_CONTRAST = """
const parse = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const color = parse(getComputedStyle(at).backgroundColor);
    if (color.length === 3 || color[3] === 1) return color;
  }
  return [255, 255, 255];
};
const poor = [];
for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!own || !element.checkVisibility() || ["STYLE", "SCRIPT"].includes(element.tagName)) continue;
  const a = light(parse(getComputedStyle(element).color)), b = light(ground(element));
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) poor.push(`${element.tagName}.${element.className}: ${ratio.toFixed(2)} ${element.textContent.slice(0, 20)}`);
}
return poor;
"""
