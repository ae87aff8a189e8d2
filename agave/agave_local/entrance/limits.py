"""How often callers may call: a bucket of tokens each, filled at a steady rate.

A caller whose token was found good before has a bucket of their own. Everybody else
shares that of their address, and there are others for those who sign in and for
those who come with a nonce: a flood of one kind keeps nobody from the other ways in.
"""

import hashlib
import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from werkzeug.wrappers import Request

from agave_local.errors import TooMany

_MOST_KEPT = 20_000
_IPV6_NETWORK = 64
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Rate:
    """How often something may happen.

    Attributes:
        per_second: in the long run.
        burst: at once, after a time of rest.
    """

    per_second: float
    burst: float


@dataclass(frozen=True)
class Limits:
    """The rates of all kinds of callers.

    Attributes:
        user: of each caller whose token is good.
        anonymous: of each address, for calls without a good token.
        nonce: of each address, for calls with a nonce.
        sign_in: of each address, for calls that check passwords or give out tokens.
    """

    user: Rate = Rate(5000, 20_000)
    anonymous: Rate = Rate(200, 1000)
    nonce: Rate = Rate(50, 250)
    sign_in: Rate = Rate(10, 100)


class Way(StrEnum):
    """How a caller comes in; each has buckets of its own."""

    USER = "user"
    ANONYMOUS = "anonymous"
    NONCE = "nonce"
    SIGN_IN = "sign_in"


class _Newest(Generic[_Value]):
    """A mapping that forgets what was not used for longest."""

    def __init__(self) -> None:
        self._values: OrderedDict[tuple[str, ...], _Value] = OrderedDict()

    def get(self, key: tuple[str, ...]) -> _Value | None:
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: tuple[str, ...], value: _Value) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > _MOST_KEPT:
            self._values.popitem(last=False)

    def drop(self, key: tuple[str, ...]) -> None:
        self._values.pop(key, None)


@dataclass
class _Bucket:
    tokens: float
    filled: float

    def take(self, rate: Rate, now: float) -> float:
        """Take a token; return 0, or the seconds until there will be one."""
        grown = self.tokens + (now - self.filled) * rate.per_second
        self.tokens, self.filled = min(rate.burst, grown), now
        if self.tokens >= 1:
            self.tokens -= 1
            return 0.0
        return (1 - self.tokens) / rate.per_second


class Limiter:
    """Counts the calls of everybody; one for all tenants of a server.

    Args:
        limits: the rates.
        now: tells the time in seconds, from any beginning.
    """

    def __init__(
        self, limits: Limits, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._rates = {
            Way.USER: limits.user,
            Way.ANONYMOUS: limits.anonymous,
            Way.NONCE: limits.nonce,
            Way.SIGN_IN: limits.sign_in,
        }
        self._now = now
        self._lock = threading.Lock()
        self._buckets: _Newest[_Bucket] = _Newest()
        self._known: _Newest[str] = _Newest()

    def admit(
        self, request: Request, tenant: str, username: str | None, *, signs_in: bool
    ) -> None:
        """Let a request in, where its caller has not called too often.

        Args:
            request: at the door.
            tenant: code of the tenant it goes to.
            username: of the caller, where a gateway has said so already.
            signs_in: whether it checks a password or gives out tokens.

        Raises:
            TooMany: where they have.
        """
        with self._lock:
            way, key = self._caller(request, tenant, username, signs_in=signs_in)
            rate, now = self._rates[way], self._now()
            bucket = self._buckets.get((way, *key))
            if bucket is None:
                bucket = _Bucket(rate.burst, now)
                self._buckets.put((way, *key), bucket)
            wait = bucket.take(rate, now)
        if wait:
            raise TooMany(
                "Too many calls in a short time; try again a little later.",
                retry_after=math.ceil(wait),
            )

    def remember(self, request: Request, tenant: str, username: str | None) -> None:
        """Note whose a request's credentials turned out to be.

        Args:
            request: that was answered.
            tenant: code of the tenant that answered.
            username: of the verified caller; None where there was none.
        """
        digest = _credentials(request)
        if not digest:
            return
        with self._lock:
            if username is None:
                self._known.drop((tenant, digest))
            else:
                self._known.put((tenant, digest), username)

    def _caller(
        self, request: Request, tenant: str, username: str | None, *, signs_in: bool
    ) -> tuple[Way, tuple[str, ...]]:
        address = network(request.remote_addr or "")
        if signs_in:
            return Way.SIGN_IN, (address,)
        digest = _credentials(request)
        username = username or self._known.get((tenant, digest))
        if username is not None:
            return Way.USER, (tenant, username)
        if "x-nonce" in request.args and not digest:
            return Way.NONCE, (address,)
        return Way.ANONYMOUS, (address,)


def _credentials(request: Request) -> str:
    """Return a digest of a request's bearer token; empty without one."""
    text = str(request.environ.get("HTTP_AUTHORIZATION", ""))
    if not text:
        return ""
    return hashlib.sha256(text.encode("latin-1", "replace")).hexdigest()


def network(address: str) -> str:
    """Return what one caller has: an IPv4 address, or a whole IPv6 network."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 6:  # noqa: PLR2004 - versions of IP
        # An IPv4 address, as a socket that takes both shows it.
        known = known.ipv4_mapped or known
    if known.version == 4:  # noqa: PLR2004 - versions of IP
        return str(known)
    network = ipaddress.ip_network((int(known), _IPV6_NETWORK), strict=False)
    return str(network)
