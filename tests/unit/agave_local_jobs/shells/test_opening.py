"""Which connection a job goes through, and why there may be none."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import paramiko
import pytest

from agave_local.clock import SystemClock
from agave_local.outgoing.policy import Outgoing, Reach
from agave_local.records.cipher import Cipher
from agave_local.records.store import Document, Store
from agave_local.services.jobs.shells.door import Account
from agave_local.services.jobs.shells.errors import HostRefused, HostSilent
from agave_local.services.jobs.shells.local import LocalShell
from agave_local.services.jobs.shells.opening import Shells
from agave_local.services.systems.auth import read_auth
from agave_local.services.systems.vault import Vault
from sshlink import Password
from sshlink.testing import SshServer, free_port

KEY = paramiko.ECDSAKey.generate()
HOST_KEY = f"{KEY.get_name()} {KEY.get_base64()}"


class FakeShell:
    """Stands for a machine that was signed in to.

    Attributes:
        account: who signed in.
        closed: whether it was closed.
    """

    def __init__(self, account: Account, *, dial: Any) -> None:
        self.account = account
        self.dial = dial
        self.closed = False

    def close(self) -> None:
        """Sign out."""
        self.closed = True


def make(account: Account, *, dial: Any) -> Any:
    """Make a shell that does nothing."""
    return FakeShell(account, dial=dial)


@pytest.fixture(name="vault")
def _vault(tmp_path: Path) -> Iterator[Vault]:
    with closing(Store(tmp_path / "store.sqlite")) as store:
        yield Vault(store, SystemClock(), Cipher(None))


@pytest.fixture(name="shells")
def _shells(vault: Vault) -> Shells:
    return Shells(vault, make=make)


def keep(vault: Vault, system: str = "far", user: str = "", **auth: str) -> None:
    """Keep a credential."""
    auth = {"type": "PASSWORD", "username": "ipt", "password": "hidden"} | auth
    vault.keep(system, "login", read_auth(auth, "auth."), user)


def far(system: str = "far", **login: Any) -> Document:
    """Return a system far away."""
    part = {"protocol": "SSH", "host": "far.example", "hostKey": HOST_KEY} | login
    return {"id": system, "login": part}


def test_own_machine_needs_nobody(shells: Shells) -> None:
    """A system on the tenant's machine is not signed in to."""
    system = {"id": "here", "login": {"protocol": "LOCAL"}, "workDir": "/scratch"}

    assert isinstance(shells.open(system, "anna"), LocalShell)


def test_one_connection_for_those_who_sign_in_alike(
    shells: Shells, vault: Vault
) -> None:
    """Two owners and two systems with one credential share a connection."""
    keep(vault)
    keep(vault, "other")

    first: Any = shells.open(far(), "anna")
    others: list[Any] = [
        shells.open(far(), "bob"),
        shells.open(far("other", port=22), "anna"),
    ]

    assert others == [first, first]
    assert first.account.address.user == "ipt"
    assert first.account.address.port == 22
    assert first.account.host_key == HOST_KEY
    assert first.account.proof == Password("hidden")


def test_internal_users_have_their_own(shells: Shells, vault: Vault) -> None:
    """Who has a credential of their own signs in with it, others as the system does."""
    keep(vault)
    keep(vault, user="anna", username="anna", password="annas")

    own: Any = shells.open(far(), "anna")
    usual: Any = shells.open(far(), "bob")

    assert own.account.address.user == "anna"
    assert own.account.proof == Password("annas")
    assert usual.account.address.user == "ipt"


@pytest.mark.parametrize(
    "changed",
    [{"host": "new.example"}, {"port": 2222}, {"hostKey": "ssh-ed25519 AAAA"}],
)
def test_changed_description_is_another_connection(
    shells: Shells, vault: Vault, changed: dict[str, Any]
) -> None:
    """What was opened before is closed, once nobody has it any more."""
    keep(vault)
    before: Any = shells.open(far(), "anna")
    shells.open(far(), "bob")

    after = shells.open(far(**changed), "anna")

    assert after is not before
    assert not before.closed
    assert shells.open(far(**changed), "bob") is after
    assert before.closed


def test_changed_credential_is_another_connection(shells: Shells, vault: Vault) -> None:
    """A new password is used at once."""
    keep(vault)
    before: Any = shells.open(far(), "anna")
    keep(vault, password="new")

    after: Any = shells.open(far(), "anna")

    assert after.account.proof == Password("new")
    assert before.closed


def test_all_are_closed(shells: Shells, vault: Vault) -> None:
    """Who opens one later signs in again."""
    keep(vault)
    before: Any = shells.open(far(), "anna")
    shells.close_all()

    assert before.closed
    assert shells.open(far(), "anna") is not before


def test_only_so_many_are_kept(vault: Vault) -> None:
    """Who was away longest signs in again."""
    shells = Shells(vault, make=make, most=2)
    opened: list[Any] = []
    for name in ("one", "two", "three"):
        keep(vault, name)
        opened.append(shells.open(far(name, host=f"{name}.example"), "anna"))

    assert [shell.closed for shell in opened] == [True, False, False]


@pytest.mark.parametrize(
    ("system", "auth", "said"),
    [
        (far(protocol="GSISSH"), {}, "LOCAL or SSH"),
        (far(proxy={"host": "x"}), {}, "proxy"),
        (far(hostKey=None), {}, "login.hostKey"),
        (far(hostKey="nonsense"), {}, "login.hostKey"),
        (far(), None, "no credential"),
        (far(), {"username": "", "type": "PASSWORD"}, "no credential"),
        (far(), {"password": ""}, "neither a private key nor a password"),
        (far(), {"privateKey": "hidden"}, "no private key that can be used"),
    ],
)
def test_why_nobody_can_sign_in(
    shells: Shells,
    vault: Vault,
    system: Document,
    auth: dict[str, str] | None,
    said: str,
) -> None:
    """It is said what is missing, and never what is secret."""
    if auth is not None:
        keep(vault, **auth)

    with pytest.raises(HostRefused, match=said) as caught:
        shells.open(system, "anna")
    assert "hidden" not in str(caught.value)
    assert not caught.value.may_pass


@pytest.mark.needs("sshd")
def test_real_machine(ssh_server: SshServer, vault: Vault) -> None:
    """A key of the vault opens a real machine, where the tenant may call it."""
    auth = {"type": "SSHKEYS", "publicKey": "x", "privateKey": ssh_server.key}
    keep(vault, username=ssh_server.user, password="", **auth)
    system = far(host="127.0.0.1", port=ssh_server.port, hostKey=ssh_server.host_key)
    shells = Shells(vault, Outgoing({Reach.LOOPBACK}))

    assert shells.open(system, "anna").run("echo $USER").out.decode().strip()
    shells.close_all()
    away = far(host="127.0.0.1", port=free_port(), hostKey=ssh_server.host_key)
    with pytest.raises(HostSilent):
        shells.open(away, "anna").run("true")
    shells.close_all()


def test_machine_that_may_not_be_called(vault: Vault) -> None:
    """The tenant's rules for what leaves it hold for its jobs as well."""
    keep(vault)
    shells = Shells(vault, Outgoing({Reach.PUBLIC}))

    for host in ("127.0.0.1", "169.254.169.254", "10.0.0.1"):
        with pytest.raises(HostRefused, match=r"may not call|never called"):
            shells.open(far(host=host), "anna").run("true")


@pytest.mark.needs("sshd")
def test_published_machine_has_the_operators_word(
    ssh_server: SshServer, vault: Vault
) -> None:
    """A system that an administrator has published may be on a private network."""
    keep(vault, username=ssh_server.user, privateKey=ssh_server.key)
    system = far(host="127.0.0.1", port=ssh_server.port, hostKey=ssh_server.host_key)
    shells = Shells(vault, Outgoing({Reach.PUBLIC}))

    with pytest.raises(HostRefused, match="may not call"):
        shells.open(system, "anna").run("true")
    assert shells.open({**system, "public": True}, "anna").run("true").code == 0
    shells.close_all()
