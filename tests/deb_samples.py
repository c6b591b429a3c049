"""A small root with packages in every state, installed by the real dpkg."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

CONTROLS = {
    "plain": "Package: plain\nVersion: 1.0-1\nArchitecture: all\n",
    "epoch": "Package: epoch\nVersion: 2:3.4~rc1-5+b1\nArchitecture: amd64\nSource: epoch-source (2:3.4~rc1-5)\n",
    "same-amd64": "Package: libsame\nVersion: 1.2\nArchitecture: amd64\nMulti-Arch: same\nSource: same\n",
    "same-i386": "Package: libsame\nVersion: 1.2\nArchitecture: i386\nMulti-Arch: same\nSource: same\n",
    "foreign": "Package: foreign\nVersion: 1\nArchitecture: i386\nMulti-Arch: foreign\n",
    "unpacked": "Package: unpacked\nVersion: 0.1\nArchitecture: all\n",
    "failing": "Package: failing\nVersion: 0.2\nArchitecture: all\n",
    "removed": "Package: removed\nVersion: 1\nArchitecture: all\n",
    "purged": "Package: purged\nVersion: 1\nArchitecture: all\n",
}
_COMMON = "Maintainer: A <a@example.org>\nDescription: sample\n A continued line.\n .\n Version: 9 is not its version.\n"


def installed_root(folder: Path) -> Path:
    """Return a root below `folder` where dpkg has unpacked, configured and removed `CONTROLS`."""
    root = folder / "root"
    for part in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log", "usr/bin"):
        (root / part).mkdir(parents=True)
    (root / "var/lib/dpkg/status").write_text("")
    (root / "var/lib/dpkg/arch").write_text("amd64\ni386\n")
    debs = {name: str(_built(folder, name, control)) for name, control in CONTROLS.items()}
    unpacked = debs.pop("unpacked")
    failing = debs.pop("failing")
    _dpkg(root, "--install", *debs.values())
    _dpkg(root, "--unpack", unpacked)
    _dpkg(root, "--install", failing, fails=True)
    _dpkg(root, "--remove", "removed")
    _dpkg(root, "--purge", "purged")
    return root


def _built(folder: Path, name: str, control: str) -> Path:
    tree = folder / "trees" / name
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / f"usr/share/{name}/deep").mkdir(parents=True)
    (tree / f"usr/share/{name}/deep/file").write_text(name)
    (tree / "etc").mkdir()
    (tree / f"etc/{name}.conf").write_text(name)
    (tree / "DEBIAN/conffiles").write_text(f"/etc/{name}.conf\n")
    (tree / "DEBIAN/control").write_text(control + _COMMON)
    if name == "failing":
        script = tree / "DEBIAN/postinst"
        script.write_text("#!/nowhere\n")
        script.chmod(0o755)
    path = folder / f"{name}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "-b", str(tree), str(path)],
        check=True,
        capture_output=True,
    )
    return path


def _dpkg(root: Path, *arguments: str, fails: bool = False) -> None:
    forced = ["--force-not-root", "--force-depends", "--force-architecture", "--force-script-chrootless"]
    environment = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "LC_ALL": "C"}
    done = subprocess.run(
        ["dpkg", f"--root={root}", *forced, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert (done.returncode != 0) is fails, done.stderr


def query(admin: Path, form: str) -> list[str]:
    """Return what dpkg-query says of each package, one line each."""
    done = subprocess.run(
        ["dpkg-query", f"--admindir={admin}", "-W", "-f", form + "\n"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def listed(admin: Path, name: str) -> list[str]:
    """Return the paths that dpkg-query lists for a package."""
    done = subprocess.run(
        ["dpkg-query", f"--admindir={admin}", "-L", name], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()
