"""Every exception of the library below means something here."""

import inspect
import socket
from collections.abc import Callable

import paramiko
import paramiko.ssh_exception
import pytest
from paramiko.pkey import UnknownKeyType

import sshlink
from sshlink import SshError, SshKeyChanged, SshRefused, SshSilent
from sshlink.errors import FOREIGN, translate, translated

# What becomes of each class of exception; a class that a new version brings is to be
# entered here once somebody has thought about it.
PARAMIKO = {
    "SSHException": SshSilent,
    "AuthenticationException": SshRefused,
    "PasswordRequiredException": SshRefused,
    "BadAuthenticationType": SshRefused,
    "PartialAuthentication": SshRefused,
    "UnableToAuthenticate": SshRefused,
    "ChannelException": SshRefused,
    "BadHostKeyException": SshKeyChanged,
    "IncompatiblePeer": SshSilent,
    "ProxyCommandFailure": SshSilent,
    "NoValidConnectionsError": SshSilent,
    "CouldNotCanonicalize": SshSilent,
    "ConfigParseError": SshSilent,
    "MessageOrderError": SshSilent,
    "SFTPError": SshSilent,
    "AuthFailure": SshRefused,
    "UnknownKeyType": SshSilent,
}
CLASSES: dict[str, type[Exception]] = {
    name: found
    for module in (paramiko, paramiko.ssh_exception)
    for name, found in inspect.getmembers(module, inspect.isclass)
    if issubclass(found, Exception) and found.__module__.startswith("paramiko")
}
KEY = paramiko.ECDSAKey.generate()
MADE: dict[str, Callable[[], Exception]] = {
    "BadAuthenticationType": lambda: paramiko.BadAuthenticationType("x", ["y"]),
    "PartialAuthentication": lambda: CLASSES["PartialAuthentication"](["x"]),
    "ChannelException": lambda: paramiko.ChannelException(1, "x"),
    "BadHostKeyException": lambda: paramiko.BadHostKeyException("x", KEY, KEY),
    "ProxyCommandFailure": lambda: paramiko.ProxyCommandFailure("x", "y"),
    "NoValidConnectionsError": lambda: CLASSES["NoValidConnectionsError"](
        {("127.0.0.1", 22): OSError("x")}
    ),
    "UnknownKeyType": lambda: UnknownKeyType(key_type="x", key_bytes=b"y"),
}


def test_no_exception_is_forgotten() -> None:
    """The list is the library's."""
    assert CLASSES.keys() == PARAMIKO.keys()


@pytest.mark.parametrize("name", PARAMIKO)
def test_each_is_translated(name: str) -> None:
    """Each of them is caught, and becomes what the list says."""
    error = MADE.get(name, lambda: CLASSES[name]("x"))()

    assert isinstance(error, FOREIGN)
    assert type(translate(error)) is PARAMIKO[name]


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError("x"),
        socket.gaierror("x"),
        TimeoutError("x"),
        EOFError("x"),
        paramiko.AuthenticationException("Authentication timeout."),
        paramiko.AuthenticationException(
            "Authentication failed: transport shut down or saw EOF"
        ),
    ],
)
@pytest.mark.parametrize("begun", [False, True])
def test_silence(error: Exception, *, begun: bool) -> None:
    """Who breaks off while signing in has not refused anybody."""
    with pytest.raises(SshSilent) as caught, translated(begun=begun):
        raise error
    assert caught.value.begun is begun


def test_tree_of_errors() -> None:
    """All that is raised here is one kind of error; a file's trouble is a file's."""
    raised = [
        found
        for _, found in inspect.getmembers(sshlink, inspect.isclass)
        if issubclass(found, Exception)
    ]

    assert all(issubclass(found, SshError | OSError) for found in raised)


def test_all_that_is_exported_is_there() -> None:
    """The list of names is the package's."""
    assert sorted(sshlink.__all__, key=str) == sorted(set(sshlink.__all__), key=str)
    assert all(hasattr(sshlink, name) for name in sshlink.__all__)
