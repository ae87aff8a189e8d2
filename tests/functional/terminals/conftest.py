"""Real hosts, their requests, and tickets for what they start."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from iptweb.settings.terminals import TerminalLimits
from iptweb.terminals.host import (
    Host,
    Launched,
    LaunchRequest,
    ProcessHost,
    SandboxHost,
)
from iptweb.terminals.host.sandbox import group_mark
from sandbox.cgroup import FOLDER, find_base
from sandbox.hierarchies import read_hierarchies
from webterm import TerminalClient, issue_ticket
from webterm.testing import ORIGIN, example_launch, public_pem

TypeIn = Callable[[Launched, str], str]
# A user of the machine who is not root; nobody has to know them.
OWNER = 12345
CALL = """
import ctypes, errno, json, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *args):
    ctypes.set_errno(0)
    done = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(a) for a in args))
    return "done" if done >= 0 else errno.errorcode[ctypes.get_errno()]
print(json.dumps([call(*line) for line in json.load(open(sys.argv[1]))]))
"""

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

    def groups(self) -> list[Path]:
        """Return the folders of control groups of terminals in this place."""
        mark = group_mark(self.run_dir)
        parents = [find_base(tree) / FOLDER for tree in read_hierarchies()]
        return [path for parent in parents for path in parent.glob(f"*.{mark}")]

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
    # Those that have ended, too: they leave their folders and control groups.
    for folder in place.run_dir.glob("*-IPT"):
        host.stop(folder.name)


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
                terminal.send("PS1=; PROMPT_COMMAND=; echo re''ady\n")
                terminal.read_until("ready\r\n", 20)
                terminals[launched.url] = terminal
            terminal = terminals[launched.url]
            terminal.send(f"{command}\necho d''one\n")
            text = terminal.read_until("done\r\n", 60).decode()
            return text.removesuffix("done\r\n").replace("\r\n", "\n")

        yield type_in


@dataclass
class Inside:
    """A terminal and what types in it."""

    host: SandboxHost
    launched: Launched
    home: Path
    typed: TypeIn

    @property
    def number(self) -> int:
        """The user's number inside."""
        owner = self.home.stat().st_uid
        return owner if os.geteuid() == 0 and owner != 0 else 1000

    def __call__(self, command: str) -> str:
        """Run a command and return what it prints."""
        return self.typed(self.launched, command)

    def python(self, program: str, *arguments: str) -> str:
        """Run a Python program."""
        (self.home / "program.py").write_text(program)
        return self(f"{sys.executable} ~/program.py {' '.join(arguments)} 2>&1")

    def calls(self, *calls: list[int]) -> list[str]:
        """Make system calls, and return `done` or the name of the error of each."""
        (self.home / "calls").write_text(json.dumps(calls))
        answers: list[str] = json.loads(self.python(CALL, "~/calls"))
        return answers


Start = Callable[..., Inside]


def owners() -> list[Any]:
    """Return the owners of homes that can be tried here."""
    return [0, OWNER] if os.geteuid() == 0 else [os.geteuid()]


@pytest.fixture(name="start", params=owners(), ids=lambda uid: f"uid{uid}")
def _start(request: pytest.FixtureRequest, place: Any, type_in: TypeIn) -> Start:
    def start(**limits: Any) -> Inside:
        wanted = place.request()
        wanted.home.mkdir(parents=True, exist_ok=True)
        os.chown(wanted.home, request.param, request.param)
        host = SandboxHost(
            place.run_dir,
            python=Path(sys.executable),
            limits=TerminalLimits(**limits),
        )
        return Inside(host, host.launch(wanted), wanted.home, type_in)

    return start


@pytest.fixture(name="inside")
def _inside(start: Start) -> Inside:
    return start()
