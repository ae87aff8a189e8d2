"""The private keys of systems: where they come from, and that nothing shows them."""

import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from agave_deploy.bundle.models import System
from agave_deploy.errors import SecretsError
from agave_deploy.profiles.vault import Vault
from agave_deploy.systems.credentials import Credentials, auth_digest, with_key
from agave_deploy.systems.documents import to_systems
from agave_deploy.systems.reading import to_system

KEY = Ed25519PrivateKey.generate()
PRIVATE = KEY.private_bytes(
    Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
).decode()
PUBLIC = KEY.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


@pytest.fixture(name="system")
def _system(far: dict[str, Any]) -> System:
    return to_systems(to_system(far, "far.yaml", {}))[1]


def test_from_file(vault: Vault) -> None:
    """A key lies in the folder of secrets under its name."""
    vault.write("far-key", PRIVATE)

    key = Credentials(vault, {}).find("far-key")

    assert (key.private, key.public) == (PRIVATE, PUBLIC)
    assert "PRIVATE" not in repr(key)


def test_from_environment(vault: Vault) -> None:
    """The environment is asked first, by a name in capitals."""
    vault.write("far-key", "another")

    key = Credentials(vault, {"IPT_SECRET_FAR_KEY": PRIVATE.strip()}).find("far-key")

    assert key.public == PUBLIC


@pytest.mark.parametrize(
    "form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL]
)
def test_other_forms(vault: Vault, form: PrivateFormat) -> None:
    """Older forms and kinds of keys are taken as well."""
    key = generate_private_key(65537, 2048)
    text = key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
    vault.write("far-key", text)

    assert Credentials(vault, {}).find("far-key").public.startswith("ssh-rsa ")


def test_missing(vault: Vault) -> None:
    """A key that is not there says where it is looked for."""
    with pytest.raises(SecretsError, match=r"as far-key .* as IPT_SECRET_FAR_KEY"):
        Credentials(vault, {}).find("far-key")


def test_open_to_others(vault: Vault, tmp_path: Path) -> None:
    """A key that others can read is not used."""
    vault.write("far-key", PRIVATE)
    (tmp_path / "secrets/far-key").chmod(0o640)

    with pytest.raises(SecretsError, match=r"far-key is open to others.*chmod 600"):
        Credentials(vault, {}).find("far-key")


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        PUBLIC,
        PRIVATE[:200],
        PRIVATE.replace(PRIVATE[100:140], "hunter2"),
        KEY.private_bytes(
            Encoding.PEM, PrivateFormat.OpenSSH, BestAvailableEncryption(b"hunter2")
        ).decode(),
        KEY.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hunter2")
        ).decode(),
    ],
    ids=["password", "public", "cut", "damaged", "locked", "locked PKCS8"],
)
def test_no_key(vault: Vault, text: str) -> None:
    """What is no private key without a password is refused, and never repeated."""
    vault.write("far-key", text)

    with pytest.raises(SecretsError, match="far-key must be a private key") as caught:
        Credentials(vault, {}).find("far-key")

    assert caught.value.__cause__ is None
    assert not [
        line for line in text.splitlines() if line and line in str(caught.value)
    ]


@pytest.mark.parametrize("name", ["ticket-key", "service-account", "oauth-client"])
def test_own_secrets_are_no_keys(vault: Vault, name: str) -> None:
    """A system's file can't have the instance's own secrets sent to a tenant."""
    vault.ticket_key()

    with pytest.raises(SecretsError, match="is a secret of the instance"):
        Credentials(vault, {}).find(name)


def test_unreadable(vault: Vault, tmp_path: Path) -> None:
    """A key that can't be read says so."""
    os.mkdir(tmp_path / "secrets/far-key", 0o700)  # noqa: PTH102 - with its mode

    with pytest.raises(SecretsError, match="far-key can't be read"):
        Credentials(vault, {}).find("far-key")


def test_in_the_document(vault: Vault, system: System) -> None:
    """Sign-in and files of a system get the account and both halves of the key."""
    vault.write("far-key", PRIVATE)

    full = with_key(system, Credentials(vault, {}))

    auth = {
        "type": "SSHKEYS",
        "username": "ipt",
        "publicKey": PUBLIC,
        "privateKey": PRIVATE,
    }
    assert full.document["login"]["auth"] == auth
    assert full.document["storage"]["auth"] == auth
    assert "privateKey" not in system.document["login"]["auth"]
    assert "PRIVATE" not in repr(full)


def test_no_key_needed(vault: Vault, near: dict[str, Any]) -> None:
    """A machine of the tenant's own is left as it is."""
    here = to_systems(to_system(near, "near.yaml", {}))[0]

    assert with_key(here, Credentials(vault, {})) is here
    assert auth_digest(here.document) == ""


def test_digest(vault: Vault, system: System) -> None:
    """Another key or another account has another fingerprint."""
    vault.write("far-key", PRIVATE)
    credentials = Credentials(vault, {})
    full = with_key(system, credentials).document
    again = with_key(system, credentials).document
    other = {**full, "login": {**full["login"], "auth": {"privateKey": "x"}}}

    assert auth_digest(full) == auth_digest(again)
    assert len({auth_digest(full), auth_digest(other), ""}) == 3
