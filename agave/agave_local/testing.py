"""What tests of the tenant share: a tenant of their own in either transport."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agave_local.clock import Clock, MovableClock
from agave_local.events import Event
from agave_local.handle import PASSWORD, Caller, LocalAgave
from agave_local.lock import locked
from agave_local.mock import mock_agave
from agave_local.services.actors.runner.images import Images
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant
from agave_local.transports.served import Served, listen

__all__ = [
    "CHEAP",
    "PASSWORD",
    "Caller",
    "FakeClock",
    "LocalAgave",
    "in_process_agave",
    "served_agave",
]

CHEAP = 2**4
_THREADS = 24


class FakeClock(MovableClock):
    """A clock that stands still until it is moved."""

    def __init__(self, seconds: float = 1_790_000_000.0) -> None:
        super().__init__(seconds)


@contextmanager
def in_process_agave(
    data: Path,
    *,
    clock: Clock | None = None,
    images: Images | None = None,
    control: bool = False,
    **settings: Any,
) -> Iterator[LocalAgave]:
    """Run a tenant inside this process."""
    with mock_agave(
        data=data,
        images=images or {},
        clock=clock,
        password_cost=CHEAP,
        control=control,
        **settings,
    ) as agave:
        yield agave


@contextmanager
def served_agave(
    data: Path,
    *,
    clock: Clock | None = None,
    images: Images | None = None,
    control: bool = False,
    hear: Callable[[Event], None] = lambda _: None,
    **settings: Any,
) -> Iterator[LocalAgave]:
    """Run a tenant behind HTTP on a free port of this machine.

    Args:
        data: folder of the tenant.
        clock: that only the test moves; the machine's where None.
        images: of actors.
        control: whether `/local` answers everybody.
        hear: is told of all events, of those while it starts, too.
        settings: of the tenant.
    """
    with locked(data):
        listener = listen("127.0.0.1", 0)
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        chosen = TenantSettings(
            data,
            base_url,
            images=images or {},
            password_cost=CHEAP,
            control=control,
            **settings,
        )
        tenant = Tenant(chosen, clock)
        tenant.events.subscribe(hear)
        served = Served(tenant, listener, _THREADS)
        served.start()
        try:
            yield LocalAgave(base_url, tenant)
        finally:
            served.stop()
