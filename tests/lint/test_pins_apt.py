from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
from lading.errors import LadingError, LimitError, MalformedError
from lading.lint import pins_apt
from lading.lint.pins_fetch import Unknown
from lint.index_site import Site, apt_index, reason, site, xz

MAIN = "/debian/dists/bookworm/main/binary-amd64/Packages"
UPDATES = "/debian/dists/bookworm-updates/main/binary-amd64/Packages"
SECURITY = "/debian_security/dists/bookworm-security/main/binary-amd64/Packages"


@pytest.fixture
def served() -> Iterator[Site]:
    with site() as made:
        yield made


def test_highest_of_release_updates_and_security(served: Site) -> None:
    served.files = {
        f"{MAIN}.xz": xz(
            apt_index({"curl": "7.88.1-10", "vim": "2:9.0-1", "tzdata": "2023a-1", "only": "1~rc1"})
        ),
        f"{UPDATES}.gz": gzip.compress(apt_index({"tzdata": "2024b-0+deb12u1"})),
        f"{SECURITY}.xz": xz(apt_index({"curl": "7.88.1-10+deb12u8", "vim": "1:99"})),
    }
    assert served.ask("apt", "curl", "vim", "tzdata", "only", base="python:3.12-slim-bookworm") == {
        "curl": "7.88.1-10+deb12u8",
        "vim": "2:9.0-1",
        "tzdata": "2024b-0+deb12u1",
        "only": "1~rc1",
    }


def test_a_name_that_is_not_there_costs_no_other(served: Site) -> None:
    served.files = {f"{MAIN}": apt_index({"curl": "7.88.1-10"})}
    found = served.ask(
        "apt", "curl", "nosuch", "Curl", "../x", "", "a b", "curl=1", "x" * 5000, base="debian:12"
    )
    assert found.pop("curl") == "7.88.1-10"
    assert all(isinstance(answer, Unknown) and answer.absent for answer in found.values())
    assert (
        reason(found["nosuch"]) == "no package nosuch in debian 12: it may be virtual, or of another source"
    )
    assert reason(found["a b"]) == "not the name of a Debian package: 'a b'"


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("debian:bullseye", "/debian_security/dists/bullseye-security/main/binary-amd64/Packages"),
        ("debian:buster", "/debian_security/dists/buster/updates/main/binary-amd64/Packages"),
        ("debian:latest", "/debian_security/dists/stable-security/main/binary-amd64/Packages"),
        ("ubuntu:22.04", "/ubuntu/dists/jammy-security/main/binary-amd64/Packages"),
        ("ubuntu:22.04", "/ubuntu/dists/jammy-updates/universe/binary-amd64/Packages"),
        ("nvidia/cuda:1-ubuntu20.04", "/ubuntu/dists/focal/multiverse/binary-amd64/Packages"),
    ],
)
def test_where_a_release_is(served: Site, base: str, path: str) -> None:
    release = path.replace("_security", "").replace("/updates/", "/")
    for old in ("-security", "-updates"):
        release = release.replace(old, "")
    for component in ("universe", "multiverse"):
        release = release.replace(component, "main")
    served.files = {
        f"{release}.gz": gzip.compress(apt_index({"a": "1"})),
        f"{path}.xz": xz(apt_index({"hello": "2.10-3"})),
    }
    assert served.ask("apt", "hello", base=base) == {"hello": "2.10-3"}


def test_other_architectures(served: Site) -> None:
    served.files = {
        "/debian/dists/bookworm/main/binary-armhf/Packages": apt_index({"hello": "2.10-3+b1"}),
        "/ubuntu_ports/dists/jammy/main/binary-arm64/Packages": apt_index({"hello": "2.10-2ubuntu4"}),
    }
    assert served.ask("apt", "hello", base="debian:12", architecture="arm") == {"hello": "2.10-3+b1"}
    assert served.ask("apt", "hello", base="ubuntu:22.04", architecture="arm64") == {"hello": "2.10-2ubuntu4"}


def test_a_release_that_moved_to_the_archive(served: Site) -> None:
    served.files = {
        "/debian_archive/debian/dists/buster/main/binary-amd64/Packages.gz": gzip.compress(
            apt_index({"hello": "2.10-2"})
        ),
        "/debian_archive/debian-security/dists/buster/updates/main/binary-amd64/Packages.gz": gzip.compress(
            apt_index({"hello": "2.10-2+deb10u1"})
        ),
        "/ubuntu_archive/dists/lunar/main/binary-amd64/Packages": apt_index({"hello": "2.10-3"}),
    }
    assert served.ask("apt", "hello", base="debian:buster-slim") == {"hello": "2.10-2+deb10u1"}
    assert served.ask("apt", "hello", base="ubuntu:23.04") == {"hello": "2.10-3"}


def test_backports_only_for_what_is_nowhere_else(served: Site) -> None:
    served.files = {
        "/ubuntu/dists/jammy/main/binary-amd64/Packages": apt_index({"hello": "1"}),
        "/ubuntu/dists/jammy-backports/universe/binary-amd64/Packages": apt_index({"hello": "2", "new": "3"}),
    }
    assert served.ask("apt", "hello", base="ubuntu:jammy") == {"hello": "1"}
    assert served.ask("apt", "hello", "new", base="ubuntu:jammy") == {"hello": "1", "new": "3"}


def test_sid_has_no_security_suite(served: Site) -> None:
    served.files = {"/debian/dists/sid/main/binary-amd64/Packages": apt_index({"hello": "3"})}
    assert served.ask("apt", "hello", base="debian:sid") == {"hello": "3"}
    assert not [line for line in served.served.lines() if "security" in line]


@pytest.mark.parametrize(
    ("base", "said"),
    [
        (
            "alpine:3.19",
            "this package manager is not that of alpine 3.19, which the base image docker.io/library/alpine:3.19 is",
        ),
        ("", "cannot tell the release of the base image"),
        ("scratch", "cannot tell the release of the base image"),
        ("$BASE", "cannot tell the release of the base image"),
        ("debian:12", "no index of debian 12"),
    ],
)
def test_no_answer_is_a_reason(served: Site, base: str, said: str) -> None:
    answer = served.ask("apt", "curl", base=base)["curl"]
    assert said in reason(answer)
    assert isinstance(answer, Unknown)
    assert not answer.absent


def test_versions_that_mean_something_to_a_shell_are_not_taken(served: Site) -> None:
    hostile = {"aa": "1;rm", "bb": "$(x)", "cc": "1`x`", "dd": "1|x", "ee": "1&&x", "ff": "-1", "gg": "1\\"}
    served.files = {MAIN: apt_index({**hostile, "ok": "1.0-1"})}
    found = served.ask("apt", *hostile, "ok", base="debian:12")
    assert {name for name, answer in found.items() if isinstance(answer, str)} == {"ok"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(xz(apt_index({"a": "1"}))[:-20], "the index ends too early", id="cut-xz"),
        pytest.param(gzip.compress(apt_index({"a": "1"}))[:-20], "broken gzip data", id="cut-gzip"),
        pytest.param(b"\xfd7zXZ\x00" + b"garbage" * 99, "broken xz data", id="garbage"),
        pytest.param(b"<html>\n\nlog in first</html>", "not an index of packages", id="html"),
    ],
)
def test_a_broken_index_is_a_reason(served: Site, data: bytes, said: str) -> None:
    served.files = {f"{MAIN}.xz": data}
    assert said in reason(served.ask("apt", "a", base="debian:12")["a"])


def test_a_broken_security_index_is_not_passed_over(served: Site) -> None:
    served.files = {MAIN: apt_index({"a": "1"}), f"{SECURITY}.xz": b"\xfd7zXZ\x00garbage"}
    assert "broken xz data" in reason(served.ask("apt", "a", base="debian:12")["a"])


def test_a_huge_index_ends(served: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lading.lint.pins_bytes.MAX_STORED_BYTES", 1000)
    served.files = {f"{MAIN}": apt_index({f"p{number}": "1" for number in range(100)})}
    assert "the index has more than" in reason(served.ask("apt", "p1", base="debian:12")["p1"])


def test_a_paragraph_without_end_ends() -> None:
    with pytest.raises(MalformedError, match="no end of a paragraph"):
        list(pins_apt.packages(iter([b"Package: x\n" * 2**16] * 8), "index"))


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1000])
def test_pieces_may_end_anywhere(size: int) -> None:
    packages = {f"p{number}": f"1.{number}-1" for number in range(30)}
    data = apt_index(packages)
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    assert dict(pins_apt.packages(pieces, "index")) == packages


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.binary(max_size=40) | st.sampled_from([b"Package: a\n", b"Version: 1\n", b"\n\n", b"\xff: "]),
        max_size=12,
    )
)
def test_any_bytes(pieces: list[bytes]) -> None:
    try:
        for name, version in pins_apt.packages(iter(pieces), "index"):
            assert name
            assert version
    except LadingError as error:
        assert isinstance(error, (MalformedError, LimitError))  # noqa: PT017 - it need not be raised


def _release(served: Site, folder: str) -> None:
    """Add a Release file for what is below a suite, as apt wants one."""
    below = {path: data for path, data in served.files.items() if path.startswith(f"{folder}/")}
    sums = "".join(
        f" {hashlib.sha256(data).hexdigest()} {len(data)} {path.removeprefix(f'{folder}/')}\n"
        for path, data in below.items()
    )
    name = folder.partition("/dists/")[2]
    text = f"Suite: {name}\nCodename: {name}\nArchitectures: amd64\nComponents: main\nDate: Sat, 10 Feb 2024 10:00:00 UTC\n"
    if name.endswith("backports"):
        text += "NotAutomatic: yes\nButAutomaticUpgrades: yes\n"
    served.files[f"{folder}/Release"] = f"{text}SHA256:\n{sums}".encode()


@needs.tool("apt-get", "apt-cache", "dpkg")
def test_as_apt_itself_chooses(served: Site, tmp_path: Path) -> None:
    versions = [
        "1.0-1",
        "1.0-1+deb12u1",
        "1:0.5-1",
        "1.0~rc1-1",
        "1.0-1~bpo",
        "2.0-0ubuntu1",
        "1.10-1",
        "1.9-9",
        "0-0",
    ]
    suites = {
        "/ubuntu/dists/jammy": {f"p{at}": one for at, one in enumerate(versions)},
        "/ubuntu/dists/jammy-updates": {f"p{at}": versions[(at * 2) % 9] for at in range(9)},
        "/ubuntu/dists/jammy-security": {f"p{at}": versions[(at * 5 + 1) % 9] for at in range(7)},
        "/ubuntu/dists/jammy-backports": {**{f"p{at}": "9-1" for at in range(3)}, "late": "3-1"},
    }
    for folder, packages in suites.items():
        served.files[f"{folder}/main/binary-amd64/Packages"] = apt_index(packages)
        _release(served, folder)
    names = sorted({name for packages in suites.values() for name in packages})
    assert served.ask("apt", *names, base="ubuntu:22.04") == _candidates(
        served, tmp_path, list(suites), names
    )


def _candidates(served: Site, folder: Path, suites: list[str], names: list[str]) -> dict[str, str]:
    for made in (
        "lists/partial",
        "cache/archives/partial",
        "etc/preferences.d",
        "etc/apt.conf.d",
        "etc/sources.list.d",
    ):
        (folder / made).mkdir(parents=True)
    (folder / "status").write_text("")
    lines = [f"deb [trusted=yes] {served.url}/ubuntu {one.rpartition('/')[2]} main\n" for one in suites]
    (folder / "etc/sources.list").write_text("".join(lines))
    options = {
        "Dir::State::lists": "lists", "Dir::Cache": "cache", "Dir::State::status": "status", "Dir::Etc": "etc",
    }  # fmt: skip
    given = [f"-o{name}={folder}/{value}" for name, value in options.items()]
    given += ["-oAPT::Architecture=amd64", "-oAPT::Sandbox::User=root", "-oAPT::Architectures=amd64"]
    given += [
        "-oAcquire::Languages=none",
        "-oAcquire::Check-Valid-Until=false",
        "-oAcquire::http::Proxy=DIRECT",
    ]
    environ = {**os.environ, "APT_CONFIG": os.devnull, "LC_ALL": "C"}

    def run(*command: str) -> str:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environ, check=True)
        return done.stdout

    run("apt-get", *given, "update")
    shown = run("apt-cache", *given, "policy", *names)
    found, name = {}, ""
    for line in shown.splitlines():
        if line and not line.startswith(" "):
            name = line.rstrip(":")
        elif line.strip().startswith("Candidate:"):
            found[name] = line.split()[1]
    return found
