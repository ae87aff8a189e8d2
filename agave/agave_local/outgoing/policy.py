"""Messages that the tenant itself sends: webhooks of actors, notifications.

Whoever may register an actor chooses an address that the *tenant* then calls, from
the tenant's machine. So that nobody reaches through it what only that machine can
(server-side request forgery):

* An address is allowed by what it *is*, not by its name: the name is looked up once,
  each address found is judged, and the connection goes to that very address. A name
  that means something else a moment later changes nothing.
* Never, whatever the operator allows: link-local addresses, the metadata services of
  clouds, multicast, the unspecified address, and the tenant's own port, whose
  `/local` trusts this machine. Only mailboxes of actors may be called there, which
  ask for a nonce like anywhere else: notifications that go to an actor are usual.
* Private networks only where the operator says so; loopback while the tenant itself
  is served on loopback, since whoever may call it is on this machine already.
* No proxy of the environment is used, and everything together ends in the time given.
  Of a message, no redirect is followed and the answer's body is never read; files
  that users import are fetched, and each redirect on the way is judged anew.
* A tenant in somebody's tests (`mock_agave`) reaches nothing: only receivers that
  the test registers.

address ─▶ receiver of a test, or ─▶ `check` ─▶ look-up ─▶ `connection.send`
"""

import ipaddress
import json
import socket
import ssl
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from urllib.parse import SplitResult, urljoin

from agave_local.outgoing.addresses import (
    Reach,
    Way,
    host_of,
    literal,
    port_of,
    reach_of,
    split,
)
from agave_local.outgoing.connection import (
    Address,
    Connected,
    NotDelivered,
    Refused,
    Unreachable,
    dial,
    receive,
    send,
)

__all__ = [
    "Delivery",
    "NotDelivered",
    "Outgoing",
    "Reach",
    "Receiver",
    "Refused",
    "Unreachable",
]

TIMEOUT_S = 10.0
FETCH_S, SILENCE_S = 3_600.0, 60.0
_MOST_HOPS = 5
NOWHERE: frozenset[Reach] = frozenset()
FROM_LOOPBACK = frozenset({Reach.PUBLIC, Reach.LOOPBACK})
FROM_ANYWHERE = frozenset({Reach.PUBLIC})


@dataclass(frozen=True)
class Delivery:
    """What a receiver of a test gets.

    Attributes:
        url: that it was sent to.
        body: of the message.
        headers: of the message.
    """

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """Return the value of a body that is JSON."""
        return json.loads(self.body)


Receiver = Callable[[Delivery], int]
Source = Callable[[str], bytes]
_T = TypeVar("_T")


class Resolver(Protocol):
    """Looks a name up."""

    def __call__(self, host: str, port: int) -> Iterable[Address]:
        """Return its addresses; raise OSError where there are none."""
        ...


def look_up(host: str, port: int) -> list[Address]:
    """Return the addresses of a host, as this machine knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found]


class Outgoing:
    """The one way out of the tenant.

    Args:
        allow: kinds of addresses that may be called.
        own_ports: of the tenant, at any address of its machine.
        resolve: looks names up.
        tls: makes what certificates are judged by.
    """

    def __init__(
        self,
        allow: Collection[Reach] = FROM_LOOPBACK,
        *,
        own_ports: Iterable[int] = (),
        resolve: Resolver = look_up,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._allow = frozenset(allow)
        self._own_ports = set(own_ports)
        self._resolve = resolve
        self._tls = tls
        self._receivers: dict[str, Receiver] = {}
        self._sources: dict[str, Source] = {}
        self._own: tuple[str, Receiver] | None = None

    def guard(self, port: int) -> None:
        """Keep messages away from a port that the tenant listens at."""
        self._own_ports.add(port)

    def register(self, prefix: str, receiver: Receiver) -> None:
        """Have a function take every message to addresses that begin so.

        Args:
            prefix: of addresses, such as `https://hooks.example/`.
            receiver: returns the status of its answer.
        """
        self._receivers[prefix] = receiver

    def connect_own(self, base_url: str, receiver: Receiver) -> None:
        """Have a function take messages to the mailboxes of a tenant without a port.

        Args:
            base_url: of the tenant.
            receiver: returns the status of its answer.
        """
        self._own = (f"{base_url}/", receiver)

    def check(self, url: str, *, own_mailboxes: bool = True) -> None:
        """Refuse an address that is none, or is forbidden as it is written.

        Nothing is looked up: a name may be refused later, when it is used.

        Raises:
            Refused: with the reason.
        """
        if self._receiver(url) is not None or _longest(self._sources, url) is not None:
            return
        parts = split(url)
        way = Way(parts, own_mailboxes)
        if self._own is not None and url.startswith(self._own[0]):
            way.check_mailbox()
            return
        address = literal(host_of(parts))
        if address is not None:
            self._judge(address, way)

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = TIMEOUT_S,
        *,
        own_mailboxes: bool = True,
    ) -> int:
        """Post a message; return the status of the answer, whatever it is.

        Args:
            url: http or https.
            body: of the message.
            headers: `Content-Type` and others; the host and length are added.
            timeout_s: for everything after the look-up of the name.
            own_mailboxes: whether it may go to an actor of this tenant; not where
                that would go round for ever.

        Raises:
            Refused: where the address may not be called; trying again is no use.
            Unreachable: where nobody answered properly, or not in time.
        """
        given = dict(headers or {})
        receiver = self._receiver(url)
        if receiver is not None:
            return receiver(Delivery(url, body, given))
        parts = split(url)
        way = Way(parts, own_mailboxes)
        if self._own is not None and url.startswith(self._own[0]):
            way.check_mailbox()
            return self._own[1](Delivery(url, body, given))
        if not self._allow:
            raise Refused("This tenant sends nothing to addresses outside it.")
        host, port = host_of(parts), port_of(parts)
        addresses = self._addresses(host, port, way)
        target = parts.path or "/"
        if parts.query:
            target = f"{target}?{parts.query}"
        return send(
            Connected(host, port, parts.scheme == "https", addresses),
            target,
            body,
            given,
            timeout_s=timeout_s,
            check=lambda own: self._judge_own(way) if own else None,
            tls=self._tls,
        )

    def post_json(
        self,
        url: str,
        value: object,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = TIMEOUT_S,
        *,
        own_mailboxes: bool = True,
    ) -> int:
        """Post a value as JSON; see `post`."""
        typed = {"Content-Type": "application/json", **(headers or {})}
        body = json.dumps(value).encode()
        return self.post(url, body, typed, timeout_s, own_mailboxes=own_mailboxes)

    def provide(self, prefix: str, source: Source) -> None:
        """Have a function give every file at addresses that begin so.

        Args:
            prefix: of addresses, such as `https://data.example/`.
            source: returns the bytes at an address.
        """
        self._sources[prefix] = source

    def fetch(
        self, url: str, take: Callable[[memoryview], object], timeout_s: float = FETCH_S
    ) -> None:
        """Fetch a file; redirections are followed a few times, by the same rules.

        Args:
            url: http or https.
            take: gets it, piece by piece; whatever it raises ends the fetching.
            timeout_s: for each of the servers on the way.

        Raises:
            Refused: where an address may not be called.
            Unreachable: where there is no such file, or it did not come in time.
        """
        for _ in range(_MOST_HOPS):
            source = _longest(self._sources, url)
            if source is not None:
                take(memoryview(source(url)))
                return
            parts = split(url)
            host, port = host_of(parts), port_of(parts)
            target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
            connected, plain = self._dial(parts, SILENCE_S)
            secure = Connected(host, port, parts.scheme == "https", connected.addresses)
            moved = receive(
                secure, plain, target, take, timeout_s=timeout_s, tls=self._tls
            )
            if moved is None:
                return
            url = _moved_to(url, moved)
        raise Unreachable("There are too many redirections.")

    def dial(self, host: str, port: int, timeout_s: float = TIMEOUT_S) -> socket.socket:
        """Connect to a port of a host, by the same rules, and say nothing yet.

        Raises:
            Refused: where the address may not be called.
            Unreachable: where nobody is there.
        """
        name = f"[{host}]" if ":" in host else host
        return self._dial(split(f"http://{name}:{port}/"), timeout_s)[1]

    def _dial(
        self, parts: SplitResult, timeout_s: float
    ) -> tuple[Connected, socket.socket]:
        if not self._allow:
            raise Refused("This tenant calls nothing outside it.")
        way = Way(parts, own_mailboxes=False)
        host, port = host_of(parts), port_of(parts)
        connected = Connected(host, port, False, self._addresses(host, port, way))  # noqa: FBT003 - a record's field
        plain = dial(
            connected,
            timeout_s=timeout_s,
            check=lambda own: self._judge_own(way) if own else None,
        )
        return connected, plain

    def _receiver(self, url: str) -> Receiver | None:
        return _longest(self._receivers, url)

    def _addresses(self, host: str, port: int, way: Way) -> tuple[Address, ...]:
        try:
            own = literal(host)
            known = self._resolve(host, port) if own is None else [own]
            found = tuple(dict.fromkeys(known))
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"The host {host} is not known.") from error
        allowed, reason = [], Refused(f"The host {host} has no address.")
        for address in found:
            try:
                self._judge(address, way)
            except Refused as refusal:
                reason = refusal
            else:
                allowed.append(address)
        if not allowed:
            raise reason
        return tuple(allowed)

    def _judge(self, address: Address, way: Way) -> None:
        reach = reach_of(address)
        if reach is None:
            raise Refused("That address is never called by the tenant.")
        if reach is Reach.LOOPBACK:
            self._judge_own(way)
        elif reach not in self._allow:
            raise Refused(f"The tenant may not call {reach} addresses.")

    def _judge_own(self, way: Way) -> None:
        """Judge an address of the tenant's own machine, whatever it looks like."""
        if port_of(way.parts) in self._own_ports:
            way.check_mailbox()
        elif Reach.LOOPBACK not in self._allow:
            raise Refused(f"The tenant may not call {Reach.LOOPBACK} addresses.")


def _moved_to(url: str, target: str) -> str:
    """Return where a redirection leads.

    Raises:
        Refused: nowhere, or from https to something less safe.
    """
    try:
        moved = urljoin(url, target)
    except ValueError as error:
        raise Refused("A redirection leads to something that is no URL.") from error
    if url.lower().startswith("https:") and not moved.lower().startswith("https:"):
        raise Refused("A redirection from https leads to something less safe.")
    return moved


def _longest(table: Mapping[str, _T], url: str) -> _T | None:
    matching = [prefix for prefix in table if url.startswith(prefix)]
    return table[max(matching, key=len)] if matching else None
