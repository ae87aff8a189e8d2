"""`agave-deploy system check` with a real SSH server and a real Slurm."""

import getpass
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from agave_deploy.cli import main
from agave_deploy.errors import RegistryError
from agave_deploy.profiles.vault import Vault
from agave_deploy.systems.credentials import Credentials
from agave_deploy.systems.local import prepare_systems
from agave_deploy.systems.reach import reach
from agave_deploy.systems.reading import read_systems, to_system
from agave_local.services.jobs.schedulers.testing import SlurmCluster
from sshlink.testing import SshServer, run_ssh_server

ROOT = Path(__file__).parents[3]


@pytest.fixture(name="far")
def _far(ssh_server: SshServer, tmp_path: Path) -> dict[str, Any]:
    """Return the fields of a file that is right for that server."""
    return {
        "name": "far",
        "label": "A cluster",
        "scheduler": "FORK",
        "login": {
            "protocol": "SSH",
            "host": "127.0.0.1",
            "port": ssh_server.port,
            "user": getpass.getuser(),
            "host_key": ssh_server.host_key,
            "credential": "far-key",
        },
        "folders": {"scratch": str(tmp_path / "scratch")},
        "compilers": [{"command": "sh -c true", "for": "serial"}],
        "queues": [
            {
                "name": "default",
                "default": True,
                "max_nodes": 1,
                "max_processors": 2,
                "max_run_time": "01:00:00",
            }
        ],
    }


class Operator:
    """Somebody who checks a file, with a key in a folder of secrets."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capfd = capfd
        self._secrets = folder / "secrets"
        self._secrets.mkdir(mode=0o700)

    def keep(self, key: str) -> None:
        """Put the key into the folder."""
        path = self._secrets / "far-key"
        path.write_text(key, "utf-8")
        path.chmod(0o600)

    def check(self, fields: dict[str, Any], *options: str) -> tuple[int, str]:
        """Run the command; return its exit code and what it said."""
        path = self._folder / "far.yaml"
        path.write_text(yaml.safe_dump(fields), "utf-8")
        command = ["system", "check", str(path), "--secrets", str(self._secrets)]
        code = main([*command, *options])
        return code, "".join(self._capfd.readouterr())


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "own-secrets")


@pytest.fixture(name="operator")
def _operator(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], ssh_server: SshServer
) -> Operator:
    operator = Operator(tmp_path, capfd)
    operator.keep(ssh_server.key)
    return operator


@pytest.mark.needs("sshd")
def test_file_alone(operator: Operator, far: dict[str, Any]) -> None:
    """Without --connect only the file is looked at."""
    code, said = operator.check(far)

    assert code == 0
    assert "  ok     systems ipt.build.far, ipt.run.far\n" in said
    assert "host key" not in said


@pytest.mark.needs("sshd")
def test_wrong_file(operator: Operator, far: dict[str, Any]) -> None:
    """A file that is wrong is said to be so, and the exit code is 1."""
    code, said = operator.check(far | {"scheduler": "PBS"})

    assert (code, said) == (
        1,
        "agave-deploy: far.yaml: scheduler must be one of FORK, SLURM.\n",
    )


@pytest.mark.needs("sshd")
def test_key_of_a_data_folder(
    far: dict[str, Any],
    ssh_server: SshServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """With --data the private key is that of this data folder."""
    Vault(tmp_path / "my data/secrets").write("far-key", ssh_server.key)
    path = tmp_path / "far.yaml"
    path.write_text(yaml.safe_dump(far), "utf-8")
    data = str(tmp_path / "my data")

    code = main(["system", "check", str(path), "--connect", "--data", data])

    said = "".join(capfd.readouterr())
    assert code == 0, said
    assert "is let in at" in said


@pytest.mark.needs("sshd")
def test_machine(operator: Operator, far: dict[str, Any], tmp_path: Path) -> None:
    """With --connect the key and the account are tried, and nothing is made."""
    code, said = operator.check(far, "--connect")

    assert code == 0, said
    assert "  ok     host key SHA256:" in said
    assert f"  ok     {getpass.getuser()} is let in at 127.0.0.1:" in said
    assert (
        f"  ok     folder {tmp_path}/scratch is not there yet; the first job makes it\n"
    ) in said
    assert "  ok     sh is there\n" in said
    assert not (tmp_path / "scratch").exists()


@pytest.mark.needs("sshd")
def test_machine_that_lacks_something(operator: Operator, far: dict[str, Any]) -> None:
    """What must be mended is marked and counted."""
    far["compilers"] = [{"command": "no-such-cc -O2", "for": "serial"}]
    far["folders"] = {"work": "/dev/null/ipt"}

    code, said = operator.check(far, "--connect")

    assert code == 1
    assert (
        "  WRONG  folder /dev/null/ipt can't be written to: /dev/null is no f" in said
    )
    assert "  WRONG  there is no no-such-cc; take 'no-such-cc -O2' out" in said
    assert said.endswith("2 of these must be mended first.\n")


@pytest.mark.needs("sshd")
def test_other_host_key(
    operator: Operator, far: dict[str, Any], own_ssh_server: SshServer
) -> None:
    """A host with another key is not signed in to."""
    far["login"]["port"] = own_ssh_server.port

    code, said = operator.check(far, "--connect")

    assert code == 1
    assert "shows another key than login.host_key (SHA256:" in said
    assert "is let in" not in said


@pytest.mark.needs("sshd")
def test_key_that_is_not_let_in(
    operator: Operator, far: dict[str, Any], ssh_server: SshServer
) -> None:
    """Who is not let in is told which line is missing there, and sees no secret."""
    operator.keep(ssh_server.other_key)

    code, said = operator.check(far, "--connect")

    assert code == 1
    assert "has to be in ~/.ssh/authorized_keys of " in said
    assert ": ssh-ed25519 AAAA" in said
    assert not [line for line in ssh_server.other_key.splitlines() if line in said]


@pytest.mark.needs("sshd")
def test_silent_host(
    operator: Operator, far: dict[str, Any], own_ssh_server: SshServer
) -> None:
    """A host that does not answer is named."""
    far["login"]["port"] = own_ssh_server.port
    own_ssh_server.stop()

    code, said = operator.check(far, "--connect")

    assert code == 1
    port = own_ssh_server.port
    assert f"127.0.0.1:{port} does not answer as an SSH server (Connection ref" in said


@pytest.mark.needs("sshd")
def test_line_that_breaks(
    far: dict[str, Any], own_ssh_server: SshServer, vault: Vault
) -> None:
    """A host that is gone in the middle is named as well."""
    vault.write("far-key", own_ssh_server.key)
    login = {"port": own_ssh_server.port, "host_key": own_ssh_server.host_key}
    entry = to_system(far | {"login": far["login"] | login}, "far.yaml", {})

    def lose() -> None:
        with reach(entry, Credentials(vault, {})) as run:
            assert run("echo here") == (0, "here\n")
            own_ssh_server.stop()
            run("echo gone")

    with pytest.raises(RegistryError, match="does not answer as an SSH server"):
        lose()


def test_own_machine(operator: Operator, far: dict[str, Any], tmp_path: Path) -> None:
    """The tenant's own machine is asked without any sign-in."""
    here = far | {"login": {"protocol": "LOCAL"}}

    (tmp_path / "scratch").mkdir()

    code, said = operator.check(here, "--connect")

    assert code == 0, said
    assert f"  ok     folder {tmp_path}/scratch can be written to\n" in said
    assert "host key" not in said


def test_own_machine_that_hangs(far: dict[str, Any], vault: Vault) -> None:
    """A command that takes too long counts as one that fails."""
    entry = to_system(far | {"login": {"protocol": "LOCAL"}}, "far.yaml", {})

    with reach(entry, Credentials(vault, {}), patience_s=0.05) as run:
        assert run("sleep 5") == (1, "no answer within 0.05 s")


@pytest.mark.needs("sshd")
def test_no_key(operator: Operator, far: dict[str, Any], ssh_server: SshServer) -> None:
    """A key that is not there is asked for by name."""
    far["login"]["credential"] = "another-key"
    assert ssh_server.port

    code, said = operator.check(far, "--connect")

    assert code == 1
    assert "The private key another-key is missing" in said


@pytest.fixture(name="login_node")
def _login_node(slurm: SlurmCluster, tmp_path: Path) -> Iterator[SshServer]:
    """Run an SSH server whose sessions know the tests' Slurm."""
    folder = tmp_path / "login-node"
    folder.mkdir()
    with run_ssh_server(folder, slurm.env) as server:
        yield server


def _slurm_fields(far: dict[str, Any], server: SshServer) -> dict[str, Any]:
    login = {**far["login"], "port": server.port, "host_key": server.host_key}
    (queue,) = far["queues"]
    queue |= {"max_run_time": "02:00:00"}
    queues = [
        {**queue, "name": "usual", "mapped_name": "normal"},
        {**queue, "name": "shut", "mapped_name": "closed", "default": False},
    ]
    return far | {"scheduler": "SLURM", "login": login, "queues": queues}


@pytest.mark.needs("sshd", "slurm")
def test_cluster(
    operator: Operator, far: dict[str, Any], login_node: SshServer
) -> None:
    """The partitions of a real Slurm are asked for over SSH."""
    operator.keep(login_node.key)
    fields = _slurm_fields(far, login_node)

    code, said = operator.check(fields, "--connect")

    assert code == 0, said
    assert "  ok     queue usual is a partition\n" in said
    assert "  note   queue usual: max_run_time is 02:00:00; the partition" in said
    assert "  note   queue shut: the partition is DOWN now, and begins no job" in said


@pytest.mark.needs("sshd", "slurm")
def test_cluster_without_that_queue(
    operator: Operator, far: dict[str, Any], login_node: SshServer
) -> None:
    """A queue that is no partition there is named, with those that are."""
    operator.keep(login_node.key)
    fields = _slurm_fields(far, login_node)
    fields["queues"][0]["mapped_name"] = "gpu"

    code, said = operator.check(fields, "--connect")

    assert code == 1
    assert "there is no partition gpu for the queue usual; there are closed, " in said


@pytest.mark.needs("slurm")
def test_own_slurm(
    slurm: SlurmCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queues of this machine's system are the partitions of its real Slurm."""
    monkeypatch.setenv("SLURM_CONF", str(slurm.conf))
    said: list[str] = []

    folders = prepare_systems(ROOT, tmp_path, "on", said.append)

    entries = {entry.name: entry for entry in read_systems(folders, {})}
    queues = {queue.name: queue for queue in entries["local-slurm"].queues}
    assert [name for name, queue in queues.items() if queue.default] == ["normal"]
    assert "closed" not in queues
    assert queues["normal"].max_run_time == "01:00:00"
    assert queues["debug"].max_run_time == "00:01:00"
    assert (queues["normal"].max_nodes, queues["normal"].max_processors) == (1, 2)
    assert queues["normal"].max_memory == "2000MB"
    names = ", ".join(queues)
    assert said == [f"Slurm of this machine is a system, with the queues {names}"]
