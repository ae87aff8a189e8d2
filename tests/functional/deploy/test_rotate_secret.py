"""New secrets for old ones: what the functions get, and what still works."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from agave_deploy.bundle.models import Manifest
from agave_deploy.errors import SecretsError
from agave_deploy.profiles.profile import Profile
from agave_deploy.profiles.vault import Vault, split_keys
from agave_deploy.systems.documents import add_systems
from agave_deploy.systems.reading import to_system
from agave_deploy.upkeep.deployment import Deployment
from agave_deploy.upkeep.rotation import Given
from agave_local.testing import PASSWORD, LocalAgave, in_process_agave
from iptweb.secret import Secret
from iptweb.terminals.tickets import sign_ticket
from webterm.testing import example_launch
from webterm.ticket import TicketChecker, TicketRefused

Deploy = Callable[..., Deployment]
NOTHING = Given()


def private_key(*, rsa: bool = False) -> str:
    """Return a new private key, in PEM."""
    key = generate_private_key(65537, 2048) if rsa else Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def agave(tmp_path: Path) -> Iterator[LocalAgave]:
    """Yield a tenant in this process."""
    with in_process_agave(tmp_path / "data") as agave:
        for name in ("ipt", "ada", "grace"):
            agave.add_user(name)
        yield agave


class Rotator:
    """Rotates secrets of one deployment, and keeps what is said."""

    def __init__(self, deploy: Deploy, vault: Vault) -> None:
        self._deploy = deploy
        self.vault = vault
        self.lines: list[str] = []

    def rotate(self, name: str, given: Given = NOTHING, *, now: bool = False) -> None:
        """Rotate a secret."""
        self._deploy().rotate(name, given, self.lines.append, at_once=now)

    def drop_old(self, name: str) -> None:
        """End what older keys are good for."""
        self._deploy().end_overlap(name, self.lines.append)

    def keys(self, name: str) -> list[str]:
        """Return the keys of a secret, the newest first."""
        return split_keys(self.vault.read(name) or "")

    def plan(self) -> str:
        """Return what is left to do."""
        return str(self._deploy().plan())


@pytest.fixture(name="rotator")
def _rotator(deploy: Deploy, vault: Vault) -> Rotator:
    deploy().apply(lambda _line: None)
    return Rotator(deploy, vault)


def test_session_key(rotator: Rotator) -> None:
    """Sessions of before go on; the tenant has what it needs at once."""
    old = rotator.vault.session_key()
    kept = Fernet(old).encrypt(b"a session")

    rotator.rotate("session-key")

    new = rotator.keys("session-key")
    assert new[1:] == [old]
    assert MultiFernet([Fernet(key) for key in new]).decrypt(kept) == b"a session"
    assert rotator.lines == [
        "~ secret config dev-session-key for dev-auth-callback",
        "Sessions of before go on; each takes the new key as it is renewed.",
        "To end that too: rotate-secret session-key --drop-old",
    ]
    assert rotator.plan() == "nothing to do"


def test_session_key_at_once(rotator: Rotator) -> None:
    """Whoever has to can end all sessions, and is told so."""
    old = rotator.vault.session_key()

    rotator.rotate("session-key", now=True)

    assert old not in rotator.keys("session-key")
    assert "Everybody has to sign in again; terminals and jobs go on." in rotator.lines


def test_drop_old(rotator: Rotator) -> None:
    """The overlap is ended by a word, and there is none without an older key."""
    rotator.rotate("session-key")
    (new, _) = rotator.keys("session-key")

    rotator.drop_old("session-key")

    assert rotator.keys("session-key") == [new]
    assert rotator.plan() == "nothing to do"
    rotator.drop_old("session-key")
    assert rotator.lines[-1] == "There was only one."
    with pytest.raises(SecretsError, match="only one ssh-key at a time"):
        rotator.drop_old("ssh-key")


def test_three_keys_at_most(rotator: Rotator) -> None:
    """The oldest of many goes."""
    for _ in range(4):
        rotator.rotate("session-key")

    assert len(rotator.keys("session-key")) == 3


def test_ticket_key(agave: LocalAgave, rotator: Rotator) -> None:
    """Terminals of before and of after open, each by the key that it knows."""
    before, marked = rotator.vault.ticket_public_key(), rotator.vault.ticket_mark()

    rotator.rotate("ticket-key")

    after, mark = rotator.vault.ticket_public_key(), rotator.vault.ticket_mark()
    config = agave.client("ipt").get("/actors/v2/configs/dev-settings").json()
    settings = json.loads(config["result"]["value"])
    assert (settings["ticket_public_key"], settings["ticket_mark"]) == (after, mark)
    assert before != after
    for public, launch in (
        (before, f"l.{marked}"),
        (before, "l"),
        (after, f"l.{mark}"),
    ):
        assert opens(rotator.vault, public, launch)
    assert not opens(rotator.vault, before, f"l.{mark}")
    assert [line.split(":")[0] for line in rotator.lines[:2]] == [
        "~ secret config dev-ticket-key for dev-webterm",
        "~ config dev-settings for dev-auth-callback, dev-terminal, dev-webterm, "
        + rotator.lines[1].split("dev-webterm, ")[1].split(":")[0],
    ]


def opens(vault: Vault, public: str, launch: str) -> bool:
    """Tell whether a terminal with that key and launch takes a ticket for it."""
    told = replace(
        example_launch(Ed25519PrivateKey.generate()),
        ticket_public_key=public,
        launch=launch,
    )
    ticket = sign_ticket(
        Secret(vault.ticket_key()),
        user=told.user,
        name=told.name,
        launch=launch,
        origin="",
        now=1000.0,
        ticket_id="t-1",
    )
    try:
        TicketChecker(told, now=lambda: 1000.0).check(ticket.text.reveal(), None)
    except TicketRefused:
        return False
    return True


def test_ticket_key_given(rotator: Rotator, tmp_path: Path) -> None:
    """A key of one's own is taken from a file that is one's own."""
    file = tmp_path / "key"
    file.write_text(private_key(), "utf-8")
    file.chmod(0o644)
    with pytest.raises(SecretsError, match="chmod 600"):
        rotator.rotate("ticket-key", Given(file))
    file.chmod(0o600)

    rotator.rotate("ticket-key", Given(file))

    assert rotator.keys("ticket-key")[0] == file.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("session-key", "abc"),
        ("ticket-key", "abc"),
        ("ticket-key", private_key(rsa=True)),
        ("ssh-key", "abc"),
        ("ssh-key", "  "),
    ],
)
def test_no_key(rotator: Rotator, name: str, text: str) -> None:
    """What is none changes nothing, and is not shown."""
    before = rotator.vault.read(name)

    with pytest.raises(SecretsError) as caught:
        rotator.rotate(name, Given(typed=text))

    assert text.strip() not in str(caught.value) or not text.strip()
    assert rotator.vault.read(name) == before
    assert rotator.plan() == "nothing to do"


def test_ssh_key(rotator: Rotator) -> None:
    """The key for execution hosts is the operator's; its public part is shown."""
    with pytest.raises(SecretsError, match="IPT_SECRET_SSH_KEY, by --file"):
        rotator.rotate("ssh-key")

    rotator.rotate("ssh-key", Given(typed=private_key()))

    assert rotator.lines[0] == "+ secret config dev-ssh-key for dev-terminal"
    assert rotator.lines[1].startswith("Its public key: ssh-ed25519 ")
    assert rotator.plan() == "nothing to do"


def test_secret_of_the_environment(
    rotator: Rotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret may come from the environment, under its own name."""
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("IPT_SECRET_SESSION_KEY", key)

    rotator.rotate("session-key")

    assert rotator.keys("session-key")[0] == key


def test_oauth_client(agave: LocalAgave, rotator: Rotator) -> None:
    """The tenant makes a new client, and the old one's key is worth nothing."""
    old = rotator.vault.read_object("oauth-client")

    rotator.rotate("oauth-client")

    new = rotator.vault.read_object("oauth-client")
    assert (old["key"], old["secret"]) != (new["key"], new["secret"])
    form = {"grant_type": "password", "username": "ipt", "password": PASSWORD}
    auth = (old["key"], old["secret"])
    assert not agave.anonymous().post("/token", auth=auth, data=form).ok
    assert rotator.lines[-1] == (
        "Everybody has to sign in again; terminals and jobs go on."
    )
    assert rotator.plan() == "nothing to do"
    with pytest.raises(SecretsError, match="nobody gives it"):
        rotator.rotate("oauth-client", Given(typed="abc"))


def test_unknown_secret(rotator: Rotator) -> None:
    """A name that is none is answered with those that are."""
    with pytest.raises(
        SecretsError, match="oauth-client, session-key, ssh-key, ticket-key"
    ):
        rotator.rotate("session_key")


def test_key_of_a_system(
    agave: LocalAgave,
    manifest: Manifest,
    profile: Profile,
    vault: Vault,
    deploy: Deploy,
) -> None:
    """A system's key is changed on that system alone, and no other step is taken."""
    entry = {
        "name": "far",
        "label": "A cluster",
        "description": "It is far.",
        "scheduler": "SLURM",
        "login": {
            "protocol": "SSH",
            "host": "127.0.0.1",
            "user": "ipt",
            "host_key": "ssh-ed25519 "
            "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
            "credential": "far-key",
        },
        "folders": {"scratch": "/scratch/ipt"},
        "compilers": [{"label": "C", "command": "gcc -O2", "for": "serial"}],
        "launchers": [""],
        "presets": [],
        "queues": [
            {
                "name": "default",
                "default": True,
                "max_nodes": 1,
                "max_processors": 4,
                "max_run_time": "04:00:00",
            }
        ],
    }
    del agave, profile
    with_far = add_systems(
        replace(manifest, systems=(), apps=(), registry=()),
        [to_system(entry, "far.yaml", {})],
    )
    far = replace(with_far, systems=(*manifest.systems[:3], *with_far.systems))
    vault.write("far-key", private_key())
    deploy(None, far).apply(lambda _line: None)
    lines: list[str] = []

    deploy(None, far).rotate(
        "far-key", Given(typed=private_key()), lines.append, at_once=False
    )

    assert lines[:2] == [
        "~ system ipt.build.far: credential",
        "~ system ipt.run.far: credential",
    ]
    assert str(deploy(None, far).plan()) == "nothing to do"
    assert os.environ.get("IPT_SECRET_FAR_KEY") is None
