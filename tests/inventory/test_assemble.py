from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import pytest
from packageurl import PackageURL

import imaging
from lading import inventory
from lading.inventory.assemble import Contents, named
from lading.inventory.walked import read_image
from lading.model.fact import OsRelease
from lading.model.package import Location, Package
from lading.oci.dispatch import Dispatch
from lading.oci.factcache import FactCache
from lading.purl import parse

DEBIAN = OsRelease(id="debian", version="12", codename="bookworm")
BOOKWORM = {"etc/os-release": b"ID=debian\nVERSION_ID=12\n"}
ALPINE = {"etc/os-release": b"ID=alpine\nVERSION_ID=3.20.1\n"}
STATUS = "var/lib/dpkg/status"


def contents(*trees: imaging.Tree) -> Contents:
    with FactCache(None, "") as cache:
        return read_image(imaging.image(*trees), Dispatch(inventory.READERS), cache).contents


def shown(found: Contents, *trees: imaging.Tree) -> tuple[list[str], list[str]]:
    """Return `name version @layer` of what is there, and `name version @layer -removing layer` of what is not."""
    number: dict[str, int] = {layer.diff_id: at for at, layer in enumerate(imaging.image(*trees).layers)}
    there = [f"{one.name} {one.version} @{number[one.layer]}" for one in found.packages]
    gone = [
        f"{one.package.name} {one.package.version} @{number[one.package.layer]} -{number[one.removed_in]}"
        for one in found.removed
    ]
    return there, gone


def read(*trees: imaging.Tree) -> tuple[list[str], list[str]]:
    return shown(contents(*trees), *trees)


def status(packages: Mapping[str, str], **more: str) -> bytes:
    fields = "".join(f"{key}: {value}\n" for key, value in more.items())
    return "\n".join(
        f"Package: {name}\nStatus: install ok installed\nVersion: {version}\nArchitecture: amd64\n{fields}"
        for name, version in packages.items()
    ).encode()


def apk(name: str, version: str, *files: str) -> bytes:
    listed = "".join(f"F:{path.rpartition('/')[0]}\nR:{path.rpartition('/')[2]}\n" for path in files)
    return f"P:{name}\nV:{version}\nA:x86_64\no:{name}-src\n{listed}\n".encode()


def wheel(name: str, version: str) -> bytes:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()


def listed(*paths: str) -> bytes:
    return "".join(f"/{path}\n" for path in (".", *paths)).encode()


def test_a_database_that_every_layer_rewrites() -> None:
    found = read(
        {STATUS: status({"base": "1", "old": "1", "tool": "1"})},
        {STATUS: status({"base": "1", "old": "1", "tool": "2", "new": "1"})},
        {STATUS: status({"new": "1", "base": "1", "tool": "2", "last": "1"})},
    )
    assert found == (
        ["base 1 @0", "last 1 @2", "new 1 @1", "tool 2 @1"],
        ["old 1 @0 -2", "tool 1 @0 -1"],
    )


def test_removed_then_installed_again() -> None:
    with_it, without = {STATUS: status({"a": "1", "b": "1"})}, {STATUS: status({"a": "1"})}
    again = {STATUS: status({"a": "1", "b": "1", "c": "1"})}
    assert read(with_it, without, again) == (["a 1 @0", "b 1 @2", "c 1 @2"], [])
    newer = {STATUS: status({"a": "1", "b": "2"})}
    assert read(with_it, without, newer) == (["a 1 @0", "b 2 @2"], ["b 1 @0 -1"])


def test_downgraded_and_back() -> None:
    found = read(*({STATUS: status({"a": version}, Section=str(n))} for n, version in enumerate("121")))
    assert found == (["a 1 @2"], ["a 2 @1 -2"])


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        pytest.param({"x": b""}, (["six 1.16.0 @0"], []), id="untouched"),
        pytest.param(
            {"py/six-1.16.0.dist-info/.wh.METADATA": b""}, ([], ["six 1.16.0 @0 -1"]), id="whited-out"
        ),
        pytest.param({".wh.py": b""}, ([], ["six 1.16.0 @0 -1"]), id="folder-whited-out"),
        pytest.param({"py/.wh..wh..opq": b""}, ([], ["six 1.16.0 @0 -1"]), id="opaque"),
        pytest.param(
            {
                ".wh.py": b"",
                "lib/py/six-1.16.0.dist-info/METADATA": wheel("six", "1.16.0"),
            },
            (["six 1.16.0 @1"], []),
            id="moved",
        ),
        pytest.param(
            {
                "py/.wh.six-1.16.0.dist-info": b"",
                "py/six-1.17.0.dist-info/METADATA": wheel("six", "1.17.0"),
            },
            (["six 1.17.0 @1"], ["six 1.16.0 @0 -1"]),
            id="upgraded",
        ),
        pytest.param(
            {"py/.wh..wh..opq": b"", "py/six-1.16.0.dist-info/METADATA": wheel("six", "1.16.0")},
            (["six 1.16.0 @0"], []),
            id="opaque-and-the-same",
        ),
        pytest.param(
            {"py/six-1.16.0.dist-info/METADATA": wheel("six", "1.16.0") + b"License: MIT\n"},
            (["six 1.16.0 @0"], []),
            id="touched",
        ),
        pytest.param({"py/six-1.16.0.dist-info": b"a file"}, ([], ["six 1.16.0 @0 -1"]), id="became-a-file"),
    ],
)
def test_a_package_in_a_file_of_its_own(above: imaging.Tree, expected: tuple[list[str], list[str]]) -> None:
    assert read({"py/six-1.16.0.dist-info/METADATA": wheel("six", "1.16.0")}, above) == expected


def test_what_is_removed_is_told_with_all_that_is_known() -> None:
    first = {**BOOKWORM, STATUS: status({"a": "1:2-3"}, Source="src (1:2-2)")}
    (item,) = contents(first, {"var/lib/dpkg/.wh.status": b""}).removed
    assert (item.package.purl, item.package.ecosystem) == (
        "pkg:deb/debian/a@1:2-3?arch=amd64&distro=debian-12&upstream=src%401:2-2",
        "Debian:12",
    )
    assert (item.package.source_name, item.package.source_version) == ("src", "1:2-2")


EGG = "usr/lib/python3/dist-packages/requests-2.28.1.egg-info/PKG-INFO"
REQUESTS = {STATUS: status({"python3-requests": "2.28.1+dfsg-1"})}
LIST = "var/lib/dpkg/info/python3-requests.list"


@pytest.mark.parametrize(
    ("trees", "pypi"),
    [
        pytest.param([{**REQUESTS, LIST: listed(EGG), EGG: wheel("requests", "2.28.1")}], [], id="owned"),
        pytest.param(
            [{**REQUESTS, LIST: listed("usr/bin/x"), EGG: wheel("requests", "2.28.1")}],
            ["requests 2.28.1"],
            id="not-in-the-list",
        ),
        pytest.param(
            [
                {
                    **REQUESTS,
                    LIST: listed("lib/python3/requests.egg-info"),
                    "lib": ("->", "usr/lib"),
                    "usr/lib/python3/requests.egg-info": wheel("requests", "2.28.1"),
                }
            ],
            [],
            id="owned-and-the-directories-merged",
        ),
        pytest.param(
            [
                {
                    **REQUESTS,
                    LIST: listed("lib/python3/requests.egg-info"),
                    "lib64": ("->", "usr/lib"),
                    "usr/lib/python3/requests.egg-info": wheel("requests", "2.28.1"),
                }
            ],
            ["requests 2.28.1"],
            id="another-directory-is-merged",
        ),
        pytest.param(
            [{EGG: wheel("requests", "2.28.1")}, {**REQUESTS, LIST: listed(EGG)}],
            [],
            id="the-database-in-a-layer-above",
        ),
        pytest.param(
            [
                {**REQUESTS, LIST: listed(EGG), EGG: wheel("requests", "2.28.1")},
                {EGG: wheel("requests", "2.31.0")},
            ],
            ["requests 2.31.0"],
            id="replaced-since",
        ),
        pytest.param(
            [
                {**REQUESTS, LIST: listed(EGG), EGG: wheel("requests", "2.28.1")},
                {EGG: wheel("requests", "2.28.1") + b"License: MIT\n"},
            ],
            [],
            id="touched-since",
        ),
        pytest.param(
            [
                {**REQUESTS, LIST: listed(EGG), EGG: wheel("requests", "2.28.1")},
                {STATUS: status({"python3-requests": "2.31.0-1"}), EGG: wheel("requests", "2.31.0")},
            ],
            [],
            id="upgraded-by-the-system-which-left-the-list",
        ),
        pytest.param(
            [
                {**REQUESTS, LIST: listed(EGG), EGG: wheel("requests", "2.28.1")},
                {"var/lib/.wh.dpkg": b""},
            ],
            ["requests 2.28.1"],
            id="the-database-thrown-away",
        ),
        pytest.param(
            [
                {**REQUESTS, LIST: listed(EGG), EGG: wheel("requests", "2.28.1")},
                {STATUS: status({"other": "1"})},
            ],
            ["requests 2.28.1"],
            id="a-list-without-its-package",
        ),
    ],
)
def test_what_dpkg_owns_is_not_python_s(trees: list[imaging.Tree], pypi: list[str]) -> None:
    found = contents(*trees)
    assert [f"{one.name} {one.version}" for one in found.packages if one.type == "pypi"] == pypi


def test_what_dpkg_owned_is_not_told_as_removed_twice() -> None:
    found = contents(
        {**REQUESTS, LIST: listed(EGG), EGG: wheel("requests", "2.28.1")},
        {
            STATUS: status({"other": "1"}),
            "var/lib/dpkg/info/.wh.python3-requests.list": b"",
            "usr/lib/python3/.wh.dist-packages": b"",
        },
    )
    assert [one.name for one in found.packages] == ["other"]
    assert [one.package.name for one in found.removed] == ["python3-requests"]


@pytest.mark.parametrize(
    ("place", "maker", "npm"),
    [
        pytest.param("usr/lib/x", {"Maintainer": "Some Person <some@where.example>"}, [], id="debian"),
        pytest.param(
            "usr/lib/x", {"Maintainer": "NodeSource <support@nodesource.com>"}, ["tar"], id="nodesource"
        ),
        pytest.param(
            "usr/lib/x", {"Maintainer": "Us <us@corp.example>", "License": "MIT"}, ["tar"], id="fpm"
        ),
        pytest.param("opt/x", {"Maintainer": "Some Person <some@where.example>"}, ["tar"], id="opt"),
        pytest.param("usr/local/lib/x", {}, ["tar"], id="usr-local"),
    ],
)
def test_what_another_maker_s_package_holds_is_reported(
    place: str, maker: dict[str, str], npm: list[str]
) -> None:
    path = f"{place}/node_modules/tar/package.json"
    trees: list[imaging.Tree] = [
        {
            STATUS: status({"x": "1"}, **maker),
            "var/lib/dpkg/info/x.list": listed(path),
            path: b'{"name": "tar", "version": "6.1.0"}',
        }
    ]
    assert [one.name for one in contents(*trees).packages if one.type == "npm"] == npm
    gone = contents(*trees, {STATUS: status({"y": "1"}), f"{place}/.wh.node_modules": b""})
    assert [one.package.name for one in gone.removed if one.package.type == "npm"] == npm


def test_lists_by_architecture_and_in_distroless_images() -> None:
    same = status({"python3-six": "1"}, **{"Multi-Arch": "same"})
    info = "var/lib/dpkg/info/python3-six:amd64.list"
    egg = {"py/six.egg-info": wheel("six", "1")}
    assert read({STATUS: same, info: listed("py/six.egg-info"), **egg})[0] == ["python3-six 1 @0"]
    folder = "var/lib/dpkg/status.d/"
    less = {
        folder + "six": status({"python3-six": "1"}),
        folder + "six.md5sums": b"0" * 32 + b"  py/six.egg-info\n",
    }
    assert read({**less, **egg})[0] == ["python3-six 1 @0"]


def test_what_apk_owns_until_npm_replaces_itself() -> None:
    path = "usr/lib/node_modules/npm/package.json"
    database = {"lib/apk/db/installed": apk("npm", "10.8-r0", path)}
    trees = [
        {**database, path: b'{"name": "npm", "version": "10.8.0"}'},
        {path: b'{"name": "npm", "version": "11.0.0"}'},
    ]
    assert read(trees[0]) == (["npm 10.8-r0 @0"], [])
    assert read(*trees) == (["npm 10.8-r0 @0", "npm 11.0.0 @1"], [])


def test_a_jar_in_an_owned_jar_is_owned() -> None:
    inner = _jar({"META-INF/maven/g/inner/pom.properties": b"groupId=g\nartifactId=inner\nversion=1\n"})
    outer = _jar(
        {
            "lib/inner.jar": inner,
            "META-INF/maven/g/outer/pom.properties": b"groupId=g\nartifactId=outer\nversion=2\n",
        }
    )
    path = "usr/share/java/outer.jar"
    assert read({path: outer})[0] == ["g:inner 1 @0", "g:outer 2 @0"]
    owned = {
        STATUS: status({"libouter-java": "2-1"}),
        "var/lib/dpkg/info/libouter-java.list": listed(path),
        path: outer,
    }
    assert read(owned)[0] == ["libouter-java 2-1 @0"]


def _jar(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("trees", "paths"),
    [
        pytest.param(
            [{"lib": ("->", "usr/lib"), "usr/lib/apk/db/installed": apk("musl", "1")}],
            ["usr/lib/apk/db/installed"],
            id="merged",
        ),
        pytest.param(
            [{"usr/lib/apk": ("->", "../../lib/apk"), "lib/apk/db/installed": apk("musl", "1")}],
            ["lib/apk/db/installed"],
            id="the-other-way",
        ),
        pytest.param(
            [{"lib/apk/db/installed": apk("musl", "1"), "usr/lib/apk/db/installed": apk("musl", "1")}],
            ["lib/apk/db/installed", "usr/lib/apk/db/installed"],
            id="in-both",
        ),
        pytest.param(
            [{"lib/apk": ("->", "/data/apk"), "data/apk/db/installed": apk("musl", "1")}],
            ["lib/apk/db/installed"],
            id="an-absolute-link-of-a-directory",
        ),
        pytest.param(
            [{"data/db": apk("musl", "1"), "lib/apk/db/installed": ("->", "../../../data/db")}],
            ["lib/apk/db/installed"],
            id="a-link-of-the-file",
        ),
        pytest.param(
            [{"data/db": apk("musl", "1"), "lib/apk/db/installed": ("=", "data/db")}],
            ["lib/apk/db/installed"],
            id="a-hard-link",
        ),
        pytest.param(
            [{"lib/apk/db/installed": ("->", "/data/db")}, {"data/db": apk("musl", "1")}],
            ["lib/apk/db/installed"],
            id="a-link-in-the-layer-below",
        ),
        pytest.param(
            [{"data/db": apk("musl", "1")}, {"lib/apk/db/installed": ("->", "/data/db")}],
            ["lib/apk/db/installed"],
            id="a-link-in-the-layer-above",
        ),
        pytest.param([{"lib/apk/db/installed": ("->", "/lib/apk/db/installed")}], [], id="a-loop"),
        pytest.param(
            [{"lib/apk/db/installed": ("->", "../../../../../../data/db"), "data/db": apk("musl", "1")}],
            ["lib/apk/db/installed"],
            id="above-the-root",
        ),
    ],
)
def test_a_database_behind_links(trees: list[imaging.Tree], paths: list[str]) -> None:
    found = contents(*trees)
    assert [place.path for one in found.packages for place in one.locations] == paths
    assert [one.name for one in found.packages] == ["musl"][: len(paths)]
    assert found.removed == ()


def test_what_is_known_through_a_link_goes_when_the_file_goes() -> None:
    first: imaging.Tree = {"var/lib/dpkg": ("->", "/data"), "data/status": status({"a": "1", "b": "1"})}
    assert read(first) == (["a 1 @0", "b 1 @0"], [])
    assert read(first, {"data/status": status({"b": "1"})}) == (["b 1 @0"], ["a 1 @0 -1"])
    assert read(first, {"data/.wh.status": b""}) == ([], ["a 1 @0 -1", "b 1 @0 -1"])


def test_two_databases_and_two_systems() -> None:
    found = contents({**ALPINE, STATUS: status({"a": "1"}), "lib/apk/db/installed": apk("b", "2")})
    assert [one.purl for one in found.packages] == [
        "pkg:apk/alpine/b@2?arch=x86_64&distro=alpine-3.20.1&upstream=b-src",
        "pkg:deb/alpine/a@1?arch=amd64&distro=alpine-3.20.1",
    ]


def test_os_release_before_its_relatives() -> None:
    found = contents({"etc/alpine-release": b"3.19.0\n", "usr/lib/os-release": b"ID=debian\nVERSION_ID=12\n"})
    assert found.os is not None
    assert found.os.id == "debian"
    assert contents({"etc/debian_version": b"12.1\n"}, {"etc/.wh.debian_version": b""}).os is None


def test_files_and_licences_are_joined() -> None:
    (package,) = contents({
        STATUS: status({"a": "1"}),
        "var/lib/dpkg/info/a.list": listed("usr", "usr/bin", "usr/bin/a"),
        "usr/share/doc/a/copyright": b"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
        b"Files: *\nCopyright: x\nLicense: GPL-2+\n",
    }).packages  # fmt: skip
    assert (package.files, package.licenses) == (("usr/bin/a",), ("GPL-2.0-or-later",))


def _package(type_: str, name: str, version: str, **more: object) -> Package:
    return Package(type=type_, name=name, version=version, locations=(Location("x"),), **more)  # type: ignore[arg-type]  # the table's business


@pytest.mark.parametrize(
    ("package", "os", "purl", "ecosystem"),
    [
        (_package("deb", "bash", "5.2-2", arch="amd64", source_name="bash", source_version="5.2-2"), DEBIAN,
         "pkg:deb/debian/bash@5.2-2?arch=amd64&distro=debian-12", "Debian:12"),
        (_package("deb", "bash", "5.2-2+b1", arch="amd64", source_name="bash", source_version="5.2-2"), DEBIAN,
         "pkg:deb/debian/bash@5.2-2%2Bb1?arch=amd64&distro=debian-12&upstream=bash%405.2-2", "Debian:12"),
        (_package("deb", "libc6", "2.36-9", arch="amd64", source_name="glibc", source_version="2.36-9"), DEBIAN,
         "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12&upstream=glibc", "Debian:12"),
        (_package("deb", "x", "1:2~rc1-3"), None, "pkg:deb/x@1:2~rc1-3", ""),
        (_package("rpm", "bash", "1:5.1-2.el9", arch="x86_64"), OsRelease(id="almalinux", version="9.3"),
         "pkg:rpm/almalinux/bash@5.1-2.el9?arch=x86_64&distro=almalinux-9.3&epoch=1", "AlmaLinux:9"),
        (_package("rpm", "bash", "0:5.1-2.el9"), OsRelease(id="rhel", version="9.3"),
         "pkg:rpm/redhat/bash@5.1-2.el9?distro=rhel-9.3&epoch=0", "Red Hat:enterprise_linux:9"),
        (_package("apk", "musl", "1.2.5-r0", arch="x86_64"), OsRelease(id="wolfi", version="20230201"),
         "pkg:apk/wolfi/musl@1.2.5-r0?arch=x86_64&distro=wolfi-20230201", "Wolfi"),
        (_package("alpm", "zlib", "1:1.3-1", arch="x86_64"), OsRelease(id="arch"),
         "pkg:alpm/arch/zlib@1:1.3-1?arch=x86_64&distro=arch", ""),
        (_package("pypi", "ruamel-yaml", "0.18"), DEBIAN, "pkg:pypi/ruamel-yaml@0.18", "PyPI"),
        (_package("npm", "@babel/core", "7.0.0"), DEBIAN, "pkg:npm/%40babel/core@7.0.0", "npm"),
        (_package("npm", "lodash", "4.17.21"), None, "pkg:npm/lodash@4.17.21", "npm"),
        (_package("golang", "github.com/a/b/v2", "v2.0.0+incompatible"), None,
         "pkg:golang/github.com/a/b/v2@v2.0.0%2Bincompatible", "Go"),
        (_package("golang", "stdlib", "1.22.1"), None, "pkg:golang/stdlib@1.22.1", "Go"),
        (_package("maven", "org.a.b:c-d", "1.0"), None, "pkg:maven/org.a.b/c-d@1.0", "Maven"),
        (_package("maven", "alone", "1.0"), None, "pkg:maven/alone@1.0", "Maven"),
        (_package("cargo", "serde", "1.0.1"), None, "pkg:cargo/serde@1.0.1", "crates.io"),
        (_package("gem", "rails", "7.0"), None, "pkg:gem/rails@7.0", "RubyGems"),
        (_package("composer", "monolog/monolog", "3.0"), None, "pkg:composer/monolog/monolog@3.0", "Packagist"),
        (_package("nuget", "Newtonsoft.Json", "13.0.1"), None, "pkg:nuget/Newtonsoft.Json@13.0.1", "NuGet"),
        (_package("generic", "thing", "1", qualifiers=(("download_url", "https://e.x/a?b&c"),)), None,
         "pkg:generic/thing@1?download_url=https://e.x/a%3Fb%26c", ""),
        (_package("npm", "x", "1", purl="pkg:npm/given@1", ecosystem="Given"), None, "pkg:npm/given@1", "Given"),
    ],
    ids=lambda value: value.name if isinstance(value, Package) else None,
)  # fmt: skip
def test_purl_and_ecosystem(package: Package, os: OsRelease | None, purl: str, ecosystem: str) -> None:
    found = named(package, os)
    assert (found.purl, found.ecosystem) == (purl, ecosystem)
    library = PackageURL.from_string(purl)
    assert PackageURL.from_string(library.to_string()) == library
    ours = parse(purl)
    assert (ours.type, ours.namespace, ours.name, ours.version, ours.qualifiers) == (
        library.type,
        library.namespace or "",
        library.name,
        library.version,
        library.qualifiers,
    )
    assert purl.replace("%3A", ":") == library.to_string().replace("%3A", ":")
