"""`lading images [NAME]`: the images in the local store."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from fnmatch import fnmatchcase

import msgspec

from lading.cli import habits, listing, options, reach, tell
from lading.oci.image import platform_text, this_platform
from lading.oci.reference import familiar
from lading.oci.store_entry import Entry
from lading.report.text import size

NONE = "<none>"
SHORT = 12


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="only those of this name, with or without tag; may hold * and ?",
    )
    listing.add_format(parser)
    options.add_common(parser, quiet="print digests and nothing else")
    habits.add(parser, "images")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the list, newest first; return 3 if an image in it cannot be read."""
    entries = reach.store(options.settings(args)).images()
    entries = [entry for entry in entries if matches(entry, args.name or "*")]
    if args.quiet:
        for digest in dict.fromkeys(entry.digest for entry in entries):
            print(digest)
    elif args.format == "json":
        print(msgspec.json.format(msgspec.json.encode(entries), indent=2).decode())
    else:
        print(_table(entries, args), end="")
    broken = [entry for entry in entries if entry.problem]
    for entry in broken if not args.quiet else ():
        tell.line(entry.problem, "get it again, or remove it: lading rm")
    return 3 if broken else 0


def matches(entry: Entry, pattern: str) -> bool:
    """Tell whether an image has a name that `pattern` means: whole or short, with or without tag."""
    name, tag = parted(entry.name)
    short = familiar(name) if name else NONE
    names = {short, name, f"{short}:{tag}", f"{name}:{tag}", entry.name}
    return any(fnmatchcase(one, pattern) for one in names if one)


def parted(name: str) -> tuple[str, str]:
    """Return repository and tag of a whole name; the tag is empty where a digest is in its place."""
    repository, _, digest = name.partition("@")
    if digest:
        return repository, ""
    head, colon, tag = name.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (name, "")


def _table(entries: Sequence[Entry], args: argparse.Namespace) -> str:
    now = listing.now()
    ours = platform_text(this_platform())
    # Whoever has images for this machine only does not want to read that in every line.
    foreign = any(entry.platform not in {ours, "unknown"} for entry in entries)
    headings = [
        "NAME",
        "TAG",
        "DIGEST",
        *(["PLATFORM"] if foreign else []),
        "CREATED",
        " SIZE",
        " UNPACKED",
        " LAYERS",
    ]
    rows = []
    for entry in entries:
        name, tag = parted(entry.name)
        digest = entry.digest if args.no_trunc else entry.digest.partition(":")[2][:SHORT]
        row = [familiar(name) if name else NONE, tag or NONE, digest, *([entry.platform] if foreign else [])]
        if entry.problem:
            rows.append([*row, "broken", "", "", ""])
            continue
        unpacked = size(entry.tar_bytes) if entry.tar_bytes >= 0 else ""
        created = listing.ago(entry.created, now)
        rows.append([*row, created, size(entry.bytes), unpacked, str(entry.layers)])
    return listing.table(headings, rows, listing.columns(args))
