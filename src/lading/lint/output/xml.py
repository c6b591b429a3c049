"""Attributes and texts of XML 1.0, without the characters that it forbids."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from lading.report.text import clean


def attributes(**pairs: str) -> str:
    """Return ` name="value"` for each pair."""
    return "".join(f" {name}={quoteattr(clean(value))}" for name, value in pairs.items())


def content(text: str) -> str:
    """Return text for the inside of an element; its line ends stay."""
    return "\n".join(escape(clean(line)) for line in text.split("\n"))
