"""What users of one actor, or of one tenant, cannot do to each other."""

import ast
from typing import Any

import pytest

PROCESS = (
    "Not authorized -- only service accounts and administrators may use images "
    "that run as processes of the tenant."
)


def _grant(abaco: Any, actor_id: str, user: str, level: str) -> None:
    abaco.client("ipt").post(
        f"/actors/v2/{actor_id}/permissions", json={"user": user, "level": level}
    )


def _configs(abaco: Any, client: Any, actor_id: str) -> Any:
    seen = abaco.ask(client, actor_id, {"environment": True}).json()
    return ast.literal_eval(seen["_actor_configs"])


def _unknown(actor_id: str, execution_id: str) -> tuple[int, str]:
    return (
        400,
        (
            f"No executions found with actor id of {actor_id} "
            f"and execution id of {execution_id}."
        ),
    )


def test_no_process_for_everybody(abaco: Any, refusal: Any) -> None:
    """Only service accounts and administrators register what the tenant runs."""
    ada = abaco.client("ada")

    refused = ada.post("/actors/v2", json={"image": "probe"})

    assert refusal(refused) == (400, PROCESS)
    for name in ("ipt", "admin"):
        assert abaco.client(name).post("/actors/v2", json={"image": "probe"}).ok
    assert ada.post("/actors/v2", json={"image": "no/process"}).ok


def test_no_process_by_an_update(abaco: Any, actor_id: str, refusal: Any) -> None:
    """Nobody else changes an actor to such an image, or one that has it."""
    ada = abaco.client("ada")
    own = abaco.register(ada, image="no/process")
    _grant(abaco, actor_id, "ada", "UPDATE")

    for changed in (own, actor_id):
        answer = ada.put(f"/actors/v2/{changed}", json={"image": "probe"})
        assert refusal(answer) == (400, PROCESS)
    assert abaco.actor(ada, own)["image"] == "no/process"


def test_no_process_by_a_nonce(
    abaco: Any, actor_id: str, result: Any, refusal: Any
) -> None:
    """A nonce of a service account is not the service account here."""
    address = f"/actors/v2/{actor_id}"
    body = {"level": "UPDATE"}
    nonce = result(abaco.client("ipt").post(f"{address}/nonces", json=body))["id"]

    answer = abaco.anonymous().put(
        address, json={"image": "probe"}, params={"x-nonce": nonce}
    )

    assert refusal(answer) == (400, PROCESS)


@pytest.mark.parametrize(
    ("trusted", "owner", "status"),
    [(False, "ipt", "ERROR"), (None, "ada", "ERROR"), (None, "ipt", "COMPLETE")],
)
def test_image_that_became_a_process(
    abaco: Any, actor_id: str, trusted: object, owner: str, status: str
) -> None:
    """An actor of somebody else does not run what its image only later became."""
    ipt = abaco.client("ipt")
    abaco.client("ada")
    change = {"trusted": trusted, "owner": owner}
    abaco.agave.tenant.actors.registry.change(actor_id, **change)

    execution = abaco.finish(ipt, actor_id, abaco.send(ipt, actor_id, {}))

    assert execution["status"] == status
    if status == "ERROR":
        assert execution["finalState"]["Error"] == PROCESS


def test_config_by_a_stolen_alias(abaco: Any, actor_id: str, result: Any) -> None:
    """A config named an alias that is another's now feeds nobody."""
    ipt, ada = abaco.client("ipt"), abaco.client("ada")
    own = abaco.register(ada, image="no/process")
    ada.post("/actors/v2/aliases", json={"alias": "al.1", "actorId": own})
    config = {"name": "cfg", "value": "x", "isSecret": False, "actors": "al.1"}
    result(ada.post("/actors/v2/configs", json=config))
    ada.delete("/actors/v2/aliases/al.1")

    ipt.post("/actors/v2/aliases", json={"alias": "al.1", "actorId": actor_id})

    assert _configs(abaco, ipt, actor_id) == {}


def test_config_counts_while_its_owner_may_update(
    abaco: Any, actor_id: str, result: Any
) -> None:
    """A config counts from the moment its owner may change the actor, and no longer."""
    ipt, ada = abaco.client("ipt"), abaco.client("ada")
    _grant(abaco, actor_id, "ada", "UPDATE")
    config = {"name": "cfg", "value": "x", "isSecret": False, "actors": actor_id}
    result(ada.post("/actors/v2/configs", json=config))

    before = _configs(abaco, ipt, actor_id)
    _grant(abaco, actor_id, "ada", "EXECUTE")

    assert (before, _configs(abaco, ipt, actor_id)) == ({"cfg": "x"}, {})


def test_config_of_an_administrator(abaco: Any, actor_id: str, result: Any) -> None:
    """A config of an administrator counts everywhere."""
    config = {"name": "cfg", "value": "x", "isSecret": False, "actors": actor_id}
    result(abaco.client("admin").post("/actors/v2/configs", json=config))

    assert _configs(abaco, abaco.client("ipt"), actor_id) == {"cfg": "x"}


def test_config_of_somebody_who_is_gone(abaco: Any, actor_id: str, result: Any) -> None:
    """Without an account one has still the permissions, but no role."""
    config = {"name": "cfg", "value": "x", "isSecret": False, "actors": actor_id}
    result(abaco.client("admin").post("/actors/v2/configs", json=config))
    abaco.agave.tenant.store.delete("profile", "admin")

    assert _configs(abaco, abaco.client("ipt"), actor_id) == {}


@pytest.mark.parametrize("level", ["READ", "EXECUTE"])
def test_executions_are_their_callers(
    abaco: Any, actor_id: str, result: Any, refusal: Any, level: str
) -> None:
    """Whoever shares an actor sees nothing of another's executions of it."""
    bob, ada = abaco.client("bob"), abaco.client("ada")
    _grant(abaco, actor_id, "bob", "EXECUTE")
    _grant(abaco, actor_id, "ada", level)
    execution_id = abaco.send(bob, actor_id, {"frames": ["ticket"], "print": "said"})
    abaco.finish(bob, actor_id, execution_id)
    address = f"/actors/v2/{actor_id}/executions"

    for part in ("", "/logs", "/results"):
        answer = ada.get(f"{address}/{execution_id}{part}")
        assert refusal(answer) == _unknown(actor_id, execution_id)
    summary = result(ada.get(address))
    assert (summary["executions"], summary["totalExecutions"]) == ([], 0)
    for client in (bob, abaco.client("ipt"), abaco.client("admin")):
        (listed,) = result(client.get(address))["executions"]
        assert listed["id"] == execution_id
    assert bob.get(f"{address}/{execution_id}/results").content == b"ticket"


@pytest.mark.parametrize("level", ["READ", "EXECUTE", "UPDATE"])
def test_a_nonce_opens_no_execution(
    abaco: Any, actor_id: str, result: Any, refusal: Any, level: str
) -> None:
    """Whoever has a nonce gets the answer of their own message, nothing else."""
    ipt, nobody = abaco.client("ipt"), abaco.anonymous()
    body = {"level": level}
    nonce = result(ipt.post(f"/actors/v2/{actor_id}/nonces", json=body))["id"]
    query = {"x-nonce": nonce}
    execution_id = abaco.send(ipt, actor_id, {"frames": ["ticket"]})
    abaco.finish(ipt, actor_id, execution_id)
    address = f"/actors/v2/{actor_id}/executions"

    for part in ("", "/logs", "/results"):
        answer = nobody.get(f"{address}/{execution_id}{part}", params=query)
        assert refusal(answer) == _unknown(actor_id, execution_id)
    assert result(nobody.get(address, params=query))["executions"] == []
    if level != "READ":
        answer = abaco.ask(nobody, actor_id, {"frames": ["own"]}, **query)
        assert answer.text == "own"


def test_a_flood_stops_only_its_maker(
    abaco_with: Any, refusal: Any, wait_until: Any
) -> None:
    """A flooder is refused beyond a bound; others are served in turn."""
    with abaco_with(waiting_limit=20) as abaco:
        ada, bob = abaco.client("ada"), abaco.client("bob")
        busy = abaco.register(abaco.client("ipt"), stateless=False)
        for user in ("ada", "bob"):
            _grant(abaco, busy, user, "EXECUTE")
        first = abaco.send(ada, busy, {"sleep": 0.5})
        wait_until(lambda: abaco.execution(ada, busy, first)["status"] == "RUNNING")
        for _ in range(20):
            abaco.send(ada, busy, {"sleep": 0.2})

        flooding = ada.post(f"/actors/v2/{busy}/messages", json={})

        status, message = refusal(flooding)
        assert status == 429
        assert message.startswith("20 of your messages wait for this actor; ")
        assert abaco.ask(bob, busy, {"frames": ["served"]}).text == "served"
        engine = abaco.agave.tenant.actors.engine
        assert engine.queue_length(busy) > 15
        engine.purge(busy)


def test_whoever_has_a_nonce_waits_less(abaco: Any, refusal: Any, result: Any) -> None:
    """Callers with only a nonce fill no queue, however many its owner may fill."""
    ipt = abaco.client("ipt")
    shut = abaco.register(ipt, image="nosuch/image")
    nonce = result(ipt.post(f"/actors/v2/{shut}/nonces"))["id"]
    address = f"/actors/v2/{shut}/messages"
    engine = abaco.agave.tenant.actors.engine
    for number in range(100):
        assert engine.queue_length(shut) == number
        result(abaco.anonymous().post(address, json={}, params={"x-nonce": nonce}))

    flooding = abaco.anonymous().post(address, json={}, params={"x-nonce": nonce})

    assert refusal(flooding)[0] == 429
    assert result(ipt.post(address, json={}))


def test_nobody_waits_for_what_cannot_run(
    abaco: Any, refusal: Any, result: Any
) -> None:
    """A synchronous message to an actor in error is refused with its reason."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt, image="nosuch/image")
    reason = abaco.actor(ipt, actor_id)["statusMessage"]

    answer = abaco.ask(ipt, actor_id, {})

    assert reason
    assert refusal(answer) == (400, reason)
    listed = result(ipt.get(f"/actors/v2/{actor_id}/executions"))["executions"]
    assert listed == []


def test_who_waits_is_told_that_it_cannot_run(
    abaco: Any, refusal: Any, wait_until: Any
) -> None:
    """Who waited while an actor's worker was started is told that it was not."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt, image="nosuch/image")
    kept = abaco.send(ipt, actor_id, {})
    actors = abaco.agave.tenant.actors
    actors.registry.change(actor_id, status="SUBMITTED", statusMessage="")
    answers: list[Any] = []
    caller = abaco.ask_behind(ipt, actor_id, {}, answers)
    wait_until(lambda: actors.engine.queue_length(actor_id) == 2)

    actors.engine.prepare(actors.registry.find(actor_id))

    caller.join()
    reason = abaco.actor(ipt, actor_id)["statusMessage"]
    assert refusal(answers[0]) == (400, reason)
    assert abaco.execution(ipt, actor_id, kept)["status"] == "SUBMITTED"
    actors.engine.purge(actor_id)
