from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rpm_samples
from lading.errors import LimitError, MalformedError
from lading.inventory import rpm
from lading.model.fact import Skipped
from lading.model.package import Location, Package
from lading.oci.reader import TreeFile

PATH = "var/lib/rpm/Packages"
PLACE = (Location(PATH),)


def said(*blobs: bytes | Skipped, size: int = 1 << 40) -> list[Package | Skipped]:
    return list(rpm.packages(blobs, TreeFile(PATH, size), "os/rpm-test"))


def skipped(reason: str) -> Skipped:
    return Skipped("os/rpm-test", PATH, reason)


def test_whole_package() -> None:
    blob = rpm_samples.minimal(
        t1003=1,
        t1014="GPLv3+",
        t1044="bash-source-5.1.8-6.el9.src.rpm",
        t1116=[0, 1, 0],
        t1117=["bash", "motd", "sh"],
        t1118=["/usr/bin/", "/etc/"],
        t5096=rpm_samples.LABEL,
    )
    assert said(blob) == [
        Package(
            type="rpm",
            name="bash",
            version="1:5.1.8-6.el9",
            source_name="bash-source",
            source_version="5.1.8-6.el9",
            arch="x86_64",
            licenses=("GPLv3+",),
            files=("usr/bin/bash", "etc/motd", "usr/bin/sh"),
            locations=PLACE,
            key="bash-5.1.8-6.el9.x86_64",
            reader="os/rpm-test",
            qualifiers=(("rpmmod", rpm_samples.LABEL),),
        )
    ]


def bare(
    name: str = "bash", version: str = "5.1.8-6.el9", files: tuple[str, ...] = (), *, foreign: bool = False
) -> Package:
    key = f"{name}-5.1.8-6.el9.x86_64"
    return Package(
        type="rpm",
        name=name,
        version=version,
        arch="x86_64",
        files=files,
        locations=PLACE,
        key=key,
        reader="os/rpm-test",
        foreign=foreign,
    )


@pytest.mark.parametrize(
    ("blob", "expected"),
    [
        pytest.param(rpm_samples.minimal(), [bare()], id="nothing-more"),
        pytest.param(rpm_samples.minimal(t1003=0), [bare()], id="epoch-0-is-none"),
        pytest.param(
            rpm_samples.minimal(t1003=[3, 4]), [bare(version="3:5.1.8-6.el9")], id="first-of-two-epochs"
        ),
        pytest.param(rpm_samples.minimal(t1044="(none)"), [bare()], id="no-source"),
        pytest.param(rpm_samples.minimal(t1011="Fedora Project"), [bare()], id="a-distribution-s"),
        pytest.param(rpm_samples.minimal(t1011="Docker"), [bare(foreign=True)], id="another-maker-s"),
        pytest.param(rpm_samples.minimal("gpg-pubkey"), [], id="public-key"),
        pytest.param(rpm_samples.minimal("gpg-pubkey2"), [bare("gpg-pubkey2")], id="not-quite-a-public-key"),
        pytest.param(rpm_samples.minimal(b"b\xe9"), [bare("b\\xe9")], id="not-utf-8"),
        pytest.param(rpm_samples.minimal(t1003=["a"]), [bare()], id="text-where-a-number-should-be"),
        pytest.param(rpm_samples.minimal(t1044=7), [bare()], id="number-where-text-should-be"),
        pytest.param(
            rpm_samples.minimal(t1027=["/bin/old", "/etc/x"]),
            [bare(files=("bin/old", "etc/x"))],
            id="old-names",
        ),
        pytest.param(
            rpm_samples.minimal(t1116=[0, 1], t1117=[b"a", b"\xff"], t1118=["/", "x/"]),
            [bare(files=("a", "x/\\xff"))],
            id="root-directory-and-names-not-utf-8",
        ),
        pytest.param(rpm_samples.minimal() + b"more", [bare()], id="bytes-after-the-end"),
    ],
)
def test_header(blob: bytes, expected: list[Package]) -> None:
    assert said(blob) == expected


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        pytest.param(
            {"t1116": [0, 1], "t1117": ["a", "b"], "t1118": ["/"]},
            "do not fit together",
            id="no-such-directory",
        ),
        pytest.param(
            {"t1116": [0], "t1117": ["a", "b"], "t1118": ["/"]}, "do not fit together", id="too-few-indexes"
        ),
        pytest.param({"t1117": ["a", "b"]}, "do not fit together", id="neither-index-nor-directory"),
        pytest.param(
            {"t1116": [0] * 500, "t1117": ["a"] * 500, "t1118": ["/" + "x" * 900]},
            "longer than there can be",
            id="amplified",
        ),
    ],
)
def test_a_package_stays_without_its_files(files: dict[str, rpm_samples.Value], reason: str) -> None:
    tags: dict[int, rpm_samples.Value] = {int(key[1:]): value for key, value in files.items()}
    found = said(rpm_samples.header(rpm_samples.MINIMAL | tags))
    assert found[0] == bare()
    assert [fact.reason for fact in found[1:] if isinstance(fact, Skipped) and reason in fact.reason] != []


@pytest.mark.parametrize(
    ("blob", "reason"),
    [
        pytest.param(b"", "rpm header of less than 8 bytes", id="empty"),
        pytest.param(bytes(8), "rpm header that is cut short, or not one", id="zeros"),
        pytest.param(
            struct.pack(">II", 0xFFFFFFFF, 0xFFFFFFFF), "rpm header that is cut short, or not one", id="lies"
        ),
        pytest.param(
            struct.pack(">II", 70000, 0) + bytes(70000 * 16),
            "rpm header that is cut short, or not one",
            id="many",
        ),
        pytest.param(rpm_samples.minimal()[:-1], "rpm header that is cut short, or not one", id="cut"),
        pytest.param(
            rpm_samples.header({1000: "a"}),
            "rpm header without name, version or release: 'a'",
            id="no-version",
        ),
        pytest.param(
            rpm_samples.header({1000: "a\nb"}),
            "rpm header without name, version or release: 'a\\nb'",
            id="line-break",
        ),
    ],
)
def test_bad_header_is_skipped_and_the_next_one_read(blob: bytes, reason: str) -> None:
    assert said(blob, rpm_samples.minimal()) == [skipped(reason), bare()]


def test_what_the_database_could_not_read_is_passed_on() -> None:
    lost = skipped("page 3")
    assert said(lost, rpm_samples.minimal()) == [lost, bare()]


def test_headers_may_not_take_more_than_the_file() -> None:
    blob = rpm_samples.minimal()
    assert said(blob, blob, blob, size=2 * len(blob)) == [
        bare(),
        bare(),
        skipped("headers share their pages, or are too many: the rest is not read"),
    ]


def test_long_licence_is_cut() -> None:
    [package] = said(rpm_samples.minimal(t1014="x" * 5000))
    assert isinstance(package, Package)
    assert package.licenses == ("x" * 4096,)


def test_unreadable_headers_end_at_a_hundred() -> None:
    found = said(*[b""] * 1000)
    assert len(found) == 101
    assert found[-1] == skipped("too many unreadable headers: the rest is not read")


def test_an_error_of_the_database_is_said() -> None:
    def broken() -> object:
        yield rpm_samples.minimal()
        raise LimitError("the end")

    assert list(rpm.packages(broken(), TreeFile(PATH, 1000), "os/rpm-test")) == [bare(), skipped("the end")]  # type: ignore[arg-type] # a generator's type is longer than the test


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bash-5.1.8-6.el9.src.rpm", ("bash", "5.1.8-6.el9")),
        ("java-1.8.0-openjdk-1.8.0.382-1.el7.src.rpm", ("java-1.8.0-openjdk", "1.8.0.382-1.el7")),
        ("intel-ucode-1-2.nosrc.rpm", ("intel-ucode", "1-2")),
        ("bash-5.1.8-6.el9.x86_64.rpm", ("", "")),
        ("bash-5.src.rpm", ("", "")),
        ("-1-2.src.rpm", ("", "")),
        ("(none)", ("", "")),
        ("", ("", "")),
    ],
)
def test_source_of(text: str, expected: tuple[str, str]) -> None:
    assert rpm.source_of(text) == expected


def test_cut_at_every_byte() -> None:
    blob = rpm_samples.minimal(t1003=1, t1014="MIT", t1116=[0], t1117=["a"], t1118=["/"])
    for end in range(len(blob)):
        found = said(blob[:end])
        assert len(found) == 1
        assert isinstance(found[0], Skipped)


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    said(data)


@settings(max_examples=300)
@given(st.data())
def test_any_byte_may_be_another(data: st.DataObject) -> None:
    blob = bytearray(
        rpm_samples.minimal(t1003=1, t1014="MIT", t1116=[0, 0], t1117=["a", "b"], t1118=["/x/"], t1027=["/y"])
    )
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    assert said(bytes(blob))


def test_a_package_of_very_many_files() -> None:
    count = 200_000
    names = [f"file-{number}" for number in range(count)]
    blob = rpm_samples.minimal(
        t1116=[0] * count, t1117=names, t1118=["/usr/share/x/"], t1035=["0" * 64] * count
    )
    [package] = said(blob)
    assert isinstance(package, Package)
    assert (len(package.files), package.files[-1]) == (count, f"usr/share/x/file-{count - 1}")


def test_header_says_what_is_wrong() -> None:
    blob = rpm_samples.minimal(t1117=["a", "b"]).replace(struct.pack(">I", 2), struct.pack(">I", 200))
    header = rpm.Header(blob)
    with pytest.raises(MalformedError, match=r"fewer strings \(tag 1117\) than it says"):
        header.paths()
