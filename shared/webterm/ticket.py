"""Tickets: who may open this terminal, for one minute, once.

`base64url(payload) + "." + base64url(signature)`, signed with Ed25519.  The server
has the public key only, so what runs in the terminal can't make tickets.
"""

import base64
import binascii
import json
import time
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .launch import read_public_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from .launch import Launch

LIFETIME_SECONDS = 60
CLOCK_SKEW_SECONDS = 5
LONGEST_TICKET = 4096


class TicketRefused(Exception):
    """The ticket is not valid here; `code` for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OriginRefused(TicketRefused):
    """The page that connects is not one that may."""

    def __init__(self) -> None:
        super().__init__(
            "origin_refused",
            "This page may not open the terminal. Open it from the site.",
        )


@dataclass(frozen=True)
class Ticket:
    """What a ticket says.

    Attributes:
        sub: The user.
        name: The terminal.
        launch: The terminal's launch.
        origin: Origin of the page that may use it; empty for programs.
        exp: When it ends, in seconds since 1970.
        jti: What makes it single.
    """

    sub: str
    name: str
    launch: str
    origin: str
    exp: int
    jti: str


def decode_part(text: str) -> bytes:
    """Return the bytes of base64url, padded or not.

    Raises:
        ValueError: It is not base64url.
    """
    try:
        padded = text.rstrip("=").encode("ascii")
        padded += b"=" * (-len(padded) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ValueError("not base64url") from error


def is_payload(values: Any) -> bool:
    """Return whether a JSON value has a ticket's fields, each of its kind."""
    kinds = {
        field.name: int if field.name == "exp" else str for field in fields(Ticket)
    }
    if not isinstance(values, dict) or values.keys() != kinds.keys():
        return False
    # bool is an int to isinstance.
    return bool(values["jti"]) and all(
        type(values[name]) is kind for name, kind in kinds.items()
    )


class TicketChecker:
    """Checks tickets for one launch, and remembers those that were used."""

    def __init__(
        self, launch: "Launch", *, now: "Callable[[], float]" = time.time
    ) -> None:
        key = read_public_key(launch.ticket_public_key)
        self._key = Ed25519PublicKey.from_public_bytes(key)
        self._launch = launch
        self._now = now
        self._used: dict[str, int] = {}

    def check_origin(self, origin: str | None) -> None:
        """Refuse pages that are not ours; programs send no origin.

        Raises:
            OriginRefused: The handshake came from a page of another site.
        """
        if origin is not None and origin not in self._launch.origins:
            raise OriginRefused

    def check(self, text: str, origin: str | None) -> Ticket:
        """Return the ticket's content, and use it up.

        Args:
            text: The ticket as it was sent.
            origin: The handshake's Origin header, None where it had none.

        Raises:
            TicketRefused: It is missing, forged, over, used, or for another terminal.
            OriginRefused: It is not for the page that sent it.
        """
        self.check_origin(origin)
        if not text:
            raise TicketRefused("ticket_missing", "A ticket is needed.")
        ticket = self._read(text)
        mine = self._launch
        if (ticket.sub, ticket.name) != (mine.user, mine.name):
            raise TicketRefused("ticket_foreign", "The ticket is for another terminal.")
        if ticket.launch != mine.launch:
            raise TicketRefused(
                "ticket_launch", "The terminal was started anew. Ask for a new ticket."
            )
        if ticket.origin != (origin or ""):
            raise OriginRefused
        self._use_up(ticket)
        return ticket

    def _read(self, text: str) -> Ticket:
        malformed = TicketRefused("ticket_malformed", "That is not a ticket.")
        head, dot, tail = text.partition(".")
        if not dot or len(text) > LONGEST_TICKET:
            raise malformed
        try:
            payload, signature = decode_part(head), decode_part(tail)
            self._key.verify(signature, payload)
            values = json.loads(payload)
        except InvalidSignature as error:
            raise TicketRefused(
                "ticket_forged", "The ticket's signature is not valid."
            ) from error
        except (ValueError, RecursionError) as error:
            raise malformed from error
        if not is_payload(values):
            raise malformed
        return Ticket(**values)

    def _use_up(self, ticket: Ticket) -> None:
        now = self._now()
        if ticket.exp <= now:
            raise TicketRefused(
                "ticket_expired", "The ticket is over. Ask for a new one."
            )
        if ticket.exp > now + LIFETIME_SECONDS + CLOCK_SKEW_SECONDS:
            raise TicketRefused("ticket_too_long", "The ticket is valid for too long.")
        self._used = {jti: exp for jti, exp in self._used.items() if exp > now}
        if ticket.jti in self._used:
            raise TicketRefused(
                "ticket_used", "The ticket was used already. Ask for a new one."
            )
        self._used[ticket.jti] = ticket.exp
