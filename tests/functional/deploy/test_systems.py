"""One more file: two systems, four apps, the rights on them, and a key that is kept."""

import getpass
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from agave_deploy.bundle.models import Manifest
from agave_deploy.cli import main
from agave_deploy.errors import SecretsError
from agave_deploy.profiles.vault import Vault
from agave_deploy.systems.documents import add_systems
from agave_deploy.systems.local import REGISTRY
from agave_deploy.systems.reading import to_system
from agave_deploy.upkeep.deployment import Deployment
from agave_local.testing import LocalAgave
from sshlink.testing import SshServer

Deploy = Callable[..., Deployment]
ROOT = Path(__file__).parents[3]
SYSTEMS = ("ipt.build.far", "ipt.run.far")
APPS = tuple(f"ipt-{kind}-far-0.2.0" for kind in ("build", "run", "build-run"))
FAR = """
name: far
label: A cluster
scheduler: SLURM
login:
  protocol: SSH
  host: login.cluster.example
  user: ipt
  host_key: >-
    ssh-ed25519
    AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl
  credential: far-key
folders: {scratch: /scratch/ipt}
compilers: [{label: C, command: mpicc, for: mpi}]
launchers: ["", "srun -n {ranks}"]
queues:
  - name: cpu
    default: true
    max_nodes: 4
    max_processors: 32
    max_run_time: "02:00:00"
"""


def make_key() -> str:
    """Return a new private key."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
    ).decode()


@pytest.fixture(name="with_far")
def _with_far(manifest: Manifest) -> Manifest:
    return _more(manifest, {})


def _more(manifest: Manifest, change: Mapping[str, Any]) -> Manifest:
    fields = yaml.safe_load(FAR)
    fields["login"] |= change
    return add_systems(manifest, [to_system(fields, "far.yaml", {})])


@pytest.fixture(name="key")
def _key(vault: Vault) -> str:
    key = make_key()
    vault.write("far-key", key)
    return key


@pytest.mark.usefixtures("key")
def test_apply_one_more_file(
    agave: LocalAgave, deploy: Deploy, with_far: Manifest
) -> None:
    """A member can use the new systems and apps, and the functions know of them."""
    deploy().apply(lambda _line: None)
    lines: list[str] = []

    deploy(changed_manifest=with_far).apply(lines.append)

    ada = agave.client("ada")
    for system in SYSTEMS:
        assert ada.get(f"/systems/v2/{system}").ok
    for app in APPS:
        assert ada.get(f"/apps/v2/{app}").ok
    config = agave.client("ipt").get("/actors/v2/configs/dev-settings").json()
    systems = json.loads(config["result"]["value"])["systems"]
    assert [system["name"] for system in systems] == ["local", "far"]
    assert [line for line in lines if "far" not in line] == [lines[-1]]
    assert lines[-1].startswith("~ config dev-settings for ")
    assert lines[-1].endswith(": systems")


@pytest.mark.usefixtures("key")
def test_apply_published(agave: LocalAgave, deploy: Deploy, manifest: Manifest) -> None:
    """A published system is everybody's, and a second apply leaves it so."""
    entry = to_system(yaml.safe_load(FAR), "far.yaml", {})
    changed = add_systems(manifest, [entry], public=True)
    agave.add_user("alan")

    deploy(changed_manifest=changed).apply(lambda _line: None)

    alan = agave.client("alan")
    assert alan.get("/systems/v2/ipt.run.far").json()["result"]["public"] is True
    assert not alan.get("/systems/v2/ipt.run.local").ok
    assert str(deploy(changed_manifest=changed).plan()) == "nothing to do"


@pytest.mark.usefixtures("key")
def test_apply_again(deploy: Deploy, with_far: Manifest) -> None:
    """What the tenant holds of a cluster is what its file says: nothing is to do."""
    deploy(changed_manifest=with_far).apply(lambda _line: None)

    assert str(deploy(changed_manifest=with_far).plan()) == "nothing to do"


def test_key_reaches_the_tenant(
    agave: LocalAgave, deploy: Deploy, with_far: Manifest, key: str
) -> None:
    """The tenant signs in with the key, and shows it to nobody."""
    deploy(changed_manifest=with_far).apply(lambda _line: None)

    kept = agave.tenant.systems.vault.open("ipt.run.far", "login")
    shown = agave.client("ipt").get("/systems/v2/ipt.run.far").text
    assert (kept["username"], kept["privateKey"]) == ("ipt", key)
    assert kept["publicKey"].startswith("ssh-ed25519 ")
    assert key.splitlines()[1] not in shown


def test_key_is_nowhere_else(
    deploy: Deploy,
    with_far: Manifest,
    key: str,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """No plan, step, representation or file but its own has a line of the key."""
    deployment = deploy(changed_manifest=with_far)
    plan = deployment.plan()
    lines: list[str] = []
    done = deployment.apply(lines.append)
    said = "\n".join([str(plan), repr(plan), repr(done), *lines, *capfd.readouterr()])
    secret = key.splitlines()[1]

    assert secret not in said
    holders = [
        path.name
        for path in tmp_path.rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]
    assert holders == ["far-key"]


def test_changed_key(
    deploy: Deploy, with_far: Manifest, key: str, vault: Vault, agave: LocalAgave
) -> None:
    """A new key is sent to both systems, once."""
    deploy(changed_manifest=with_far).apply(lambda _line: None)
    vault.write("far-key", make_key())
    lines: list[str] = []

    deploy(changed_manifest=with_far).apply(lines.append)

    assert lines == [f"~ system {system}: credential" for system in SYSTEMS]
    kept = agave.tenant.systems.vault.open("ipt.build.far", "storage")
    assert kept["privateKey"] != key
    assert str(deploy(changed_manifest=with_far).plan()) == "nothing to do"


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"user": "other"}, "credential"),
        ({"port": 2222}, "login, storage"),
    ],
)
def test_changed_login(
    deploy: Deploy, manifest: Manifest, change: dict[str, Any], fields: str
) -> None:
    """Another account or another port reaches the tenant."""
    deploy(changed_manifest=_more(manifest, {})).apply(lambda _line: None)
    changed = _more(manifest, change)
    lines: list[str] = []

    deploy(changed_manifest=changed).apply(lines.append)

    assert lines == [f"~ system {system}: {fields}" for system in SYSTEMS]


def test_no_key(deploy: Deploy, with_far: Manifest) -> None:
    """Without the key nothing is deployed, and it is said where the key belongs."""
    with pytest.raises(SecretsError, match="into the folder of secrets as far-key"):
        deploy(changed_manifest=with_far).apply(lambda _line: None)


@pytest.mark.usefixtures("key")
def test_file_taken_away(agave: LocalAgave, deploy: Deploy, with_far: Manifest) -> None:
    """A system without a file is offered no more, and what stays there is said."""
    deploy(changed_manifest=with_far).apply(lambda _line: None)
    lines: list[str] = []

    plan = deploy().plan()
    deploy().apply(lines.append)

    (note,) = plan.notes
    assert note.startswith("! system far is no longer offered; ipt-build-far-0.2.0, ")
    assert "ipt.build.far, ipt.run.far stay on the tenant" in note
    assert note in str(plan)
    assert lines[-1] == note
    config = agave.client("ipt").get("/actors/v2/configs/dev-settings").json()
    systems = json.loads(config["result"]["value"])["systems"]
    assert [system["name"] for system in systems] == ["local"]
    assert agave.client("ipt").get("/systems/v2/ipt.run.far").ok
    assert str(deploy().plan()) == "nothing to do"


class Operator:
    """Somebody who gives users accounts of their own, on a served tenant."""

    def __init__(self, agave: LocalAgave, vault: Vault, folder: Path) -> None:
        self.folder = folder
        fields = {
            "tenant": agave.base_url,
            "members": ["ada", "grace"],
            "secrets": str(folder / "secrets"),
            "settings": {
                "terminal_home_root": "/homes",
                "terminal_dir": "/run",
                "ipt_python": "/usr/bin/python3",
            },
        }
        self.vault = vault
        (folder / "profile.yaml").write_text(yaml.safe_dump(fields), "utf-8")
        (folder / "far.yaml").write_text(FAR, "utf-8")

    def run(self, *arguments: str) -> int:
        """Run `system key` for the file of the cluster."""
        profile = str(self.folder / "profile.yaml")
        file = str(self.folder / "far.yaml")
        return main(["system", "key", file, *arguments, "--profile", profile])


# A command needs a tenant that is served.
served = pytest.mark.parametrize("agave", ["served"], indirect=True)


@pytest.fixture(name="operator")
def _operator(agave: LocalAgave, vault: Vault, tmp_path: Path) -> Operator:
    return Operator(agave, vault, tmp_path)


@served
@pytest.mark.usefixtures("key")
def test_own_account(
    operator: Operator,
    agave: LocalAgave,
    deploy: Deploy,
    with_far: Manifest,
    tmp_path: Path,
) -> None:
    """A user's jobs run as an account of their own, until that is taken back."""
    deploy(changed_manifest=with_far).apply(lambda _line: None)
    path, own = tmp_path / "ada-key", make_key()
    path.write_text(own, "utf-8")
    path.chmod(0o600)
    vault = agave.tenant.systems.vault

    options = ("--account", "ada42", "--key", str(path), "--no-connect")
    assert operator.run("ada", *options) == 0

    for system in SYSTEMS:
        kept = vault.open(system, "login", "ada")
        assert (kept["username"], kept["privateKey"]) == ("ada42", own)
        assert vault.open(system, "login", "grace")["username"] == "ipt"
    assert operator.run("ada", "--remove") == 0
    assert vault.open("ipt.run.far", "login", "ada")["username"] == "ipt"


@served
@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("what", [["--remove"], ["--account", "x", "--key"]])
def test_unknown_user(
    *,
    operator: Operator,
    deploy: Deploy,
    with_far: Manifest,
    what: list[str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A user whom the tenant does not have gets no account."""
    deploy(changed_manifest=with_far).apply(lambda _line: None)
    key = _write_key(tmp_path / "ada-key", make_key())

    assert operator.run("alan", *what, *([key] if "--key" in what else [])) == 1

    assert "The tenant has no account alan." in capfd.readouterr().err


def _write_key(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    return str(path)


@pytest.fixture(name="near_cluster")
def _near_cluster(
    operator: Operator, deploy: Deploy, manifest: Manifest, ssh_server: SshServer
) -> Path:
    """Deploy a cluster whose login node is a real server; return its folder."""
    folder = operator.folder / "homes"
    fields = yaml.safe_load(FAR)
    fields["login"] |= {
        "host": "127.0.0.1",
        "port": ssh_server.port,
        "host_key": ssh_server.host_key,
    }
    fields["folders"] = {"scratch": f"{folder}/{{account}}"}
    (operator.folder / "far.yaml").write_text(yaml.safe_dump(fields), "utf-8")
    operator.vault.write("far-key", ssh_server.key)
    more = add_systems(manifest, [to_system(fields, "far.yaml", {})])
    deploy(changed_manifest=more).apply(lambda _line: None)
    return folder


@served
@pytest.mark.needs("sshd")
def test_own_account_is_tried(
    operator: Operator,
    agave: LocalAgave,
    near_cluster: Path,
    ssh_server: SshServer,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """An account that the machine lets in is kept, and what was found is said."""
    key = _write_key(operator.folder / "own", ssh_server.key)
    account = getpass.getuser()

    assert operator.run("ada", "--account", account, "--key", key) == 0

    said = capfd.readouterr().out
    assert f"  ok     {account} is let in at 127.0.0.1:{ssh_server.port}\n" in said
    assert f"  ok     folder {near_cluster}/{account} is not there yet; " in said
    assert said.endswith(f"jobs of ada on far run as {account}\n")
    kept = agave.tenant.systems.vault.open("ipt.run.far", "login", "ada")
    assert kept["username"] == account


@served
@pytest.mark.needs("sshd")
@pytest.mark.parametrize(
    ("is_let_in", "reason"),
    [(False, "does not let {} in with this key"), (True, "would have no folder")],
)
def test_own_account_that_is_no_good(
    *,
    operator: Operator,
    agave: LocalAgave,
    near_cluster: Path,
    ssh_server: SshServer,
    is_let_in: bool,
    reason: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """An account with another key, or without a folder, is not kept."""
    text = ssh_server.key if is_let_in else ssh_server.other_key
    key = _write_key(operator.folder / "own", text)
    account = getpass.getuser()
    near_cluster.touch()  # a file where the folder belongs

    assert operator.run("ada", "--account", account, "--key", key) == 1

    assert reason.format(account) in capfd.readouterr().err
    kept = agave.tenant.systems.vault.open("ipt.run.far", "login", "ada")
    assert kept["username"] == "ipt"


@served
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--account", "ada42"], "--account needs --key"),
        (["--account", "ada42", "--key", "no-such"], "The key no-such can't be read"),
        (["--remove"], "Nothing is deployed there yet; apply comes first"),
    ],
)
def test_no_own_account(
    operator: Operator,
    arguments: list[str],
    reason: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What is missing is said."""
    assert operator.run("ada", *arguments) == 1

    assert reason in capfd.readouterr().err


@served
def test_own_account_of_no_tenant(
    operator: Operator, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where there is no local stack, the ways to name another one are said."""
    file, data = str(operator.folder / "far.yaml"), str(operator.folder / "nothing")

    assert main(["system", "key", file, "ada", "--remove", "--data", data]) == 1

    error = capfd.readouterr().err
    assert f"There is no local stack in {data}; `up` makes one, --data" in error


@served
def test_own_account_with_an_open_key(
    operator: Operator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A key that others can read is not sent."""
    path = tmp_path / "ada-key"
    path.write_text(make_key(), "utf-8")
    path.chmod(0o644)

    assert operator.run("ada", "--account", "ada42", "--key", str(path)) == 1

    assert "ada-key is open to others" in capfd.readouterr().err


@served
def test_own_account_here(
    operator: Operator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """On the tenant's own machine there are no accounts to choose from."""
    text = (ROOT / REGISTRY / "local.yaml").read_text("utf-8")
    (tmp_path / "far.yaml").write_text(text.replace("name: local", "name: far"))

    assert operator.run("ada", "--remove") == 1

    assert "only a system over SSH takes keys" in capfd.readouterr().err
