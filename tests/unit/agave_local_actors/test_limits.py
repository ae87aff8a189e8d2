"""How much an execution may take."""

import pytest

from agave_local.services.actors.runner.limits import Limits, read_size


@pytest.mark.parametrize(
    ("written", "size"),
    [("5", 5), ("5b", 5), ("2k", 2048), ("3M", 3 << 20), ("1g", 1 << 30)],
)
def test_sizes(written: str, size: int) -> None:
    """A size is written as docker writes it."""
    assert read_size(written) == size


@pytest.mark.parametrize("written", ["", "g", "-1", "1.5g", "1t", "٣", "9" * 19])
def test_what_is_no_size(written: str) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match="A size is a number"):
        read_size(written)


def test_memory() -> None:
    """An actor's own limit comes first; zero is none at all."""
    limits = Limits(memory=7)

    assert [limits.memory_for(wanted) for wanted in (None, 5, 0)] == [7, 5, None]


def test_containers() -> None:
    """A container has limits where a process has none."""
    own = Limits(run_time=5, memory=7, processes=9, file_size=11)

    assert own.for_containers() == own
    assert Limits().for_containers() == Limits(memory=2 << 30, processes=1024)
