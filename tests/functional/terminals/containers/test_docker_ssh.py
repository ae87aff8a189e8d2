"""Terminals on an execution host: a real SSH server, and an engine behind it."""

import base64
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from iptweb.errors import ConfigError, HostKeyMismatch, HostUnreachable, LaunchFailed
from iptweb.secret import Secret
from iptweb.settings import EngineHost
from iptweb.terminals.host.containers import DockerHost

pytestmark = pytest.mark.needs("podman", "debootstrap", "sshd")

NAME = "alice-dev-IPT"
# A launcher over SSH that is killed once the door is open.
LAUNCHER = """
import os, signal, sys
from iptweb.terminals.host.containers.far_door import FarDoor
from iptweb.terminals.host.containers.engine import ContainerEngine
from iptweb.terminals.host.containers.order import Account, Scope
engine = ContainerEngine.connect(sys.argv[1])
scope = Scope("dev", sys.argv[2])
door = FarDoor(engine, scope, image=sys.argv[3], address="127.0.0.1")
with door.open("alice-dev-IPT", "alice", Account()):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(name="far")
def _far(place: Any, ssh_server: Any) -> DockerHost:
    """Return the host over SSH; the administrator has made the folder of homes."""
    place.homes.mkdir()
    host: DockerHost = place.host(ssh_server.host(place.engine), ssh_key=ssh_server.key)
    return host


@pytest.fixture(name="silent_port")
def _silent_port() -> Iterator[int]:
    """Listen, and say nothing to whoever comes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def test_terminal_starts_and_answers(place: Any, far: DockerHost, type_in: Any) -> None:
    """The home is made on the execution host, and belongs to who works in it."""
    launched = far.launch(place.request())

    assert launched.host == "far"
    assert launched.launch == "launch-1"
    assert type_in(launched, "echo $((6 * 7)); pwd") == "42\n/home/ipt\n"
    assert type_in(launched, "touch ~/mine; echo ~/samples/heat.c") == (
        "/home/ipt/samples/heat.c\n"
    )
    assert (place.homes / "alice/mine").stat().st_uid == 1000
    assert far.inspect(NAME) == launched
    assert far.living() == [launched]


def test_the_door_is_closed_behind_it(place: Any, far: DockerHost) -> None:
    """After the start only the terminal is left, and after its end nothing at all."""
    far.launch(place.request())

    (container,) = place.everything()
    assert container["Labels"]["ipt.terminal.role"] == "terminal"
    with place.client() as client:
        described = client.inspect_container(container["Id"])
    assert described["HostConfig"]["NetworkMode"] == "none"

    assert far.stop(NAME) is True
    assert far.stop(NAME) is False
    assert place.everything() == []
    with place.client() as client:
        assert not client.volumes()["Volumes"]


def test_terminal_has_no_network_there_either(
    place: Any, far: DockerHost, type_in: Any
) -> None:
    """The socket is all that it has of the host's network."""
    launched = far.launch(place.request())

    assert type_in(launched, "grep -c : /proc/net/dev") == "1\n"
    assert "Read-only" in type_in(launched, "touch /run/ipt/x 2>&1")


def test_second_launch_adopts_the_first(
    place: Any, far: DockerHost, ssh_server: Any
) -> None:
    """Another process, or the same engine without SSH, finds the one that lives."""
    first = far.launch(place.request(launch="first"))
    again = place.host(ssh_server.host(place.engine), ssh_key=ssh_server.key)

    assert again.launch(place.request(launch="second")) == first
    assert replace(place.host().launch(place.request()), host="far") == first
    assert far.reason() is None


def test_account_with_another_number(
    place: Any, far: DockerHost, type_in: Any, ssh_server: Any
) -> None:
    """The folder of homes tells who works there, also where root is signed in."""
    os.chown(place.homes, 4321, 4321)
    launched = far.launch(place.request())

    assert type_in(launched, "id -u; echo $HOME $USER; touch ~/mine") == (
        "4321\n/home/ipt alice\n"
    )
    assert (place.homes / "alice").stat().st_uid == 4321
    assert ssh_server.port


@pytest.mark.parametrize("kind", ["link", "file", "foreign"])
def test_home_that_is_none_is_refused(place: Any, far: DockerHost, kind: str) -> None:
    """A link, a file or somebody else's folder is not used, and nothing is started."""
    home = place.homes / "alice"
    if kind == "link":
        home.symlink_to("/etc")
    elif kind == "file":
        home.touch()
    else:
        home.mkdir()
        os.chown(home, 7777, 7777)

    with pytest.raises(LaunchFailed, match="administrator"):
        far.launch(place.request())
    assert place.everything() == []


def test_home_that_can_not_be_made_is_told(place: Any, ssh_server: Any) -> None:
    """Where there is no folder of homes, the administrator has to make one."""
    host = place.host(
        ssh_server.host(place.engine, home_root=str(place.folder / "no/homes")),
        ssh_key=ssh_server.key,
    )

    with pytest.raises(LaunchFailed, match="can't be made on the execution host"):
        host.launch(place.request())


def test_host_with_another_key_is_refused(place: Any, ssh_server: Any) -> None:
    """Whoever answers in the host's place is told nothing."""
    kind, key = ssh_server.host_key.split()[:2]
    other = bytearray(base64.b64decode(key))
    other[-1] ^= 1
    wrong = f"{kind} {base64.b64encode(other).decode()}"
    where = ssh_server.host(place.engine, host_key=wrong)

    with pytest.raises(HostKeyMismatch, match="does not show the key"):
        place.host(where, ssh_key=ssh_server.key).launch(place.request())


def test_host_key_of_another_kind_is_refused(place: Any, ssh_server: Any) -> None:
    """A host that has no key of the pinned kind is not the one we know."""
    text = base64.b64encode(b"\0\0\0\7ssh-rsa").decode()
    where = ssh_server.host(place.engine, host_key=f"ssh-rsa {text}")

    with pytest.raises(HostKeyMismatch):
        place.host(where, ssh_key=ssh_server.key).living()


def test_known_hosts_and_own_keys_do_not_count(
    place: Any, ssh_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What lies in ~/.ssh of whoever runs this opens nothing."""
    folder = tmp_path / ".ssh"
    folder.mkdir()
    (folder / "known_hosts").write_text(f"* {ssh_server.host_key}\n")
    (folder / "id_ed25519").write_text(ssh_server.key.reveal())
    monkeypatch.setenv("HOME", str(tmp_path))
    where = ssh_server.host(place.engine)

    with pytest.raises(HostUnreachable, match="does not let the terminal function in"):
        place.host(where, ssh_key=ssh_server.other_key).living()
    with pytest.raises(ConfigError, match="ssh-key"):
        place.host(where).living()


def test_host_that_is_down_is_told_at_once(place: Any, ssh_server: Any) -> None:
    """A refused connection costs no time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    where = ssh_server.host(place.engine, engine=f"ssh://root@127.0.0.1:{port}")
    started = time.monotonic()

    with pytest.raises(HostUnreachable, match="does not answer"):
        place.host(where, ssh_key=ssh_server.key).launch(place.request())
    assert time.monotonic() - started < 2


def test_host_that_hangs_is_given_up(
    place: Any, ssh_server: Any, silent_port: int
) -> None:
    """A host that takes the connection and says nothing is left after some seconds."""
    where = ssh_server.host(place.engine, engine=f"ssh://root@127.0.0.1:{silent_port}")
    started = time.monotonic()

    with pytest.raises(HostUnreachable, match="does not answer"):
        place.host(where, ssh_key=ssh_server.key).living()
    assert time.monotonic() - started < 8


def test_host_that_breaks_off_is_told(place: Any, ssh_server: Any) -> None:
    """Nonsense in place of SSH is no answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        port = listener.getsockname()[1]
        where = ssh_server.host(place.engine, engine=f"ssh://root@127.0.0.1:{port}")
        with pytest.raises(HostUnreachable):
            place.host(where, ssh_key=ssh_server.key).living()
        thread.join()


@pytest.mark.parametrize("command", ["exit 1", "no-such-command", "echo nonsense"])
def test_engine_that_is_not_there(place: Any, ssh_server: Any, command: str) -> None:
    """A host without an engine is no mystery either."""
    where = ssh_server.host(place.engine, engine_command=command)
    host = place.host(where, ssh_key=ssh_server.key)

    with pytest.raises(HostUnreachable, match="container engine does not answer"):
        host.living()
    assert "container engine" in (host.reason() or "")


def test_engine_that_hangs_is_given_up(place: Any, ssh_server: Any) -> None:
    """A command that reaches nothing costs some seconds, not minutes."""
    where = ssh_server.host(place.engine, engine_command="sleep 60")
    started = time.monotonic()

    with pytest.raises(HostUnreachable, match="container engine does not answer"):
        place.host(where, ssh_key=ssh_server.key).living()
    assert time.monotonic() - started < 15


def test_leftovers_of_a_killed_launcher_are_cleared(
    place: Any, far: DockerHost, ssh_server: Any
) -> None:
    """A door that nobody came to is gone after two minutes, and its volume with it."""
    done = subprocess.run(
        [
            *(sys.executable, "-c", LAUNCHER),
            *(place.engine, str(place.homes), place.image),
        ],
        check=False,
    )
    assert done.returncode < 0
    (door,) = place.everything()
    assert door["Labels"]["ipt.terminal.role"] == "door"

    assert far.living() == []
    assert len(place.everything()) == 1
    later = place.host(
        ssh_server.host(place.engine),
        ssh_key=ssh_server.key,
        clock=lambda: time.time() + 200,
    )
    later.living()

    assert place.everything() == []
    with place.client() as client:
        assert not client.volumes()["Volumes"]


def test_address_that_is_not_the_hosts(place: Any, ssh_server: Any) -> None:
    """A door that can't listen ends the launch, and is gone."""
    where = ssh_server.host(place.engine, address="192.0.2.1")
    place.homes.mkdir()

    with pytest.raises(LaunchFailed, match="did not start") as caught:
        place.host(where, ssh_key=ssh_server.key).launch(place.request())
    assert "door can't be opened" in str(caught.value.context)
    assert place.everything() == []


@pytest.mark.parametrize("key", ["", "no key", "-----BEGIN OPENSSH PRIVATE KEY-----\n"])
def test_key_that_is_none_is_not_shown(place: Any, ssh_server: Any, key: str) -> None:
    """A malformed secret is named, and its value is nowhere."""
    host = place.host(ssh_server.host(place.engine), ssh_key=Secret(key))

    with pytest.raises(ConfigError, match="must be a private key"):
        host.living()


def test_passwords_are_not_asked_for(place: Any, ssh_server: Any) -> None:
    """An address with a password in it is signed in with the key alone."""
    where = EngineHost(
        "far",
        f"ssh://root:secret@127.0.0.1:{ssh_server.port}",
        "127.0.0.1",
        host_key=ssh_server.host_key,
    )

    with pytest.raises(HostUnreachable):
        place.host(where, ssh_key=ssh_server.other_key).living()
