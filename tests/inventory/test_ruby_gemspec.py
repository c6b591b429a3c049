from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

import needs
import reading
from lading.errors import MalformedError
from lading.inventory.ruby_gemspec import GEMSPEC
from lading.model.package import Location, Package

PATH = "var/lib/gems/3.1.0/specifications/nokogiri-1.13.9-x86_64-linux.gemspec"
TEXT = """\
# -*- encoding: utf-8 -*-
# stub: nokogiri 1.13.9 x86_64-linux lib

Gem::Specification.new do |s|
  s.name = "nokogiri".freeze
  s.version = "1.13.9"
  s.platform = "x86_64-linux".freeze
  s.required_rubygems_version = Gem::Requirement.new(">= 0".freeze) if s.respond_to? :required_rubygems_version=
  s.licenses = ["MIT".freeze, "Apache-2.0".freeze]
  s.summary = "s.version = \\"9\\"".freeze
  s.add_runtime_dependency(%q<racc>.freeze, ["~> 1.4"])
end
"""


def test_gemspec() -> None:
    assert reading.packages(GEMSPEC, PATH, TEXT) == [
        Package(
            type="gem",
            name="nokogiri",
            version="1.13.9",
            licenses=("MIT", "Apache-2.0"),
            locations=(Location(PATH),),
            key=PATH,
            reader="ruby/gemspec",
        )
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param('s.name = "a"\ns.version = "2"', ("a", "2", ()), id="plain"),
        pytest.param("s.name = 'a'\ns.version = '2' # why", ("a", "2", ()), id="single-quotes-and-comment"),
        pytest.param("spec.name = %q{a}\nspec.version = %q<2>", ("a", "2", ()), id="percent-q"),
        pytest.param('s.name="a"\ns.version=Gem::Version.new("2")', ("a", "2", ()), id="version-object"),
        pytest.param('s.name = "a"\ns.version = A::VERSION', ("a", "1.0", ()), id="constant"),
        pytest.param('s.name = "a"\ns.version = "2" + x', ("a", "1.0", ()), id="sum"),
        pytest.param('s.name = "a#{b}"\ns.version = "2"', ("foo-bar", "2", ()), id="interpolation"),
        pytest.param('s.name = "a"\ns.version = "2".freeze', ("a", "2", ()), id="frozen"),
        pytest.param('s.name = "a"\ns.version = "2"\ns.license = "MIT"', ("a", "2", ("MIT",)), id="license"),
        pytest.param("s.licenses = [\"MIT\", 'BSD'].freeze", ("foo-bar", "1.0", ("MIT", "BSD")), id="array"),
        pytest.param("s.licenses = []", ("foo-bar", "1.0", ()), id="empty-array"),
        pytest.param('s.licenses = ["MIT", X]', ("foo-bar", "1.0", ()), id="array-with-a-constant"),
        pytest.param('s.licenses = ["MIT"', ("foo-bar", "1.0", ()), id="open-array"),
        pytest.param(
            's.names = "a"\ns.name_x = "b"\ns.name == "c"', ("foo-bar", "1.0", ()), id="other-fields"
        ),
        pytest.param('s.name = "a\\"b"', ('a"b', "1.0", ()), id="escape"),
        pytest.param("# stub: x 3.0 ruby lib\n", ("x", "3.0", ()), id="stub"),
        pytest.param("", ("foo-bar", "1.0", ()), id="file-name"),
    ],
)
def test_body(body: str, found: tuple[str, str, tuple[str, ...]]) -> None:
    [one] = reading.packages(GEMSPEC, "gems/specifications/default/foo-bar-1.0-java.gemspec", body)
    assert (one.name, one.version, one.licenses) == found


def test_neither_file_nor_name_tells() -> None:
    with pytest.raises(MalformedError, match=r"x\.gemspec: gemspec without a literal name and version"):
        reading.facts(GEMSPEC, "specifications/x.gemspec", "s.name = NAME")


@pytest.mark.parametrize(
    "text",
    [
        's.name = "' + "a" * 10**7,
        "s.licenses = [" + '"a",' * 2_000_000,
        "s.version = Gem::Version.new(" * 300_000,
        "# stub: " * 10**6,
        ('s.licenses = ["' + "\\" * 4000 + "\n") * 200,
    ],
    ids=lambda text: text[:12],
)
def test_long_lines_end_soon(text: str) -> None:
    reading.survives(GEMSPEC, "specifications/x.gemspec", text)


@needs.tool("ruby")
def test_as_ruby_reads_them() -> None:
    script = (
        'require "json"; puts Gem::Specification.map { |s| '
        "[s.loaded_from, s.name, s.version.to_s, s.licenses] }.to_json"
    )
    listed = json.loads(subprocess.run(["ruby", "-e", script], capture_output=True, check=True).stdout)
    seen = 0
    for path, name, version, licenses in listed:
        if "/specifications/" in path:
            [one] = reading.packages(GEMSPEC, path.lstrip("/"), Path(path).read_bytes())
            assert (one.name, one.version, one.licenses) == (name, version, tuple(licenses))
            seen += 1
    assert seen > 5
