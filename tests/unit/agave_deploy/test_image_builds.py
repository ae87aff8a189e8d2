"""What an engine that fails makes of a build, with a client that stands in for it."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import pytest
from docker.errors import APIError, ImageNotFound

from agave_deploy.errors import ImageError
from agave_deploy.images.image_builds import ImageBuilder

if TYPE_CHECKING:
    import docker


class Container:
    """A container whose program ends with a code."""

    def __init__(self, code: int) -> None:
        self._code = code
        self.is_removed = False

    def put_archive(self, path: str, data: Any) -> None:
        """Take files."""

    def start(self) -> None:
        """Run."""

    def wait(self) -> dict[str, int]:
        """Return the exit code."""
        return {"StatusCode": self._code}

    def logs(self, tail: int) -> bytes:
        """Return what it said."""
        return f"the last {tail} lines".encode()

    def get_archive(self, path: str, chunk_size: int) -> tuple[Iterator[bytes], None]:
        """Return what it made."""
        return iter([path.encode(), b"!" * min(chunk_size, 1)]), None

    def remove(self, *, force: bool) -> None:
        """Be gone."""
        self.is_removed = force


class Engine:
    """A client of an engine that says what a test wants."""

    def __init__(self, container: Container | Exception, lines: list[Any]) -> None:
        self._container = container
        self._lines = lines
        self.api = self.containers = self.images = self

    def create(self, *_: Any, **__: Any) -> Container:
        """Make a container, or fail."""
        if isinstance(self._container, Exception):
            raise self._container
        return self._container

    run = create

    def get(self, name: str) -> None:
        """Have no image."""
        raise ImageNotFound(name)

    def pull(self, name: str, **_: Any) -> Iterator[dict[str, str]]:
        """Answer in parts, or fail."""
        yield from self._lines
        raise APIError(name, explanation="the registry is away")

    def build(self, **_: Any) -> Iterator[dict[str, str]]:
        """Answer in parts."""
        return iter(self._lines)


def _builder(
    container: Container | Exception | None = None, lines: list[Any] | None = None
) -> ImageBuilder:
    engine = Engine(container or Container(0), lines or [])
    return ImageBuilder(cast("docker.DockerClient", engine), lambda _: None)


def test_transform() -> None:
    """What a program made in a container comes back, and the container goes."""
    container, made = Container(0), io.BytesIO()

    _builder(container).transform("base", ["program"], io.BytesIO(), "/made", made)

    assert made.getvalue() == b"/made!"
    assert container.is_removed


def test_transform_that_fails() -> None:
    """A program that fails is shown with its last lines, and its container goes."""
    container = Container(3)

    with pytest.raises(ImageError, match="can't compile:\nthe last 12 lines"):
        _builder(container).transform("b", ["p"], io.BytesIO(), "/m", io.BytesIO())

    assert container.is_removed


def test_engine_refuses() -> None:
    """What the engine refuses is said in its words."""
    refused = APIError("no such thing")

    with pytest.raises(ImageError, match="can't be used: no such thing"):
        _builder(refused).transform("b", ["p"], io.BytesIO(), "/m", io.BytesIO())
    with pytest.raises(ImageError, match="Python does not run: no such thing"):
        _builder(refused).ask_python("base")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [([{"error": "not found"}], "the registry is away"), ([], "registry is away")],
)
def test_base_that_is_nowhere(lines: list[Any], reason: str) -> None:
    """A base that can't be fetched is named, with the way out."""
    with pytest.raises(ImageError, match=rf"image base:latest .*--base.*{reason}"):
        _builder(lines=lines).find_base("base")


def test_build() -> None:
    """What the engine says has the id of what was built, or what went wrong."""
    good: list[Any] = [{"stream": "STEP 1\n\n"}, {"aux": {}}]
    good.append({"stream": "Successfully built 0123456789ab\n"})

    assert _builder(lines=good).build({}, "", arguments={}) == "0123456789ab"
    with pytest.raises(ImageError, match=r"can't be built:\n  STEP 1\n.*\n  no space"):
        _builder(lines=[*good, {"error": "no space"}]).build({}, "x", arguments={})
