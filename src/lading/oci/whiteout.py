"""How a layer says that it removes what lies below it.

Specification: https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
"""

from __future__ import annotations

PREFIX = ".wh."  # an empty file of that name and `x` removes `x` of lower layers
OPAQUE = ".wh..wh..opq"  # in a directory: hides all that lower layers have in it
BOOKKEEPING = ".wh..wh."  # names of aufs itself; they remove nothing
