"""One repository on one registry: where it is, and requests to it with authentication."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from lading.errors import DeniedError, UnavailableError
from lading.net import Client, Response
from lading.oci.auth import Authenticator
from lading.oci.credentials import Lookup
from lading.oci.reference import DOCKER_HUB

# Docker Hub's registry has another name than its images.
_HUB_API = "registry-1.docker.io"
_MAX_CHALLENGES = 3


class Repository:
    """A repository; threads may share it.

    host: as in the reference, for credentials and messages. base: URL of the registry, without
    `/v2`. path: of the repository there. actions: `pull`, or `pull,push`. mount_from: a
    repository of the same registry that blobs may be taken from.
    """

    def __init__(
        self,
        client: Client,
        base: str,
        path: str,
        lookup: Lookup,
        *,
        host: str = "",
        actions: str = "pull",
        mount_from: str = "",
    ) -> None:
        self.client = client
        self.base = base
        self.path = path
        self.name = f"{host or urlsplit(base).netloc.rpartition('@')[2]}/{path}"
        scopes = [f"repository:{path}:{actions}"]
        if mount_from:
            scopes.append(f"repository:{mount_from}:pull")
        self._auth = Authenticator(client, self.name, lookup(self.name), scopes)

    def open(
        self,
        method: str,
        place: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        ok: Collection[int] = (200,),
        repeat: bool | None = None,
    ) -> Response:
        """Return the response to a request; see `Client.open`.

        place: below `/v2/PATH/`, or a whole URL, which gets our credentials only if it is of the
        same registry. Raises `DeniedError` if the registry keeps asking for other credentials.
        """
        url = place if "://" in place else f"{self.base}/v2/{self.path}/{place}"
        if urlsplit(url)[:2] != urlsplit(self.base)[:2]:
            return self.client.open(method, url, headers=headers, body=body, ok=ok, repeat=repeat)
        for _ in range(_MAX_CHALLENGES):
            used = self._auth.header()
            own = {**(headers or {}), **({"Authorization": used} if used else {})}
            response = self.client.open(
                method, url, headers=own, body=body, ok={*ok, 401, 403, 404}, repeat=repeat
            )
            if response.status in ok:
                return response
            if response.status != 401 or urlsplit(response.url)[:2] != urlsplit(url)[:2]:  # noqa: PLR2004 - Unauthorized
                break
            challenges = response.headers.get("WWW-Authenticate", "")
            if not self._auth.answer(challenges, used, url):
                break
            response.discard()
        else:
            raise DeniedError("the registry does not accept any token", self.name, self._auth.hint())
        raise response.error("" if response.status == 404 else self._auth.hint())  # noqa: PLR2004 - Not Found


def base_url(client: Client, host: str) -> str:
    """Return the URL of a host's registry: https, or http where that is allowed and https is not there.

    It is allowed for hosts that the client takes as insecure, and on this machine itself.
    """
    api = _HUB_API if host == DOCKER_HUB else host
    secure = f"https://{api}"
    if not (client.is_insecure(api) or _is_loopback(api)):
        return secure
    try:
        client.open("GET", f"{secure}/v2/", ok=range(100, 600), retries=0).close()
    except UnavailableError:
        return f"http://{api}"
    return secure


def _is_loopback(api: str) -> bool:
    import ipaddress

    name = urlsplit(f"//{api}").hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
