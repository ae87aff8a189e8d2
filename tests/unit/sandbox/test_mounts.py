"""What every sandbox needs of the operating system."""

from pathlib import Path

import pytest

from sandbox import Bind, Link, system_mounts, write_etc


def test_merged_usr_stays_a_link(tmp_path: Path) -> None:
    """Debian's /bin is a link inside as it is outside; a real folder is bound."""
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "bin").symlink_to("usr/bin")
    (tmp_path / "lib").mkdir()

    assert system_mounts(tmp_path) == (
        Bind(tmp_path / "usr", Path("/usr")),
        Link("usr/bin", Path("/bin")),
        Bind(tmp_path / "lib", Path("/lib")),
    )


def test_only_named_files_of_etc_are_shown(tmp_path: Path) -> None:
    """Passwords, host keys and whatever else lies in /etc stay outside."""
    etc = tmp_path / "etc"
    etc.mkdir()
    for name in ("passwd", "shadow", "hosts", "ld.so.cache"):
        (etc / name).touch()

    assert system_mounts(tmp_path)[1:] == (
        Bind(etc / "ld.so.cache", Path("/etc/ld.so.cache")),
    )


def test_identity_is_made(tmp_path: Path) -> None:
    """Inside there is one account, and the host's own name."""
    other = tmp_path / "profile"
    binds = write_etc(tmp_path / "etc", user="alice", home="/home/ipt", also=[other])

    assert [str(bind.target) for bind in binds] == [
        *("/etc/passwd", "/etc/group", "/etc/hosts", "/etc/profile")
    ]
    assert binds[0].source.read_text() == "alice:x:1000:1000::/home/ipt:/bin/bash\n"
    assert binds[1].source.read_text() == "alice:x:1000:\n"
    assert "127.0.0.1 localhost ipt" in binds[2].source.read_text()


@pytest.mark.parametrize("user", ["a:0:0", "a\nroot::0:0", "Ärger", "", "-x", "A@b"])
def test_hostile_user_name_is_not_written(tmp_path: Path, user: str) -> None:
    """A name that could add a field or a line is replaced."""
    binds = write_etc(tmp_path, user=user, home="/home/ipt")

    assert binds[0].source.read_text() == "ipt:x:1000:1000::/home/ipt:/bin/bash\n"
