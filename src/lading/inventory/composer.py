"""PHP packages: Composer's `installed.json` beside what it installed, and `composer.lock`.

Both list packages with `name`, `version`, `license`. Composer 1 wrote `installed.json` as a bare
list, Composer 2 as an object with `packages` and `dev-package-names`; the lock has `packages` and
`packages-dev`. Tags are often `v1.2.3`, which Packagist and OSV write `1.2.3`.
Specification: https://getcomposer.org/doc/04-schema.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from lading.inventory.content import data_of, items, json_items, json_members, json_object, json_value, text
from lading.inventory.node_package import licenses
from lading.inventory.pins import MAX_LOCK_BYTES, Pin, is_own, packages
from lading.model.fact import Fact
from lading.oci.reader import FileReader, TreeFile

_INSTALLED, _LOCK = "php/composer-installed", "php/composer-lock"
_TAG = re.compile(r"[vV](?=[0-9])")


def read_installed(file: TreeFile) -> Iterator[Fact]:
    """Yield the installed packages, those that only development needs with scope `dev`.

    Raises `MalformedError` for what is not JSON.
    """
    data = data_of(file).removeprefix(b"\xef\xbb\xbf").strip()
    # Composer 1's list becomes the member that it is in Composer 2's form.
    whole = b'{"packages":%b}' % data if data.startswith(b"[") else data
    document = json_object(whole, file.path)
    dev = {text(name).lower() for name in items(json_value(document.get("dev-package-names")))}
    pins = (_pin(raw, "") for raw in json_items(document.get("packages")))
    pins = (msgspec.structs.replace(pin, scope="dev") if pin.name in dev else pin for pin in pins)
    yield from packages(file, "composer", _INSTALLED, pins)


def read_lock(file: TreeFile) -> Iterator[Fact]:
    """Yield the packages of a lock file, as `read_installed` does."""
    if is_own(file.path):
        document = json_object(data_of(file), file.path)
        sections = (("packages", ""), ("packages-dev", "dev"))
        pins = (_pin(raw, scope) for key, scope in sections for raw in json_items(document.get(key)))
        yield from packages(file, "composer", _LOCK, pins)


def _pin(raw: bytes, scope: str) -> Pin:
    entry = json_members(raw)
    name = text(json_value(entry.get("name")))
    version = _TAG.sub("", text(json_value(entry.get("version"))), count=1)
    return Pin(name.lower(), version, scope=scope, licenses=licenses(json_value(entry.get("license"))))


INSTALLED = FileReader(
    name=_INSTALLED, paths=("**/composer/installed.json",), read=read_installed, max_bytes=MAX_LOCK_BYTES
)
LOCK = FileReader(name=_LOCK, paths=("**/composer.lock",), read=read_lock, max_bytes=MAX_LOCK_BYTES)
