"""Leaving a list by one click: public hosts alone, one POST, of the answer only the status."""

import datetime
import socket
import ssl
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from workspace_mcp.errors import ArgumentError, NetworkError, PolicyError
from workspace_mcp.one_click import HttpsPost, Link, OneClick, link, public

URLS = (
    "http://x.example/u", "ftp://x.example/u", "//x.example/u", "https://", "https:///u",
    "https://localhost/u", "https://127.0.0.1/u", "https://[::1]/u", "https://2130706433/u",
    "https://0x7f.0.0.1/u", "https://127.1/u", "https://017700000001/u", "https://x.example:80/u",
    "https://x.example:0/u", "https://x.example:99999/u", "https://u:p@x.example/", "https://@x.example/",
    "https://x.example@127.0.0.1/", "https://x.example/ä", "https://x.example/a b",
    "https://x.example/a\r\nX: y", "https://x.example/\x00", "https://-x.example/",
    "https://x..example/",
    "https://x_y.example/", "https://ex ample.com/", "https://x.example/" + "a" * 2_000,
    "javascript:x",
    "mailto:a@b.c", "", "https://xn--/", "https://１２７.0.0.1/", "https://x.example:44a/",
)  # fmt: skip

PRIVATE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "198.18.0.1", "192.0.2.1", "::1", "::",
    "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
    "2002:7f00:1::", "2001:0:1::", "2001:db8::1",
)  # fmt: skip


@pytest.mark.parametrize("url", URLS)
async def test_an_odd_address_opens_no_socket(url: str) -> None:
    async def never(*_: str) -> Sequence[str]:
        raise AssertionError

    async def post(*_: str) -> int:
        raise AssertionError

    with pytest.raises(ArgumentError, match="not a plain HTTPS address"):
        await OneClick(never, post).leave(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://X.Example", Link("x.example", "/")),
        ("https://x.example:443/u?t=%20&a=b#top", Link("x.example", "/u?t=%20&a=b")),
        ("HTTPS://x.example./u", Link("x.example", "/u")),
        ("https://x.example?a", Link("x.example", "/?a")),
    ],
)
def test_a_plain_address_is_taken_apart(url: str, expected: Link) -> None:
    assert link(url) == expected


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_host_with_any_private_address_gets_nothing(address: str) -> None:
    async def resolve(_: str) -> Sequence[str]:
        return ["8.8.8.8", address]

    async def post(*_: str) -> int:
        raise AssertionError

    assert not public(address)
    with pytest.raises(PolicyError, match="does not lead to the public internet"):
        await OneClick(resolve, post).leave("https://x.example/u")


async def test_the_request_goes_to_the_address_that_was_checked() -> None:
    asked: list[tuple[str, ...]] = []

    async def resolve(host: str) -> Sequence[str]:
        asked.append((host,))
        return ["8.8.8.8", "2001:4860:4860::8888"]

    async def post(*parts: str) -> int:
        asked.append(parts)
        return 204

    assert await OneClick(resolve, post).leave("https://X.example/u?t=1") == 204
    assert asked == [("x.example",), ("8.8.8.8", "x.example", "/u?t=1")]


@pytest.mark.parametrize("error", [OSError("no host"), ValueError("junk"), ssl.SSLError("bad")])
async def test_a_host_that_cannot_be_reached_is_named(error: Exception) -> None:
    async def resolve(_: str) -> Sequence[str]:
        raise error

    async def post(*_: str) -> int:
        return 200

    with pytest.raises(NetworkError, match=r"^x\.example could not be reached over HTTPS"):
        await OneClick(resolve, post).leave("https://x.example/u")


async def test_a_silent_host_is_given_up() -> None:
    async def resolve(_: str) -> Sequence[str]:
        await anyio.sleep(60)
        return []

    async def post(*_: str) -> int:
        return 200

    with pytest.raises(NetworkError, match="leaving twice does no harm"):
        await OneClick(resolve, post, seconds=0.05).leave("https://x.example/u")


def _certificate(folder: Path, host: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "both.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


class Host:
    """A TLS server on loopback that answers one request with fixed bytes."""

    def __init__(self, folder: Path, host: str, answer: bytes) -> None:
        self.file = _certificate(folder, host)
        self.answer = answer
        self.received = b""

    async def post(self, host: str, target: str) -> int:
        """What an `HttpsPost` gets from here."""
        ours = ssl.create_default_context(cafile=str(self.file))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            serving = threading.Thread(target=self._serve, args=(listener,))
            serving.start()
            try:
                port = listener.getsockname()[1]
                return await HttpsPost(ours, port)("127.0.0.1", host, target)
            finally:
                await anyio.to_thread.run_sync(serving.join)

    def _serve(self, listener: socket.socket) -> None:
        theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        theirs.load_cert_chain(self.file)
        plain, _ = listener.accept()
        with suppress(OSError), plain, theirs.wrap_socket(plain, server_side=True) as stream:
            while not self.received.endswith(b"One-Click") and (some := stream.recv(4_096)):
                self.received += some
            stream.sendall(self.answer)


async def test_one_post_says_one_click_and_reads_the_status(tmp_path: Path) -> None:
    host = Host(
        tmp_path,
        "x.example",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 OK\r\nX: HTTP/1.1 500 \r\n\r\nbody",
    )

    assert await host.post("x.example", "/u?t=1") == 202
    assert host.received == (
        b"POST /u?t=1 HTTP/1.1\r\nHost: x.example\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 26\r\n"
        b"Connection: close\r\n\r\nList-Unsubscribe=One-Click"
    )


async def test_a_certificate_of_another_host_ends_it(tmp_path: Path) -> None:
    host = Host(tmp_path, "y.example", b"HTTP/1.1 200 OK\r\n\r\n")

    with pytest.raises(ssl.SSLCertVerificationError):
        await host.post("x.example", "/u")
    assert host.received == b""


@pytest.mark.parametrize("answer", [b"x" * 10_000, b"\r\n" * 3_000])
async def test_noise_is_no_status(tmp_path: Path, answer: bytes) -> None:
    with pytest.raises(ValueError, match="no status line"):
        await Host(tmp_path, "x.example", answer).post("x.example", "/u")
