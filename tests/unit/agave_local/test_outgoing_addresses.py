"""Which addresses the tenant calls, and which it never does."""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_local.outgoing.connection import Connected, send
from agave_local.outgoing.policy import (
    FROM_ANYWHERE,
    FROM_LOOPBACK,
    Outgoing,
    Reach,
    Refused,
    Unreachable,
    look_up,
)

from .listening import Answer, Listener, answering, listening, resolving


@pytest.fixture(name="listen")
def _listen() -> Iterator[Callable[[Answer], Listener]]:
    with listening() as listen:
        yield listen


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
    outgoing = Outgoing(set(Reach), resolve=resolving(address))
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
    outgoing = Outgoing(others, resolve=resolving(address))
    with pytest.raises(Refused, match=f"may not call {reach} addresses"):
        outgoing.post("http://innocent.example/", b"")


def test_one_look_up_decides(listen: Callable[[Answer], Listener]) -> None:
    """A name that is looked up again would be another; it is looked up once."""
    listener = listen(answering("200 OK"))
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
    listener = listen(answering("200 OK"))
    resolve = resolving("10.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.1")
    outgoing = Outgoing(FROM_LOOPBACK, resolve=resolve)
    assert outgoing.post(f"http://many.example:{listener.port}/", b"") == 200


def test_unknown_hosts() -> None:
    """A host that nobody knows is unreachable; one without an address is refused."""

    def unknown(host: str, port: int) -> Iterable[Any]:
        raise socket.gaierror(host, port)

    with pytest.raises(Unreachable, match="not known"):
        Outgoing(resolve=unknown).post("http://unknown.example/", b"")
    with pytest.raises(Refused, match="no address"):
        Outgoing(resolve=resolving()).post("http://unknown.example/", b"")


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
    listener = listen(answering("200 OK"))
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
    listener, told = listen(answering("200 OK")), []

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
    outgoing = Outgoing(set(Reach), resolve=resolving())
    for call in (outgoing.check, lambda u: outgoing.post(u, b"")):
        with pytest.raises(Refused):
            call(url)


def test_names_are_not_looked_up_by_a_check() -> None:
    """A check takes names as they are; they may mean something else later."""

    def resolve(host: str, port: int) -> Iterable[Any]:
        raise AssertionError(host, port)

    Outgoing(resolve=resolve).check("https://a.example/x")
    Outgoing(resolve=resolve).check("https://\u00e4.example/x")


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    """No text makes a check fail in any other way."""
    outgoing = Outgoing(set(Reach))
    for url in (text, f"http://{text}", f"http://a.example{text}"):
        try:
            outgoing.check(url)
        except Refused as refusal:
            assert str(refusal)  # noqa: PT017 - whichever of the two it is
