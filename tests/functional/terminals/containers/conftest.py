"""Real containers on a real engine, here and over a real SSH server."""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from iptweb.secret import Secret
from iptweb.settings import EngineHost
from iptweb.terminals.host import Launched, LaunchRequest
from iptweb.terminals.host.containers import DockerHost
from sshlink.testing import SshServer
from webterm import TerminalClient, issue_ticket
from webterm.testing import ORIGIN, example_launch, public_pem


@dataclass
class Containers:
    """A folder with homes, an engine, and who may open terminals on it.

    Attributes:
        folder: Homes and run-time folders are in it.
        engine: The engine's address, `unix:///path`.
        image: Of the containers.
        key: Signs tickets.
    """

    folder: Path
    engine: str
    image: str
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def homes(self) -> Path:
        """The folder of homes."""
        return self.folder / "homes"

    @property
    def run_dir(self) -> Path:
        """Where run-time folders are."""
        return self.folder / "terminals"

    def host(self, where: EngineHost | None = None, **changes: Any) -> DockerHost:
        """Return a host; it knows nothing but the folder and the engine."""
        values: dict[str, Any] = {
            "instance": "dev",
            "home_root": self.homes,
            "run_dir": self.run_dir,
            "image": self.image,
        }
        return DockerHost(
            where or EngineHost("here", self.engine, "127.0.0.1"), **(values | changes)
        )

    def request(self, user: str = "alice", launch: str = "launch-1") -> LaunchRequest:
        """Return a request for somebody's terminal."""
        return LaunchRequest(
            name=f"{user}-dev-IPT",
            user=user,
            launch=launch,
            home=self.homes / user,
            origins=(ORIGIN,),
            ticket_public_key=public_pem(self.key),
        )

    def open(self, launched: Launched, **options: Any) -> TerminalClient:
        """Connect to a terminal with a fresh ticket."""
        user = launched.name.partition("-")[0]
        launch = example_launch(
            self.key, name=launched.name, user=user, launch=launched.launch
        )
        ticket = issue_ticket(self.key, launch)
        return TerminalClient.connect(launched.url, ticket, **options)

    @contextlib.contextmanager
    def client(self) -> Iterator[docker.APIClient]:
        """Ask the engine itself."""
        with contextlib.closing(docker.APIClient(self.engine, "1.41")) as client:
            yield client

    def everything(self) -> list[dict[str, Any]]:
        """Return all containers of the engine, as it lists them."""
        with self.client() as client:
            found: list[dict[str, Any]] = client.containers(all=True)
        return found

    def close(self) -> None:
        """Remove all that was made, ours or not."""
        with self.client() as client:
            for container in client.containers(all=True):
                with contextlib.suppress(docker.errors.APIError):
                    client.remove_container(container["Id"], force=True, v=True)
            for volume in client.volumes()["Volumes"] or []:
                with contextlib.suppress(docker.errors.APIError):
                    client.remove_volume(volume["Name"])


@pytest.fixture(name="place")
def _place(
    tmp_path: Path, container_engine: str, terminal_image: str
) -> Iterator[Containers]:
    place = Containers(tmp_path, container_engine, terminal_image)
    yield place
    place.close()


@dataclass
class Shell:
    """One terminal, and one who types in it.

    Attributes:
        place: Where it runs.
        launched: The terminal.
    """

    place: Containers
    launched: Launched
    client: TerminalClient

    @classmethod
    @contextlib.contextmanager
    def started(cls, place: Containers, **changes: Any) -> "Iterator[Shell]":
        """Launch a terminal of Alice and open it."""
        launched = place.host(**changes).launch(place.request())
        with place.open(launched) as client:
            shell = cls(place, launched, client)
            client.send("stty -echo; bind 'set enable-bracketed-paste off'\n")
            client.send("PS1=; PROMPT_COMMAND=; echo re''ady\n")
            client.read_until("ready\r\n", 20)
            yield shell

    def __call__(self, command: str, seconds: float = 60) -> str:
        """Run a command and return what it prints."""
        self.client.send(f"{command}\necho d''one\n")
        text = self.client.read_until("done\r\n", seconds).decode()
        return text.removesuffix("done\r\n").replace("\r\n", "\n")

    def python(self, program: str, seconds: float = 60) -> str:
        """Run a Python program."""
        (self.place.homes / "alice/program.py").write_text(program)
        return self("python3 ~/program.py 2>&1", seconds)


@pytest.fixture(name="start_shell")
def _start_shell(place: Containers) -> Iterator[Callable[..., Shell]]:
    with contextlib.ExitStack() as opened:
        yield lambda **changes: opened.enter_context(Shell.started(place, **changes))


@pytest.fixture(scope="module", name="shell")
def _shell(
    tmp_path_factory: pytest.TempPathFactory, container_engine: str, terminal_image: str
) -> Iterator[Shell]:
    """One terminal for all tests of a module that leave it as it is."""
    folder = tmp_path_factory.mktemp("shell")
    place = Containers(folder, container_engine, terminal_image)
    try:
        with Shell.started(place) as shell:
            yield shell
    finally:
        place.close()


@dataclass(frozen=True)
class FarHost:
    """An SSH server, and execution hosts that are reached over it.

    Attributes:
        port: Where it listens.
        host_key: The public key that it shows.
        key: The private key that it lets in.
        other_key: One that it does not.
    """

    port: int
    host_key: str
    key: Secret
    other_key: Secret

    def host(self, socket_url: str, **changes: Any) -> EngineHost:
        """Return an execution host that is reached over it."""
        values: dict[str, Any] = {
            "name": "far",
            "engine": f"ssh://root@127.0.0.1:{self.port}",
            "address": "127.0.0.1",
            "host_key": self.host_key,
            "engine_command": f"podman --url {socket_url} system dial-stdio",
        }
        return EngineHost(**(values | changes))


@pytest.fixture(scope="session", name="ssh_server")
def _ssh_server(ssh_server: SshServer) -> FarHost:
    return FarHost(
        ssh_server.port,
        ssh_server.host_key,
        Secret(ssh_server.key),
        Secret(ssh_server.other_key),
    )


@pytest.fixture(name="planted")
def _planted(monkeypatch: pytest.MonkeyPatch) -> str:
    """Put a secret into the environment of whoever launches; return it."""
    secret = f"planted-{os.urandom(8).hex()}"
    monkeypatch.setenv("SOME_SECRET", secret)
    return secret
