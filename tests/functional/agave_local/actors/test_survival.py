"""What a tenant finds again, after an end in order and after `kill -9`."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

SERVE = """
import sys, time
from pathlib import Path
from agave_local.testing import served_agave

sys.path.insert(0, sys.argv[2])
with served_agave(Path(sys.argv[1]), images={"probe": "probe_image"}) as agave:
    print(agave.base_url, agave.client("ipt").token, flush=True)
    time.sleep(600)
"""


def _images() -> str:
    return next(p for p in sys.path if (Path(p) / "probe_image").exists())


def _children_of(pid: int) -> list[int]:
    """Return the fork servers of a tenant, and what they forked."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            command = (path.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == pid and b"forkserver" in command:
            child = int(path.parent.name)
            found += [child, *_children_of(child)]
    return found


def test_kill(serve: Any, tmp_path: Path, agave_caller: Any, wait_until: Any) -> None:
    """A tenant killed at work loses no message, and says what became of each."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path / "data"), _images()],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        base_url, token = process.stdout.readline().split()
        ipt = agave_caller(base_url, token)
        body = {"image": "probe", "stateless": False}
        actor_id = ipt.post("/actors/v2", json=body).json()["result"]["id"]
        address = f"/actors/v2/{actor_id}"
        path = tmp_path / "touched"
        orders = [
            {"touch": str(tmp_path / "first"), "sleep": 60},
            *({"touch": str(path)} for _ in range(3)),
        ]
        first, *others = (
            ipt.post(f"{address}/messages", json=order).json()["result"]["executionId"]
            for order in orders
        )
        wait_until((tmp_path / "first").exists)
        children = _children_of(process.pid)
        process.send_signal(signal.SIGKILL)

    assert children
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))
    assert not path.exists()
    with serve() as abaco:
        client = abaco.client("ipt")
        ended = [abaco.finish(client, actor_id, one) for one in (first, *others)]
    assert [one["status"] for one in ended] == ["ERROR", *["COMPLETE"] * 3]
    assert ended[0]["finalState"]["Error"] == (
        "The tenant ended while this execution was running."
    )
    assert ended[0]["exitCode"] == 137
    assert path.read_text() == "xxx"


def test_end_in_order(serve: Any, wait_until: Any) -> None:
    """What runs when the tenant stops is ended and says so; what waits, waits."""
    with serve() as abaco:
        ipt = abaco.client("ipt")
        actor_id = abaco.register(ipt, stateless=False)
        running = abaco.send(ipt, actor_id, {"sleep": 60})
        waiting = abaco.send(ipt, actor_id, {"print": "at last"})
        wait_until(
            lambda: abaco.execution(ipt, actor_id, running)["status"] == "RUNNING"
        )
    with serve() as abaco:
        ipt = abaco.client("ipt")
        ended = abaco.execution(ipt, actor_id, running)
        assert ended["status"] == "ERROR"
        assert ended["finalState"]["Error"] == "The tenant was stopped."
        assert abaco.finish(ipt, actor_id, waiting)["status"] == "COMPLETE"
        assert abaco.log(ipt, actor_id, waiting) == "at last"


def test_stop_and_start_again(serve: Any, tmp_path: Path) -> None:
    """A tenant that stops and starts in one process runs what waited once."""
    path = tmp_path / "touched"
    with serve() as abaco:
        ipt = abaco.client("ipt")
        actor_id = abaco.register(ipt, image="nosuch/image")
        actors = abaco.agave.tenant.actors
        waiting = [abaco.send(ipt, actor_id, {"touch": str(path)}) for _ in range(3)]
        actors.stop()
        actors.start()

        ipt.put(f"/actors/v2/{actor_id}", json={"image": "probe"})

        ended = [abaco.finish(ipt, actor_id, one)["status"] for one in waiting]
    assert ended == ["COMPLETE"] * 3
    assert path.read_text() == "xxx"


def test_reset(serve: Any, result: Any, refusal: Any) -> None:
    """After a reset nothing of the actors is left, and new ones work."""
    with serve() as abaco:
        ipt = abaco.client("ipt")
        actor_id = abaco.register(ipt)
        abaco.send(ipt, actor_id, {"sleep": 60})

        abaco.agave.tenant.reset()

        ipt = abaco.client("ipt")
        assert refusal(ipt.get(f"/actors/v2/{actor_id}"))[0] == 404
        assert result(ipt.get("/actors/v2")) == []
        answer = abaco.ask(ipt, abaco.register(ipt), {"frames": ["new"]})
        assert answer.text == "new"


def test_half_deleted(serve: Any, wait_until: Any) -> None:
    """An actor whose deletion was cut off is deleted, with what waits for it."""
    with serve() as abaco:
        ipt = abaco.client("ipt")
        actor_id = abaco.register(ipt, image="nosuch/image")
        execution_id = abaco.send(ipt, actor_id, {})
        abaco.agave.tenant.actors.registry.change(actor_id, status="SHUTTING_DOWN")
    with serve() as abaco:
        actors = abaco.agave.tenant.actors
        assert actors.registry.find(actor_id) is None
        wait_until(
            lambda: actors.executions.find(actor_id, execution_id)["status"] == "ERROR"
        )


def test_stop_lets_callers_go(serve: Any, refusal: Any, wait_until: Any) -> None:
    """Who waits for a message that no worker took is told, when the tenant stops."""
    answers: list[Any] = []
    with serve() as abaco:
        ipt = abaco.client("ipt")
        actor_id = abaco.register(ipt, stateless=False)
        abaco.send(ipt, actor_id, {"sleep": 60})
        wait = abaco.ask_behind(ipt, actor_id, {}, answers)
        engine = abaco.agave.tenant.actors.engine
        wait_until(lambda: engine.queue_length(actor_id) == 1)
        abaco.agave.tenant.actors.stop()
        wait.join()

    status, message = refusal(answers[0])
    assert status == 503
    assert message.endswith("can be read when it is there again.")


def test_fork_server_is_replaced(served: Any, wait_until: Any) -> None:
    """A fork server that dies takes its executions along, and is started again."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt)
    execution_id = served.send(ipt, actor_id, {"sleep": 60})
    wait_until(
        lambda: served.execution(ipt, actor_id, execution_id)["status"] == "RUNNING"
    )
    (fork_server,) = _children_of(os.getpid())[:1]

    os.kill(fork_server, signal.SIGKILL)

    execution = served.finish(ipt, actor_id, execution_id)
    assert (execution["status"], execution["exitCode"]) == ("ERROR", 137)
    assert execution["finalState"]["Error"] == (
        "The process that runs this image ended unexpectedly."
    )
    assert served.ask(ipt, actor_id, {"frames": ["again"]}).text == "again"


def test_tidy_at_start(tmp_path: Path, serve_at: Any, clock: Any) -> None:
    """What expired while the tenant was down is forgotten; what waits is kept."""
    with serve_at() as abaco:
        ipt = abaco.client("ipt")
        actor_id = abaco.register(ipt)
        done = abaco.send(ipt, actor_id, {"print": "said", "frames": ["one"]})
        abaco.finish(ipt, actor_id, done)
        waiting = abaco.register(ipt, image="nosuch/image")
        ipt.post(
            f"/actors/v2/{waiting}/messages",
            data=b"bytes",
            headers={"Content-Type": "application/octet-stream"},
        )
        (kept,) = (tmp_path / "data" / "run" / "binary").iterdir()
    kept.with_name("orphan").touch()
    clock.move(2_000_000)

    with serve_at() as abaco:
        store = abaco.agave.tenant.store
        assert (store.count("actors.log"), store.count("actors.result")) == (0, 0)
        assert list(kept.parent.iterdir()) == [kept]
