from __future__ import annotations

import fcntl
import hashlib
import io
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs
from lading.errors import LadingError, MalformedError
from lading.inventory import java_archive
from lading.model.fact import Skipped
from lading.model.package import Location, Package
from lading.oci.reader import TreeFile

Found = list[tuple[str, str, str]]


def jar(files: Mapping[str, bytes | str], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def maven(name: str, version: str) -> dict[str, bytes | str]:
    group, _, artifact = name.partition(":")
    path = f"META-INF/maven/{group}/{artifact}/pom.properties"
    return {path: f"#Generated\nversion={version}\ngroupId={group}\nartifactId={artifact}\n"}


def facts(content: bytes, path: str = "opt/app.jar", *, spooled: bool = False) -> Found:
    """Return (name, version, path) of packages; ("", reason, path) of what was skipped."""
    spool = io.BytesIO(content) if spooled else None
    file = TreeFile(path, len(content), data=b"" if spooled else content, spool=spool)
    found: Found = []
    for fact in java_archive.read(file):
        if isinstance(fact, Package):
            found.append((fact.name, fact.version, fact.locations[0].path))
        elif isinstance(fact, Skipped):
            found.append(("", fact.reason, fact.path))
    return found


CLASSES = {"org/example/lib/A.class": b"", "org/example/lib/b/B.class": b""}
POM = """<project><groupId>org.example</groupId><artifactId>lib</artifactId><version>${revision}</version>
<licenses><license><name>Apache-2.0</name></license></licenses></project>"""


def test_whole_package_with_licence() -> None:
    content = jar(maven("org.example:lib", "1.0") | {"META-INF/maven/org.example/lib/pom.xml": POM})
    assert list(java_archive.read(TreeFile("opt/lib-1.0.jar", len(content), data=content))) == [
        Package(
            type="maven",
            name="org.example:lib",
            version="1.0",
            licenses=("Apache-2.0",),
            locations=(Location("opt/lib-1.0.jar"),),
            reader="java/archive",
        )
    ]


def test_licence_in_the_manifest() -> None:
    manifest = 'Bundle-License: "Apache-2.0";link="https://example.org",  MIT\n'
    content = jar(CLASSES | {"META-INF/MANIFEST.MF": manifest})
    (package,) = java_archive.read(TreeFile("lib-1.0.jar", len(content), data=content))
    assert isinstance(package, Package)
    assert package.licenses == ("Apache-2.0", "MIT")


@pytest.mark.parametrize("spooled", [False, True], ids=["memory", "spool"])
@pytest.mark.parametrize(
    ("name", "files", "expected"),
    [
        pytest.param("lib-1.0", maven("g.g:lib", "1.0"), [("g.g:lib", "1.0")], id="its-own-pom"),
        pytest.param("lib-1.0-sources", maven("g.g:lib", "1.0") | {"g/A.java": ""}, [], id="sources"),
        pytest.param("lib-1.0-test-sources", {"g/A.java": ""}, [], id="sources-of-tests"),
        pytest.param("lib-1.0-javadoc", {"g/A.html": ""}, [], id="documentation"),
        pytest.param("lib-1.0-tests", maven("g.g:lib", "1.0") | CLASSES, [], id="tests"),
        pytest.param(
            "lib-1.0-tests",
            maven("g.g:lib", "1.0") | maven("a.a:a", "2"),
            [("a.a:a", "2")],
            id="shaded-into-tests",
        ),
        pytest.param(
            "lib-1.0-sources",
            maven("g.g:lib", "1.0") | CLASSES,
            [("g.g:lib", "1.0")],
            id="sources-with-classes",
        ),
        pytest.param(
            "lib-tests", maven("g.g:lib-tests", "1.0"), [("g.g:lib-tests", "1.0")], id="called-tests"
        ),
        pytest.param("renamed", maven("g.g:lib", "1.0"), [("g.g:lib", "1.0")], id="renamed"),
        pytest.param(
            "lib-1.0-all",
            maven("a.a:a", "2") | maven("g.g:lib", "1.0") | maven("b.b:b", "3"),
            [("g.g:lib", "1.0"), ("a.a:a", "2"), ("b.b:b", "3")],
            id="shaded-own-first",
        ),
        pytest.param(
            "fat-1.0",
            maven("a.a:a", "2") | maven("b.b:b", "3") | CLASSES,
            [("org.example.lib:fat", "1.0"), ("a.a:a", "2"), ("b.b:b", "3")],
            id="shaded-without-its-own",
        ),
        pytest.param(
            "fat",
            maven("a.a:a", "2") | maven("b.b:b", "3"),
            [("a.a:a", "2"), ("b.b:b", "3")],
            id="shaded-and-nothing-tells-its-own",
        ),
        pytest.param(
            "other-1.0",
            maven("a.a:a", "2"),
            [
                ("other", "1.0"),
                ("", "other: its group is not known, no advisory can be matched"),
                ("a.a:a", "2"),
            ],
            id="one-pom-of-another",
        ),
        pytest.param(
            "classes",
            {f"BOOT-INF/classes/{name}": text for name, text in maven("a.a:a", "2").items()},
            [("a.a:a", "2")],
            id="pom-among-the-classes",
        ),
        pytest.param(
            "lib-1.0",
            {"META-INF/maven/org.example/lib/pom.xml": POM.replace("${revision}", "1.0")},
            [("org.example:lib", "1.0")],
            id="only-a-pom-xml",
        ),
        pytest.param("lib-1.0", CLASSES, [("org.example:lib", "1.0")], id="no-pom"),
        pytest.param(
            "lib",
            CLASSES,
            [("org.example:lib", ""), ("", "lib: its version is not known, no advisory can be matched")],
            id="no-version",
        ),
        pytest.param("app", {"x.txt": b""}, [("app", "")], id="nothing-to-compare"),
        pytest.param(
            "app",
            {"BOOT-INF/classes/com/corp/app/A.class": b"", "org/springframework/boot/loader/L.class": b""}
            | {"BOOT-INF/lib/x.jar": jar(maven("g.g:x", "1"))},
            [("com.corp:app", ""), ("g.g:x", "1")],
            id="application-of-one-who-has-its-libraries-inside",
        ),
    ],
)
def test_artifacts(
    name: str, files: dict[str, bytes | str], expected: list[tuple[str, str]], *, spooled: bool
) -> None:
    found = facts(jar(files), f"opt/{name}.jar", spooled=spooled)
    assert [each[:2] for each in found] == expected


@pytest.mark.parametrize("spooled", [False, True], ids=["memory", "spool"])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
def test_archives_in_archives(method: int, *, spooled: bool) -> None:
    inner = jar(maven("g.g:in", "1"), method=method)
    middle = jar(maven("g.g:mid", "2") | {"lib/in.jar": inner}, method=method)
    content = jar({"WEB-INF/lib/mid.WAR": middle, "WEB-INF/lib/in.jar": inner}, method=method)
    assert facts(content, "srv/out-3.ear", spooled=spooled)[2:] == [
        ("g.g:mid", "2", "srv/out-3.ear!/WEB-INF/lib/mid.WAR"),
        ("g.g:in", "1", "srv/out-3.ear!/WEB-INF/lib/mid.WAR!/lib/in.jar"),
        ("g.g:in", "1", "srv/out-3.ear!/WEB-INF/lib/in.jar"),
    ]


def test_what_is_broken_inside_costs_only_itself() -> None:
    good = jar(maven("g.g:good", "1"))
    files = {"a.jar": b"garbage", "b.jar": good[:-5], "c.jar": good}
    files["META-INF/maven/x/x/pom.xml"] = b"<html/>"
    files["META-INF/maven/y/y/pom.properties"] = b"#" * 20_000
    assert facts(jar(files)) == [
        ("", "begins with <html> in place of <project>", "opt/app.jar!/META-INF/maven/x/x/pom.xml"),
        ("", "more than 16384 bytes", "opt/app.jar!/META-INF/maven/y/y/pom.properties"),
        ("app", "", "opt/app.jar"),
        ("", "no zip archive, or one that is cut off", "opt/app.jar!/a.jar"),
        ("", "no zip archive, or one that is cut off", "opt/app.jar!/b.jar"),
        ("g.g:good", "1", "opt/app.jar!/c.jar"),
    ]


@pytest.mark.parametrize(
    ("path", "content", "words"),
    [
        pytest.param("a.jar", b"", "no zip", id="empty"),
        pytest.param("a.WAR", b"Rar!", "no zip", id="not-a-zip"),
        pytest.param("a.kar", b"PK\3\4", "no zip", id="cut"),
    ],
)
def test_no_archive(path: str, content: bytes, words: str) -> None:
    with pytest.raises(MalformedError, match=words) as raised:
        facts(content, path)
    assert raised.value.where == path


def test_rarer_suffixes_are_those_of_other_things() -> None:
    assert facts(b"MThd", "song.kar") == []


def test_depth_is_bounded() -> None:
    content = jar(maven("g.g:deep", "1"))
    for _ in range(20):
        content = jar({"n.jar": content})
    found = facts(content)
    assert found[-1] == ("", "archives nested more than 8 deep", "opt/app.jar" + "!/n.jar" * 9)


def test_bomb_ends_in_a_word_with_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java_archive._Left, "__init__", _small)
    bomb = jar({"b.jar": bytes(10_000_000), "c.jar": jar(maven("g.g:c", "1"))})
    assert facts(jar({"a.jar": bomb, "d.jar": jar({})}))[1:] == [
        ("a", "", "opt/app.jar!/a.jar"),
        ("", "unpacks to more than 990000 bytes", "opt/app.jar!/a.jar!/b.jar"),
    ]


def _small(left: java_archive._Left) -> None:
    left.archives, left.directory_bytes, left.poms_bytes = 100, 10_000, 10_000
    left.unpacked_bytes = 990_000 + len(jar({"b.jar": bytes(10_000_000), "c.jar": jar(maven("g.g:c", "1"))}))


def test_archive_that_holds_itself_ends() -> None:
    """Every entry of a stored archive may point at the same bytes, as often as there are entries."""
    leaf = jar({}, method=zipfile.ZIP_STORED)
    content = leaf
    for _ in range(7):
        content = jar({f"{n}.jar": content for n in range(5)}, method=zipfile.ZIP_STORED)
    found = facts(content)
    assert len(found) <= 10_002
    assert ("more than 10000 archives in one file") in {reason for _, reason, _ in found}


def test_many_poms_are_bounded() -> None:
    pom = "<project>" + " " * 900_000 + "</project>"
    found = facts(jar({f"META-INF/maven/g.g/a{n}/pom.xml": pom for n in range(80)} | {"in.jar": b""}))
    assert [reason for _, reason, _ in found] == ["more bytes of pom.xml in one file than Lading reads", ""]


def test_cut_anywhere() -> None:
    content = jar(maven("g.g:a", "1") | {"in.jar": jar(maven("g.g:b", "1"))})
    for end in range(len(content)):
        with suppress(LadingError):
            facts(content[:end])


@given(st.binary(max_size=40), st.integers(0, 700))
@settings(max_examples=200)
def test_any_bytes_anywhere(junk: bytes, at: int) -> None:
    content = bytearray(jar(maven("g.g:a", "1") | {"in.jar": jar(maven("g.g:b", "1"))}))
    content[at : at + len(junk)] = junk
    with suppress(LadingError):
        facts(bytes(content))


# --- real jars, from Maven Central ----------------------------------------------------------------

# With pom.properties, without (Gradle, Ant), shaded, moved: `group:artifact:version`, and what is in it beside.
REAL = {
    "commons-io:commons-io:2.6": [],
    "org.apache.commons:commons-lang3:3.9": [],
    "org.apache.logging.log4j:log4j-core:2.14.1": [],
    "com.fasterxml.jackson.core:jackson-databind:2.9.8": [],
    "org.postgresql:postgresql:42.2.5": ["com.ongres.scram:client", "com.ongres.scram:common"],
    "org.springframework:spring-core:5.3.18": [],
    "org.springframework:spring-webmvc:5.3.18": [],
    "org.springframework.boot:spring-boot-autoconfigure:2.6.6": [],
    "org.springframework.security:spring-security-web:5.6.2": [],
    "com.squareup.okhttp3:okhttp:4.9.1": [],
    "org.apache.tomcat:tomcat-catalina:9.0.31": [],
    "org.apache.tomcat.embed:tomcat-embed-core:9.0.31": [],
    "commons-beanutils:commons-beanutils:1.7.0": [],
    "org.apache.velocity:velocity:1.7": [],
    "org.apache.zookeeper:zookeeper:3.4.14": [],
    "org.yaml:snakeyaml:1.29": [],
    "io.grpc:grpc-core:1.44.0": [],
    "xalan:xalan:2.7.2": [],
    "dom4j:dom4j:1.6.1": [],
    "org.jsoup:jsoup:1.14.2": [],
}
PROJECT = """<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId>
<version>1</version><dependencies>{}</dependencies></project>"""
DEPENDENCY = """<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version><exclusions>
<exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>"""


@pytest.fixture(scope="module")
def downloads() -> Path:
    """Return a folder with the real jars, kept between runs."""
    key = hashlib.sha256("".join(REAL).encode()).hexdigest()[:12]
    folder = needs.ROOT / ".cache/tests" / f"jars-{key}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("wb") as lock:
        # Several test processes may want them at once, and Maven's own store is not made for that.
        fcntl.flock(lock, fcntl.LOCK_EX)
        _download(folder)
    return folder


def _download(folder: Path) -> None:
    if not folder.exists():
        making = folder.with_suffix(".new")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        text = PROJECT.format("".join(DEPENDENCY.format(*name.split(":")) for name in REAL))
        (making / "pom.xml").write_text(text)
        goal = ["dependency:copy-dependencies", "-DoutputDirectory=."]
        done = subprocess.run(
            ["mvn", "-q", "-B", *goal], cwd=making, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout
        making.rename(folder)


def path_of(folder: Path, name: str) -> Path:
    _, artifact, version = name.split(":")
    return folder / f"{artifact}-{version}.jar"


@needs.tool("mvn")
@pytest.mark.parametrize("name", REAL)
def test_real_jar(downloads: Path, name: str) -> None:
    path = path_of(downloads, name)
    group, artifact, version = name.split(":")
    found = facts(path.read_bytes(), f"lib/{path.name}")
    assert found[0] == (f"{group}:{artifact}", version, f"lib/{path.name}")
    assert [name for name, _, _ in found[1:]] == REAL[name]


@needs.tool("mvn")
def test_real_jar_renamed(downloads: Path) -> None:
    """Nothing in the name: what the jar itself says must do."""
    told = {name: facts(path_of(downloads, name).read_bytes(), "lib/renamed.jar")[0] for name in REAL}
    right = {name for name, found in told.items() if ":".join(found[:2]) == name}
    assert right >= {
        "commons-io:commons-io:2.6",
        "org.apache.logging.log4j:log4j-core:2.14.1",
        "org.springframework:spring-core:5.3.18",
        "org.springframework:spring-webmvc:5.3.18",
    }


@needs.tool("mvn", "jar")
def test_real_application_with_jars_inside(downloads: Path, tmp_path: Path) -> None:
    for name in REAL:
        target = tmp_path / "tree/BOOT-INF/lib" / path_of(downloads, name).name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path_of(downloads, name), target)
    for flags in ("cf", "cf0"):
        subprocess.run(["jar", flags, "app.jar", "-C", "tree", "."], cwd=tmp_path, check=True)
        found = facts((tmp_path / "app.jar").read_bytes())
        expected = {
            (
                name.rpartition(":")[0],
                name.rpartition(":")[2],
                f"opt/app.jar!/BOOT-INF/lib/{path_of(downloads, name).name}",
            )
            for name in REAL
        }
        assert expected <= set(found)
        assert not [reason for name, reason, _ in found if not name]
