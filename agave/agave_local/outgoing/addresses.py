"""Addresses as users write them, and what kind of machine they lead to."""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from agave_local.outgoing.connection import Address, Refused

_LONGEST = 4_000
_PORTS = {"http": 80, "https": 443}
_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_MAILBOX = re.compile(r"/+actors(?:/v2)?/[^/%]+/messages/?", re.ASCII)


class Reach(StrEnum):
    """Kinds of addresses that an operator can allow."""

    PUBLIC = "public"
    LOOPBACK = "loopback"
    PRIVATE = "private"


@dataclass(frozen=True)
class Way:
    """Where a message goes, and whether that may be an actor of this tenant."""

    parts: SplitResult
    own_mailboxes: bool

    def check_mailbox(self) -> None:
        """Refuse an address of the tenant itself, unless it is a mailbox.

        Raises:
            Refused: it is none, or none may be called.
        """
        if not _MAILBOX.fullmatch(self.parts.path):
            raise Refused("The tenant calls nothing of its own but mailboxes.")
        if not self.own_mailboxes:
            raise Refused("A webhook calls no actor of this tenant; links do.")


def split(url: str) -> SplitResult:
    """Return the parts of an address.

    Raises:
        Refused: where it is none that anything is sent to.
    """
    if len(url) > _LONGEST or not url.isprintable() or " " in url:
        raise Refused("An address has no spaces and at most 4,000 characters.")
    try:
        parts = urlsplit(url)
        port_of(parts)
    except ValueError as error:
        raise Refused("The address is not a URL.") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Refused("An address begins with http:// or https:// and a host.")
    if parts.username is not None or parts.password is not None:
        raise Refused("An address has no user name and no password.")
    if not (parts.path + parts.query).isascii():
        raise Refused("Other characters than ASCII are percent-encoded in an address.")
    return parts


def host_of(parts: SplitResult) -> str:
    """Return the host of an address, as it is looked up.

    Raises:
        Refused: where it has none.
    """
    host = (parts.hostname or "").rstrip(".")
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError as error:
        raise Refused("The address has no good host.") from error


def literal(host: str) -> Address | None:
    """Return the address that a host already is; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def port_of(parts: SplitResult) -> int:
    """Return the port of an address."""
    return _PORTS.get(parts.scheme, 0) if parts.port is None else parts.port


def reach_of(address: Address) -> Reach | None:
    """Return what kind of address it is; None for one that is never called."""
    address = _plain(address)
    if address in _METADATA:
        return None
    if address.is_loopback:
        return Reach.LOOPBACK
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return None
    if address.is_reserved:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return Reach.PRIVATE
    return Reach.PUBLIC if address.is_global else Reach.PRIVATE


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address only wraps."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
