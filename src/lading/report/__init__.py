"""Reports: one module per format, each with a `FORMAT`; the list below is the only one.

A format is imported when it is asked for (`rendering`): a scan that prints a table loads no HTML template.
"""

from __future__ import annotations

# Name of the format -> module that has its `FORMAT`.
FORMATS = {
    "table": "lading.report.table",
    "json": "lading.report.json",
    "sarif": "lading.report.sarif",
    "cyclonedx": "lading.report.cyclonedx",
    "spdx": "lading.report.spdx",
    "junit": "lading.report.junit",
    "markdown": "lading.report.markdown",
    "html": "lading.report.html",
}
