"""What `up` and `down` have to do with terminals in containers."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from agave_deploy.errors import ImageError
from agave_deploy.images.engine import describe_terminals
from agave_deploy.local_stack.containers import stop_containers, terminal_scope
from agave_deploy.local_stack.local import LocalStack
from agave_deploy.local_stack.local_profile import (
    TerminalChoice,
    choose_terminals,
    make_local_profile,
    save_profile,
)
from agave_local.services.actors.runner.testing import make_python_image
from iptweb.terminals.host.containers.order import Scope

ROOT = Path(__file__).parents[3]
SLEEP = "import time\ntime.sleep(600)\n"


@dataclass
class Engine:
    """An engine with an image that only sleeps.

    Attributes:
        url: its address.
        client: asks it.
        image: that sleeps.
    """

    url: str
    client: docker.DockerClient
    image: str

    def start(self, scope: Scope, name: str) -> Container:
        """Start what counts as somebody's terminal."""
        return self.client.containers.run(
            self.image,
            name=scope.container(name),
            labels=scope.labels("terminal", name, 0.0),
            network_mode="none",
            detach=True,
        )


@pytest.fixture(name="engine")
def _engine(container_engine: str) -> Iterator[Engine]:
    image = make_python_image(container_engine, "sleeper", SLEEP)
    with closing(docker.DockerClient(container_engine)) as client:
        yield Engine(container_engine, client, image)
        for container in client.containers.list(all=True, filters={"ancestor": image}):
            container.remove(force=True)
        client.images.remove(image)


def _save(data: Path, terminals: TerminalChoice) -> Scope:
    """Write the profile of a stack; return whose its containers are."""
    fields = make_local_profile(data, "http://127.0.0.1:1", ["ada"], terminals)
    (data / "run").mkdir(parents=True)
    profile = save_profile(fields, data / "run")
    return Scope(profile.instance, profile.settings["terminal_home_root"])


def test_scope() -> None:
    """The deployer knows the containers by the label that the host gives them."""
    scope = Scope("dev", "/data/storage/ipt.storage")

    assert terminal_scope("dev", "/data/storage/ipt.storage") == scope.id
    labels = scope.labels("terminal", "ada-dev-IPT", 0.0)
    assert labels["ipt.terminal.scope"] == scope.id
    assert labels["ipt.terminal.role"] == "terminal"
    assert labels["ipt.terminal.name"] == "ada-dev-IPT"


@pytest.mark.needs("podman")
def test_stop(tmp_path: Path, engine: Engine) -> None:
    """All containers of a stack end, and none of another stack on the same engine."""
    scope = _save(tmp_path / "a", TerminalChoice("docker", engine.url))
    other = _save(tmp_path / "b", TerminalChoice("docker", engine.url))
    engine.start(scope, "bob-dev-IPT")
    engine.start(scope, "ada-dev-IPT")
    engine.start(scope, "old-dev-IPT").kill()
    stranger = engine.start(other, "ada-dev-IPT")

    assert stop_containers(tmp_path / "a/run", print) == ["ada-dev-IPT", "bob-dev-IPT"]

    left = engine.client.containers.list(all=True)
    assert [container.id for container in left] == [stranger.id]
    assert stop_containers(tmp_path / "a/run", print) == []


@pytest.mark.needs("podman")
def test_stop_on_found_engine(tmp_path: Path, engine: Engine) -> None:
    """Where nobody chose, the engine of this machine is asked."""
    scope = _save(tmp_path, TerminalChoice())
    engine.start(scope, "ada-dev-IPT")

    stopped = stop_containers(tmp_path / "run", print, lambda: engine.url)

    assert stopped == ["ada-dev-IPT"]


@pytest.mark.parametrize("host", ["sandbox", "process"])
def test_stop_without_containers(tmp_path: Path, host: str) -> None:
    """A stack whose terminals are no containers asks no engine."""
    _save(tmp_path, TerminalChoice(host, "unix:///no/such.sock"))

    assert stop_containers(tmp_path / "run", pytest.fail) == []


def test_stop_nothing(tmp_path: Path) -> None:
    """A data folder without a profile has no containers."""
    assert stop_containers(tmp_path, pytest.fail, lambda: "unix:///no.sock") == []


def test_stop_engine_gone(tmp_path: Path) -> None:
    """An engine that was demanded and does not answer is told; a found one is not."""
    said: list[str] = []
    _save(tmp_path / "a", TerminalChoice("docker", "unix:///no/such.sock"))
    _save(tmp_path / "b", TerminalChoice())

    assert stop_containers(tmp_path / "a/run", said.append) == []
    assert stop_containers(tmp_path / "b/run", pytest.fail, lambda: None) == []
    find = lambda: "unix:///no.sock"  # noqa: E731 - one word
    assert stop_containers(tmp_path / "b/run", pytest.fail, find) == []

    (line,) = said
    assert "may live on: The engine unix:///no/such.sock does not answer" in line


@pytest.mark.parametrize(
    ("host", "engine", "found", "settings"),
    [
        ("auto", None, None, {"terminal_host": "auto"}),
        (
            "auto",
            None,
            "unix:///e.sock",
            {"terminal_host": "auto", "terminal_engine": "unix:///e.sock"},
        ),
        (
            "docker",
            "unix:///mine.sock",
            "unix:///e.sock",
            {"terminal_host": "docker", "terminal_engine": "unix:///mine.sock"},
        ),
        ("auto", None, "tcp://elsewhere:2375", {"terminal_host": "auto"}),
        ("sandbox", None, "unix:///e.sock", {"terminal_host": "sandbox"}),
    ],
)
def test_choose_terminals(
    host: str, engine: str | None, found: str | None, settings: dict[str, str]
) -> None:
    """The engine of this machine is used unless another one, or none, is wanted."""
    assert choose_terminals(host, engine, lambda: found).settings == settings


def test_up_without_engine(tmp_path: Path) -> None:
    """Who demands containers and has no engine is told so before anything starts."""
    stack = LocalStack(ROOT, tmp_path / "data", pytest.fail)

    with pytest.raises(ImageError, match="There is no container engine here"):
        stack.up(1, lambda: 0.0, TerminalChoice("docker"))

    assert not (tmp_path / "data").exists()


@pytest.mark.needs("podman")
def test_up_without_image(tmp_path: Path, engine: Engine) -> None:
    """Who demands containers and has no image is told how to build it."""
    stack = LocalStack(ROOT, tmp_path / "data", pytest.fail)

    choice = TerminalChoice("docker", engine.url)
    with pytest.raises(
        ImageError, match=r"build it: ./build.sh image terminal-session"
    ):
        stack.up(1, lambda: 0.0, choice, image="no/such:image")


@pytest.mark.needs("podman")
def test_up_without_own_image(tmp_path: Path, engine: Engine) -> None:
    """The image that is asked for is the one of the operator's own settings."""
    text = f"terminal_image: no/own:image\nterminal_engine: {engine.url}\n"
    (tmp_path / "settings.yaml").write_text(text, "utf-8")
    stack = LocalStack(ROOT, tmp_path, pytest.fail)

    with pytest.raises(ImageError, match="no image no/own:image"):
        stack.up(1, lambda: 0.0, TerminalChoice("docker"), image=engine.image)


@pytest.mark.needs("podman")
def test_doctor(engine: Engine) -> None:
    """The doctor tells which engine can run terminals, or what it lacks."""
    assert describe_terminals(engine.image, lambda: engine.url) == (
        f"Terminals and jobs can run in containers: {engine.url} has the image "
        f"{engine.image}."
    )
    assert "build it" in describe_terminals("no/such:image", lambda: engine.url)
