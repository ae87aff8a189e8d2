"""Two real engines as one pool: one of this machine, one over SSH."""

import contextlib
import shlex
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from agave_deploy.images.terminal_image import TERMINAL_IMAGE, ImageOrder, build_image
from agave_deploy.testing import Bases
from agave_local.services.actors.runner.testing import podman_engine
from iptweb.errors import ConfigError, HostsFull, HostUnreachable
from iptweb.secret import Secret
from iptweb.settings import Configs
from iptweb.terminals.host import HostPool, choose_host
from iptweb.testing import make_configs

pytestmark = [
    pytest.mark.needs("podman", "debootstrap", "sshd"),
    pytest.mark.timeout(280),
]
ROOT = Path(__file__).parents[3]
NO_CHANGE: Mapping[str, Any] = {}
NAME = "alice-test-IPT"
SSHD = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
"""


@dataclass
class Door:
    """An SSH server on this machine.

    Attributes:
        folder: Its keys and settings.
        key: Ours, to be let in.
        host_key: Its public one.
    """

    folder: Path
    key: Secret
    host_key: str
    port: int = 0
    server: "subprocess.Popen[bytes] | None" = None

    def open(self) -> None:
        """Let people in."""
        with socket.create_server(("127.0.0.1", self.port)) as free:
            self.port = free.getsockname()[1]
        config = self.folder / "sshd_config"
        config.write_text(SSHD.format(port=self.port, folder=self.folder), "utf-8")
        with (self.folder / "log").open("ab") as log:
            self.server = subprocess.Popen(
                ["/usr/sbin/sshd", "-D", "-e", "-f", str(config)], stderr=log
            )
        for _ in range(500):
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            time.sleep(0.01)
        raise RuntimeError((self.folder / "log").read_text("utf-8"))

    def close(self) -> None:
        """Let nobody in any more."""
        if self.server is not None:
            self.server.terminate()
            self.server.wait()
            self.server = None


def write_key(path: Path) -> tuple[str, str]:
    """Make a key pair, keep the private one, and return both as text."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    path.write_bytes(private)
    path.chmod(0o600)
    return private.decode(), public.decode()


@pytest.fixture(scope="module", name="door")
def _door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("sshd")
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    _, host_key = write_key(folder / "host_key")
    private, public = write_key(folder / "key")
    (folder / "authorized_keys").write_text(public + "\n", "utf-8")
    door = Door(folder, Secret(private), host_key)
    door.open()
    yield door
    door.close()


@pytest.fixture(scope="module", name="second_engine")
def _second_engine(terminal_base: str) -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory(prefix="engine-") as folder,
        podman_engine(Path(folder), shared=Bases().prepare()) as url,
    ):
        order = ImageOrder(TERMINAL_IMAGE, base=terminal_base, engine=url)
        build_image(ROOT, order, lambda _: None)
        yield url


@dataclass
class Engines:
    """The settings of both hosts; `pool` is what one message makes of them."""

    place: Any
    door: Door
    image: str
    near: str
    far: str

    def pool(
        self,
        *,
        near: Mapping[str, Any] = NO_CHANGE,
        far: Mapping[str, Any] = NO_CHANGE,
        key: Secret | None = None,
    ) -> HostPool:
        """Return both hosts, with some of their settings changed."""
        # As `docker system dial-stdio` is where the engine is Docker.
        command = ["podman", "--url", self.far, "system", "dial-stdio"]
        hosts = [
            {"name": "near", "engine": self.near, **near},
            {
                "name": "far",
                "engine": f"ssh://root@127.0.0.1:{self.door.port}",
                "host_key": self.door.host_key,
                "engine_command": shlex.join(command),
                **far,
            },
        ]
        settings = Configs(
            make_configs(
                terminal_hosts=hosts,
                terminal_image=self.image,
                terminal_home_root=str(self.place.folder / "data/homes"),
                terminal_dir=str(self.place.run_dir),
            )
        ).settings()
        # Of a host that is away we hear at once; the others may be busy with tests.
        return choose_host(
            settings, ssh_key=lambda: key or self.door.key, patience_s=60.0
        )

    def request(self, user: str, launch: str = "launch-1", **more: Any) -> Any:
        """Return a request for somebody's terminal."""
        made = self.place.request(user, launch)
        values = vars(made) | {"name": f"{user}-test-IPT"} | more
        return type(made)(**values)


@pytest.fixture(name="engines")
def _engines(
    place: Any,
    door: Door,
    terminal_image: str,
    container_engine: str,
    second_engine: str,
) -> Iterator[Engines]:
    # On an execution host the administrator makes it.
    (place.folder / "data/homes").mkdir(parents=True)
    engines = Engines(place, door, terminal_image, container_engine, second_engine)
    yield engines
    if door.server is None:
        door.open()
    pool = engines.pool()
    for name in {one.name for one in pool.living()}:
        pool.stop(name)


def test_terminals_run_on_both_engines(engines: Engines, type_in: Any) -> None:
    """Two people get a host each, and a shell in their own home on it."""
    pool = engines.pool()
    alice = pool.launch(engines.request("alice"))
    bob = pool.launch(engines.request("bob"))

    assert {alice.host, bob.host} == {"near", "far"}
    for launched, user in ((alice, "alice"), (bob, "bob")):
        assert type_in(launched, f"echo {user} > ~/me; cat ~/me") == f"{user}\n"
        home = engines.place.folder / "data/homes" / user
        assert (home / "me").read_text() == f"{user}\n"
    assert engines.pool().living() == [alice, bob]
    assert engines.pool().launch(engines.request("bob", "again")) == bob
    assert engines.pool().stop("bob-test-IPT") is True
    assert engines.pool().living() == [alice]


def test_full_and_drained_engines(engines: Engines) -> None:
    """Places and drain count on engines as anywhere."""
    limits: dict[str, Any] = {"near": {"drain": True}, "far": {"capacity": 1}}

    assert engines.pool(**limits).launch(engines.request("alice")).host == "far"
    with pytest.raises(HostsFull):
        engines.pool(**limits).launch(engines.request("bob"))
    assert engines.pool(**limits).census().free == 0


def test_engine_that_goes_and_comes_back(engines: Engines, type_in: Any) -> None:
    """While a host is away others go on, and silence is not death.

    What was given up meanwhile is a second terminal once the host is back; it is told
    apart by its launch and ended.
    """
    engines.pool(near={"drain": True}).launch(engines.request("alice", "stray"))
    engines.door.close()
    with pytest.raises(HostUnreachable, match="runs on the execution host far"):
        engines.pool().launch(engines.request("alice", "right", last_host="far"))
    census = engines.pool().census()
    right = engines.pool().launch(engines.request("alice", "right"))

    assert not census.is_gone(NAME, "far")
    assert (right.host, right.launch) == ("near", "right")
    assert right.note == "No answer comes from far."
    engines.door.open()
    pool = engines.pool()
    assert [one.host for one in pool.census().of(NAME)] == ["near", "far"]
    assert pool.stop(NAME, "stray") is True
    assert pool.living() == [right]
    assert type_in(right, "echo alive") == "alive\n"


def test_host_that_is_another_one_is_silent(engines: Engines, tmp_path: Path) -> None:
    """A host with another key, or one that does not take ours, gets no terminal."""
    private, public = write_key(tmp_path / "key")
    other = engines.pool(far={"host_key": public})
    unknown = engines.pool(key=Secret(private))
    garbled = engines.pool(key=Secret("no key"))

    assert "does not show the key" in other.census().silent["far"]
    assert "does not let the terminal function in" in unknown.census().silent["far"]
    assert other.launch(engines.request("alice")).host == "near"
    with pytest.raises(ConfigError, match="must be a private key"):
        garbled.launch(engines.request("bob"))
