"""`lading inspect TARGET`: everything that an image says of itself, as JSON."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import msgspec

from lading.cli import habits, options, reach
from lading.errors import MalformedError, UsageError
from lading.oci.image import Image, Layer, Platform, platform_text
from lading.oci.open import open_image, recognise_image


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("target", metavar="TARGET", help=reach.IMAGE_HELP)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--manifest", action="store_true", help="only the manifest, byte for byte")
    form.add_argument("--config-file", action="store_true", help="only the image's config, byte for byte")
    options.add_access(parser)
    options.add_common(parser)
    habits.add(parser, "inspect")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the document.

    Raises `UsageError` if the medium has no manifest, or no config, where that is asked for.
    """
    image = open_image(recognise_image(args.target), reach.access(args, options.settings(args)))
    if args.manifest or args.config_file:
        raw = image.manifest if args.manifest else image.config
        if not raw:
            raise UsageError(f"there is no {'manifest' if args.manifest else 'config'} in it", image.target)
        sys.stdout.flush()
        sys.stdout.buffer.write(raw)
        return 0
    print(msgspec.json.format(msgspec.json.encode(document(image)), indent=2).decode())
    return 0


def document(image: Image) -> dict[str, Any]:
    """Return what is known of an image; `manifest` and `config` as they are in it, null where it has none."""
    platform = Platform(image.os, image.architecture, image.variant) if image.architecture else None
    return {
        "names": image.names,
        "digest": image.digest,
        "config_digest": image.config_digest,
        "platform": platform_text(platform),
        "created": image.created,
        "bytes": len(image.config) + sum(max(layer.size, 0) for layer in image.layers),
        "layers": [layer_document(layer) for layer in image.layers],
        "config": _parsed(image.config, image.target),
        "manifest": _parsed(image.manifest, image.target),
    }


def layer_document(layer: Layer) -> dict[str, Any]:
    """Return what is known of a layer; null for what is not."""
    return {
        "digest": layer.digest,
        "diff_id": layer.diff_id,
        "media_type": layer.media_type,
        "bytes": layer.size if layer.size >= 0 else None,
        "tar_bytes": layer.tar_bytes if layer.tar_bytes >= 0 else None,
        "created_by": layer.created_by,
        "source": layer.source or None,
        "line": layer.line or None,
        "stage": layer.stage or None,
    }


def _parsed(raw: bytes, where: str) -> msgspec.Raw | None:
    """Return JSON as it is: what we do not know of is in it, too."""
    if not raw:
        return None
    try:
        msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedError(f"not JSON: {error}", where) from error
    return msgspec.Raw(raw)
