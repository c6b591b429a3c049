from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reading
from lading.inventory.os_release import OS_RELEASE, path_of
from lading.model.fact import OsRelease

PATH = "etc/os-release"
DEBIAN = """\
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
"""
FEDORA = """\
NAME="Fedora Linux"
VERSION="41 (Container Image)"
ID=fedora
VERSION_ID=41
VERSION_CODENAME=""
PRETTY_NAME="Fedora Linux 41 (Container Image)"
CPE_NAME="cpe:/o:fedoraproject:fedora:41"
SUPPORT_END=2025-12-15
VARIANT="Container Image"
VARIANT_ID=container
"""


def read(path: str, content: str | bytes) -> OsRelease | None:
    found = reading.facts(OS_RELEASE, path, content)
    assert len(found) <= 1
    for fact in found:
        assert isinstance(fact, OsRelease)
        return fact
    return None


def test_debian() -> None:
    assert read(PATH, DEBIAN) == OsRelease(
        id="debian",
        version="12",
        name="Debian GNU/Linux",
        pretty_name="Debian GNU/Linux 12 (bookworm)",
        codename="bookworm",
        rank=0,
    )


@pytest.mark.parametrize("path", [PATH, "usr/lib/os-release", "etc/alpine-release"])
def test_which_file_told(path: str) -> None:
    found = read(path, "3.19.1\n" if "alpine" in path else DEBIAN)
    assert found is not None
    assert path_of(found) == path


def test_a_file_that_names_no_system() -> None:
    assert path_of(OsRelease(id="linux", rank=99)) == PATH


def test_every_field() -> None:
    assert read("usr/lib/os-release", FEDORA + 'ID_LIKE="rhel centos"\n') == OsRelease(
        id="fedora",
        version="41",
        name="Fedora Linux",
        pretty_name="Fedora Linux 41 (Container Image)",
        id_like=("rhel", "centos"),
        variant="container",
        cpe="cpe:/o:fedoraproject:fedora:41",
        support_end="2025-12-15",
        rank=1,
    )


@pytest.mark.parametrize(
    ("line", "value"),
    [
        pytest.param("NAME=plain", "plain", id="bare"),
        pytest.param('NAME="two words"', "two words", id="double"),
        pytest.param("NAME='two words'", "two words", id="single"),
        pytest.param(r'NAME="a \"b\" \$c \`d\` \\e"', r'a "b" $c `d` \e', id="escapes"),
        pytest.param(r'NAME="a \n b"', r"a \n b", id="no-escape"),
        pytest.param(r"NAME='a \" b'", r"a \" b", id="no-escape-in-single"),
        pytest.param(r"NAME=a\ b", "a b", id="escape-in-bare"),
        pytest.param('NAME=""', "", id="empty-quotes"),
        pytest.param("NAME=", "", id="empty"),
        pytest.param('NAME="gr\u00fc\u00df"', "gr\u00fc\u00df", id="not-ascii"),
        pytest.param("NAME=a\nNAME=b", "b", id="last-of-two"),
        pytest.param("# NAME=x\nNAME=a", "a", id="comment"),
        pytest.param("NAME=a\r", "a", id="carriage-return"),
    ],
)
def test_quoting(tmp_path: Path, line: str, value: str) -> None:
    found = read(PATH, f"ID=x\n{line}\n")
    assert found is not None
    assert found.name == value
    if "\r" not in line:
        path = tmp_path / "os-release"
        path.write_text(line + "\n")
        shell = ["sh", "-c", '. "$0"; printf %s "$NAME"', str(path)]
        assert subprocess.run(shell, check=True, capture_output=True).stdout.decode() == value


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab \"$`\\'#=\u00e9", max_size=12))
def test_what_is_quoted_comes_back(value: str) -> None:
    escaped = "".join("\\" + sign if sign in '"$`\\' else sign for sign in value)
    found = read(PATH, f'ID=x\nNAME="{escaped}"\n')
    assert found is not None
    assert found.name == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('NAME="X"\n', OsRelease(id="linux", name="X", rank=99), id="no-id-comes-last"),
        pytest.param("ID=openEuler\n", OsRelease(id="openeuler"), id="lower-case"),
        pytest.param('ID="never closed\n', OsRelease(id="never closed"), id="never-closed"),
        pytest.param(
            'ID=debian\nPRETTY_NAME="Debian GNU/Linux forky/sid"\n',
            OsRelease(id="debian", codename="forky", pretty_name="Debian GNU/Linux forky/sid"),
            id="debian-testing",
        ),
        pytest.param("ID=a\nNAME=" + "x" * 999, OsRelease(id="a", name="x" * 256), id="long"),
        pytest.param("", None, id="empty"),
        pytest.param("just text\nlower=case\n=x\n", None, id="no-assignment"),
    ],
)
def test_os_release(text: str, expected: OsRelease | None) -> None:
    assert read(PATH, text) == expected


CASES = [
    ("etc/alpine-release", "3.10.4\n", ("alpine", "3.10.4", "Alpine Linux", "", "")),
    ("etc/alpine-release", "3.23_alpha20251016\n", ("alpine", "3.23_alpha20251016", "Alpine Linux", "", "")),
    ("etc/debian_version", "12.5\n", ("debian", "12", "Debian GNU/Linux", "", "")),
    ("etc/debian_version", "8\n", ("debian", "8", "Debian GNU/Linux", "", "")),
    ("etc/debian_version", "trixie/sid\n", ("debian", "", "Debian GNU/Linux", "", "trixie")),
    ("etc/debian_version", "kali-rolling\n", None),
    (
        "etc/lsb-release",
        'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=14.04\nDISTRIB_CODENAME=trusty\nDISTRIB_DESCRIPTION="Ubuntu 14.04.6 LTS"\n',
        ("ubuntu", "14.04", "Ubuntu", "Ubuntu 14.04.6 LTS", "trusty"),
    ),
    ("etc/lsb-release", "LSB_VERSION=1.4\n", None),
    (
        "etc/centos-release",
        "CentOS release 6.10 (Final)\n",
        ("centos", "6.10", "CentOS", "CentOS release 6.10 (Final)", ""),
    ),
    (
        "etc/centos-release",
        "CentOS Linux release 7.9.2009 (Core)\n",
        ("centos", "7.9.2009", "CentOS Linux", "CentOS Linux release 7.9.2009 (Core)", ""),
    ),
    (
        "etc/centos-release",
        "CentOS Stream release 9\n",
        ("centos", "9", "CentOS Stream", "CentOS Stream release 9", ""),
    ),
    (
        "etc/redhat-release",
        "Red Hat Enterprise Linux Server release 6.10 (Santiago)\n",
        (
            "rhel",
            "6.10",
            "Red Hat Enterprise Linux Server",
            "Red Hat Enterprise Linux Server release 6.10 (Santiago)",
            "",
        ),
    ),
    (
        "etc/oracle-release",
        "Oracle Linux Server release 7.9\n",
        ("ol", "7.9", "Oracle Linux Server", "Oracle Linux Server release 7.9", ""),
    ),
    (
        "etc/system-release",
        "Amazon Linux AMI release 2018.03\n",
        ("amzn", "2018.03", "Amazon Linux AMI", "Amazon Linux AMI release 2018.03", ""),
    ),
    (
        "etc/system-release",
        "Amazon Linux release 2 (Karoo)\n",
        ("amzn", "2", "Amazon Linux", "Amazon Linux release 2 (Karoo)", ""),
    ),
    (
        "etc/fedora-release",
        "Fedora release 31 (Thirty One)\n",
        ("fedora", "31", "Fedora", "Fedora release 31 (Thirty One)", ""),
    ),
    (
        "etc/rocky-release",
        "Rocky Linux release 9.4 (Blue Onyx)\n",
        ("rocky", "9.4", "Rocky Linux", "Rocky Linux release 9.4 (Blue Onyx)", ""),
    ),
    (
        "etc/almalinux-release",
        "AlmaLinux release 8.10 (Cerulean Leopard)\n",
        ("almalinux", "8.10", "AlmaLinux", "AlmaLinux release 8.10 (Cerulean Leopard)", ""),
    ),
    (
        "etc/mageia-release",
        "Mageia release 9 (Official) for x86_64\n",
        ("mageia", "9", "Mageia", "Mageia release 9 (Official) for x86_64", ""),
    ),
    (
        "etc/photon-release",
        "VMware Photon OS 4.0\nPHOTON_BUILD_NUMBER=2f5aad892\n",
        ("photon", "4.0", "VMware Photon OS", "VMware Photon OS 4.0", ""),
    ),
    (
        "etc/mariner-release",
        "CBL-Mariner 2.0.20240123\nMARINER_BUILD_NUMBER=x\n",
        ("mariner", "2.0.20240123", "CBL-Mariner", "CBL-Mariner 2.0.20240123", ""),
    ),
    (
        "etc/openEuler-release",
        "openEuler release 24.03 (LTS-SP1)\n",
        ("openeuler", "24.03", "openEuler", "openEuler release 24.03 (LTS-SP1)", ""),
    ),
    (
        "etc/SuSE-release",
        "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n",
        ("sles", "11.4", "SUSE Linux Enterprise Server", "SUSE Linux Enterprise Server 11 SP4", ""),
    ),
    (
        "etc/SuSE-release",
        "SUSE Linux Enterprise Server 12 (x86_64)\nVERSION = 12\nPATCHLEVEL = 0\n",
        ("sles", "12", "SUSE Linux Enterprise Server", "SUSE Linux Enterprise Server 12 (x86_64)", ""),
    ),
    (
        "etc/SuSE-release",
        "openSUSE 13.2 (x86_64)\nVERSION = 13.2\nCODENAME = Harlequin\n",
        ("opensuse", "13.2", "openSUSE", "openSUSE 13.2 (x86_64)", ""),
    ),
    ("etc/arch-release", "", ("arch", "", "Arch Linux", "", "")),
    ("etc/arch-release", "Manjaro Linux\n", None),
    ("etc/redhat-release", "Unknown System release 7\n", None),
    ("etc/redhat-release", "CentOS\n", None),
    ("etc/redhat-release", "", None),
    ("etc/alpine-release", "x\n", None),
]


@pytest.mark.parametrize(
    ("path", "text", "expected"), CASES, ids=[f"{path}-{text[:20]!r}" for path, text, _ in CASES]
)
def test_older_relatives(path: str, text: str, expected: tuple[str, ...] | None) -> None:
    found = read(path, text)
    shown = (found.id, found.version, found.name, found.pretty_name, found.codename) if found else None
    assert shown == expected


def ranked(*pairs: tuple[str, str]) -> str:
    """Return the `id` that wins among these files."""
    found = [one for one in (read(path, text) for path, text in pairs) if one]
    return min(found, key=lambda one: one.rank).id


@pytest.mark.parametrize(
    ("files", "winner"),
    [
        pytest.param(
            [("etc/debian_version", "12.5"), (PATH, "ID=ubuntu\n")], "ubuntu", id="os-release-first"
        ),
        pytest.param([("usr/lib/os-release", "ID=a\n"), (PATH, "ID=b\n")], "b", id="etc-before-usr"),
        pytest.param(
            [
                ("etc/redhat-release", "Red Hat Enterprise Linux release 6.1"),
                ("etc/oracle-release", "Oracle Linux 6.1"),
            ],
            "ol",
            id="oracle-before-red-hat",
        ),
        pytest.param(
            [("etc/debian_version", "jessie/sid"), ("etc/lsb-release", "DISTRIB_ID=Ubuntu\n")],
            "ubuntu",
            id="lsb",
        ),
        pytest.param(
            [(PATH, "NAME=x\n"), ("etc/alpine-release", "3.3.1")], "alpine", id="one-without-id-last"
        ),
    ],
)
def test_which_file_wins(files: list[tuple[str, str]], winner: str) -> None:
    assert ranked(*files) == winner
    assert ranked(*reversed(files)) == winner


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    for path in OS_RELEASE.paths:
        reading.survives(OS_RELEASE, path, data)
        reading.survives(OS_RELEASE, path, DEBIAN.encode() + data)


def test_cut_at_every_byte() -> None:
    for end in range(len(DEBIAN)):
        reading.survives(OS_RELEASE, PATH, DEBIAN[:end])
    for path, text, _ in CASES:
        for end in range(len(text)):
            reading.survives(OS_RELEASE, path, text[:end])


@pytest.mark.parametrize(
    "text", ["CentOS " + " " * 60_000, "CentOS " + "a " * 30_000, "SUSE Linux Enterprise Server " * 2000]
)
def test_prose_takes_no_time(text: str) -> None:
    assert read("etc/SuSE-release", text + "\nPATCHLEVEL" + " " * 50_000) is None
