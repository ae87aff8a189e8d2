"""The docker runner, with an engine that does what a test says."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.actors.runner.base import KILLED, Task
from agave_local.services.actors.runner.container_engine import (
    EngineDown,
    EngineRefused,
    Mount,
    Order,
)
from agave_local.services.actors.runner.docker import (
    BOOT_LABEL,
    EXECUTION_LABEL,
    TENANT_LABEL,
    DockerRunner,
)
from agave_local.services.actors.runner.limits import Limits

Make = Callable[..., DockerRunner]


def test_run(make_docker: Make, engine: Any, recorder: Any) -> None:
    """An execution has its log, exit code, frames, state and what it took."""

    def behave(output: Any, order: Order) -> int:
        output.ours.send(b"said")
        address = _source(order, "/_abaco_results.sock")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
            client.connect(address)
            for number in range(40):
                client.send(b"%d" % number)
        return 3

    engine.behave = behave
    make_docker().run(Task("a", "i", {"MSG": "x"}))

    ending = recorder.wait_end("a")
    assert (ending.exit_code, ending.log, ending.error) == (3, "said", None)
    assert (ending.cpu, ending.io) == (5, 7)
    assert ending.state["Status"] == "exited"
    assert recorder.frames["a"] == [b"%d" % number for number in range(40)]
    assert not engine.states


def test_order(make_docker: Make, engine: Any, recorder: Any, tmp_path: Path) -> None:
    """A container is what the task, the operator and the contract make of it."""
    (tmp_path / "message").write_bytes(b"binary")
    runner = make_docker(
        api_server="http://host.docker.internal:1",
        user="7:8",
        mounts=(Mount("/data", "/d", "ro"),),
        limits=Limits(memory=9, processes=11, file_size=13),
    )

    environment = {"A": "b", "_abaco_api_server": "http://127.0.0.1:1"}
    runner.run(Task("a", "i", environment, tmp_path / "message", cpus=5))
    recorder.wait_end("a")

    (order,) = engine.orders.values()
    assert order.environment == {
        "A": "b",
        "_abaco_api_server": "http://host.docker.internal:1",
    }
    assert [(m.target, m.mode) for m in order.mounts] == [
        ("/d", "ro"),
        ("/_abaco_results.sock", "rw"),
        ("/_abaco_binary_data", "rw"),
    ]
    assert (order.memory, order.processes, order.file_size) == (9, 11, 13)
    assert (order.cpus, order.user, order.network) == (5, "7:8", "")
    assert order.hosts == {"host.docker.internal": "10.0.0.1"}
    assert order.labels[EXECUTION_LABEL] == "a"
    assert not order.privileged


def test_order_of_the_privileged(make_docker: Make, engine: Any, recorder: Any) -> None:
    """Who may gets the engine itself, no limit, and the image's own user."""
    runner = make_docker(user="7:8", network="host")

    task = Task("a", "i", {}, memory=0, privileged=True, as_image_user=True)
    runner.run(task)
    recorder.wait_end("a")

    (order,) = engine.orders.values()
    assert order.mounts[0] == Mount("/run/engine.sock", "/var/run/docker.sock")
    assert (order.memory, order.user, order.privileged) == (None, "", True)
    assert (order.network, order.hosts) == ("host", {})


@pytest.mark.parametrize(
    ("address", "failure"), [(None, []), ("10.0.0.1", [EngineRefused("no")])]
)
def test_no_gateway(
    make_docker: Make,
    engine: Any,
    recorder: Any,
    address: str | None,
    failure: list[Exception],
) -> None:
    """An engine that does not know its network gives a container no name for it."""
    engine.address, engine.failures["gateway"] = address, failure

    make_docker().run(Task("a", "i", {}))

    assert recorder.wait_end("a").error is None
    assert engine.orders["c0"].hosts == {}


def test_silent_container(make_docker: Make, engine: Any, recorder: Any) -> None:
    """A container that closes its output runs on to its own end."""

    def behave(output: Any, _: Order) -> int:
        output.ours.shutdown(socket.SHUT_RDWR)
        time.sleep(0.15)
        return 4

    engine.behave = behave
    make_docker().run(Task("a", "i", {}))

    assert recorder.wait_end("a").exit_code == 4


def test_time_limit(make_docker: Make, engine: Any, recorder: Any) -> None:
    """An execution that takes too long is ended by force, and is complete."""
    engine.behave = engine.wait_killed

    make_docker(limits=Limits(run_time=0.1)).run(Task("a", "i", {}))

    ending = recorder.wait_end("a")
    assert (ending.exit_code, ending.error) == (KILLED, None)


def test_kill_and_live_log(make_docker: Make, engine: Any, recorder: Any) -> None:
    """A running execution can be read and ended; another one is left alone."""

    def behave(output: Any, order: Order) -> int:
        output.ours.send(b"up")
        return int(engine.wait_killed(output, order))

    engine.behave = behave
    runner = make_docker()
    runner.run(Task("a", "i", {}))
    recorder.wait_soon(lambda: runner.log("a") == "up")

    runner.kill("other")
    runner.kill("a")

    ending = recorder.wait_end("a")
    assert (ending.exit_code, ending.error) == (KILLED, None)
    assert runner.log("a") == ""


def test_prepare(make_docker: Make, engine: Any, recorder: Any) -> None:
    """An image is here, comes from its registry, or cannot be had."""
    engine.registry = {"far"}
    runner = make_docker()
    for image in ("i", "far", "none"):
        runner.prepare(image)

    recorder.wait(lambda: len(recorder.prepared) == 3)

    assert dict(recorder.prepared) == {
        "i": None,
        "far": None,
        "none": "Image none was not found on the public registry.",
    }


def test_orphans(make_docker: Make, engine: Any, recorder: Any) -> None:
    """What an earlier boot of this very tenant left is removed, and nothing else."""
    runner = make_docker()
    runner.run(Task("a", "i", {}))
    recorder.wait_end("a")
    labels = engine.orders["c0"].labels
    runner.stop()
    engine.old = {
        "killed": {TENANT_LABEL: labels[TENANT_LABEL], BOOT_LABEL: "earlier"},
        "other": {TENANT_LABEL: "another", BOOT_LABEL: "earlier"},
    }

    runner.start(recorder)

    recorder.wait_soon(lambda: set(engine.old) == {"other"})


def test_stop(make_docker: Make, engine: Any, recorder: Any) -> None:
    """Stopping ends what runs and what waits for an engine, and says so."""
    engine.behave = engine.wait_killed
    runner = make_docker(patience=20)
    runner.run(Task("a", "i", {}))
    recorder.wait_soon(lambda: "state" in engine.calls)
    engine.failures["create"] = [EngineDown("gone")] * 99
    runner.run(Task("b", "i", {}))
    recorder.wait_prepared()

    runner.stop()
    runner.run(Task("c", "i", {}))
    runner.stop()

    errors = {name: recorder.wait_end(name).error for name in "abc"}
    assert set(errors.values()) == {"The tenant was stopped."}
    assert not engine.states


def test_deep_folder(
    make_docker: Make, engine: Any, recorder: Any, tmp_path: Path
) -> None:
    """Sockets are elsewhere where the data directory's path is too long for them."""
    runner = make_docker(folder=tmp_path / ("x" * 100) / "c")

    runner.run(Task("a", "i", {}))

    assert recorder.wait_end("a").error is None
    assert len(_source(engine.orders["c0"], "/_abaco_results.sock")) < 108


def _source(order: Order, target: str) -> str:
    (source,) = [m.source for m in order.mounts if m.target == target]
    return source
