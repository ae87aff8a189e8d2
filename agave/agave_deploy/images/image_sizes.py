"""How large a function's image is over its base, layer by layer."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from docker import DockerClient

__all__ = ["LIMIT", "PARTS", "describe", "measure"]

PARTS: Final = ("packages", "extras", "shared", "own")
"""The layers that the Dockerfile adds, in its order."""

LIMIT: Final = 60_000_000
"""What a function's image may have over its base, in bytes."""

_MEGABYTE: Final = 1e6


def measure(client: "DockerClient", image: str) -> Mapping[str, int]:
    """Return how many bytes each layer of an image takes, its base's left aside."""
    return read_history(client.images.get(image).history())


def read_history(history: Sequence[Mapping[str, Any]]) -> Mapping[str, int]:
    """Return the size of each layer that the Dockerfile added; the last comes first."""
    added = [int(one["Size"]) for one in history if "ADD " in str(one["CreatedBy"])]
    return dict(zip(PARTS, reversed(added[: len(PARTS)]), strict=True))


def describe(sizes: Mapping[str, int]) -> str:
    """Return the sizes of layers, and their sum, as a line for a person."""
    each = ", ".join(f"{name} {_in_megabytes(size)}" for name, size in sizes.items())
    total = sum(sizes.values())
    over = f" (more than {_in_megabytes(LIMIT)})" if total > LIMIT else ""
    return f"{_in_megabytes(total)} MB over its base{over}: {each}"


def _in_megabytes(size: int) -> str:
    return f"{size / _MEGABYTE:.1f}"
