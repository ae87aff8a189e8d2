"""What a view gets and gives: the call, its answer, and the routes that lead there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from agave_local.tenant import Tenant

ADMIN_ROLE = "Internal/abaco-admin"
SERVICE_ROLE = "Internal/service"
_CALLER = "agave_local.caller"


@dataclass(frozen=True)
class Identity:
    """Who is calling, as the gateway verified it.

    Attributes:
        username: of the caller.
        roles: names such as `Internal/everyone`.
    """

    username: str
    roles: frozenset[str] = frozenset({"Internal/everyone"})

    @property
    def is_admin(self) -> bool:
        """Whether the caller administers the tenant."""
        return ADMIN_ROLE in self.roles

    def may_act_for(self, owner: str) -> bool:
        """Tell whether what somebody owns is the caller's own, or theirs to look after.

        Args:
            owner: name of the account.
        """
        return self.is_admin or owner == self.username


class Auth(StrEnum):
    """What a route asks of its caller."""

    TOKEN = "token"  # noqa: S105 - the name of a scheme
    BASIC = "basic"
    OWN = "own"  # the view looks for itself: public, nonce, client credentials


class Flavour(StrEnum):
    """Whose envelope the route answers in."""

    AGAVE = "agave"
    ABACO = "abaco"
    PLAIN = "plain"


@dataclass(frozen=True)
class Call:
    """One request on its way to a view.

    Attributes:
        tenant: the back ends.
        request: werkzeug's request.
        args: values of the route's variables.
        identity: the caller, where the route asks for one.
    """

    tenant: "Tenant"
    request: Request
    args: Mapping[str, Any]
    _identity: Identity | None = None
    _dispatch: Callable[[Request], Response] | None = None

    def forward(self, request: Request) -> Response:
        """Answer another request instead; only routes without a verified caller may."""
        if self._dispatch is None:
            raise RuntimeError("this route forwards nothing")
        return self._dispatch(request)

    @property
    def identity(self) -> Identity:
        """The caller; only routes with a verified caller may ask."""
        if self._identity is None:
            raise RuntimeError("this route has no verified caller")
        return self._identity

    def recognize(self, identity: Identity) -> None:
        """Note who a caller proved to be, where the view looked for itself.

        The holder of a nonce proved nothing, and could be anybody.
        """
        self.request.environ[_CALLER] = identity.username

    @property
    def is_recognized(self) -> bool:
        """Whether the caller proved who they are."""
        return recognized(self.request) is not None


def recognized(request: Request) -> str | None:
    """Return the name of a request's verified caller, or None."""
    name: str | None = request.environ.get(_CALLER)
    return name


@dataclass(frozen=True)
class Answer:
    """A result for the envelope.

    Attributes:
        result: any JSON value.
        status: HTTP status.
        message: of the envelope; None for the flavour's default.
    """

    result: Any = None
    status: int = 200
    message: str | None = None


View = Callable[[Call], "Answer | Response"]


@dataclass(frozen=True, eq=False)
class Route:
    """One row of a service's `urls.py`.

    Attributes:
        method: HTTP method.
        rule: werkzeug rule, without a trailing slash.
        view: what answers.
        operation: agavepy's name for it, e.g. `meta.listMetadata`.
        auth: what it asks of the caller.
        flavour: whose envelope it answers in.
        defaults: of the route's variables.
        is_implemented: false where the view only says that it is not here.
        note: what the view leaves out of the contract, where it does so knowingly.
    """

    method: str
    rule: str
    view: View
    operation: str
    auth: Auth = Auth.TOKEN
    flavour: Flavour = Flavour.AGAVE
    defaults: Mapping[str, Any] = field(default_factory=dict)
    is_implemented: bool = True
    note: str = ""
