"""A content digest as the OCI image specification writes it."""

from __future__ import annotations

from typing import NewType

# A checked digest, `sha256:` or `sha512:` and lower-case hexadecimal; made by `oci.digest.parse`.
Digest = NewType("Digest", str)
