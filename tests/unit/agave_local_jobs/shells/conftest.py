"""The two shells, each in a folder of a test's own."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agave_local.services.jobs.shells.base import Shell
from agave_local.services.jobs.shells.door import Account
from agave_local.services.jobs.shells.local import LocalShell
from agave_local.services.jobs.shells.ssh import SshShell
from sshlink import read_private_key
from sshlink.testing import SshServer


@pytest.fixture(
    name="shell", params=["local", pytest.param("ssh", marks=pytest.mark.needs("sshd"))]
)
def _shell(request: pytest.FixtureRequest) -> Iterator[Shell]:
    if request.param == "local":
        yield LocalShell()
        return
    server: SshServer = request.getfixturevalue("ssh_server")
    with closing(SshShell(account_of(server))) as shell:
        yield shell


def account_of(server: SshServer) -> Account:
    """Return who is let in by a server."""
    return Account(server.address, server.host_key, read_private_key(server.key))


@pytest.fixture(name="far")
def _far(tmp_path: Path) -> Path:
    """Return a folder of the machine."""
    far = tmp_path / "far"
    far.mkdir()
    return far


@pytest.fixture(name="near")
def _near(tmp_path: Path) -> Path:
    """Return a folder of the tenant."""
    near = tmp_path / "near"
    near.mkdir()
    return near
