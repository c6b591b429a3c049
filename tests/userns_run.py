"""A program for tests: becomes root of a user namespace, and runs commands in an Alpine that it unpacks.

Arguments: the image's layer as a tar, a folder, and RunSpecs as JSON (without lowers and places). Prints as
JSON what came of each: outcome, output, what was changed; and first what the machine was found to be.
"""

from __future__ import annotations

import sys
import tarfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from lading.build import isolation, run, userns
from lading.build.run_spec import RunSpec
from lading.errors import LadingError


class Lenient(tarfile.TarFile):
    """Owners that this user does not have are left away."""

    def chown(self, *words: Any, **more: Any) -> None:  # noqa: ANN401 -- of tarfile
        with suppress(tarfile.ExtractError):
            super().chown(*words, **more)


def main() -> int:
    layer, folder, wanted, flat = sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    status = userns.enter([sys.executable, *sys.argv])
    if status is not None:
        return status
    lower = folder / "lower"
    lower.mkdir()
    with Lenient.open(layer) as tar:
        tar.extractall(lower, filter="fully_trusted")
    found = isolation.probe(folder / "probed", wanted or None)  # type: ignore[arg-type]  # one of them
    done: list[Any] = [found]
    for at, spec in enumerate(msgspec.json.decode(sys.stdin.buffer.read(), type=list[RunSpec])):
        place = folder / str(at)
        for name in ("upper", "work"):
            (place / name).mkdir(parents=True)
        where = {"root": str(lower)} if flat else {"lowers": (str(lower),), "upper": str(place / "upper")}
        said: list[str] = []
        try:
            made = msgspec.structs.replace(spec, work=str(place / "work"), **where)
            ended: Any = run.execute(made, found, output=said.append)
        except LadingError as error:
            ended = str(error)
        changed = [str(path.relative_to(place / "upper")) for path in (place / "upper").rglob("*")]
        done.append([ended, "".join(said), sorted(changed)])
    sys.stdout.buffer.write(msgspec.json.encode(done))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
