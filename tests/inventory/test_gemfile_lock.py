from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import needs
import reading
from lading.inventory.gemfile_lock import GEMFILE_LOCK

TEXT = """\
GIT
  remote: https://example.org/x.git
  revision: abc
  specs:
    from_git (0.1.0)
      rake

PATH
  remote: mine
  specs:
    mine (0.2.0.pre)

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.13.9)
      racc (~> 1.4)
    nokogiri (1.13.9-x86_64-linux)
      racc (~> 1.4)
    RedCloth (4.2.9-java)
    racc (1.6.0)

PLATFORMS
  ruby
  x86_64-linux

DEPENDENCIES
  nokogiri (~> 1.13)
  mine!

CHECKSUMS
    fake (9.9)

RUBY VERSION
   ruby 3.1.2p20

BUNDLED WITH
   2.3.27
"""
PINS = [
    ("from_git", "0.1.0", 5, ""),
    ("mine", "0.2.0.pre", 11, ""),
    ("nokogiri", "1.13.9", 16, ""),
    ("RedCloth", "4.2.9", 20, ""),
    ("racc", "1.6.0", 21, ""),
]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_gemfile_lock(newline: str) -> None:
    assert reading.pins(GEMFILE_LOCK, "srv/Gemfile.lock", TEXT.replace("\n", newline)) == PINS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GEM\n    a (1.0)",
        "  specs:\n    a (1.0)",
        "OTHER\n  specs:\n    a (1.0)",
        "GEM\n  specs:\n   a (1.0)\n      b (1.0)\n    c\n    d ()\n    e (-x)",
        "GEM\n  specs:\nDEPENDENCIES\n    a (1.0)",
    ],
)
def test_other_text(text: str) -> None:
    assert reading.facts(GEMFILE_LOCK, "Gemfile.lock", text) == []


def test_of_an_installed_package() -> None:
    assert reading.facts(GEMFILE_LOCK, "var/lib/gems/a-1/Gemfile.lock", TEXT) == []


@needs.tool("bundle")
def test_as_bundler_writes_it(tmp_path: Path) -> None:
    (tmp_path / "Gemfile").write_text('source "https://rubygems.org"\ngem "mine", path: "mine"\n')
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "mine.gemspec").write_text(
        'Gem::Specification.new do |s|\n s.name = "mine"; s.version = "0.2.0.pre"; s.summary = "x"\n'
        ' s.authors = ["x"]; s.platform = "x86_64-linux"\nend\n'
    )
    bundle = shutil.which("bundle") or ""
    subprocess.run([bundle, "lock", "--local"], cwd=tmp_path, check=True, capture_output=True)
    data = (tmp_path / "Gemfile.lock").read_bytes()
    assert reading.pins(GEMFILE_LOCK, "Gemfile.lock", data) == [("mine", "0.2.0.pre", 4, "")]
