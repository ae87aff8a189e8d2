"""A signed-in connection to a real server."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from sshlink import SshFiles, SshLink, read_private_key
from sshlink.testing import SshServer


def sign_in(server: SshServer) -> SshLink:
    """Sign in as who is let in."""
    key = read_private_key(server.key)
    return SshLink.connect(server.address, host_key=server.host_key, proof=key)


@pytest.fixture(name="link")
def _link(ssh_server: SshServer) -> Iterator[SshLink]:
    with closing(sign_in(ssh_server)) as link:
        yield link


@pytest.fixture(name="files")
def _files(link: SshLink) -> Iterator[SshFiles]:
    with closing(link.files(10.0)) as files:
        yield files
