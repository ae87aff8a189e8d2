"""What the tenant itself calls, and what it never calls."""

import ipaddress
import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from agave_local.outgoing.connection import Connected, send
from agave_local.outgoing.policy import (
    FROM_ANYWHERE,
    FROM_LOOPBACK,
    NOWHERE,
    Delivery,
    Outgoing,
    Reach,
    Refused,
    Unreachable,
    look_up,
)

Answer = Callable[[socket.socket], None]


class Listener:
    """A socket that answers one connection after the other.

    Attributes:
        port: that it listens at.
        received: what came, a text a connection.
    """

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._answer = answer
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.received: list[str] = []
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with suppress(OSError), connection:
                connection.settimeout(5)
                if connection.recv(1, socket.MSG_PEEK) == b"":
                    return
                if self._tls is None:
                    self._converse(connection)
                    continue
                with self._tls.wrap_socket(connection, server_side=True) as secured:
                    self._converse(secured)

    def _converse(self, connection: socket.socket) -> None:
        data = b""
        # A connection closed with something unread in it would look broken.
        while not _is_whole(data):
            chunk = connection.recv(65536)
            if not chunk:
                return
            data += chunk
        self.received.append(data.decode())
        self._answer(connection)

    def close(self) -> None:
        """End."""
        with socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._thread.join()
        self._socket.close()


def _is_whole(data: bytes) -> bool:
    head, end, body = data.partition(b"\r\n\r\n")
    found = re.search(rb"Content-Length: (\d+)", head)
    return bool(end) and (found is None or len(body) >= int(found[1]))


def _with(status: str, headers: str = "") -> Answer:
    def answer(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 {status}\r\n{headers}\r\n".encode())

    return answer


@pytest.fixture(name="listen")
def _listen() -> Iterator[Callable[[Answer], Listener]]:
    listeners: list[Listener] = []

    def listen(answer: Answer, tls: ssl.SSLContext | None = None) -> Listener:
        listeners.append(Listener(answer, tls))
        return listeners[-1]

    yield listen
    for listener in listeners:
        listener.close()


def _resolving(*addresses: str) -> Any:
    def resolve(host: str, port: int) -> Iterable[Any]:
        assert host
        assert port
        return [ipaddress.ip_address(address) for address in addresses]

    return resolve


def test_post_json(listen: Callable[[Answer], Listener]) -> None:
    """A message arrives with its type, length and host, and the status comes back."""
    listener = listen(_with("201 Created", "Content-Length: 0\r\n"))
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
    listener = listen(_with("302 Found", "Location: http://169.254.169.254/\r\n"))
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
    listener = listen(_with("200 OK"), server)

    def trusting() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(certificate))

    outgoing = Outgoing(tls=trusting)
    assert outgoing.post(f"https://localhost:{listener.port}/", b"{}") == 200
    with pytest.raises(Unreachable, match="SSLCertVerificationError"):
        outgoing.post(f"https://127.0.0.1:{listener.port}/", b"{}")
    with pytest.raises(Unreachable, match="SSLCertVerificationError"):
        Outgoing().post(f"https://localhost:{listener.port}/", b"{}")
    assert len(listener.received) == 1


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",  # noqa: S104 - an address that must not be called
        "::",
        "224.0.0.1",
        "ff02::1",
        "240.0.0.1",
        "255.255.255.255",
        "::7f00:1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::",
    ],
)
def test_addresses_that_are_never_called(address: str) -> None:
    """No choice of the operator opens these, however they are wrapped."""
    outgoing = Outgoing(set(Reach), resolve=_resolving(address))
    with pytest.raises(Refused, match="never called"):
        outgoing.post("http://innocent.example/", b"")
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Refused, match="never called"):
        outgoing.check(f"http://{host}/")


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.9.1", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("10.0.0.1", "private"),
        ("172.16.5.4", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "private"),
        ("fd12::1", "private"),
        ("::ffff:10.0.0.1", "private"),
        ("fec0::1", "private"),
        ("8.8.8.8", "public"),
        ("2606:4700::1111", "public"),
    ],
)
def test_addresses_that_must_be_allowed(address: str, reach: str) -> None:
    """An address is refused where its kind is not allowed, and the refusal names it."""
    others = set(Reach) - {Reach(reach)}
    outgoing = Outgoing(others, resolve=_resolving(address))
    with pytest.raises(Refused, match=f"may not call {reach} addresses"):
        outgoing.post("http://innocent.example/", b"")


def test_one_look_up_decides(listen: Callable[[Answer], Listener]) -> None:
    """A name that is looked up again would be another; it is looked up once."""
    listener = listen(_with("200 OK"))
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    asked = []

    def resolve(host: str, port: int) -> Iterable[Any]:
        asked.append((host, port))
        return [ipaddress.ip_address(each) for each in answers[len(asked) - 1]]

    outgoing = Outgoing(resolve=resolve)
    assert outgoing.post(f"http://Two.Example.:{listener.port}/", b"") == 200
    assert asked == [("two.example", listener.port)]


def test_allowed_addresses_among_others(listen: Callable[[Answer], Listener]) -> None:
    """Of several addresses only those that are allowed are tried, until one answers."""
    listener = listen(_with("200 OK"))
    resolve = _resolving("10.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.1")
    outgoing = Outgoing(FROM_LOOPBACK, resolve=resolve)
    assert outgoing.post(f"http://many.example:{listener.port}/", b"") == 200


def test_unknown_hosts() -> None:
    """A host that nobody knows is unreachable; one without an address is refused."""

    def unknown(host: str, port: int) -> Iterable[Any]:
        raise socket.gaierror(host, port)

    with pytest.raises(Unreachable, match="not known"):
        Outgoing(resolve=unknown).post("http://unknown.example/", b"")
    with pytest.raises(Refused, match="no address"):
        Outgoing(resolve=_resolving()).post("http://unknown.example/", b"")


def test_look_up_names_of_this_machine() -> None:
    """The machine's own names are loopback addresses."""
    assert all(address.is_loopback for address in look_up("localhost", 80))


@pytest.mark.parametrize("path", ["/", "/local/reset", "/actors/a%2Fb/messages", ""])
def test_the_tenant_itself(path: str) -> None:
    """Nothing of the tenant's own port is called but mailboxes of actors."""
    outgoing = Outgoing(FROM_LOOPBACK, own_ports=[8080])
    for host in ("127.0.0.1", "[::1]", "127.0.0.9"):
        with pytest.raises(Refused, match="nothing of its own"):
            outgoing.check(f"http://{host}:8080{path}")
    with pytest.raises(Refused, match="nothing of its own"):
        outgoing.post(f"http://localhost:8080{path}", b"")


def test_mailboxes_of_the_tenant(listen: Callable[[Answer], Listener]) -> None:
    """A mailbox of the tenant is called, but not where that could go round for ever."""
    listener = listen(_with("200 OK"))
    outgoing = Outgoing(FROM_ANYWHERE)
    outgoing.guard(listener.port)
    url = f"http://127.0.0.1:{listener.port}/actors/v2/a.b/messages?x-nonce=n"
    outgoing.check(url)
    assert outgoing.post(url, b"{}") == 200
    with pytest.raises(Refused, match="links do"):
        outgoing.post(url, b"{}", own_mailboxes=False)


def test_the_other_end_is_judged_before_anything_is_sent(
    listen: Callable[[Answer], Listener],
) -> None:
    """Whatever an address looks like, the machine's own end is known by the socket."""
    listener, told = listen(_with("200 OK")), []

    def check(own: bool) -> None:  # noqa: FBT001 - the signature of the hook
        told.append(own)
        raise Refused("not that one")

    here = (ipaddress.ip_address("127.0.0.1"),)
    connected = Connected("a.example", listener.port, is_secure=False, addresses=here)
    with pytest.raises(Refused, match="not that one"):
        send(
            connected,
            "/",
            b"",
            {},
            timeout_s=1,
            check=check,
            tls=ssl.create_default_context,
        )
    assert told == [True]
    assert not listener.received


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook",
        "ftp://a.example/",
        "file:///etc/passwd",
        "gopher://a.example:25/",
        "http://",
        "http:///path",
        "http://a.example:99999/",
        "http://a.example:x/",
        "http://[::1/",
        "http://user@a.example/",
        "http://user:word@a.example/",
        "http://a.example/a b",
        "http://a.example/\r\nX: 1",
        "http://a.example/\x00",
        "http://a.example/\u00e9",
        "http://" + "a" * 5000,
        "http://" + "\u00e4" * 70 + "/",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    """What is no plain http address is refused before anything is looked up."""
    outgoing = Outgoing(set(Reach), resolve=_resolving())
    for call in (outgoing.check, lambda u: outgoing.post(u, b"")):
        with pytest.raises(Refused):
            call(url)


def test_names_are_not_looked_up_by_a_check() -> None:
    """A check takes names as they are; they may mean something else later."""

    def resolve(host: str, port: int) -> Iterable[Any]:
        raise AssertionError(host, port)

    Outgoing(resolve=resolve).check("https://a.example/x")
    Outgoing(resolve=resolve).check("https://\u00e4.example/x")


@pytest.mark.parametrize("header", [{"X": "a\r\nY: b"}, {"X\n": "a"}, {"X": "\u20ac"}])
def test_headers_that_cannot_be_sent(
    listen: Callable[[Answer], Listener], header: dict[str, str]
) -> None:
    """A header that would become two is never sent."""
    listener = listen(_with("200 OK"))
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


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    """No text makes a check fail in any other way."""
    outgoing = Outgoing(set(Reach))
    for url in (text, f"http://{text}", f"http://a.example{text}"):
        try:
            outgoing.check(url)
        except Refused as refusal:
            assert str(refusal)  # noqa: PT017 - whichever of the two it is
