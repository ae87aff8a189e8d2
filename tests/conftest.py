"""What holds for every test: components, a clean environment, no way out.

`@pytest.mark.needs("gcc", "chromium")` names components of
`agave_deploy.local_stack.doctor`.
Where one is missing the test is skipped and says so; it fails instead where
`IPT_REQUIRE` (names parted by commas, or `all`) asks for the component.
"""

import functools
import ipaddress
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from playwright.sync_api import Browser, sync_playwright

from agave_deploy.images.function_builds import FunctionOrder, build_functions
from agave_deploy.images.image_sources import read_packages
from agave_deploy.images.terminal_image import TERMINAL_IMAGE, ImageOrder, build_image
from agave_deploy.local_stack.doctor import COMPONENTS, Machine, Missing, find_missing
from agave_deploy.testing import Bases
from agave_local.services.actors.runner.testing import podman_engine
from agave_local.services.jobs.schedulers.testing import SlurmCluster, slurm_cluster
from sshlink.testing import SshServer, run_ssh_server

ROOT = Path(__file__).parents[1]
REQUIRE = "IPT_REQUIRE"
_OURS = ("IPT_", "AGAVE_", "_abaco_", "_actor_")

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Tabs of tests that follow each other need no process each.
    "--process-per-site",
]

# No test fails by time: neither an example that takes long nor the making of one.
_PATIENT = hypothesis.settings(
    deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("dev", _PATIENT, max_examples=25)
hypothesis.settings.register_profile("ci", _PATIENT, max_examples=500)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@functools.cache
def _missing(name: str) -> Missing | None:
    return find_missing(name, Machine.real())


def _required() -> set[str]:
    return {name.strip() for name in os.environ.get(REQUIRE, "").split(",")} - {""}


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a requirement that names nothing we know.

    Raises:
        pytest.UsageError: `IPT_REQUIRE` has an unknown name.
    """
    del config
    unknown = _required() - COMPONENTS.keys() - {"all"}
    if unknown:
        names = ", ".join(sorted(unknown))
        raise pytest.UsageError(f"{REQUIRE} names unknown components: {names}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests with a browser last.

    Playwright's loop lives in the main thread from the first of them to the end of
    the session, and no other loop can be run there meanwhile.
    """
    items.sort(key=_has_browser)


def _has_browser(item: pytest.Item) -> bool:
    return any("chromium" in mark.args for mark in item.iter_markers("needs"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip or fail a test whose component is missing."""
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            _demand(name)


def _demand(name: str) -> None:
    """Skip or fail what is being set up, unless a component is here."""
    if name not in COMPONENTS:
        pytest.fail(f"needs: there is no component {name!r}", pytrace=False)
    missing = _missing(name)
    if missing is None:
        return
    if _required() & {name, "all"}:
        pytest.fail(f"{missing}; {REQUIRE} asks for it", pytrace=False)
    pytest.skip(str(missing))


@pytest.fixture(autouse=True)
def clean_environ(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the settings of the person who runs the tests out of them."""
    for name in os.environ:
        if name.startswith(_OURS) and name != REQUIRE:
            monkeypatch.delenv(name)


class OutsideConnection(RuntimeError):
    """A test tried to reach something that is not this machine."""


def _is_this_machine(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _guarded(reach: Callable[..., Any], place: int) -> Callable[..., Any]:
    """Wrap a function of the socket module that reaches the host of an argument."""

    def check(*arguments: Any, **named: Any) -> Any:
        where = arguments[place] if len(arguments) > place else None
        host = where[0] if isinstance(where, tuple) else where if place == 0 else None
        if not _is_this_machine(host):
            raise OutsideConnection(f"{reach.__name__} to {where!r}")
        return reach(*arguments, **named)

    return check


@pytest.fixture(scope="session", autouse=True)
def no_way_out() -> Iterator[None]:
    """Let no test connect to anything but this machine itself."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(
                socket.socket, name, _guarded(getattr(socket.socket, name), 1)
            )
        patch.setattr(socket, "getaddrinfo", _guarded(socket.getaddrinfo, 0))
        yield


@pytest.fixture(scope="session", name="browser")
def _browser() -> Iterator[Browser]:
    """Start the one real Chromium of all tests; Playwright has no place for two."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session", name="container_engine")
def _container_engine() -> Iterator[str]:
    """Start a container engine of the tests' own; for tests that need `podman`."""
    # A short folder: the engine's socket is in it.
    with (
        tempfile.TemporaryDirectory(prefix="engine-") as folder,
        podman_engine(Path(folder), shared=Bases().prepare()) as url,
    ):
        yield url


@pytest.fixture(scope="session", name="slurm")
def _slurm() -> Iterator[SlurmCluster]:
    """Start a Slurm of the tests' own; for tests that need `slurm`."""
    with slurm_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session", name="terminal_base")
def _terminal_base() -> str:
    """Make what the terminal's image is built on, without a hub; kept between runs."""
    _demand("debootstrap")
    return Bases().make(read_packages(ROOT))


@pytest.fixture(scope="session", name="terminal_image")
def _terminal_image(container_engine: str, terminal_base: str) -> str:
    """Build the terminal's image as `./build.sh image` does; for who needs `podman`."""
    order = ImageOrder(TERMINAL_IMAGE, base=terminal_base, engine=container_engine)
    return build_image(ROOT, order, lambda _: None)


@pytest.fixture(scope="session", name="function_images")
def _function_images(container_engine: str, terminal_base: str) -> dict[str, str]:
    """Build all functions' images; give the image of each; for who needs `podman`."""
    order = FunctionOrder(base=terminal_base, engine=container_engine)
    return build_functions(ROOT, order, lambda _: None)


@pytest.fixture(scope="session", name="ssh_server")
def _ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """Run the SSH server of all tests that leave it as it is."""
    _demand("sshd")
    with run_ssh_server(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture(name="own_ssh_server")
def _own_ssh_server(tmp_path: Path) -> Iterator[SshServer]:
    """Run an SSH server of one test's own, which may break it."""
    _demand("sshd")
    folder = tmp_path / "sshd"
    folder.mkdir()
    with run_ssh_server(folder) as server:
        yield server
