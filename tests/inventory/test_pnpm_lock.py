from __future__ import annotations

import pytest

import reading
from lading.errors import MalformedError
from lading.inventory.pnpm_lock import PNPM_LOCK

VERSION_5 = """\
lockfileVersion: 5.4
specifiers: {lo: 'npm:lodash@4.17.15'}
dependencies:
  lo: /lodash/4.17.15
packages:
  /@babel/core/7.0.0:
    resolution: {integrity: sha512-aa}
    dev: false
  /lodash/4.17.15:
    resolution: {integrity: sha512-aa}
    dev: false
  /react-dom/17.0.2_react@17.0.2:
    peerDependencies: {react: 17.0.2}
    dev: true
  /@s/peer/1.0.0_abc+def:
    dev: false
  /fsevents/2.3.0:
    requiresBuild: true
    dev: false
    optional: true
  github.com/o/r/0a1b:
    resolution: {tarball: 'https://example.org/x'}
    name: from-git
    version: 1.2.3
  file:../here:
    resolution: {directory: ../here, type: directory}
    name: here
    version: 0.0.0
"""
VERSION_6 = """\
lockfileVersion: '6.0'
packages:
  /@babel/core@7.0.0:
    dev: false
  /react-dom@17.0.2(react@17.0.2):
    dev: true
"""
VERSION_9 = """\
lockfileVersion: '9.0'

importers:
  .:
    dependencies:
      '@babel/core':
        specifier: 7.0.0
        version: 7.0.0(supports@1.0.0)
      lo:
        specifier: npm:lodash@4.17.15
        version: lodash@4.17.15
      mine:
        specifier: workspace:*
        version: link:packages/mine
    devDependencies:
      mkdirp:
        specifier: 0.5.1
        version: 0.5.1
  packages/mine:
    optionalDependencies:
      fsevents:
        specifier: 2.3.0
        version: 2.3.0

packages:
  '@babel/core@7.0.0':
    resolution: {integrity: sha512-aa}
  debug@4.0.0: {}
  fsevents@2.3.0:
    os: [darwin]
  lodash@4.17.15: {}
  minimist@0.0.8: {}
  mkdirp@0.5.1: {}
  from-url@https://example.org/x.tgz:
    version: 3.0.0

snapshots:
  '@babel/core@7.0.0(supports@1.0.0)':
    dependencies:
      debug: 4.0.0
  debug@4.0.0:
    dependencies:
      core: '@babel/core@7.0.0(supports@1.0.0)'
  fsevents@2.3.0:
    optional: true
  lodash@4.17.15: {}
  minimist@0.0.8: {}
  mkdirp@0.5.1:
    dependencies:
      minimist: 0.0.8
"""


def test_version_5() -> None:
    assert reading.pins(PNPM_LOCK, "srv/pnpm-lock.yaml", VERSION_5) == [
        ("@babel/core", "7.0.0", 0, ""),
        ("lodash", "4.17.15", 0, ""),
        ("react-dom", "17.0.2", 0, "dev"),
        ("@s/peer", "1.0.0", 0, ""),
        ("fsevents", "2.3.0", 0, "optional"),
        ("from-git", "1.2.3", 0, ""),
    ]


def test_version_6() -> None:
    assert reading.pins(PNPM_LOCK, "pnpm-lock.yaml", VERSION_6) == [
        ("@babel/core", "7.0.0", 0, ""),
        ("react-dom", "17.0.2", 0, "dev"),
    ]


def test_version_9() -> None:
    assert reading.pins(PNPM_LOCK, "pnpm-lock.yaml", VERSION_9) == [
        ("@babel/core", "7.0.0", 0, ""),
        ("debug", "4.0.0", 0, ""),
        ("fsevents", "2.3.0", 0, "optional"),
        ("lodash", "4.17.15", 0, ""),
        ("minimist", "0.0.8", 0, "dev"),
        ("mkdirp", "0.5.1", 0, "dev"),
        ("from-url", "3.0.0", 0, "dev"),
    ]


def test_second_document() -> None:
    text = f"lockfileVersion: '9.0'\nimporters: {{}}\n---\n{VERSION_6}"
    assert [name for name, *_ in reading.pins(PNPM_LOCK, "pnpm-lock.yaml", text)] == [
        "@babel/core", "react-dom"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "a", "- a", "packages: 3", "packages: {a: 3, /b: 4, '': {}}", "packages: [a]"]
)
def test_other_documents(text: str) -> None:
    assert reading.facts(PNPM_LOCK, "pnpm-lock.yaml", text) == []


def test_of_an_installed_package() -> None:
    assert reading.facts(PNPM_LOCK, "srv/node_modules/a/pnpm-lock.yaml", VERSION_5) == []


def test_broken() -> None:
    with pytest.raises(MalformedError, match=r"pnpm-lock\.yaml: not YAML"):
        reading.facts(PNPM_LOCK, "pnpm-lock.yaml", "a: [")
