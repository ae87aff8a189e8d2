"""Workers of an actor: list, show, add, let go; how they come and go."""

from typing import Any

NO_STAFFING = "Not authorized -- only admins are authorized to update workers."


def _workers(client: Any, actor_id: str) -> list[dict[str, Any]]:
    workers: list[dict[str, Any]] = client.get(f"/actors/v2/{actor_id}/workers").json()[
        "result"
    ]
    return workers


def test_registration_brings_one(abaco: Any, actor_id: str, result: Any) -> None:
    """An actor has a worker from the beginning, which can be shown."""
    ipt = abaco.client("ipt")

    answer = ipt.get(f"/actors/v2/{actor_id}/workers")

    (worker,) = result(answer)
    assert answer.json()["message"] == "Workers retrieved successfully."
    assert (worker["status"], worker["image"]) == ("READY", "probe")
    assert worker["chName"] == f"worker_{worker['id']}"
    assert worker["lastExecutionTime"] == "None"
    shown = ipt.get(f"/actors/v2/{actor_id}/workers/{worker['id']}")
    assert shown.json()["message"] == "Worker retrieved successfully."
    assert result(shown) == worker


def test_no_worker_for_what_cannot_run(abaco: Any, refusal: Any) -> None:
    """An actor in error has no workers, and can be given none."""
    admin = abaco.client("admin")
    actor_id = abaco.register(admin, image="nosuch/image")
    reason = abaco.actor(admin, actor_id)["statusMessage"]

    more = admin.post(f"/actors/v2/{actor_id}/workers", json={"num": 2})

    assert _workers(admin, actor_id) == []
    assert refusal(more) == (400, reason)


def test_add_workers(abaco: Any, result: Any) -> None:
    """An administrator has at least so many workers; more than there are, or none."""
    admin = abaco.client("admin")
    actor_id = abaco.register(admin)
    address = f"/actors/v2/{actor_id}/workers"

    more = admin.post(address, json={"num": 3})
    none = admin.post(address, json={"num": 2})
    default = admin.post(address)

    assert (result(more), result(none), result(default)) == (None, None, None)
    assert more.json()["message"] == (
        "Scheduled 2 new worker(s) to start. Previously, there were 1 workers."
    )
    assert none.json()["message"] == f"Actor {actor_id} already had 2 worker(s)."
    assert default.json()["message"] == f"Actor {actor_id} already had 1 worker(s)."
    assert [worker["status"] for worker in _workers(admin, actor_id)] == ["READY"] * 3


def test_add_workers_refusals(lasting: Any, refusal: Any) -> None:
    """Too many workers, two for one state, or for no actor, are refused."""
    admin = lasting.client("admin")
    actor_id = lasting.register(admin, stateless=False)
    address = f"/actors/v2/{actor_id}/workers"

    assert refusal(lasting.client("ipt").post(address, json={"num": 2})) == (
        400,
        NO_STAFFING,
    )
    assert refusal(admin.post(address, json={"num": 2})) == (
        400,
        "Invalid workers description: stateful actors can only have 1 worker.",
    )
    assert refusal(admin.post(address, json={"num": 65})) == (
        400,
        "Invalid workers description: an actor can have 64 workers at most.",
    )
    assert refusal(admin.post(address, json={"num": "x"}))[0] == 400
    assert refusal(admin.post("/actors/v2/nope/workers", json={"num": 2})) == (
        404,
        "Actor with identifier 'nope' not found",
    )


def test_strangers_see_no_workers(abaco: Any, actor_id: str, refusal: Any) -> None:
    """Workers are shown to those who may read the actor; changers let them go."""
    ada, ipt = abaco.client("ada"), abaco.client("ipt")
    (worker,) = _workers(ipt, actor_id)
    address = f"/actors/v2/{actor_id}/workers"
    no_access = (400, "Not authorized -- you do not have access to this actor.")

    assert refusal(ada.get(address)) == no_access
    assert refusal(ada.delete(f"{address}/{worker['id']}")) == no_access
    ipt.post(
        f"/actors/v2/{actor_id}/permissions", json={"user": "ada", "level": "READ"}
    )
    assert ada.get(address).json()["result"] == [worker]
    assert refusal(ada.delete(f"{address}/{worker['id']}")) == no_access


def test_let_a_worker_go(abaco: Any, actor_id: str, result: Any, refusal: Any) -> None:
    """A worker that is let go is gone, and the next message brings another."""
    ipt = abaco.client("ipt")
    (worker,) = _workers(ipt, actor_id)
    address = f"/actors/v2/{actor_id}/workers/{worker['id']}"

    answer = ipt.delete(address)

    assert result(answer) is None
    assert answer.json()["message"] == "Worker scheduled to be stopped."
    assert refusal(ipt.get(address)) == (404, "Worker not found.")
    assert refusal(ipt.delete(address)) == (404, "Worker not found.")
    assert abaco.ask(ipt, actor_id, {"frames": ["here"]}).text == "here"
    assert [each["id"] for each in _workers(ipt, actor_id)] != [worker["id"]]


def test_execution_names_its_worker(abaco: Any, actor_id: str, wait_until: Any) -> None:
    """A worker that did something says when, and the execution says who."""
    ipt = abaco.client("ipt")
    execution_id = abaco.send(ipt, actor_id, {})
    ended = abaco.finish(ipt, actor_id, execution_id)

    wait_until(lambda: _workers(ipt, actor_id)[0]["status"] == "READY")

    (worker,) = _workers(ipt, actor_id)
    assert ended["workerId"] == worker["id"]
    assert worker["lastExecutionTime"] != "None"


def test_workers_come_with_messages(abaco_with: Any, wait_until: Any) -> None:
    """An actor gets more workers while messages wait, and loses them afterwards."""
    with abaco_with() as abaco:
        ipt = abaco.client("ipt")
        actor_id = abaco.register(ipt)
        sent = [abaco.send(ipt, actor_id, {"sleep": 0.3}) for _ in range(3)]

        assert len(_workers(ipt, actor_id)) == 3
        for execution_id in sent:
            abaco.finish(ipt, actor_id, execution_id)
        wait_until(lambda: {w["status"] for w in _workers(ipt, actor_id)} == {"READY"})
        abaco.agave.tenant.actors.engine.review()

        assert _workers(ipt, actor_id) == []
        assert abaco.ask(ipt, actor_id, {"frames": ["again"]}).text == "again"


def test_without_autoscaling(abaco_with: Any) -> None:
    """Where the operator does not want it, one worker does one after the other."""
    with abaco_with(autoscaling=False) as abaco:
        ipt = abaco.client("ipt")
        actor_id = abaco.register(ipt)
        sent = [abaco.send(ipt, actor_id, {"sleep": 0.1}) for _ in range(3)]

        assert len(_workers(ipt, actor_id)) == 1
        ended = [abaco.finish(ipt, actor_id, each) for each in sent]

        assert len({each["workerId"] for each in ended}) == 1
        starts = [each["startTime"] for each in ended]
        assert starts == sorted(starts)


def test_message_of_an_old_worker(abaco: Any, actor_id: str) -> None:
    """A worker of an old revision hands its message back to a new one."""
    ipt = abaco.client("ipt")
    actors = abaco.agave.tenant.actors
    (old,) = _workers(ipt, actor_id)
    # As where a PUT is committed between a message's arrival and its delivery.
    actors.registry.change(actor_id, revision=2)

    answer = abaco.ask(ipt, actor_id, {"frames": ["done"]})

    assert answer.text == "done"
    (new,) = actors.engine.workers(actor_id)
    assert (new.revision, new.id != old["id"]) == (2, True)


def test_containers_that_never_start(abaco: Any, wait_until: Any) -> None:
    """After five failures in a row the next makes an error of the actor; PUT heals."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt)
    actors = abaco.agave.tenant.actors
    environment = {"k": "v"}
    actors.registry.change(actor_id, defaultEnvironment=None)

    sent = [abaco.send(ipt, actor_id, {}) for _ in range(6)]
    for execution_id in sent:
        assert abaco.finish(ipt, actor_id, execution_id)["status"] == "ERROR"
    wait_until(lambda: abaco.actor(ipt, actor_id)["status"] == "ERROR")

    assert abaco.actor(ipt, actor_id)["statusMessage"] == (
        "Error executing container: TypeError"
    )
    assert _workers(ipt, actor_id) == []
    body = {"image": "probe", "defaultEnvironment": environment, "force": True}
    ipt.put(f"/actors/v2/{actor_id}", json=body)
    wait_until(lambda: abaco.actor(ipt, actor_id)["status"] == "READY")
    assert abaco.ask(ipt, actor_id, {"frames": ["well"]}).text == "well"
