"""Licences as Python packages state them, and as SPDX names them.

The field `License` is free text and the classifiers are a fixed list that is coarser than SPDX:
"BSD License" may be any of three. Only what is certain is mapped; the rest stays as found.
Classifiers: https://pypi.org/classifiers/  SPDX: https://spdx.org/licenses/
"""

from __future__ import annotations

from collections.abc import Sequence

MAX_LICENSE = 120

_PREFIX = "License :: "
_CERTAIN = {
    "Apache License 2.0": "Apache-2.0",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "CEA CNRS Inria Logiciel Libre License, version 2.1 (CeCILL-2.1)": "CECILL-2.1",
    "Eclipse Public License 1.0 (EPL-1.0)": "EPL-1.0",
    "Eclipse Public License 2.0 (EPL-2.0)": "EPL-2.0",
    "European Union Public Licence 1.1 (EUPL 1.1)": "EUPL-1.1",
    "European Union Public Licence 1.2 (EUPL 1.2)": "EUPL-1.2",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 (LGPLv2)": "LGPL-2.0-only",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 1.0 (MPL)": "MPL-1.0",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Mulan Permissive Software License v2 (MulanPSL-2.0)": "MulanPSL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "Universal Permissive License (UPL)": "UPL-1.0",
    "zlib/libpng License": "Zlib",
    "Zero-Clause BSD (0BSD)": "0BSD",
}
# What people write into the field, in lower case.
_WRITTEN = {
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0",
    "apache software license 2.0": "Apache-2.0",
    "apache-2": "Apache-2.0",
    "the apache license 2.0": "Apache-2.0",
    "3-clause bsd": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "bsd-3": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "new bsd license": "BSD-3-Clause",
    "2-clause bsd": "BSD-2-Clause",
    "bsd 2-clause": "BSD-2-Clause",
    "bsd 2-clause license": "BSD-2-Clause",
    "simplified bsd": "BSD-2-Clause",
    "isc license": "ISC",
    "mit license": "MIT",
    "the mit license": "MIT",
    "mozilla public license 2.0": "MPL-2.0",
    "mpl 2.0": "MPL-2.0",
    "gplv2": "GPL-2.0-only",
    "gplv2+": "GPL-2.0-or-later",
    "gplv3": "GPL-3.0-only",
    "gplv3+": "GPL-3.0-or-later",
    "lgplv3": "LGPL-3.0-only",
    "lgplv3+": "LGPL-3.0-or-later",
    "agplv3+": "AGPL-3.0-or-later",
    "psf": "PSF-2.0",
    "unlicense": "Unlicense",
}
_NONE = frozenset(("", "unknown", "none", "n/a", "license", "see license", "see license file"))
_SPDX = frozenset((*_CERTAIN.values(), *_WRITTEN.values(), "BSD-3-Clause", "PSF-2.0", "HPND"))
_OPERATORS = (" AND ", " OR ", " WITH ")


def licenses(expression: str, written: str, classifiers: Sequence[str]) -> tuple[str, ...]:
    """Return the licences that the three fields of the metadata state, the most exact first of them.

    expression: `License-Expression`, SPDX already, which settles it. written: `License`; more than
        one line, or more than `MAX_LICENSE` characters, is the licence's text and no name.
    classifiers: all of them; those that do not begin with `License ::` are passed over.
    """
    if expression:
        return (expression,)
    short = "" if "\n" in written or len(written) > MAX_LICENSE else written.strip()
    short = "" if short.lower() in _NONE else _WRITTEN.get(short.lower(), short)
    found = [name.rsplit(" :: ", 1)[-1] for name in classifiers if name.startswith(_PREFIX)]
    certain = tuple(dict.fromkeys(_CERTAIN[name] for name in found if name in _CERTAIN))
    exact = short in _SPDX or any(operator in short for operator in _OPERATORS)
    if certain and not exact:
        return certain
    if short:
        return (short,)
    return tuple(dict.fromkeys(name for name in found if name != "OSI Approved"))
