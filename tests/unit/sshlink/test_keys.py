"""Keys and passwords."""

from pathlib import Path

import paramiko
import pytest

from sshlink import BadKey, Password, read_host_key, read_private_key


@pytest.mark.parametrize("text", ["", "ssh-ed25519", "ssh-ed25519 ***", "x y z", "ö ö"])
def test_host_keys_that_are_none(text: str) -> None:
    """Without a key to compare with nothing is connected to."""
    with pytest.raises(BadKey):
        read_host_key(text)


def test_host_key() -> None:
    """Its kind and its bytes; a comment is none of it."""
    assert read_host_key(" ssh-rsa aGFsbG8= me@here\n") == ("ssh-rsa", b"hallo")


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_kinds_of_private_keys(tmp_path: Path, kind: str) -> None:
    """RSA and ECDSA are taken besides Ed25519; one with a password is not."""
    key: paramiko.PKey
    if kind == "rsa":
        key = paramiko.RSAKey.generate(2048)
    else:
        key = paramiko.ECDSAKey.generate()
    key.write_private_key_file(str(tmp_path / "open"))
    key.write_private_key_file(str(tmp_path / "locked"), password="locked")

    assert read_private_key((tmp_path / "open").read_text()) == key
    with pytest.raises(BadKey):
        read_private_key((tmp_path / "locked").read_text())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hidden",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nhidden\n",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAA\n-----END OPENSSH PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
        "\0" * 1000,
        "ö" * 1000,
    ],
)
def test_private_keys_that_are_none(text: str) -> None:
    """The error says that it is none, and nothing of what it is."""
    with pytest.raises(BadKey) as caught:
        read_private_key(text)
    assert "hidden" not in str(caught.value)


def test_password_is_not_shown() -> None:
    """It can be logged by accident, and nobody learns it."""
    assert "hidden" not in repr(Password("hidden"))
