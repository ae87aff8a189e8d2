"""Two hosts in memory and the pool of them, for tests of pools."""

from pathlib import Path
from typing import Any

from iptweb.terminals.host import HostPool, Launched, LaunchRequest
from iptweb.terminals.host.asking import Member
from iptweb.testing import FakeHost

NAME = "alice-dev-IPT"


def request(user: str = "alice", launch: str = "new", **more: Any) -> LaunchRequest:
    """Return somebody's request."""
    home = Path("/homes") / user
    return LaunchRequest(f"{user}-dev-IPT", user, launch, home, (), "", **more)


def living(host: FakeHost, launch: str = "old", started: float = 1.0) -> Launched:
    """Have a host run Alice's terminal."""
    host.terminals[NAME] = Launched(NAME, launch, "ws://x:1/", host.name, started)
    return host.terminals[NAME]


class Hosts:
    """Two hosts named a and b, the pool of them, and what it logged."""

    def __init__(self) -> None:
        self.a = FakeHost("a")
        self.b = FakeHost("b")
        self.log: list[tuple[str, str]] = []

    def pool(self, *more: Member, **changes: Any) -> HostPool:
        """Return a pool as one message has it; `a_capacity=2` and so on."""
        members = [
            Member(
                host.name,
                host,
                changes.get(f"{host.name}_capacity", 0),
                changes.get(f"{host.name}_drain", False),
            )
            for host in (self.a, self.b)
        ]
        patience = changes.get("patience_s", 5.0)
        return HostPool([*members, *more], patience_s=patience, report=self.report)

    def report(self, event: str, **fields: Any) -> None:
        """Keep what is logged."""
        self.log.append((event, fields["host"]))
