"""`lading history TARGET`: the steps that made an image, and what each one weighs."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from lading.cli import listing, options, reach
from lading.cli.inspect import layer_document
from lading.oci.history import Step, steps
from lading.oci.open import open_image, recognise_image
from lading.report.instruction import short
from lading.report.text import size


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("target", metavar="TARGET", help=reach.IMAGE_HELP)
    listing.add_format(parser)
    options.add_access(parser)
    options.add_common(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the steps, newest first."""
    settings = options.settings(args)
    found = steps(open_image(recognise_image(args.target), reach.access(args, settings)))[::-1]
    if args.format == "json":
        print(msgspec.json.format(msgspec.json.encode(list(map(_document, found))), indent=2).decode())
        return 0
    now = listing.now()
    headings = [" LAYER", "CREATED", " SIZE", " UNPACKED", "LINE", "STAGE", "INSTRUCTION"]
    rows = [_row(step, listing.ago(step.created, now), whole=args.no_trunc) for step in found]
    # Most images come from builders that do not tell lines and stages.
    kept = [
        at
        for at, heading in enumerate(headings)
        if heading not in {"LINE", "STAGE"} or any(row[at] for row in rows)
    ]
    shown = [[row[at] for at in kept] for row in rows]
    print(listing.table([headings[at] for at in kept], shown, listing.columns(args)), end="")
    return 0


def _row(step: Step, created: str, *, whole: bool) -> list[str]:
    instruction = step.created_by if whole else short(step.created_by) or step.comment
    layer = step.layer
    if layer is None:
        return ["", created, "", "", "", "", instruction]
    line = f"{layer.source or 'Dockerfile'}:{layer.line}" if layer.line else ""
    stored = size(layer.size) if layer.size >= 0 else ""
    unpacked = size(layer.tar_bytes) if layer.tar_bytes >= 0 else ""
    return [str(step.number), created, stored, unpacked, line, layer.stage, instruction]


def _document(step: Step) -> dict[str, Any]:
    document: dict[str, Any] = {
        "created": step.created, "created_by": step.created_by, "comment": step.comment, "layer": None,
    }  # fmt: skip
    if step.layer is not None:
        document["layer"] = {"number": step.number, **layer_document(step.layer)}
    return document
