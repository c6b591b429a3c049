from __future__ import annotations

import xml.etree.ElementTree as ET

from lading.lint.output.xml import attributes, content


def test_what_xml_forbids_is_escaped() -> None:
    text = "<a\x00&\"'\udcff\ufffe>"
    element = ET.fromstring(f"<x{attributes(name=text)}>{content(text)}</x>")
    assert element.get("name") == element.text == "<a\\x00&\"'\\xff\\ufffe>"


def test_line_ends_of_contents_stay() -> None:
    assert content("a\nb") == "a\nb"
