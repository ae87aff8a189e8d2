"""What happens at once: changes, deletions, uses of a nonce, readers of results."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from agave_local.services.actors.executions import PURGED
from agave_local.services.actors.registry import SHUTTING_DOWN


def test_a_late_change_closes_no_mailbox(
    abaco: Any, actor_id: str, wait_until: Any
) -> None:
    """Of two changes, the one whose worker is asked for last need not be the last."""
    ipt, actors = abaco.client("ipt"), abaco.agave.tenant.actors
    address = f"/actors/v2/{actor_id}"
    ipt.put(address, json={"image": "no/such"})
    overtaken = actors.registry.find(actor_id)
    ipt.put(address, json={"image": "probe"})
    wait_until(lambda: abaco.actor(ipt, actor_id)["status"] == "READY")

    actors.engine.prepare(overtaken)

    assert abaco.ask(ipt, actor_id, {"frames": ["done"]}).text == "done"
    assert abaco.actor(ipt, actor_id)["revision"] == 3


def test_a_message_that_a_worker_takes_too_late(abaco: Any, actor_id: str) -> None:
    """What a worker takes while its actor is being deleted does not begin."""
    ipt, actors = abaco.client("ipt"), abaco.agave.tenant.actors
    actors.registry.change(actor_id, status=SHUTTING_DOWN)

    execution_id = abaco.send(ipt, actor_id, {"sleep": 30})

    ended = abaco.finish(ipt, actor_id, execution_id)
    assert ended["status"] == "ERROR"
    assert "startTime" not in ended
    record = actors.executions.find(actor_id, execution_id)
    assert record["error"] == PURGED
    assert actors.delete(actors.registry.find(actor_id))


def test_an_actor_that_is_being_deleted_stays_so(
    abaco: Any, actor_id: str, refusal: Any
) -> None:
    """A change that comes during the deletion of an actor does not take it back."""
    ipt, actors = abaco.client("ipt"), abaco.agave.tenant.actors
    actors.registry.change(actor_id, status=SHUTTING_DOWN)

    answer = ipt.put(f"/actors/v2/{actor_id}", json={"image": "no/such"})

    assert refusal(answer) == (404, f"No actor found with id: {actor_id}.")
    assert actors.registry.find(actor_id)["status"] == SHUTTING_DOWN


def test_nothing_in_memory_of_a_deleted_actor(abaco: Any, result: Any) -> None:
    """Actors that come and go leave nothing behind but their executions."""
    ipt, engine = abaco.client("ipt"), abaco.agave.tenant.actors.engine
    for _ in range(3):
        actor_id = abaco.register(ipt)
        abaco.ask(ipt, actor_id, {})
        result(ipt.delete(f"/actors/v2/{actor_id}"))
        assert engine.workers(actor_id) == []
        assert not engine.admit(actor_id, "late", "ipt")

    assert engine.mailboxes == 0


def test_a_stateful_actor_never_works_twice_at_once(
    abaco: Any, result: Any, wait_until: Any
) -> None:
    """A new worker of an actor with a state waits for the old one to leave."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt, stateless=False)
    first = abaco.send(ipt, actor_id, {"sleep": 0.4})
    wait_until(lambda: abaco.execution(ipt, actor_id, first)["status"] == "RUNNING")
    body = {"image": "probe", "stateless": False, "force": True}
    result(ipt.put(f"/actors/v2/{actor_id}", json=body))
    wait_until(lambda: abaco.actor(ipt, actor_id)["status"] == "READY")

    second = abaco.send(ipt, actor_id, {})

    later = abaco.finish(ipt, actor_id, second)
    earlier = abaco.finish(ipt, actor_id, first)
    assert later["startTime"] >= earlier["finishTime"]
    assert later["workerId"] != earlier["workerId"]


def test_uses_of_a_nonce_at_once(abaco: Any, actor_id: str, result: Any) -> None:
    """Of fifty uses at once, as many get through as the nonce has."""
    nonces = f"/actors/v2/{actor_id}/nonces"
    body = {"maxUses": 17, "level": "READ"}
    nonce = result(abaco.client("ipt").post(nonces, json=body))["id"]

    def use(_: int) -> int:
        query = {"x-nonce": nonce}
        answer = abaco.anonymous().get(f"/actors/v2/{actor_id}", params=query)
        return int(answer.status_code)

    with ThreadPoolExecutor(10) as pool:
        answers = Counter(pool.map(use, range(50)))

    assert answers == {200: 17, 400: 33}
    kept = result(abaco.client("ipt").get(f"{nonces}/{nonce}"))
    assert (kept["currentUses"], kept["remainingUses"]) == (17, 0)


def test_readers_of_results_at_once(abaco: Any, actor_id: str) -> None:
    """Each frame is given to one of many readers."""
    ipt = abaco.client("ipt")
    frames = [f"frame {number}" for number in range(40)]
    execution_id = abaco.send(ipt, actor_id, {"frames": frames})
    abaco.finish(ipt, actor_id, execution_id)
    address = f"/actors/v2/{actor_id}/executions/{execution_id}/results"

    with ThreadPoolExecutor(10) as pool:
        read = pool.map(lambda _: abaco.client("ipt").get(address).text, range(60))

    assert Counter(filter(None, read)) == Counter(frames)
