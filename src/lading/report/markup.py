"""Foreign text in HTML: shown as it is, and printable."""

from __future__ import annotations

from html import escape as _escape

from lading.report.text import clean, clip

# Longer texts are nobody's name; a page that shows ten kilobytes of one in a column is of no use.
_MAX_COLUMNS = 1000


def escape(raw: str) -> str:
    """Return `raw` such that it may stand between tags and in a quoted attribute; cut after 1,000 columns."""
    return _escape(clip(clean(raw[: _MAX_COLUMNS * 4]), _MAX_COLUMNS))


def address(url: str) -> str:
    """Return an address that `links` made such that it may stand in a quoted attribute."""
    return _escape(url)


def mono(raw: str) -> str:
    """Return `raw` as an element in the typewriter face."""
    return f'<span class="mono">{escape(raw)}</span>'
