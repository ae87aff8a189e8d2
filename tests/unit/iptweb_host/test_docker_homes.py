"""Users' folders, and the keys to the machines that have them."""

import os
from pathlib import Path

import paramiko
import pytest

from iptweb.errors import ConfigError, LaunchFailed
from iptweb.secret import Secret
from iptweb.terminals.host.containers.homes import Gift, LocalHomes
from iptweb.terminals.host.containers.order import Account
from iptweb.terminals.host.containers.ssh import SshAddress, read_host_key, read_key

ACCOUNT = Account(1234, 2345)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


def test_new_home_is_the_accounts(tmp_path: Path) -> None:
    """It is made, belongs to the account, and is nobody else's business."""
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    LocalHomes().prepare(tmp_path / "homes/alice", ACCOUNT)

    status = (tmp_path / "homes/alice").stat()
    assert (status.st_uid, status.st_gid) == (1234, 2345)
    assert status.st_mode & 0o777 == 0o700


@as_root
def test_home_is_given_without_following_anything(tmp_path: Path) -> None:
    """Links stay links, and files with another name elsewhere stay as they are."""
    outside = tmp_path / "outside"
    outside.write_text("root's")
    home = tmp_path / "alice"
    (home / "deep/deeper").mkdir(parents=True)
    (home / "deep/deeper/file").touch()
    (home / "link").symlink_to(outside)
    (home / "folder").symlink_to(tmp_path)
    os.link(outside, home / "hard")
    os.mkfifo(home / "pipe")

    LocalHomes().prepare(home, ACCOUNT)

    assert outside.stat().st_uid == 0
    assert tmp_path.stat().st_uid == 0
    for name in ("", "deep", "deep/deeper", "deep/deeper/file", "link", "pipe"):
        assert (home / name).lstat().st_uid == 1234


@as_root
def test_home_that_is_given_is_left_alone(tmp_path: Path) -> None:
    """Its files are not looked at again at each start."""
    home = tmp_path / "alice"
    home.mkdir()
    (home / "file").touch()
    os.chown(home, 1234, 2345)

    LocalHomes().prepare(home, ACCOUNT)

    assert (home / "file").stat().st_uid == 0


def test_home_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """Who is not root can't give it away, and says who has to."""
    with pytest.raises(LaunchFailed, match="give it to account 1234:2345"):
        LocalHomes(me=lambda: 1000).prepare(tmp_path / "alice", ACCOUNT)


@pytest.mark.parametrize(("most", "depth"), [(2, 64), (99, 1)])
def test_gift_has_an_end(tmp_path: Path, most: int, depth: int) -> None:
    """A home with too much in it is the administrator's to give."""
    (tmp_path / "a/b/c").mkdir(parents=True)
    gift = Gift(tmp_path.stat().st_dev, Account(os.getuid() or 1, 1), most)
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(LaunchFailed, match="too many files"):
            gift.give(folder, depth)
    finally:
        os.close(folder)


def test_other_file_systems_are_not_entered(tmp_path: Path) -> None:
    """What is mounted in a home is not the home's."""
    (tmp_path / "file").touch()
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        Gift(-1, ACCOUNT).give(folder)
    finally:
        os.close(folder)

    assert (tmp_path / "file").stat().st_uid == os.getuid()


@pytest.mark.parametrize("place", ["/proc/1", "/nowhere", "/"])
def test_owner_of_homes_is_never_root(place: str) -> None:
    """Where root owns the folder of homes, or there is none, nothing is said."""
    assert LocalHomes().owner(Path(place)) is None


@as_root
def test_owner_of_homes(tmp_path: Path) -> None:
    """The folder of homes tells who works in it."""
    os.chown(tmp_path, 1234, 2345)

    assert LocalHomes().owner(tmp_path) == ACCOUNT


def test_addresses_of_execution_hosts() -> None:
    """User, host and port; the port may be left out."""
    assert SshAddress.from_url("ssh://ipt@host.example:2222") == SshAddress(
        "ipt", "host.example", 2222
    )
    assert SshAddress.from_url("ssh://ipt@[::1]") == SshAddress("ipt", "::1", 22)


@pytest.mark.parametrize(
    "url", ["ssh://host", "unix:///x", "ssh://a@host:port", "ssh://[", "", "ssh://a@"]
)
def test_addresses_that_are_none(url: str) -> None:
    """A malformed address is the setting's fault, and says so."""
    with pytest.raises(ConfigError, match="ssh://user@host:port"):
        SshAddress.from_url(url)


@pytest.mark.parametrize("text", ["", "ssh-ed25519", "ssh-ed25519 ***", "x y z"])
def test_host_keys_that_are_none(text: str) -> None:
    """Without a key to compare with nothing is connected to."""
    with pytest.raises(ConfigError, match="host_key"):
        read_host_key(text)


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_kinds_of_keys(tmp_path: Path, kind: str) -> None:
    """RSA and ECDSA are taken besides Ed25519, a password is not asked for."""
    key: paramiko.PKey
    if kind == "rsa":
        key = paramiko.RSAKey.generate(2048)
    else:
        key = paramiko.ECDSAKey.generate()
    key.write_private_key_file(str(tmp_path / "open"))
    key.write_private_key_file(str(tmp_path / "locked"), password="locked")

    assert read_key(Secret((tmp_path / "open").read_text())) == key
    with pytest.raises(ConfigError, match="without a password"):
        read_key(Secret((tmp_path / "locked").read_text()))
