"""What a container host refuses, or can't do: told at once, and nothing is left."""

from dataclasses import replace
from typing import Any

import pytest

from iptweb.errors import HostUnreachable, LaunchFailed
from iptweb.settings import EngineHost

pytestmark = pytest.mark.needs("podman", "debootstrap")


def test_missing_image_is_named(place: Any) -> None:
    """The way out is the command that builds it."""
    host = place.host(image="localhost/no-such-image")

    with pytest.raises(LaunchFailed, match=r"build\.sh image terminal-session"):
        host.launch(place.request())
    assert "no-such-image" in (host.reason() or "")
    assert place.host().reason() is None


def test_image_without_a_server_fails_at_once(place: Any) -> None:
    """What ends before it answers is removed, and its last words go to the log."""
    host = place.host(image="localhost/ipt-terminal-base")
    with place.client() as client:
        base = next(
            tag
            for image in client.images()
            for tag in image["RepoTags"] or []
            if "base" in tag
        )
    host = place.host(image=base)

    with pytest.raises(LaunchFailed, match="did not start"):
        host.launch(place.request())
    assert place.everything() == []


def test_engine_that_is_not_there(place: Any) -> None:
    """No engine is no mystery, and is told at once."""
    host = place.host(EngineHost("gone", f"unix://{place.folder}/none", "127.0.0.1"))

    with pytest.raises(HostUnreachable, match="container engine does not answer"):
        host.launch(place.request())
    with pytest.raises(HostUnreachable):
        host.living()
    assert "does not answer" in (host.reason() or "")


def test_network_that_is_not_there(place: Any) -> None:
    """An engine's refusal is a failed launch, and leaves nothing."""
    with pytest.raises(LaunchFailed):
        place.host(network="no-such-network").launch(place.request())
    assert place.everything() == []


@pytest.mark.parametrize("name", ["../etc", "", "a b", "x" * 200, "-x", "a/b"])
def test_names_that_are_none(place: Any, name: str) -> None:
    """What can't be a record's name is nobody's terminal."""
    host = place.host()

    assert host.inspect(name) is None
    assert host.ended(name) is None
    assert host.stop(name) is False
    with pytest.raises(LaunchFailed):
        host.launch(replace(place.request(), name=name))
