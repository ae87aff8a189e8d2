"""The door of the server: who comes in now, and who is asked to come again later.

dispatcher ─▶ `Admission.admitted` ─▶ rates (`limits.py`) ─▶ places for those who wait
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext

from werkzeug.wrappers import Request

from agave_local.call import Auth, Route
from agave_local.entrance.limits import Limiter
from agave_local.entrance.metrics import Metrics
from agave_local.errors import TooMany

_SIGN_IN = "oauth."
# Whoever looks whether the tenant is well must never be told to come again later.
_WATCHING = "local."


class Places:
    """Places for synchronous messages, each of which holds a thread while it waits.

    Args:
        all_callers: how many there are.
        strangers: how many of them those with a nonce may have at most.
    """

    def __init__(self, all_callers: int, strangers: int) -> None:
        self._all = threading.BoundedSemaphore(all_callers)
        self._strangers = threading.BoundedSemaphore(strangers)

    @contextmanager
    def taken(self, *, by_stranger: bool) -> Iterator[None]:
        """Hold a place.

        Raises:
            TooMany: where there is none.
        """
        strangers = self._one_of(self._strangers) if by_stranger else nullcontext()
        with strangers, self._one_of(self._all):
            yield

    @contextmanager
    def _one_of(self, places: threading.BoundedSemaphore) -> Iterator[None]:
        if not places.acquire(blocking=False):
            raise TooMany(
                "Too many synchronous messages at once; try again.", retry_after=1
            )
        try:
            yield
        finally:
            places.release()


class Admission:
    """Lets requests in; without limiter and places, all of them.

    Args:
        metrics: counts who was turned away.
        limiter: of rates.
        places: of those who wait.
    """

    def __init__(
        self,
        metrics: Metrics,
        limiter: Limiter | None = None,
        places: Places | None = None,
    ) -> None:
        self._metrics = metrics
        self._limiter = limiter
        self._places = places

    @contextmanager
    def admitted(
        self, request: Request, route: Route, tenant: str, username: str | None
    ) -> Iterator[None]:
        """Let a request in, and hold its place while it is answered.

        Args:
            request: whose address can be read.
            route: that it takes.
            tenant: code of the tenant it goes to.
            username: of the caller, where a gateway has said so.

        Raises:
            TooMany: where the caller has to come again later.
        """
        if self._limiter is not None and not route.operation.startswith(_WATCHING):
            signs_in = route.auth is Auth.BASIC or route.operation.startswith(_SIGN_IN)
            try:
                self._limiter.admit(request, tenant, username, signs_in=signs_in)
            except TooMany:
                self._metrics.refuse("rate")
                raise
        with self._place(request, is_known=username is not None):
            yield

    def remember(self, request: Request, tenant: str, username: str | None) -> None:
        """Note whose credentials a request turned out to have; None for nobody's."""
        if self._limiter is not None:
            self._limiter.remember(request, tenant, username)

    @contextmanager
    def _place(self, request: Request, *, is_known: bool) -> Iterator[None]:
        with ExitStack() as held:
            if self._places is not None and "_abaco_synchronous" in request.args:
                by_stranger = not is_known and "Authorization" not in request.headers
                try:
                    held.enter_context(self._places.taken(by_stranger=by_stranger))
                except TooMany:
                    self._metrics.refuse("synchronous")
                    raise
            yield
