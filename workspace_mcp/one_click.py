"""The one request that does not go to Google: leaving a mailing list by one click.

The address comes from a stranger's mail, so: HTTPS only, port 443, no credentials, every address
of the host must be public, the connection goes to an address that was checked, redirects are not
followed, the answer's body is never read, all within ten seconds.

Source: rfc-editor.org/rfc/rfc8058
"""

import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import anyio
from anyio.abc import ByteStream
from anyio.streams.tls import TLSStream

from workspace_mcp.errors import ArgumentError, NetworkError, PolicyError

SECONDS: Final = 10.0
BODY: Final = b"List-Unsubscribe=One-Click"

_PORT: Final = 443
_LONGEST_URL: Final = 2_000
_STATUS_LINE: Final = 4_096
_HOST: Final = re.compile(
    r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_TARGET: Final = re.compile(r"/[!-~]*")
_EMBEDDING: Final = (
    ipaddress.ip_network("64:ff9b::/96"),  # NAT64: an IPv4 address in the last four bytes
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("2002::/16"),  # 6to4
    ipaddress.ip_network("2001::/32"),  # Teredo
)

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""Host → its addresses. Raises OSError when there are none."""
Post = Callable[[str, str, str], Awaitable[int]]
"""(address, host, target) → HTTP status of the one POST. Raises OSError, ValueError."""


@dataclass(frozen=True, slots=True)
class Link:
    """A usable one-click address: the host, and what comes after it (path and query)."""

    host: str
    target: str


def link(url: str) -> Link:
    """The parts of a one-click address.

    Raises:
        ArgumentError: not HTTPS, a port or credentials in it, or not a plain host name.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _unusable() from None
    host = (parts.hostname or "").rstrip(".").lower()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    plain = parts.scheme == "https" and port in {None, _PORT} and "@" not in parts.netloc
    if not plain or len(url) > _LONGEST_URL or not _HOST.fullmatch(host):
        raise _unusable()
    if not _TARGET.fullmatch(target):
        raise _unusable()
    return Link(host, target)


def public(address: str) -> bool:
    """Whether `address` is one that anybody on the internet may have."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and (
        ip.ipv4_mapped is not None or any(ip in network for network in _EMBEDDING)
    ):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


class OneClick:
    """Leaves mailing lists. `resolve` and `post` are the network; the demo has its own.

    `guard` lets the request leave, or raises.
    """

    def __init__(
        self, resolve: Resolve, post: Post, guard: Callable[[], None] = lambda: None,
        *, seconds: float = SECONDS,
    ) -> None:  # fmt: skip
        self._guard = guard
        self._resolve = resolve
        self._post = post
        self._seconds = seconds

    async def leave(self, url: str) -> int:
        """The HTTP status with which the list's host took the one POST.

        Raises:
            ArgumentError: an address that a one-click link must not have.
            PolicyError: the host is, in part or whole, in a private network.
            NetworkError: the host was not reached, or said nothing that can be read.
        """
        found = link(url)
        self._guard()
        try:
            with anyio.fail_after(self._seconds):
                addresses = await self._resolve(found.host)
                if not addresses or not all(map(public, addresses)):
                    raise PolicyError(
                        f"{found.host} does not lead to the public internet; nothing was sent."
                    )
                return await self._post(addresses[0], found.host, found.target)
        except TimeoutError:
            raise NetworkError(
                f"{found.host} gave no answer within {self._seconds:.0f} seconds.",
                "The request may have arrived: leaving twice does no harm.",
            ) from None
        except (OSError, ValueError, ssl.SSLError, anyio.EndOfStream, anyio.BrokenResourceError):
            raise NetworkError(
                f"{found.host} could not be reached over HTTPS.",
                "This one request uses no proxy. The user can leave the list in a browser.",
            ) from None


async def resolve(host: str) -> Sequence[str]:
    """Addresses of `host` by the system's resolver, in its order."""
    found = await anyio.getaddrinfo(host, _PORT, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class HttpsPost:
    """A `Post` by TLS to exactly the address given; the certificate must be the host's."""

    tls: ssl.SSLContext
    port: int = _PORT

    async def __call__(self, address: str, host: str, target: str) -> int:
        """Send the POST, read the status line, hang up."""
        plain = await anyio.connect_tcp(address, self.port)
        async with plain:
            stream = await TLSStream.wrap(
                plain, hostname=host, ssl_context=self.tls, standard_compatible=False
            )
            await stream.send(_request(host, target))
            return await _status(stream)


def _request(host: str, target: str) -> bytes:
    head = (
        f"POST {target} HTTP/1.1\r\nHost: {host}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(BODY)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + BODY


async def _status(stream: ByteStream) -> int:
    """The first status that is not an interim one (1xx)."""
    received = b""
    while len(received) < _STATUS_LINE:
        received += await stream.receive(_STATUS_LINE)
        for line in received.split(b"\r\n")[:-1]:
            if (found := re.match(rb"HTTP/1\.[01] ([2-9]\d\d)(?: |$)", line)) is not None:
                return int(found[1])
    raise ValueError("no status line")


def _unusable() -> ArgumentError:
    return ArgumentError(
        "The mail's unsubscribe link is not a plain HTTPS address; it was not used."
    )
