"""Which images an engine can run."""

import pytest

from agave_local.services.actors.runner.base import UNKNOWN_IMAGE
from agave_local.services.actors.runner.container_engine import (
    Engine,
    EngineDown,
    EngineRefused,
)
from agave_local.services.actors.runner.docker_images import (
    ENGINE_DOWN,
    PULL_AGAIN_S,
    DockerImages,
)

UNKNOWN = UNKNOWN_IMAGE.format("i")


class Shelf:
    """An engine that only has images.

    Attributes:
        here: images that are here.
        there: images of the registry.
        pulled: every image that was asked for.
        failure: raised instead of every answer.
    """

    def __init__(self) -> None:
        self.here: set[str] = set()
        self.there: set[str] = set()
        self.pulled: list[str] = []
        self.failure: Exception | None = None

    def has(self, image: str) -> bool:
        """Tell whether an image is here."""
        if self.failure is not None:
            raise self.failure
        return image in self.here

    def pull(self, image: str) -> None:
        """Get an image."""
        self.pulled.append(image)
        if image not in self.there:
            raise EngineRefused("not found")
        self.here.add(image)


@pytest.fixture(name="shelf")
def _shelf() -> Shelf:
    return Shelf()


@pytest.fixture(name="time")
def _time() -> list[float]:
    return [1000.0]


def _images(shelf: Shelf, time: list[float], *, pulls: bool = True) -> DockerImages:
    engine: Engine = shelf  # type: ignore[assignment]  # the part that is asked
    return DockerImages(engine, pulls=pulls, now=lambda: time[0])


def test_here(shelf: Shelf, time: list[float]) -> None:
    """An image that is here is run as it is."""
    shelf.here = {"i"}

    assert _images(shelf, time).why_not("i") is None
    assert shelf.pulled == []


def test_renewed(shelf: Shelf, time: list[float]) -> None:
    """A renewed image is asked for; the old one is kept where there is no other."""
    shelf.here = {"i"}
    images = _images(shelf, time)

    assert images.why_not("i", renew=True) is None
    assert shelf.pulled == ["i"]


def test_missing_is_not_asked_for_again_and_again(
    shelf: Shelf, time: list[float]
) -> None:
    """A registry is left alone for a while, unless somebody insists."""
    images = _images(shelf, time)
    assert [images.why_not("i") for _ in range(3)] == [UNKNOWN] * 3
    assert shelf.pulled == ["i"]

    assert images.why_not("i", renew=True) == UNKNOWN
    assert shelf.pulled == ["i", "i"]

    time[0] += PULL_AGAIN_S
    shelf.there = {"i"}
    assert images.why_not("i") is None


def test_comes_without_a_registry(shelf: Shelf, time: list[float]) -> None:
    """An image that somebody loads by hand is found at once."""
    images = _images(shelf, time)
    assert images.why_not("i") == UNKNOWN

    shelf.here = {"i"}

    assert images.why_not("i") is None


def test_never_pulled(shelf: Shelf, time: list[float]) -> None:
    """An operator may have no registry asked at all."""
    assert _images(shelf, time, pulls=False).why_not("i", renew=True) == UNKNOWN
    assert shelf.pulled == []


@pytest.mark.parametrize(
    ("failure", "reason"),
    [(EngineDown("gone"), ENGINE_DOWN), (EngineRefused("what?"), UNKNOWN)],
)
def test_engine_without_an_answer(
    shelf: Shelf, time: list[float], failure: Exception, reason: str
) -> None:
    """Without an answer nothing is known, which does not make an image gone."""
    shelf.failure = failure
    images = _images(shelf, time)

    assert images.why_not("i") == reason
    assert not images.is_gone("i")


def test_gone(shelf: Shelf, time: list[float]) -> None:
    """An image is gone where the engine says so."""
    assert _images(shelf, time).is_gone("i")
