"""The two line formats in a jar: META-INF/MANIFEST.MF and pom.properties.

Specifications: https://docs.oracle.com/en/java/javase/17/docs/specs/jar/jar.html#jar-manifest,
java.util.Properties.load
"""

from __future__ import annotations

_MAX_VALUE_CHARS = 4096


def manifest(content: bytes) -> dict[str, str]:
    """Return the main attributes, names in lower case; those of single entries are left out.

    A line that begins with a space continues the one before; a line without `: ` is passed over.
    Bytes that are not UTF-8 become U+FFFD. Values are cut at 4,096 characters.
    """
    lines: list[bytes] = []
    for line in (
        content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    ):
        if line.startswith(b" ") and lines:
            lines.append(line[1:])
        elif line:
            lines += [b"\n", line]
        elif lines:
            break
    found: dict[str, str] = {}
    for line in b"".join(lines).split(b"\n"):
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip()[:_MAX_VALUE_CHARS])
    return found


def properties(content: bytes) -> dict[str, str]:
    r"""Return the pairs of a properties file of one line each; escapes of signs are undone.

    Lines continued by a backslash and `\uXXXX`, which Maven does not write, stay as they are.
    """
    found: dict[str, str] = {}
    for line in content.decode("latin-1").splitlines():
        text = line.strip()
        if not text or text[0] in "#!":
            continue
        ends = [at for at in (text.find("="), text.find(":")) if at > 0]
        if ends:
            at = min(ends)
            value = text[at + 1 :].strip().replace("\\:", ":").replace("\\=", "=")
            found[text[:at].strip()] = value[:_MAX_VALUE_CHARS]
    return found
