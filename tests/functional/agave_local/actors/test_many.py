"""Long queues and long pasts: quick, and small in memory."""

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agave_local.records.store import Store
from agave_local.services.actors.executions import SHOWN, Message
from agave_local.services.actors.runner.base import Ending

LONG = 2_000
MESSAGE = Message("x" * 2_000, "str", "ipt")


@contextmanager
def _at_once(store: Store) -> Iterator[None]:
    """Write many records in one step; one by one takes long on a slow disk."""
    with store.transaction():
        yield


def _queue(abaco: Any, actor_id: str, number: int) -> None:
    actors = abaco.agave.tenant.actors
    for start in range(0, number, 1000):
        with _at_once(abaco.agave.tenant.store):
            for place in range(start, min(start + 1000, number)):
                actors.executions.accept(f"e{place}", actor_id, MESSAGE)


def test_start_with_a_long_queue(serve: Any) -> None:
    """What waits is found again at a start, in order, and without its messages."""
    with serve() as abaco:
        ipt = abaco.client("ipt")
        actor_id = abaco.register(ipt, image="nosuch/image")
        _queue(abaco, actor_id, LONG)
        abaco.agave.tenant.actors.stop()
        engine = abaco.agave.tenant.actors.engine
        tracemalloc.start()

        abaco.agave.tenant.actors.start()

        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert engine.queue_length(actor_id) == LONG
        assert engine.waiting(actor_id, "ipt") == LONG
        assert peak / LONG < 600
        started = time.monotonic()
        ipt.delete(f"/actors/v2/{actor_id}/messages")
        assert time.monotonic() - started < 5
        assert engine.queue_length(actor_id) == 0
        purged = abaco.execution(ipt, actor_id, f"e{LONG - 1}")
        assert (purged["status"], purged["exitCode"]) == ("ERROR", 137)


def test_summary_of_a_long_past(abaco: Any, result: Any) -> None:
    """A summary adds up all executions, and lists the latest of them."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt, image="nosuch/image")
    _queue(abaco, actor_id, SHOWN + 5)
    executions = abaco.agave.tenant.actors.executions
    executions.finish_all(
        [f"e{n}" for n in range(SHOWN + 5)], Ending(0, cpu=3, io=2, log="said")
    )

    summary = result(ipt.get(f"/actors/v2/{actor_id}/executions"))

    assert summary["totalExecutions"] == SHOWN + 5
    assert (summary["totalCpu"], summary["totalIo"]) == (3 * SHOWN + 15, 2 * SHOWN + 10)
    assert summary["totalRuntime"] == 0
    listed = [each["id"] for each in summary["executions"]]
    assert listed == [f"e{n}" for n in range(5, SHOWN + 5)]
    ipt.delete(f"/actors/v2/{actor_id}")
    assert abaco.agave.tenant.store.count("actors.log") == 0


def test_summary_of_ones_own(abaco: Any, actor_id: str, result: Any) -> None:
    """Who may only execute sees, and adds up, nothing but their own executions."""
    ipt, ada = abaco.client("ipt"), abaco.client("ada")
    grant = {"user": "ada", "level": "EXECUTE"}
    ipt.post(f"/actors/v2/{actor_id}/permissions", json=grant)
    for client in (ipt, ipt, ada):
        abaco.finish(client, actor_id, abaco.send(client, actor_id, {}))
    address = f"/actors/v2/{actor_id}/executions"
    nonce = result(ipt.post(f"/actors/v2/{actor_id}/nonces"))["id"]

    counts = [result(c.get(address))["totalExecutions"] for c in (ipt, ada)]

    nobody = abaco.anonymous().get(address, params={"x-nonce": nonce})
    assert counts == [3, 1]
    assert (result(nobody)["totalExecutions"], result(nobody)["executions"]) == (0, [])


def test_logs_and_results_expire(
    tmp_path: Path, serve_at: Any, clock: Any, wait_until: Any
) -> None:
    """Logs and results that nobody can read any more are forgotten by and by."""
    del tmp_path
    with serve_at() as abaco:
        ipt = abaco.client("ipt")
        actor_id = abaco.register(ipt)
        done = abaco.send(ipt, actor_id, {"print": "said", "frames": ["one", "two"]})
        abaco.finish(ipt, actor_id, done)
        store = abaco.agave.tenant.store
        wait_until(lambda: store.count("actors.result") == 2)

        clock.move(1_201)
        abaco.agave.tenant.duties.tick()
        assert (store.count("actors.log"), store.count("actors.result")) == (1, 0)
        clock.move(1_209_600)
        abaco.agave.tenant.duties.tick()

        assert store.count("actors.log") == 0


@pytest.mark.parametrize("number", [300])
def test_results_are_read_in_order(abaco: Any, actor_id: str, number: int) -> None:
    """Results come in order; an execution keeps 256 of them."""
    ipt = abaco.client("ipt")
    sent = abaco.send(ipt, actor_id, {"frames": [str(n) for n in range(number)]})
    abaco.finish(ipt, actor_id, sent)
    address = f"/actors/v2/{actor_id}/executions/{sent}/results"

    frames = [ipt.get(address).text for _ in range(257)]

    assert frames == [*(str(n) for n in range(256)), ""]
