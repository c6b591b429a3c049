"""Writes the pages that come from the program itself: `make doc`. A test compares them with what they would be."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from lading import inventory, lint, versions
from lading.lint.output import FORMATS as LINT_FORMATS
from lading.lint.output import load as load_lint_format
from lading.lint.page import page
from lading.lint.rule import Rule
from lading.oci.reader import FileReader
from lading.oci.target import TRANSPORTS
from lading.oci.write import WRITABLE
from lading.report import FORMATS
from lading.report.rendering import load

HERE = Path(__file__).resolve().parent


def supported() -> str:
    """Return the page on what Lading reads and writes."""
    return "\n".join(
        [
            "# What is supported",
            "",
            "Made by `make doc` from the lists in the program.",
            "",
            "## Targets",
            "",
            *_table(
                ("transport", "form", "written, too"),
                [
                    (f"`{name}:`", f"`{name}:{form}`", "yes" if name in WRITABLE else "")
                    for name, form in TRANSPORTS.items()
                ],
            ),
            "",
            "## Packages, in every scan",
            "",
            *_table(("reader", "what it is", "files"), map(_reader, inventory.READERS)),
            "",
            "## Lock files, where a plain directory is scanned",
            "",
            *_table(("reader", "what it is", "files"), map(_reader, inventory.LOCK_READERS)),
            "",
            "## Version schemes",
            "",
            *_table(("scheme", "ecosystems of OSV that use it"), _schemes()),
            "",
            "## Reports",
            "",
            *_table(
                ("format", "what it is", "suffix"),
                [(f"`{name}`", load(name).summary, f"`{load(name).suffix}`") for name in FORMATS],
            ),
            "",
        ]
    )


def _reader(reader: FileReader) -> tuple[str, str, str]:
    files = [f"`{path}`" for path in reader.paths] or [f"begins with `{reader.magic!r}`"]
    return f"`{reader.name}`", _first_line(reader), ", ".join(files)


def _first_line(reader: FileReader) -> str:
    """Return the first sentence of the module that defines a reader."""
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("lading.inventory.") and any(
            value is reader for value in vars(module).values()
        ):
            return (module.__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ").rstrip(".")
    raise LookupError(reader.name)


def _schemes() -> Iterable[tuple[str, str]]:
    for name, module in versions.SCHEMES.items():
        import_module(module)
        users = sorted(ecosystem for ecosystem, scheme in versions.ECOSYSTEMS.items() if scheme == name)
        yield f"`{name}`", ", ".join(users)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    return lines + ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]


def rules() -> str:
    """Return the page on the rules of `lading lint`: a table of all, then each in full."""
    found = list(lint.rules())
    return "\n".join(
        [
            "# Rules of `lading lint`",
            "",
            "Made by `make doc` from the rules themselves; `lading lint --explain CODE` shows one.",
            "Codes that begin with DL are hadolint's, names are those of Docker's build checks, and LD is Lading's",
            "own. What ShellCheck finds, where it is installed, has its SC codes: its wiki describes them, and",
            "`lading lint --explain SC2086` those that Dockerfiles meet most.",
            "",
            "A comment above an instruction switches rules off for it: `# hadolint ignore=DL3008,DL3059`, or",
            "`# lading ignore=...`; with `global` before `ignore`, for the whole file.",
            "[Settings](settings.md#the-linter) has the rest.",
            "",
            "## Formats",
            "",
            *_table(
                ("format", "what it is"),
                [(f"`{name}`", load_lint_format(name).summary) for name in LINT_FORMATS],
            ),
            "",
            "## All rules",
            "",
            *_table(("code", "level", "fix", "what it says"), map(_rule, found)),
            "",
            *(page(one, "##") for one in found),
        ]
    )


def _rule(rule: Rule) -> tuple[str, ...]:
    linked = f"[{rule.code}](#{rule.code.lower()})"
    return linked, rule.level.value, "yes" if rule.fixable else "", rule.title


PAGES = {"supported.md": supported, "rules.md": rules}


def main() -> None:
    """Write every page."""
    for name, make in PAGES.items():
        (HERE / name).write_text(make(), "utf-8")


if __name__ == "__main__":
    main()
