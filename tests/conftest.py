"""What holds for every test: components, a clean environment, no way out.

`@pytest.mark.needs("gcc", "chromium")` names components of `agave_deploy.doctor`.
Where one is missing the test is skipped and says so; it fails instead where
`IPT_REQUIRE` (names parted by commas, or `all`) asks for the component.
"""

import functools
import ipaddress
import os
import sys
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

from agave_deploy.doctor import COMPONENTS, Machine, Missing, find_missing

REQUIRE = "IPT_REQUIRE"
_OURS = ("IPT_", "AGAVE_", "_abaco_", "_actor_")
_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_ASKING = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})

hypothesis.settings.register_profile("dev", max_examples=25, deadline=None)
hypothesis.settings.register_profile("ci", max_examples=500, deadline=None)
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


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip or fail a test whose component is missing."""
    required = _required()
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            if name not in COMPONENTS:
                pytest.fail(f"needs: there is no component {name!r}", pytrace=False)
            missing = _missing(name)
            if missing is None:
                continue
            if required & {name, "all"}:
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


def _is_here(address: Any) -> bool:
    # A Unix socket's address is a path; a message on a connected socket has none.
    return not isinstance(address, tuple) or _is_this_machine(address[0])


def _is_this_machine(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


class _Guard:
    """An audit hook, which sees every connection, whoever makes it.

    A hook can't be taken out again; it is switched off at the end instead.
    """

    on = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on or not event.startswith("socket."):
            return
        if event in _CONNECTING and not _is_here(arguments[1]):
            raise OutsideConnection(f"{event} to {arguments[1]!r}")
        if event in _ASKING and not _is_this_machine(arguments[0]):
            raise OutsideConnection(f"{event} for {arguments[0]!r}")


_guard = _Guard()


@pytest.fixture(scope="session", autouse=True)
def no_way_out() -> Iterator[None]:
    """Let no test connect to anything but this machine itself."""
    if not _guard.on:
        sys.addaudithook(_guard)
    _guard.on = True
    yield
    _guard.on = False
