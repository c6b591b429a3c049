from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lading import net
from lading.errors import UnavailableError, UsageError
from lading.lint import pins
from lading.lint.pin_source import PinSource, Wanted
from lading.lint.pins import SOURCES, Pins
from lading.lint.pins_fetch import Unknown
from lint.index_site import Site, apt_index, client, packument, rpm_repository, site

RPM = rpm_repository([("p", "noarch", "0:1-1")])


@pytest.fixture
def served() -> Iterator[Site]:
    with site() as made:
        made.files = {
            "/debian/dists/bookworm/main/binary-amd64/Packages": apt_index(
                {"curl": "7.88.1-10", "git": "1:2.39.2-1"}
            ),
            "/npm/x": packument("2.0.0", ["2.0.0"]),
        }
        yield made


def test_what_rules_are_handed(served: Site) -> None:
    source: PinSource = served.pins()
    assert source.versions(Wanted("apt", ("curl", "git"), "debian:12")) == {
        "curl": "7.88.1-10",
        "git": "1:2.39.2-1",
    }


def test_names_that_are_not_there_are_left_out(served: Site) -> None:
    source = served.pins()
    assert source.versions(Wanted("apt", ("curl", "nosuch"), "debian:12")) == {"curl": "7.88.1-10"}
    assert source.versions(Wanted("apt", ("nosuch",), "debian:12")) == {}
    assert source.versions(Wanted("npm", ())) == {}


def test_names_that_could_not_be_asked_for_do_not_cost_the_others(served: Site) -> None:
    served.special["/npm/broken"] = lambda exchange: exchange.reply(body=b"<html>")
    source = served.pins()
    assert source.versions(Wanted("npm", ("broken", "x"))) == {"x": "2.0.0"}


@pytest.mark.parametrize(
    ("index", "base", "message"),
    [
        ("apt", "alpine:3.19", "no versions for apt: this package manager is not that of alpine 3.19"),
        ("apk", "", "no versions for apk: cannot tell the release of the base image"),
        ("dnf", "almalinux:9", "no versions for dnf: .*no repository of almalinux 9"),
    ],
)
def test_an_index_that_cannot_be_asked(served: Site, index: str, base: str, message: str) -> None:
    with pytest.raises(UnavailableError, match=message):
        served.pins().versions(Wanted(index, ("curl",), base))


@pytest.mark.parametrize("index", [*SOURCES, "image", "tag"])
def test_offline(index: str) -> None:
    def never(_insecure: object) -> net.Client:
        raise AssertionError("nothing is asked")

    bases = {
        "apk": "alpine:3.19",
        "apt": "debian:12",
        "dnf": "fedora:40",
        "yum": "centos:7",
        "zypper": "opensuse/leap:15.6",
    }
    name = "golang.org/x/text" if index == "go" else "curl"
    with pytest.raises(
        UnavailableError, match=rf"no versions for {index}: .*offline, and not known from before"
    ):
        Pins(never, offline=True).versions(Wanted(index, (name,), bases.get(index, "")))


def test_nothing_listens() -> None:
    from lading.lint.pins_bases import Bases

    bases = Bases(pypi="http://127.0.0.1:1", npm="http://127.0.0.1:1")
    source = Pins(client, bases=bases)
    for index in ("pypi", "npm"):
        with pytest.raises(UnavailableError, match="no connection"):
            source.versions(Wanted(index, ("a", "b")))


def test_an_index_that_there_is_not(served: Site) -> None:
    with pytest.raises(UsageError, match="no such index: 'cargo'") as raised:
        served.pins().ask(Wanted("cargo", ("x",)))
    assert "apk, apt, dnf" in raised.value.hint


def test_kept_for_a_day(served: Site, tmp_path: Path) -> None:
    served.files["/go/x.example/a/@v/list"] = b"v1.0.0"
    served.files.update(
        {f"/fedora/releases/40/Everything/x86_64/os/{name}": data for name, data in RPM.items()}
    )
    questions = [
        Wanted("apt", ("curl", "git"), "debian:12"),
        Wanted("npm", ("x",)),
        Wanted("go", ("x.example/a/cmd/b",)),
        Wanted("dnf", ("p",), "fedora:40"),
    ]
    first = [served.pins(tmp_path).versions(wanted) for wanted in questions]
    assert all(first)
    count = len(served.served.log)
    assert [served.pins(tmp_path).versions(wanted) for wanted in questions] == first
    assert [served.pins(tmp_path, offline=True).versions(wanted) for wanted in questions] == first
    assert len(served.served.log) == count


def test_every_source_is_listed() -> None:
    folder = Path(pins.__file__).parent
    sources = {
        f"lading.lint.{path.stem}"
        for path in folder.glob("pins_*.py")
        if "\ndef look(" in path.read_text("utf-8")
    }
    assert sources == set(SOURCES.values())


def test_light_until_asked() -> None:
    program = "import sys; import lading.lint.pins; print(*sorted({'lzma', 'packaging', 'urllib3', 'xml', 'yaml'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == ""


REAL = [
    pytest.param("pypi", "six", id="pypi"),
    pytest.param("npm", "left-pad", id="npm"),
    pytest.param("go", "golang.org/x/text", id="go"),
]


@pytest.mark.parametrize(("index", "name"), REAL)
def test_the_real_index(index: str, name: str) -> None:
    """One question to each public index, where it can be reached."""
    pins = Pins(lambda insecure: net.client(insecure=insecure, timeout_s=10, retries=0))
    answer = pins.ask(Wanted(index, (name,)))[name]
    if isinstance(answer, Unknown) and not answer.absent:
        pytest.skip(f"{index} cannot be reached: {answer.reason}")
    assert isinstance(answer, str), answer
    assert answer.lstrip("v")[0].isdigit()
