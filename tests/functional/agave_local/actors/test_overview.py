"""Utilization, and the summaries for administrators."""

from typing import Any

import pytest


def _totals(client: Any) -> Any:
    return client.get("/actors/v2/admin/executions").json()["result"]


def test_utilization(abaco: Any, result: Any) -> None:
    """Everybody may know how many actors and workers there are."""
    ipt = abaco.client("ipt")
    abaco.register(ipt)
    gone = abaco.register(ipt)
    abaco.register(ipt, image="nosuch/image")
    ipt.delete(f"/actors/v2/{gone}")

    answer = abaco.client("ada").get("/actors/v2/utilization")

    assert answer.json()["message"] == "Abaco utilization returned successfully."
    assert result(answer) == {
        "currentActors": 2,
        "totalActors": 3,
        "workers": 1,
        "commandQueue": 0,
    }


@pytest.mark.parametrize("path", ["", "/workers", "/executions"])
def test_for_administrators(lasting: Any, refusal: Any, path: str) -> None:
    """Summaries of everybody's things are for administrators."""
    address = f"/actors/v2/admin{path}"

    assert refusal(lasting.client("ipt").get(address)) == (
        400,
        "Abaco Admin role required.",
    )
    assert refusal(lasting.anonymous().get(address))[0] == 400


def test_actors(abaco: Any, actor_id: str, result: Any) -> None:
    """An administrator sees everybody's actors, nulls and all."""
    ipt, admin = abaco.client("ipt"), abaco.client("admin")
    shut = abaco.register(ipt, image="nosuch/image")
    abaco.send(ipt, shut, {})
    abaco.finish(ipt, actor_id, abaco.send(ipt, actor_id, {}))

    first, second = result(admin.get("/actors/v2/admin"))

    assert (first["id"], second["id"]) == (actor_id, shut)
    assert (first["executions"], first["messages"]) == (1, 0)
    assert (second["executions"], second["messages"]) == (1, 1)
    assert first["dbId"] == f"LOCAL_{actor_id}"
    assert first["maxWorkers"] is None
    assert first["createTime"].endswith(" GMT")
    assert [worker["actorId"] for worker in first["workers"]] == [first["dbId"]]
    assert "_links" not in first


def test_workers(abaco: Any, actor_id: str, result: Any) -> None:
    """Workers are counted by what they do."""
    ipt = abaco.client("ipt")
    abaco.register(ipt, image="nosuch/image")

    shown = result(abaco.client("admin").get("/actors/v2/admin/workers"))

    assert shown["summary"] == {
        "totalWorkers": 1,
        "readyWorkers": 1,
        "requestedWorkers": 0,
        "errorWorkers": 0,
        "busyWorkers": 0,
        "actorsNoWorkers": 1,
    }
    (worker,) = shown["workers"]
    assert (worker["actorId"], worker["actorDbid"]) == (actor_id, f"LOCAL_{actor_id}")


def test_executions_of_actors_that_are_gone(abaco: Any, actor_id: str) -> None:
    """What a deleted actor did still counts, but not as an existing one's."""
    ipt, admin = abaco.client("ipt"), abaco.client("admin")
    gone = abaco.register(ipt)
    for each in (actor_id, gone, gone):
        abaco.finish(ipt, each, abaco.send(ipt, each, {}))
    ipt.delete(f"/actors/v2/{gone}")

    totals = _totals(admin)

    counts = {name: n for name, n in totals["summary"].items() if "Execution" in name}
    assert (counts["totalExecutionsAll"], counts["totalExecutionsExisting"]) == (3, 1)
    assert totals["summary"]["totalActorsAll"] == 2
    assert totals["summary"]["totalActorsExistingWithExecutions"] == 1
    assert [
        (each["actorId"], each["totalExecutions"]) for each in totals["actors"]
    ] == [
        (actor_id, 1),
        (gone, 2),
    ]
