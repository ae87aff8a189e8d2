"""The way to the machine of a system, for a look at it before it is deployed."""

import base64
import contextlib
import hashlib
import shlex
import subprocess
from collections.abc import Callable, Iterator
from typing import Final

from agave_deploy.errors import DeployError, RegistryError, in_words
from agave_deploy.systems.credentials import Credentials, PrivateKey
from agave_deploy.systems.model import Login, SystemEntry
from sshlink import (
    SshAddress,
    SshError,
    SshKeyChanged,
    SshLink,
    SshRefused,
    execute,
    read_private_key,
)

__all__ = ["fingerprint", "reach", "sign_in"]

Run = Callable[[str], tuple[int, str]]

_PATIENCE_S: Final = 30.0
_MOST_BYTES: Final = 256 * 1024


def fingerprint(host_key: str) -> str:
    """Return a public key's fingerprint as `ssh-keygen -l` shows it."""
    data = base64.b64decode(host_key.split()[1])
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return "SHA256:" + digest.rstrip("=")


@contextlib.contextmanager
def reach(
    entry: SystemEntry, credentials: Credentials, patience_s: float = _PATIENCE_S
) -> Iterator[Run]:
    """Sign in to the machine of a system; yield what runs a script there.

    Args:
        entry: of the system.
        credentials: have its key.
        patience_s: with each script.

    Raises:
        DeployError: There is no way in; says why, and what to do.
    """
    if entry.login.protocol == "LOCAL":
        yield lambda script: _run_here(script, patience_s)
        return
    with sign_in(
        entry.login, credentials.find(entry.login.credential), patience_s
    ) as run:
        yield run


@contextlib.contextmanager
def sign_in(
    login: Login, key: PrivateKey, patience_s: float = _PATIENCE_S
) -> Iterator[Run]:
    """Sign in over SSH; yield what runs a script there.

    Args:
        login: says where, and as whom.
        key: of that account.
        patience_s: with each script.

    Raises:
        DeployError: There is no way in; says why, and what to do.
    """
    try:
        link = SshLink.connect(
            SshAddress(login.user, login.host, login.port),
            host_key=login.host_key,
            proof=read_private_key(key.private),
        )
    except SshError as error:
        raise _translate(error, login, key.public) from error
    try:
        with contextlib.closing(link):
            yield lambda script: _run_there(link, script, patience_s)
    except SshError as error:
        raise _translate(error, login, key.public) from error


def _run_here(script: str, patience_s: float) -> tuple[int, str]:
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=patience_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 1, f"no answer within {patience_s:g} s"
    return done.returncode, done.stdout


def _run_there(link: SshLink, script: str, patience_s: float) -> tuple[int, str]:
    with contextlib.closing(link.run(f"sh -c {shlex.quote(script)}")) as channel:
        done = execute(channel, seconds=patience_s, most=_MOST_BYTES)
    return done.code, (done.out + done.err).decode("utf-8", "replace")


def _translate(error: SshError, login: Login, public: str) -> DeployError:
    where = f"{login.host}:{login.port}"
    if isinstance(error, SshKeyChanged):
        return RegistryError(
            f"{where} shows another key than login.host_key "
            f"({fingerprint(login.host_key)}). Somebody may be in between: ask its "
            "administrator for the fingerprint before you change the file."
        )
    if isinstance(error, SshRefused):
        return RegistryError(
            f"{where} does not let {login.user} in with this key. This line has "
            f"to be in ~/.ssh/authorized_keys of {login.user} there: {public}"
        )
    return RegistryError(
        f"{where} does not answer as an SSH server "
        f"({in_words(error.__cause__ or error)}). Is the name right, and may this "
        "machine reach that port?"
    )
