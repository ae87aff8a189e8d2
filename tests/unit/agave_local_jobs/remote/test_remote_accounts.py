"""Jobs of several accounts on one machine: each has folders of its own."""

from pathlib import Path

import pytest

from agave_local.services.jobs.remote.folders import is_private, of_account
from agave_local.services.jobs.shells.base import Done, Shell
from agave_local.services.jobs.shells.errors import HostDenied
from agave_local.services.jobs.shells.local import LocalShell


class NamedShell(LocalShell):
    """A machine that says a name of the test's choice."""

    def __init__(self, name: bytes) -> None:
        super().__init__()
        self._name = name

    def run(self, script: str, *, stdin: bytes = b"", seconds: float = 1) -> Done:
        """Say the name."""
        del stdin, seconds
        assert script == "id -un"
        return Done(0, self._name + b"\n", b"")


def _nobody() -> Shell:
    pytest.fail("there is no need to sign in")


def test_folder_of_everybody() -> None:
    """A folder without a place for the account is everybody's."""
    assert of_account("/scratch/ipt", _nobody) == "/scratch/ipt"


def test_folder_of_an_account() -> None:
    """A folder with one is that of the account that is signed in to."""
    base = of_account("/scratch/{account}/ipt", lambda: NamedShell(b"ada42"))

    assert base == "/scratch/ada42/ipt"


@pytest.mark.parametrize(
    "name", [b"", b"..", b".ssh", b"a/b", b"a b", b"two\nlines", b"\xff", b"a" * 65]
)
def test_strange_account(name: bytes) -> None:
    """A name that leads somewhere else is no folder."""
    with pytest.raises(HostDenied, match="does not say the name of the account"):
        of_account("/scratch/{account}", lambda: NamedShell(name))


@pytest.mark.parametrize(
    ("base", "protocol", "private"),
    [
        ("data/storage/homes", "LOCAL", True),
        ("data", "LOCAL", True),
        ("link", "LOCAL", True),
        ("data/remote", "LOCAL", False),
        ("data/remote/slurm", "LOCAL", False),
        ("scratch", "LOCAL", False),
        ("data/storage/homes", "SSH", False),
    ],
)
def test_folder_of_the_tenant(
    tmp_path: Path, base: str, protocol: str, *, private: bool
) -> None:
    """Jobs of this machine are not among people's homes, nor among records."""
    (tmp_path / "data/storage/homes").mkdir(parents=True)
    (tmp_path / "link").symlink_to("data/storage")
    system = {"login": {"protocol": protocol}}

    found = is_private(system, str(tmp_path / base), tmp_path / "data/remote")

    assert found is private
