"""What a test holds of a tenant: its address, its callers, its clock, its faults."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from agave_local.call import ADMIN_ROLE, SERVICE_ROLE
from agave_local.clock import Clock, MovableClock
from agave_local.outgoing.policy import Delivery
from agave_local.services.actors.runner.inline import InlineOutcome
from agave_local.services.control.models import Fault, FaultKind
from agave_local.tenant import Tenant

if TYPE_CHECKING:
    import responses

PASSWORD = "correct horse battery"  # noqa: S105 - of accounts that exist in tests only
_ROLES = {"admin": (ADMIN_ROLE,), "ipt": (SERVICE_ROLE,)}
_TOKEN_S = 3600
_TIMEOUT_S = 30
_LOOK_S = 0.005

ActorFunction = Callable[[dict[str, str]], bytes | Iterable[bytes] | None]


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
        kwargs.setdefault("timeout", _TIMEOUT_S)
        return super().request(method, url, *args, **kwargs)


@dataclass
class LocalAgave:
    """A tenant that a test may call and steer.

    Attributes:
        base_url: its address.
        tenant: its back ends.
        others: answers of other hosts, in process only: `others.add(…)` as in the
            package `responses`; a host that is not there cannot be reached.
    """

    base_url: str
    tenant: Tenant
    others: "responses.RequestsMock | None" = field(default=None, repr=False)

    @property
    def clock(self) -> Clock:
        """The tenant's clock."""
        return self.tenant.clock

    def move(self, seconds: float) -> None:
        """Let the tenant's time pass, and have done what is due by then.

        Raises:
            TypeError: where the tenant was given a clock that cannot be moved.
        """
        clock = self.tenant.clock
        if not isinstance(clock, MovableClock):
            raise TypeError("this tenant's clock cannot be moved")
        clock.move(seconds)
        self.tenant.duties.tick()

    def add_user(
        self,
        username: str,
        password: str = PASSWORD,
        roles: Iterable[str] | None = None,
    ) -> None:
        """Add an account, where there is none of that name.

        Args:
            username: of the account; without roles given, `admin` administers the
                tenant and `ipt` is its service account.
            password: to sign in with.
            roles: such as `Internal/abaco-admin`.
        """
        if self.tenant.profiles.find(username) is None:
            given = _ROLES.get(username, ()) if roles is None else roles
            self.tenant.profiles.add(username, password, roles=given)

    def token(self, username: str) -> str:
        """Return a bearer token of a user, who is added where unknown."""
        self.add_user(username)
        return self.tenant.oauth.mint(username, _TOKEN_S)

    def client(self, username: str) -> Caller:
        """Return a session of a user, who is added where unknown."""
        return Caller(self.base_url, self.token(username))

    def anonymous(self) -> Caller:
        """Return a session of nobody."""
        return Caller(self.base_url)

    def agavepy(self, username: str) -> Any:
        """Return a signed-in `agavepy.agave.Agave` of a user, added where unknown.

        It has a refresh token, so that an expired token is replaced as in real use.
        """
        from agavepy.agave import (  # noqa: PLC0415 - slow, and who does not call this needs no agavepy
            Agave,
        )

        self.add_user(username)
        identity = self.tenant.profiles.identity(username)
        name = f"tests-{self.tenant.ids.token()}"
        client, secret = self.tenant.clients.create(identity, name)
        agave = Agave(
            api_server=self.base_url,
            resources=_resources(self.base_url),
            proxies={},
            username=username,
            password=PASSWORD,
            api_key=client["key"],
            api_secret=secret,
        )
        # agavepy compares this with an address that has a port, and would send no
        # token to such an address.
        agave.host = urlsplit(self.base_url).hostname
        agave.refresh_aris()
        return agave

    def image(self, name: str) -> Callable[[ActorFunction], ActorFunction]:
        """Return a decorator that has a function run for an actor's image.

        The function gets the environment of the execution and returns its result
        frames: bytes, several of them, or None. In process only.
        """

        def register(function: ActorFunction) -> ActorFunction:
            def run(environment: Mapping[str, str]) -> InlineOutcome:
                result = function(dict(environment))
                if result is None:
                    return InlineOutcome()
                if isinstance(result, bytes):
                    return InlineOutcome(frames=[result])
                return InlineOutcome(frames=list(result))

            self.tenant.actors.register_inline(name, run)
            return function

        return register

    def receive(self, prefix: str, status: int = 200) -> list[Delivery]:
        """Take the webhooks and notifications to addresses that begin so.

        Args:
            prefix: of addresses, such as `https://hooks.test/`.
            status: that each of them is answered.

        Returns:
            What has come so far; it grows.
        """
        received: list[Delivery] = []

        def receiver(delivery: Delivery) -> int:
            received.append(delivery)
            return status

        self.tenant.outgoing.register(prefix, receiver)
        return received

    def fault(
        self,
        operation: str,
        kind: str,
        count: int = 1,
        *,
        seconds: float = 1.0,
        status: int = 500,
    ) -> None:
        """Let the next calls of an operation go wrong.

        Args:
            operation: agavepy's name such as `meta.listMetadata`, `meta.*` or `*`.
            kind: `slow`, `fail`, `drop` or `expired`.
            count: how many calls it hits.
            seconds: that a slow call waits.
            status: that a failing call answers.
        """
        fault = Fault(operation, FaultKind(kind), count, seconds, status)
        self.tenant.faults.add(fault)

    def settle(self, timeout: float = _TIMEOUT_S) -> None:
        """Wait until no message waits for a worker and no execution runs.

        Args:
            timeout: how long at most, in seconds.

        Raises:
            TimeoutError: where they have not ended by then.
        """
        deadline = time.monotonic() + timeout
        executions = self.tenant.actors.executions
        while any(executions.waiting()) or executions.interrupted():
            if time.monotonic() > deadline:
                raise TimeoutError("executions are still under way")
            time.sleep(_LOOK_S)

    def reset(self) -> None:
        """Forget everything, accounts and faults included."""
        self.tenant.reset()


def _resources(base_url: str) -> Any:
    """Return agavepy's resources, for an address with a scheme, port and path."""
    from agavepy.agave import (  # noqa: PLC0415 - slow, see `LocalAgave.agavepy`
        load_resource,
    )

    text = json.dumps(load_resource(base_url))
    return json.loads(text.replace(f"https://{urlsplit(base_url).netloc}", base_url))
