"""What tests of the tenant share: a tenant of their own, and callers of it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from agave_local.call import ADMIN_ROLE, SERVICE_ROLE
from agave_local.clock import Clock
from agave_local.lock import locked
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant
from agave_local.transports.in_process import mock_agave
from agave_local.transports.served import Served, listen

PASSWORD = "correct horse battery"  # noqa: S105 - of accounts that exist in tests only
CHEAP = 2**4
_ROLES = {"admin": (ADMIN_ROLE,), "ipt": (SERVICE_ROLE,)}
_TOKEN_S = 3600
_THREADS = 24


class FakeClock:
    """A clock that stands still until it is moved.

    Attributes:
        seconds: since the epoch.
    """

    def __init__(self, seconds: float = 1_790_000_000.0) -> None:
        self.seconds = seconds

    def now(self) -> float:
        """Return the current time in seconds since the epoch."""
        return self.seconds

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


class Caller(requests.Session):
    """A session that calls one tenant, by paths such as `/meta/v2/data`.

    Args:
        base_url: of the tenant.
        token: bearer token; none where empty.
    """

    def __init__(self, base_url: str, token: str = "") -> None:
        super().__init__()
        self._base_url = base_url
        self.trust_env = False
        self.token = token
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
        """Send a request to a path of the tenant, or to a whole address."""
        if str(url).startswith("/"):
            url = f"{self._base_url}{url}"
        kwargs.setdefault("timeout", 30)
        return super().request(method, url, *args, **kwargs)


@dataclass
class LocalAgave:
    """A tenant that a test may call.

    Attributes:
        base_url: its address.
        tenant: its back ends.
    """

    base_url: str
    tenant: Tenant

    def add_user(self, username: str) -> None:
        """Add an account: `admin` administers, `ipt` is the service account."""
        if self.tenant.profiles.find(username) is None:
            roles: Iterable[str] = _ROLES.get(username, ())
            self.tenant.profiles.add(username, PASSWORD, roles=roles)

    def client(self, username: str) -> Caller:
        """Return a session of a user, whose account is added where there is none."""
        self.add_user(username)
        return Caller(self.base_url, self.tenant.oauth.mint(username, _TOKEN_S))

    def anonymous(self) -> Caller:
        """Return a session of nobody."""
        return Caller(self.base_url)


@contextmanager
def in_process_agave(
    data: Path,
    *,
    clock: Clock | None = None,
    images: Mapping[str, str] | None = None,
    control: bool = False,
) -> Iterator[LocalAgave]:
    """Run a tenant inside this process."""
    with mock_agave(
        data, images=images, clock=clock, password_cost=CHEAP, control=control
    ) as tenant:
        yield LocalAgave(tenant.settings.base_url, tenant)


@contextmanager
def served_agave(
    data: Path,
    *,
    clock: Clock | None = None,
    images: Mapping[str, str] | None = None,
    control: bool = False,
) -> Iterator[LocalAgave]:
    """Run a tenant behind HTTP on a free port of this machine."""
    with locked(data):
        listener = listen("127.0.0.1", 0)
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = TenantSettings(
            data, base_url, images=images or {}, password_cost=CHEAP, control=control
        )
        tenant = Tenant(settings, clock)
        served = Served(tenant, listener, _THREADS)
        served.start()
        try:
            yield LocalAgave(base_url, tenant)
        finally:
            served.stop()
