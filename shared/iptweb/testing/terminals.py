"""Terminals of an invented instance, to be troubled by tests."""

from collections.abc import Callable
from typing import Any, Literal

from iptweb.agave import Agave
from iptweb.settings import Settings, read_settings
from iptweb.terminals import TerminalRecord, TerminalService
from iptweb.terminals.claims import Claims
from iptweb.terminals.host.asking import Member
from iptweb.terminals.host.base import Ended, Launched, LaunchRequest
from iptweb.terminals.host.census import Census
from iptweb.terminals.host.pool import HostPool
from iptweb.terminals.store import TerminalStore

from .host import FakeHost
from .settings import make_settings
from .tenant import FakeTenant

__all__ = ["FakeTerminals", "Hook"]

# Called before and after each call to the tenant or to the hosts, by its name.
Hook = Callable[[str, Literal["before", "after"]], None]


def do_nothing(_call: str, _when: str) -> None:
    """Let every call through."""


class FakeTerminals:
    """A tenant, hosts and a clock; `service` gives the terminals as one process has it.

    Args:
        hosts: Names of the hosts.
        capacity: Most terminals on each host, 0 for no limit.
        settings: Changes to the instance's settings.

    Attributes:
        now: The time, in seconds since the epoch; a test moves it.
        tenant: With the records.
        hosts: By name.
        members: Names of those that there are for the functions.
        absent: Names of hosts that can't even be asked now, as an engine that went.
        settings: Of the instance.
    """

    def __init__(self, *hosts: str, capacity: int = 0, **settings: Any) -> None:
        self.now = 1_800_000_000.0
        self.tenant = FakeTenant()
        names = hosts or ("fake 127.0.0.1",)
        self.hosts = {
            name: FakeHost(name, capacity=capacity, clock=lambda: self.now)
            for name in names
        }
        self.members = list(names)
        self.absent: set[str] = set()
        if len(names) > 1:
            entries = [{"name": n, "engine": "unix:///run/engine.sock"} for n in names]
            settings = {"terminal_hosts": entries, **settings}
        raw = make_settings(**settings)
        self.settings: Settings = read_settings(raw, "test")

    def service(self, hook: Hook = do_nothing) -> TerminalService:
        """Return the terminals as a new process has them."""
        agave: Any = Watched(self.tenant.as_user("ipt"), hook)
        hold = self._claims(agave, hook).hold if len(self.members) > 1 else None
        return TerminalService(
            TerminalStore(agave, "ipt", "test", self.clock),
            lambda: self._host(hook),
            self.settings,
            clock=self.clock,
            new_id=self._new_id,
            hold=hold,
        )

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def record(self, user: str) -> TerminalRecord:
        """Return what a user's record says."""
        agave = self.tenant.as_user("ipt")
        return TerminalStore(agave, "ipt", "test", self.clock).read(user).record

    def living(self, user: str) -> list[Launched]:
        """Return a user's terminals, wherever they are."""
        name = TerminalRecord.name_of(user, "test")
        found = [host.terminals.get(name) for host in self.hosts.values()]
        return [one for one in found if one is not None]

    def _host(self, hook: Hook) -> HostPool:
        hosts = [self.hosts[name] for name in self.members]
        members = [Member(host.name, host, host.capacity) for host in hosts]
        return WatchedPool(members, hook, self.absent)

    def _claims(self, agave: Agave, hook: Hook) -> Claims:
        def sleep(seconds: float) -> None:
            self.now += seconds
            hook("sleep", "after")

        return Claims(
            agave,
            "ipt",
            "test",
            clock=self.clock,
            sleep=sleep,
            new_id=self._new_id,
        )

    def _new_id(self) -> str:
        return f"id-{self.tenant.number()}"


class Watched:
    """A view of the tenant whose every method is announced to a hook."""

    def __init__(self, inner: Any, hook: Hook) -> None:
        self._inner = inner
        self._hook = hook

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        def call(*arguments: Any, **more: Any) -> Any:
            self._hook(name, "before")
            result = method(*arguments, **more)
            self._hook(name, "after")
            return result

        return call


class WatchedPool(HostPool):
    """A pool whose methods are announced to a hook; what it asks of hosts is not."""

    def __init__(self, members: list[Member], hook: Hook, absent: set[str]) -> None:
        super().__init__(members, absent=absent)
        self._hook = hook

    def launch(self, request: LaunchRequest) -> Launched:
        """Launch."""
        self._hook("launch", "before")
        launched = super().launch(request)
        self._hook("launch", "after")
        return launched

    def stop(self, name: str, launch: str = "", *, last_host: str = "") -> bool:
        """Stop."""
        self._hook("stop", "before")
        stopped = super().stop(name, launch, last_host=last_host)
        self._hook("stop", "after")
        return stopped

    def inspect(self, name: str, *, last_host: str = "") -> Launched | None:
        """Inspect."""
        self._hook("inspect", "before")
        return super().inspect(name, last_host=last_host)

    def census(self) -> Census:
        """Take the census."""
        self._hook("census", "before")
        return super().census()

    def endings(self, name: str) -> list[Ended]:
        """Return endings."""
        self._hook("endings", "before")
        return super().endings(name)
