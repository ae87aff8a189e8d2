"""The docker runner, with an engine that fails it."""

from collections.abc import Callable
from typing import Any

import pytest

from agave_local.services.actors.runner.base import KILLED, Task
from agave_local.services.actors.runner.container import LOST
from agave_local.services.actors.runner.container_engine import (
    EngineDown,
    EngineRefused,
)
from agave_local.services.actors.runner.docker import DockerRunner
from agave_local.services.actors.runner.docker_images import ENGINE_DOWN
from agave_local.services.actors.runner.limits import Limits

Make = Callable[..., DockerRunner]


def test_container_that_nothing_ends(
    make_docker: Make, engine: Any, recorder: Any
) -> None:
    """A container that even force does not end is given up, and said to be lost."""
    engine.behave, engine.keeps_killed = engine.wait_killed, True

    make_docker(limits=Limits(run_time=0.05)).run(Task("a", "i", {}))

    assert recorder.wait_end("a").error == LOST


def test_container_that_somebody_removed(
    make_docker: Make, engine: Any, recorder: Any
) -> None:
    """A container that is gone is said to be lost."""
    engine.behave = engine.wait_killed
    runner = make_docker()
    runner.run(Task("a", "i", {}))
    recorder.wait_soon(lambda: "state" in engine.calls)

    engine.remove("c0")

    ending = recorder.wait_end("a")
    assert (ending.exit_code, ending.error, ending.state) == (KILLED, LOST, {})


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            'runc: exec: "/x": stat /x: no such file or directory',
            'exec: "/x": stat /x: no such file or directory',
        ),
        ("executable file `x` not found in $PATH", None),
        ("statfs /srv/secret: no such file", "the container engine refused it."),
    ],
)
def test_refused_start(
    make_docker: Make, engine: Any, recorder: Any, said: str, reason: str | None
) -> None:
    """A refusal says what is about the image, and nothing of this machine."""
    engine.failures["start"] = [EngineRefused(said)]

    make_docker().run(Task("a", "i", {}))

    error = recorder.wait_end("a").error
    assert error == f"Error executing container: {reason or said}"
    assert recorder.prepared == []
    assert not engine.states


def test_image_that_has_gone(make_docker: Make, engine: Any, recorder: Any) -> None:
    """An image that was removed since makes its actors hear of it."""
    engine.images.clear()

    make_docker(pulls=False).run(Task("a", "i", {}))

    assert recorder.wait_end("a").error == (
        "Error executing container: the container engine refused it."
    )
    assert recorder.wait_prepared() == "Image i was not found on the public registry."


def test_engine_that_comes_back(make_docker: Make, engine: Any, recorder: Any) -> None:
    """An execution waits for an engine that is away for a moment."""
    engine.failures["create"] = [EngineDown("gone")]
    engine.failures["attach"] = [EngineDown("gone")]

    make_docker(patience=5).run(Task("a", "i", {}))

    assert recorder.wait_end("a").error is None
    recorder.wait(lambda: len(recorder.prepared) == 2)
    assert recorder.prepared == [("i", ENGINE_DOWN), ("i", None)]
    recorder.wait_soon(lambda: not engine.states)


def test_engine_that_stays_away(make_docker: Make, engine: Any, recorder: Any) -> None:
    """An execution without an engine fails, and says what to do."""
    engine.failures["create"] = [EngineDown("gone")] * 99

    make_docker().run(Task("a", "i", {}))

    assert recorder.wait_end("a").error == ENGINE_DOWN
    assert recorder.prepared == [("i", ENGINE_DOWN)]


def test_start_without_an_answer(make_docker: Make, engine: Any, recorder: Any) -> None:
    """A container that may have started is not started a second time."""
    engine.failures["start"] = [EngineDown("gone")]

    make_docker().run(Task("a", "i", {}))

    assert recorder.wait_end("a").error == LOST
    assert engine.calls.count("create") == 1


@pytest.mark.parametrize(("times", "error"), [(1, None), (99, LOST)])
def test_engine_lost_while_it_runs(
    make_docker: Make, engine: Any, recorder: Any, times: int, error: str | None
) -> None:
    """A short silence of the engine is nothing; a long one loses the execution."""
    engine.failures["state"] = [EngineDown("gone")] * times

    make_docker().run(Task("a", "i", {}))

    assert recorder.wait_end("a").error == error


def test_own_failure(make_docker: Make, engine: Any, recorder: Any) -> None:
    """A failure of the tenant itself ends the execution, and tells nothing."""
    engine.failures["create"] = [ZeroDivisionError("/srv/secret")]

    make_docker().run(Task("a", "i", {}))

    assert recorder.wait_end("a").error == (
        "Error executing container: the tenant failed."
    )


def test_engine_down_at_start(make_docker: Make, engine: Any, recorder: Any) -> None:
    """Without an engine every image is missing, for a reason."""
    engine.failures["labelled"] = [EngineDown("gone")] * 2
    engine.failures["has"] = [EngineDown("gone")]

    runner = make_docker()
    runner.prepare("i")

    assert recorder.wait_prepared() == ENGINE_DOWN
    runner.prepare("i")
    assert recorder.wait_prepared(2) is None


def test_container_that_could_not_be_removed(
    make_docker: Make, engine: Any, recorder: Any
) -> None:
    """What could not be removed is removed as soon as the engine is asked again."""
    engine.failures["remove"] = [EngineDown("gone")]
    runner = make_docker()
    runner.run(Task("a", "i", {}))
    recorder.wait_end("a")
    assert engine.states

    runner.prepare("i")

    recorder.wait_soon(lambda: not engine.states)
