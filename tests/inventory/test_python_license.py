from __future__ import annotations

import pytest

from lading.inventory.python_license import MAX_LICENSE, licenses

MIT = "License :: OSI Approved :: MIT License"
BSD = "License :: OSI Approved :: BSD License"
OSI = "License :: OSI Approved"


@pytest.mark.parametrize(
    ("expression", "written", "classifiers", "found"),
    [
        pytest.param("MIT OR Apache-2.0", "BSD", [BSD], ("MIT OR Apache-2.0",), id="expression-settles-it"),
        pytest.param("", "MIT", [MIT], ("MIT",), id="both-agree"),
        pytest.param("", "The MIT License", [], ("MIT",), id="written-otherwise"),
        pytest.param("", "", [OSI, MIT], ("MIT",), id="classifier"),
        pytest.param("", "UNKNOWN", [MIT], ("MIT",), id="unknown-is-none"),
        pytest.param("", "UNKNOWN", [], (), id="nothing"),
        pytest.param("", "my own words", [MIT], ("MIT",), id="certain-classifier-before-words"),
        pytest.param("", "BSD-3-Clause", [BSD], ("BSD-3-Clause",), id="exact-before-coarse"),
        pytest.param("", "BSD", [BSD], ("BSD",), id="two-that-are-coarse"),
        pytest.param("", "MIT AND PSF-2.0", [MIT], ("MIT AND PSF-2.0",), id="expression-in-the-old-field"),
        pytest.param("", "", [BSD], ("BSD License",), id="coarse-as-found"),
        pytest.param("", "Copyright\nPermission is", [BSD], ("BSD License",), id="text-is-no-name"),
        pytest.param("", "x" * (MAX_LICENSE + 1), [], (), id="too-long"),
        pytest.param("", "", [MIT, BSD.replace("BSD", "ISC") + " (ISCL)"], ("MIT", "ISC"), id="two"),
        pytest.param("", "", ["Topic :: MIT License"], (), id="no-license-classifier"),
        pytest.param("", "", [OSI], (), id="approved-but-which"),
    ],
)
def test_licenses(expression: str, written: str, classifiers: list[str], found: tuple[str, ...]) -> None:
    assert licenses(expression, written, classifiers) == found
