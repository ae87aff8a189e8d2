"""What the tenant itself sends, and to whom in a test."""

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agave_local.outgoing.policy import (
    NOWHERE,
    Delivery,
    Outgoing,
    Refused,
    Unreachable,
)

from .listening import Answer, Listener, answering, listening


@pytest.fixture(name="listen")
def _listen() -> Iterator[Callable[[Answer], Listener]]:
    with listening() as listen:
        yield listen


def test_post_json(listen: Callable[[Answer], Listener]) -> None:
    """A message arrives with its type, length and host, and the status comes back."""
    listener = listen(answering("201 Created", "Content-Length: 0\r\n"))
    url = f"http://localhost:{listener.port}/a/b?c=d"
    assert Outgoing().post_json(url, {"one": 1}, {"X-Key": "k"}) == 201
    (received,) = listener.received
    head, _, body = received.partition("\r\n\r\n")
    first, *headers = head.split("\r\n")
    assert first == "POST /a/b?c=d HTTP/1.1"
    assert f"Host: localhost:{listener.port}" in headers
    assert "Content-Type: application/json" in headers
    assert "X-Key: k" in headers
    assert json.loads(body) == {"one": 1}


def test_redirects_are_not_followed(listen: Callable[[Answer], Listener]) -> None:
    """A redirect is an answer like any other."""
    listener = listen(answering("302 Found", "Location: http://169.254.169.254/\r\n"))
    assert Outgoing().post(f"http://127.0.0.1:{listener.port}", b"") == 302
    assert listener.received[0].startswith("POST / HTTP/1.1\r\n")
    assert len(listener.received) == 1


def test_nobody_answers() -> None:
    """A port that nobody listens at is unreachable, which may change."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable, match="ConnectionRefusedError"):
        Outgoing().post(f"http://127.0.0.1:{port}/", b"")


def test_an_answer_that_is_no_http(listen: Callable[[Answer], Listener]) -> None:
    """Whoever speaks something else has not answered."""
    listener = listen(lambda connection: connection.sendall(b"220 smtp ready\r\n"))
    with pytest.raises(Unreachable, match="BadStatusLine"):
        Outgoing().post(f"http://127.0.0.1:{listener.port}/", b"")


def test_a_trickle_ends_in_time(listen: Callable[[Answer], Listener]) -> None:
    """An answer that never ends, byte by byte, is cut off at the time given."""

    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1")
        for _ in range(100):
            connection.sendall(b"X")
            time.sleep(0.02)

    listener = listen(trickle)
    began = time.monotonic()
    with pytest.raises(Unreachable):
        Outgoing().post(f"http://127.0.0.1:{listener.port}/", b"", timeout_s=0.2)
    assert time.monotonic() - began < 1.5


@pytest.fixture(name="certificate")
def _certificate(tmp_path: Path) -> Path:
    """Return a file with the key and the certificate of `localhost`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(pem))
    return file


def test_tls(listen: Callable[..., Listener], certificate: Path) -> None:
    """A server whose certificate is trusted and has its name gets the message."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    listener = listen(answering("200 OK"), server)

    def trusting() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(certificate))

    outgoing = Outgoing(tls=trusting)
    assert outgoing.post(f"https://localhost:{listener.port}/", b"{}") == 200
    with pytest.raises(Unreachable, match="SSLCertVerificationError"):
        outgoing.post(f"https://127.0.0.1:{listener.port}/", b"{}")
    with pytest.raises(Unreachable, match="SSLCertVerificationError"):
        Outgoing().post(f"https://localhost:{listener.port}/", b"{}")
    assert len(listener.received) == 1


@pytest.mark.parametrize("header", [{"X": "a\r\nY: b"}, {"X\n": "a"}, {"X": "\u20ac"}])
def test_headers_that_cannot_be_sent(
    listen: Callable[[Answer], Listener], header: dict[str, str]
) -> None:
    """A header that would become two is never sent."""
    listener = listen(answering("200 OK"))
    with pytest.raises(Refused, match="cannot be sent"):
        Outgoing().post(f"http://127.0.0.1:{listener.port}/", b"", header)


def test_a_tenant_in_a_test_calls_nobody() -> None:
    """Where nothing is allowed, not even a name is looked up."""

    def resolve(host: str, port: int) -> Iterable[Any]:
        raise AssertionError(host, port)

    outgoing = Outgoing(NOWHERE, resolve=resolve)
    with pytest.raises(Refused, match="sends nothing"):
        outgoing.post("https://a.example/", b"")


def test_receivers_of_a_test() -> None:
    """The receiver with the longest beginning gets a message; no network is used."""
    outgoing, got = Outgoing(NOWHERE), []

    def receive(delivery: Delivery) -> int:
        got.append(delivery)
        return 418

    outgoing.register("https://a.example/", lambda _: 500)
    outgoing.register("https://a.example/hook", receive)
    outgoing.check("https://a.example/hook/1")
    assert outgoing.post_json("https://a.example/hook/1", [1]) == 418
    assert got[0].url == "https://a.example/hook/1"
    assert got[0].json() == [1]
    assert outgoing.post("https://a.example/other", b"") == 500


def test_the_own_mailboxes_of_a_tenant_without_a_port() -> None:
    """A tenant inside a process gets its own messages, and only in mailboxes."""
    outgoing, got = Outgoing(NOWHERE), []

    def receive(delivery: Delivery) -> int:
        got.append(delivery.url)
        return 200

    outgoing.connect_own("https://agave.test", receive)
    url = "https://agave.test/actors/a/messages?x-nonce=1"
    outgoing.check(url)
    assert outgoing.post(url, b"") == 200
    assert got == [url]
    with pytest.raises(Refused, match="nothing of its own"):
        outgoing.post("https://agave.test/local/reset", b"")
    with pytest.raises(Refused, match="links do"):
        outgoing.check(url, own_mailboxes=False)
