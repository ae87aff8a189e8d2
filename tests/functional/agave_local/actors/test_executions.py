"""Executions: list, show, logs, results, end by force, limits."""

import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

# Of a real Abaco's answer, camel case.
KEYS = {
    *("_links", "actorId", "apiServer", "cpu", "executor", "exitCode", "finalState"),
    *("finishTime", "id", "io", "messageReceivedTime", "runtime", "startTime"),
    *("status", "workerId"),
}
FINAL_STATE = {
    *("Dead", "Error", "ExitCode", "FinishedAt", "OOMKilled", "Paused", "Pid"),
    *("Restarting", "Running", "StartedAt", "Status"),
}
SUMMARY = {
    *("_links", "actorId", "apiServer", "executions", "owner", "totalCpu"),
    *("totalExecutions", "totalIo", "totalRuntime"),
}


def _is_running(abaco: Any, client: Any, actor_id: str, execution_id: str) -> Any:
    def is_running() -> bool:
        execution = abaco.execution(client, actor_id, execution_id)
        return bool(execution["status"] == "RUNNING")

    return is_running


def test_show(served: Any) -> None:
    """An execution that ended says how, in all of Abaco's fields."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt)

    execution = served.finish(
        ipt, actor_id, served.send(ipt, actor_id, {"exit": 2, "sleep": 0.05})
    )

    assert set(execution) == KEYS
    assert set(execution["finalState"]) == FINAL_STATE
    assert set(execution["_links"]) == {"logs", "owner", "self"}
    assert {
        "status": "COMPLETE",
        "exitCode": 2,
        "executor": "ipt",
        "actorId": actor_id,
        "runtime": 0,
    }.items() <= execution.items()
    assert execution["finalState"]["ExitCode"] == 2
    assert execution["cpu"] > 0


def test_list(abaco: Any, result: Any) -> None:
    """The summary counts, and gives times as HTTP writes them."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt)
    execution_id = abaco.send(ipt, actor_id, {})
    abaco.finish(ipt, actor_id, execution_id)

    answer = ipt.get(f"/actors/v2/{actor_id}/executions")

    summary = result(answer)
    (listed,) = summary["executions"]
    assert answer.json()["message"] == "Actor executions retrieved successfully."
    assert set(summary) == SUMMARY
    assert summary["totalExecutions"] == 1
    assert (listed["id"], listed["status"]) == (execution_id, "COMPLETE")
    for name in ("startTime", "finishTime", "messageReceivedTime"):
        assert listed[name].endswith(" GMT")
        assert abs(parsedate_to_datetime(listed[name]).timestamp() - time.time()) < 60


def test_list_of_what_waits(abaco: Any, result: Any) -> None:
    """What has not started has no times yet."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt, image="nosuch/image")
    execution_id = abaco.send(ipt, actor_id, {})

    (listed,) = result(ipt.get(f"/actors/v2/{actor_id}/executions"))["executions"]
    execution = abaco.execution(ipt, actor_id, execution_id)

    assert (listed["startTime"], listed["finishTime"]) == (None, None)
    assert execution["status"] == "SUBMITTED"
    assert not {"startTime", "finishTime", "finalState", "exitCode"} & set(execution)


def test_refusals(abaco: Any, refusal: Any) -> None:
    """An unknown execution and a made one are refused in Abaco's words."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt)
    other = abaco.register(ipt)
    foreign = abaco.send(ipt, other, {})
    address = f"/actors/v2/{actor_id}/executions"

    for path, execution_id in (
        (f"{address}/nope", "nope"),
        (f"{address}/nope/logs", "nope"),
        (f"{address}/nope/results", "nope"),
        (f"{address}/{foreign}", foreign),
    ):
        assert refusal(ipt.get(path)) == (
            400,
            (
                f"No executions found with actor id of {actor_id} "
                f"and execution id of {execution_id}."
            ),
        )
    assert refusal(ipt.post(address, json={"runtime": "1"})) == (
        400,
        "Required field executor missing.",
    )


def test_log(served: Any, result: Any) -> None:
    """A log holds what was written on both streams, and what went wrong."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt)
    order = {"print": "before\n", "raise": "no luck"}

    execution = served.finish(ipt, actor_id, served.send(ipt, actor_id, order))

    answer = ipt.get(f"/actors/v2/{actor_id}/executions/{execution['id']}/logs")
    shown = result(answer)
    assert answer.json()["message"] == "Logs retrieved successfully."
    assert set(shown) == {"_links", "logs"}
    assert set(shown["_links"]) == {"execution", "owner", "self"}
    assert execution["exitCode"] == 1
    assert shown["logs"].startswith("before\nTraceback ")
    assert shown["logs"].endswith("RuntimeError: no luck\n")


def test_text_exit(served: Any) -> None:
    """A function that exits with a text has written it, and failed."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt)

    execution = served.finish(
        ipt, actor_id, served.send(ipt, actor_id, {"text_exit": "enough"})
    )

    assert execution["exitCode"] == 1
    assert served.log(ipt, actor_id, execution["id"]) == "enough\n"


def test_live_log(served: Any, wait_until: Any) -> None:
    """A log can be read while it grows."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt)

    execution_id = served.send(ipt, actor_id, {"print": "so far\n", "sleep": 60})

    wait_until(lambda: served.log(ipt, actor_id, execution_id) == "so far\n")
    running = served.execution(ipt, actor_id, execution_id)
    assert running["status"] == "RUNNING"


def test_log_limit(served: Any) -> None:
    """A flood is read to its end and cut at a million characters."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt)

    execution = served.finish(ipt, actor_id, served.send(ipt, actor_id, {"flood": 100}))

    log = served.log(ipt, actor_id, execution["id"])
    mark = " LOG LIMIT EXCEEDED; this execution log was TRUNCATED!"
    assert execution["exitCode"] == 0
    assert len(log) == 1_000_000 + len(mark)
    assert log.endswith(mark)


def test_log_expires(served_at: Any, clock: Any) -> None:
    """A log is gone when the actor said so."""
    ipt = served_at.client("ipt")
    actor_id = served_at.register(ipt, logEx=1000)
    execution_id = served_at.send(ipt, actor_id, {"print": "said"})
    served_at.finish(ipt, actor_id, execution_id)
    clock.move(999)
    before = served_at.log(ipt, actor_id, execution_id)

    clock.move(2)

    assert (before, served_at.log(ipt, actor_id, execution_id)) == ("said", "")


def test_results(abaco: Any) -> None:
    """Frames are read in order, once each; then there is nothing."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt)
    execution_id = abaco.send(ipt, actor_id, {"frames": ["one", "two"]})
    abaco.finish(ipt, actor_id, execution_id)
    address = f"/actors/v2/{actor_id}/executions/{execution_id}/results"

    answers = [ipt.get(address) for _ in range(3)]

    assert [answer.content for answer in answers] == [b"one", b"two", b""]
    assert {answer.status_code for answer in answers} == {200}
    assert {a.headers["Content-Type"] for a in answers} == {"application/octet-stream"}


def test_results_expire(served_at: Any, clock: Any) -> None:
    """A result nobody reads is gone after twenty minutes."""
    ipt = served_at.client("ipt")
    actor_id = served_at.register(ipt)
    execution_id = served_at.send(ipt, actor_id, {"frames": ["one"]})
    served_at.finish(ipt, actor_id, execution_id)

    clock.move(1201)

    address = f"/actors/v2/{actor_id}/executions/{execution_id}/results"
    assert ipt.get(address).content == b""


def test_frame_limit(abaco: Any) -> None:
    """A frame has at most 131072 bytes."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt)

    answer = abaco.ask(ipt, actor_id, {"frames": ["x" * 140_000]})

    assert len(answer.content) == 131_072


def test_many_frames(served: Any) -> None:
    """A function that sends without an end fills nothing."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt)
    execution_id = served.send(ipt, actor_id, {"frames": ["x"] * 400})
    served.finish(ipt, actor_id, execution_id)

    kept = served.agave.tenant.store.count("actors.result", parent=execution_id)

    assert kept == 256


def test_force_quit(served: Any, refusal: Any, wait_until: Any) -> None:
    """A running execution is ended by force, and only a running one."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt)
    execution_id = served.send(ipt, actor_id, {"sleep": 60})
    address = f"/actors/v2/{actor_id}/executions/{execution_id}"
    wait_until(_is_running(served, ipt, actor_id, execution_id))

    answer = ipt.delete(address)

    execution = served.finish(ipt, actor_id, execution_id)
    message = f"Issued force quit command for execution {execution_id}."
    assert answer.json()["message"] == message
    assert answer.json()["result"] is None
    assert (execution["status"], execution["exitCode"]) == ("COMPLETE", 137)
    assert refusal(ipt.delete(address)) == (
        400,
        (
            "Cannot force quit an execution not in RUNNING status. "
            "Execution was found in status: COMPLETE"
        ),
    )


@pytest.mark.parametrize(("how", "survives"), [("attached", False), ("detached", True)])
def test_what_is_left_behind(
    served: Any, tmp_path: Path, how: str, *, survives: bool
) -> None:
    """Nothing outlives an execution, but what the function detached on purpose."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt)
    path = tmp_path / "touched"

    served.ask(ipt, actor_id, {"leave": how, "path": str(path)})

    time.sleep(1.2)
    assert path.exists() is survives


def test_memory_limit(served: Any) -> None:
    """An execution gets no more memory than its actor may use."""
    admin = served.client("admin")
    actor_id = served.register(admin, memLimit="300m")

    modest, greedy = (
        served.finish(admin, actor_id, served.send(admin, actor_id, {"memory": size}))
        for size in (1_000_000, 1_000_000_000)
    )

    assert (modest["exitCode"], greedy["exitCode"]) == (0, 1)
    assert served.log(admin, actor_id, greedy["id"]).endswith("MemoryError\n")
