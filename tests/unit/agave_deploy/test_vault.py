"""The folder of secrets."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from agave_deploy.errors import SecretsError
from agave_deploy.profiles.vault import Vault, make_password


def test_vault_keeps_secrets_private(tmp_path: Path) -> None:
    """The folder and each file are for their owner alone."""
    vault = Vault(tmp_path / "secrets")
    vault.write("x", "text")

    assert vault.read("x") == "text"
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "secrets" / "x").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["x"]


def test_vault_open_folder_refused(tmp_path: Path) -> None:
    """A folder that others may read is refused."""
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)

    with pytest.raises(SecretsError, match="chmod 700"):
        Vault(folder)


def test_vault_keys_stay(vault: Vault) -> None:
    """A key is made once and then kept."""
    keys = (vault.session_key(), vault.ticket_key(), vault.ticket_public_key())

    assert (vault.session_key(), vault.ticket_key(), vault.ticket_public_key()) == keys
    Fernet(keys[0])
    assert keys[2].startswith("-----BEGIN PUBLIC KEY-----")


def test_vault_forget(vault: Vault) -> None:
    """What was forgotten is not there; forgetting it again is fine."""
    vault.write("x", "text")
    vault.forget("x")
    vault.forget("x")

    assert vault.read("x") is None
    assert vault.read_object("x") == {}


@pytest.mark.parametrize("text", ["{", "[]"])
def test_vault_damaged_object(vault: Vault, text: str) -> None:
    """A damaged secret is named, its content is not."""
    vault.write("oauth-client", text)

    with pytest.raises(SecretsError, match="oauth-client is damaged"):
        vault.read_object("oauth-client")


def test_vault_damaged_key(vault: Vault) -> None:
    """A damaged key is named, its content is not."""
    vault.write("ticket-key", "nonsense")

    with pytest.raises(SecretsError, match="ticket-key is damaged"):
        vault.ticket_public_key()


def test_vault_unreadable(vault: Vault, tmp_path: Path) -> None:
    """A secret that can't be read is named."""
    (tmp_path / "secrets" / "x").mkdir()

    with pytest.raises(SecretsError, match="secret x can't be read"):
        vault.read("x")


def test_make_password() -> None:
    """Passwords are long, typeable, and never the same."""
    passwords = {make_password() for _ in range(100)}

    assert len(passwords) == 100
    assert {len(password) for password in passwords} == {19}
