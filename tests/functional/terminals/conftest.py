"""Real hosts, their requests, and tickets for what they start."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from iptweb.terminals.host import (
    Host,
    Launched,
    LaunchRequest,
    ProcessHost,
    SandboxHost,
)
from webterm import TerminalClient, issue_ticket
from webterm.testing import ORIGIN, example_launch, public_pem

HOSTS = {"sandbox": SandboxHost, "process": ProcessHost}


@dataclass
class Place:
    """A folder with run-time folders and homes, and who may open terminals in it."""

    folder: Path
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def run_dir(self) -> Path:
        """Where run-time folders are."""
        return self.folder / "data/terminals"

    def host(self, kind: str) -> Host:
        """Return a host; it knows nothing but the folder."""
        return HOSTS[kind](self.run_dir, python=Path(sys.executable))

    def request(self, user: str = "alice", launch: str = "launch-1") -> LaunchRequest:
        """Return a request for somebody's terminal."""
        return LaunchRequest(
            name=f"{user}-dev-IPT",
            user=user,
            launch=launch,
            home=self.folder / "data/homes" / user,
            origins=(ORIGIN,),
            ticket_public_key=public_pem(self.key),
        )

    def open(self, launched: Launched) -> TerminalClient:
        """Connect to a terminal with a fresh ticket."""
        user = launched.name.partition("-")[0]
        launch = example_launch(
            self.key, name=launched.name, user=user, launch=launched.launch
        )
        return TerminalClient.connect(launched.url, issue_ticket(self.key, launch))


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    host = place.host("sandbox")
    for name in [terminal.name for terminal in host.living()]:
        host.stop(name)


@pytest.fixture(
    name="host",
    params=[pytest.param("sandbox", marks=pytest.mark.needs("bubblewrap")), "process"],
)
def _host(request: pytest.FixtureRequest, place: Place) -> Host:
    return place.host(request.param)


@pytest.fixture(name="type_in")
def _type_in(place: Place) -> Iterator[Callable[[Launched, str], str]]:
    with contextlib.ExitStack() as opened:
        terminals: dict[str, TerminalClient] = {}

        def type_in(launched: Launched, command: str) -> str:
            """Run a command in a terminal and return what it prints."""
            if launched.url not in terminals:
                terminal = opened.enter_context(place.open(launched))
                terminal.send("stty -echo; bind 'set enable-bracketed-paste off'\n")
                terminal.send("PS1=; echo re''ady\n")
                terminal.read_until("ready\r\n", 20)
                terminals[launched.url] = terminal
            terminal = terminals[launched.url]
            terminal.send(f"{command}\necho d''one\n")
            text = terminal.read_until("done\r\n", 60).decode()
            return text.removesuffix("done\r\n").replace("\r\n", "\n")

        yield type_in
