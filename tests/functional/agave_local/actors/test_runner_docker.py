"""Actors in containers of a real engine."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.actors.runner.limits import Limits
from agave_local.services.actors.runner.testing import make_python_image
from agave_local.testing import served_agave

pytestmark = pytest.mark.needs("podman")

Start = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(scope="module", name="shared")
def _shared(
    container_engine: str, tmp_path_factory: pytest.TempPathFactory, abaco_of: Any
) -> Iterator[Any]:
    """Yield a tenant that the tests share that leave it as it is."""
    data = tmp_path_factory.mktemp("docker") / "data"
    with served_agave(data, docker=container_engine, docker_pulls=False) as agave:
        yield abaco_of(agave)


@pytest.fixture(scope="module", name="actor")
def _actor(shared: Any, image: str) -> str:
    """Return an actor that a user without any role registered."""
    return str(shared.register(shared.client("anna"), image=image, stateless=True))


def test_environment(shared: Any, image: str) -> None:
    """A container sees the contract's variables, and its image's own."""
    anna = shared.client("anna")
    actor_id = shared.register(
        anna, image=image, name="seen", defaultEnvironment={"A": 1, "B": "b"}
    )

    answer = shared.ask(anna, actor_id, {"environment": True}, B="query", PATH="/x")

    seen = answer.json()
    assert (seen["A"], seen["B"], seen["PATH"]) == ("1", "query", "/x")
    assert seen["MSG"] == "{'environment': True}"
    assert seen["_abaco_Content_Type"] == "application/json"
    assert seen["_abaco_actor_id"] == actor_id
    assert seen["_abaco_actor_name"] == "seen"
    assert seen["_abaco_container_repo"] == image
    assert seen["_abaco_username"] == "anna"
    assert seen["_abaco_jwt_header_name"] == "X-Jwt-Assertion-Local"
    assert "PYTHONHOME" in seen
    assert "_abaco_results_socket" not in seen


def test_execution(shared: Any, actor: str) -> None:
    """An execution records its exit code, log, state, and what it took."""
    anna = shared.client("anna")

    execution_id = shared.send(anna, actor, {"print": "hello", "burn": 0.3, "exit": 3})
    execution = shared.finish(anna, actor, execution_id)

    assert (execution["status"], execution["exitCode"]) == ("COMPLETE", 3)
    assert shared.log(anna, actor, execution_id) == "hello"
    assert execution["cpu"] > 100_000_000
    state = execution["finalState"]
    assert (state["Status"], state["Running"], state["ExitCode"]) == (
        "exited",
        False,
        3,
    )
    assert state["StartedAt"] < state["FinishedAt"]


def test_results(shared: Any, actor: str) -> None:
    """Each datagram is a result, as large as the contract lets it be."""
    anna = shared.client("anna")
    frames = [f"{number:04d}" for number in range(99)]

    execution_id = shared.send(anna, actor, {"frames": frames, "large": 131_072})
    shared.finish(anna, actor, execution_id)

    address = f"/actors/v2/{actor}/executions/{execution_id}/results"
    assert [anna.get(address).text for _ in range(101)] == [
        *frames,
        "x" * 131_072,
        "",
    ]


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_binary_message(shared: Any, actor: str, size: int) -> None:
    """A binary message of any size comes through the pipe, to its end."""
    answer = shared.client("anna").post(
        f"/actors/v2/{actor}/messages?_abaco_synchronous=true",
        data=b"\0" * size,
        headers={"Content-Type": "application/octet-stream"},
    )

    assert answer.text == str(size)


def test_long_log(shared: Any, actor: str) -> None:
    """A log is cut where the contract says, and the execution goes on."""
    anna = shared.client("anna")

    execution_id = shared.send(anna, actor, {"flood": 60, "exit": 4})

    assert shared.finish(anna, actor, execution_id)["exitCode"] == 4
    log = shared.log(anna, actor, execution_id)
    assert len(log) < 1_000_100
    assert log.endswith(" LOG LIMIT EXCEEDED; this execution log was TRUNCATED!")


def test_live_log_and_force_quit(
    shared: Any, actor: str, result: Any, wait_until: Any, containers: Any
) -> None:
    """A running execution can be read and ended; nothing of it is left."""
    anna = shared.client("anna")
    execution_id = shared.send(anna, actor, {"print": "now", "sleep": 60})
    wait_until(lambda: shared.log(anna, actor, execution_id) == "now")

    result(anna.delete(f"/actors/v2/{actor}/executions/{execution_id}"))

    execution = shared.finish(anna, actor, execution_id)
    assert (execution["status"], execution["exitCode"]) == ("COMPLETE", 137)
    wait_until(lambda: not containers())


def test_new_container_for_each_message(shared: Any, actor: str) -> None:
    """What one execution writes is not there for the next."""
    anna = shared.client("anna")
    execution_id = shared.send(anna, actor, {"write": "/x"})
    assert shared.finish(anna, actor, execution_id)["exitCode"] == 0

    assert shared.ask(anna, actor, {"exists": "/x"}).text == "False"


def test_variable_that_no_process_could_have(shared: Any, actor: str) -> None:
    """A message beyond the kernel's limit fails its execution, and the log says so."""
    anna = shared.client("anna")

    execution_id = shared.send(anna, actor, {"filler": "x" * 200_000})

    assert shared.finish(anna, actor, execution_id)["exitCode"] != 0
    assert "argument list too long" in shared.log(anna, actor, execution_id)


def test_limits(start: Start, image: str) -> None:
    """Time, memory and processes are limited, for each container."""
    limits = Limits(run_time=5, memory=64 * 2**20, processes=10)
    with start(execution_limits=limits) as abaco:
        anna = abaco.client("anna")
        actor_id = abaco.register(anna, image=image)
        orders = [{"sleep": 60}, {"memory": 200_000_000}, {"children": 30}]

        sent = [abaco.send(anna, actor_id, order) for order in orders]
        ended = [abaco.finish(anna, actor_id, execution_id) for execution_id in sent]

        assert [each["exitCode"] for each in ended] == [137, 137, 1]
        assert {each["status"] for each in ended} == {"COMPLETE"}
        log = abaco.log(anna, actor_id, sent[2])
        assert "BlockingIOError" in log


def test_limits_of_an_actor(shared: Any, image: str) -> None:
    """An actor's own memory limit and share of the processors hold."""
    admin = shared.client("admin")
    actor_id = shared.register(admin, image=image, memLimit="64m", maxCpus=200_000_000)

    greedy = shared.send(admin, actor_id, {"memory": 200_000_000})
    slow = shared.send(admin, actor_id, {"burn": 0.3})

    assert shared.finish(admin, actor_id, greedy)["exitCode"] == 137
    state = shared.finish(admin, actor_id, slow)["finalState"]
    assert _seconds(state["FinishedAt"]) - _seconds(state["StartedAt"]) > 1


def test_users(start: Start, container_engine: str, program: str) -> None:
    """A container runs as the operator says, or as its image does where it may."""
    own = make_python_image(container_engine, "own", program, changes=["USER 77:88"])
    with start(docker_user="1234:99") as abaco:
        admin = abaco.client("admin")
        plain = abaco.register(admin, image=own)
        as_image = abaco.register(admin, image=own, useContainerUid=True)

        assert abaco.ask(admin, plain, {"who": True}).text == "1234:99"
        assert abaco.ask(admin, as_image, {"who": True}).text == "77:88"
        binary = admin.post(
            f"/actors/v2/{plain}/messages?_abaco_synchronous=true",
            data=b"12345",
            headers={"Content-Type": "application/octet-stream"},
        )
        assert binary.text == "5"


def test_mounts(start: Start, image: str, tmp_path: Path) -> None:
    """Every container sees the operator's folders, and writes only where it may."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "file").write_text("content", "utf-8")
    mount = {
        "host_path": str(tmp_path / "shared"),
        "container_path": "/_abaco_data1",
        "mode": "ro",
    }
    with start(mounts=[mount]) as abaco:
        anna = abaco.client("anna")
        actor_id = abaco.register(anna, image=image)

        assert abaco.ask(anna, actor_id, {"read": "/_abaco_data1/file"}).text == (
            "content"
        )
        execution_id = abaco.send(anna, actor_id, {"write": "/_abaco_data1/file"})
        assert abaco.finish(anna, actor_id, execution_id)["exitCode"] == 1


def test_privileged(shared: Any, image: str, refusal: Any) -> None:
    """Only who may has the engine itself in a container."""
    admin = shared.client("admin")
    actor_id = shared.register(admin, image=image, privileged=True)
    plain = shared.register(admin, image=image)
    order = {"exists": "/var/run/docker.sock"}

    assert shared.ask(admin, actor_id, order).text == "True"
    assert shared.ask(admin, plain, order).text == "False"
    body = {"image": image, "privileged": True}
    status, message = refusal(shared.client("anna").post("/actors/v2", json=body))
    assert status == 400
    assert "privileged" in message


def _seconds(stamp: str) -> float:
    hours, minutes, seconds = stamp[11:-1].split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
