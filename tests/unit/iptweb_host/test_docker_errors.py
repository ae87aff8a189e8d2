"""Every exception of the libraries below means something here."""

import inspect
import socket
from collections.abc import Callable
from pathlib import Path

import docker.errors
import docker.models.containers
import pytest
import requests
import requests.exceptions
import urllib3.exceptions

import sshlink
from iptweb.errors import HostKeyMismatch, HostUnreachable
from iptweb.terminals.host.containers import engine, ssh

# What becomes of each class of exception; a class that a new version brings is to be
# entered here once somebody has thought about it.
DOCKER = {
    "DockerException": HostUnreachable,
    "APIError": engine.EngineRefused,
    "NotFound": engine.NotThere,
    "ImageNotFound": engine.NotThere,
    "InvalidVersion": HostUnreachable,
    "InvalidRepository": HostUnreachable,
    "InvalidConfigFile": HostUnreachable,
    "InvalidArgument": engine.EngineRefused,
    "DeprecatedMethod": HostUnreachable,
    "TLSParameterError": HostUnreachable,
    "NullResource": engine.EngineRefused,
    "ContainerError": HostUnreachable,
    "StreamParseError": engine.EngineRefused,
    "BuildError": HostUnreachable,
    "ImageLoadError": HostUnreachable,
    "MissingContextParameter": HostUnreachable,
    "ContextAlreadyExists": HostUnreachable,
    "ContextException": HostUnreachable,
    "ContextNotFound": HostUnreachable,
}
SSH = {
    sshlink.SshError: HostUnreachable,
    sshlink.SshSilent: HostUnreachable,
    sshlink.SshBusy: HostUnreachable,
    sshlink.SshRefused: HostUnreachable,
    sshlink.SshKeyChanged: HostKeyMismatch,
    sshlink.SshFileError: HostUnreachable,
    TimeoutError: HostUnreachable,
}


def classes_of(*modules: object) -> dict[str, type[Exception]]:
    """Return all exception classes that modules define or show."""
    return {
        name: found
        for module in modules
        for name, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Exception) and found.__module__.split(".")[0] == "docker"
    }


DOCKER_CLASSES = classes_of(docker.errors)
MADE: dict[str, Callable[[], Exception]] = {
    "BuildError": lambda: docker.errors.BuildError("x", iter([])),
    "ContainerError": lambda: docker.errors.ContainerError(
        docker.models.containers.Container(), 1, "x", "x", "x"
    ),
    "ContextAlreadyExists": lambda: docker.errors.ContextAlreadyExists("x"),
}


def make(name: str, kind: type[Exception]) -> Exception:
    """Return an exception of a class."""
    return MADE.get(name, lambda: kind("x"))()


def test_no_exception_of_docker_is_forgotten() -> None:
    """The list is the library's."""
    assert DOCKER_CLASSES.keys() == DOCKER.keys()


@pytest.mark.parametrize("name", DOCKER)
def test_docker_is_translated(name: str) -> None:
    """Each of them is caught, and becomes what the list says."""
    error = make(name, DOCKER_CLASSES[name])

    assert isinstance(error, engine.FOREIGN)
    assert type(engine.translate(error)) is DOCKER[name]


@pytest.mark.parametrize("kind", SSH)
def test_connections_are_translated(kind: type[Exception]) -> None:
    """What goes wrong with SSH is the host's, and nobody is shown what it says."""
    with pytest.raises(SSH[kind]) as caught, ssh.translated():
        raise kind("secret words")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        requests.exceptions.ConnectionError("x"),
        requests.exceptions.ReadTimeout("x"),
        urllib3.exceptions.ProtocolError("x"),
        ConnectionResetError("x"),
        socket.gaierror("x"),
        TimeoutError("x"),
        EOFError("x"),
    ],
)
def test_silence_is_unreachable(error: Exception) -> None:
    """Whatever breaks a connection, nobody is shown its words."""
    assert isinstance(error, engine.FOREIGN)
    translated = engine.translate(error)

    assert isinstance(translated, HostUnreachable)
    assert "does not answer" in translated.message


def response(status: int) -> requests.Response:
    """Return an engine's answer."""
    answer = requests.Response()
    answer.status_code = status
    return answer


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (409, "Conflict", engine.Taken),
        (500, 'the container name "x" is already in use', engine.Taken),
        (500, "container abc does not exist: no such container", engine.NotThere),
        (404, "No such image", engine.NotThere),
        (500, "runc failed", engine.EngineRefused),
    ],
)
def test_engines_words_are_understood(status: int, text: str, kind: type) -> None:
    """Docker and podman say the same in different ways."""
    make = docker.errors.NotFound if status == 404 else docker.errors.APIError
    error = make("x", response=response(status), explanation=text)

    assert type(engine.translate(error)) is kind


def test_socket_that_is_not_there(tmp_path: Path) -> None:
    """No socket is left open where nobody listens."""
    with pytest.raises(HostUnreachable):
        engine.ContainerEngine.connect(f"unix://{tmp_path}/none")
