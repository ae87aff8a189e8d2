"""Searches: of all actors, executions, workers and logs, and of one actor's."""

import time
from collections.abc import Callable
from typing import Any

import pytest

Refusal = Callable[[Any], tuple[int, str]]
Result = Callable[[Any], Any]
Wait = Callable[[Callable[[], bool]], None]


@pytest.fixture(name="ipt")
def _ipt(abaco: Any) -> Any:
    return abaco.client("ipt")


@pytest.fixture(name="find")
def _find(result: Result) -> Callable[..., Any]:
    """Return what gives the found things of a search, by a path and a query."""

    def find(client: Any, path: str, **query: Any) -> Any:
        named = {key.replace("__", "."): value for key, value in query.items()}
        return result(client.get(f"/actors{path}", params=named))["search"]

    return find


def test_search_actors(abaco: Any, ipt: Any, result: Result) -> None:
    """A search returns a page of actors, whole, and how many there are."""
    ids = [abaco.register(ipt, name=f"echo {number}") for number in range(3)]
    abaco.register(ipt, name="other")
    query = {"name.like": "^echo", "limit": 2, "skip": 1}
    answer = ipt.get("/actors/search/actors", params=query)
    assert answer.json()["message"] == "Search completed successfully."
    found = result(answer)
    assert found["_metadata"] == {
        "countReturned": 2,
        "recordLimit": 2,
        "recordsSkipped": 1,
        "totalCount": 3,
    }
    assert [actor["id"] for actor in found["search"]] == ids[1:]
    shown = abaco.actor(ipt, ids[1])
    (same, _) = found["search"]
    assert {name: same[name] for name in shown} == shown
    missing = {name for name in same if name not in shown}
    assert {same[name] for name in missing} == {None}
    assert {"cronNextEx", "logEx", "maxWorkers", "uid"} <= missing


def test_a_query_makes_a_listing_a_search(abaco: Any, ipt: Any, result: Result) -> None:
    """Any parameter of a listing's query makes it a search; none leaves it a list."""
    actor_id = abaco.register(ipt, hints=["red", "blue"])
    answer = ipt.get("/actors", params={"hints": "blue"})
    assert answer.json()["message"] == "Actors search completed successfully."
    assert [a["id"] for a in result(answer)["search"]] == [actor_id]
    assert result(ipt.get("/actors", params={"hints": "green"}))["search"] == []
    assert [actor["id"] for actor in result(ipt.get("/actors"))] == [actor_id]


def test_search_by_time(abaco: Any, ipt: Any, find: Any) -> None:
    """A time as it is shown finds the thing that shows it."""
    actor_id = abaco.register(ipt)
    shown = abaco.actor(ipt, actor_id)["createTime"]
    for query in (
        {"createTime": shown},
        {"create_time__gte": shown},
        {"createTime__lte": shown},
        {"createTime__between": f"{shown},{shown}"},
        {"createTime": shown[:4]},
    ):
        assert [a["id"] for a in find(ipt, "/search/actors", **query)] == [actor_id]
    assert find(ipt, "/search/actors", createTime__lt=shown) == []


def test_search_executions_of_an_actor(abaco: Any, ipt: Any, result: Result) -> None:
    """Executions are found by their fields, and shown as Abaco shows them there."""
    actor_id = abaco.register(ipt)
    ids = [abaco.send(ipt, actor_id, {"exit": code}) for code in (0, 2)]
    ended = [abaco.finish(ipt, actor_id, execution_id) for execution_id in ids]
    answer = ipt.get(
        f"/actors/{actor_id}/executions", params={"status": "COMPLETE", "exitCode": 2}
    )
    assert answer.json()["message"] == "Executions search completed successfully."
    (found,) = result(answer)["search"]
    wanted = {**ended[1], "_links": dict(ended[1]["_links"])}
    del wanted["apiServer"]
    base = abaco.agave.base_url
    wanted["_links"]["logs"] = f"{base}/actors/v2/{actor_id}/logs"
    assert found == wanted


def test_search_all_executions(abaco: Any, ipt: Any, find: Any) -> None:
    """A search of everything goes over all actors that the caller may read."""
    first, second = abaco.register(ipt), abaco.register(ipt)
    sent = {
        abaco.send(ipt, actor_id, {"exit": 1}): actor_id
        for actor_id in (first, second, second)
    }
    for execution_id, actor_id in sent.items():
        abaco.finish(ipt, actor_id, execution_id)
    path = "/search/executions"
    assert {e["id"] for e in find(ipt, path)} == set(sent)
    assert {e["actorId"] for e in find(ipt, path, actorId=first)} == {first}
    assert len(find(ipt, path, actor_id__in=f"{first},{second}")) == 3
    assert len(find(ipt, path, actorId=second, exitCode__gt=0)) == 2
    assert find(ipt, path, actorId=second, exit_code__gt=1) == []
    assert len(find(ipt, path, finalState__StartedAt__gt="2020")) == 3
    assert len(find(ipt, path, status__neq="ERROR", executor="ipt")) == 3
    assert len(find(ipt, path, search="complete")) == 3


def test_search_only_what_one_may_read(abaco: Any, ipt: Any, find: Any) -> None:
    """Nobody finds what they have no permission on, not even an administrator."""
    actor_id = abaco.register(ipt)
    abaco.finish(ipt, actor_id, abaco.send(ipt, actor_id, {"print": "secret"}))
    anna, admin = abaco.client("anna"), abaco.client("admin")
    kinds = ("actors", "executions", "workers", "logs")
    for client in (anna, admin):
        for kind in kinds:
            assert find(client, f"/search/{kind}") == []
    for kind in ("executions", "workers"):
        assert find(admin, f"/{actor_id}/{kind}", limit=5) == []
    grant = {"user": "anna", "level": "EXECUTE"}
    ipt.post(f"/actors/{actor_id}/permissions", json=grant)
    assert [a["id"] for a in find(anna, "/search/actors")] == [actor_id]
    # Executions are their executor's, and of those who may change the actor.
    assert find(anna, "/search/executions") == []
    assert find(anna, f"/{actor_id}/executions", limit=5) == []
    assert find(anna, "/search/logs", search="secret") == []
    own = abaco.send(anna, actor_id, {})
    abaco.finish(anna, actor_id, own)
    assert [e["id"] for e in find(anna, "/search/executions")] == [own]
    assert len(find(ipt, "/search/executions")) == 2


def test_search_workers(abaco: Any, ipt: Any, find: Any, result: Result) -> None:
    """Workers are found by their fields, and shown as they are listed."""
    actor_id = abaco.register(ipt)
    listed = result(ipt.get(f"/actors/{actor_id}/workers"))
    assert listed
    assert find(ipt, f"/{actor_id}/workers", status="READY") == listed
    assert find(ipt, "/search/workers", actorId=actor_id) == listed
    assert find(ipt, "/search/workers", image="other") == []
    assert find(ipt, "/search/workers", createTime__gt="2020") == listed
    answer = ipt.get(f"/actors/{actor_id}/workers", params={"limit": 1})
    assert answer.json()["message"] == "Workers search completed successfully."


def test_search_logs(served: Any, find: Any, result: Result) -> None:
    """Logs are found by their words and phrases; each says whose it is."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt)
    said = ("Simulation converged after 12 steps", "Simulation diverged", "")
    ids = [served.send(ipt, actor_id, {"print": text}) for text in said]
    for execution_id in ids:
        served.finish(ipt, actor_id, execution_id)
    path = "/search/logs"
    assert {log["id"] for log in find(ipt, path)} == set(ids[:2])
    (log,) = find(ipt, path, exactsearch="converged after")
    assert (log["id"], log["logs"], log["actorId"]) == (ids[0], said[0], actor_id)
    assert len(find(ipt, path, search="simul")) == 2
    assert find(ipt, path, logs__like=r"\d+ steps")[0]["id"] == ids[0]
    one = f"/{actor_id}/executions/{ids[1]}/logs"
    assert [log["id"] for log in find(ipt, one, limit=10)] == [ids[1]]
    answer = ipt.get(f"/actors{one}", params={"limit": 10})
    assert answer.json()["message"] == "Logs search completed successfully."
    assert result(answer)["_metadata"]["totalCount"] == 1


def test_search_with_a_nonce(abaco: Any, ipt: Any, result: Result) -> None:
    """A nonce lists what it listed, and searches no executions."""
    actor_id = abaco.register(ipt)
    abaco.finish(ipt, actor_id, abaco.send(ipt, actor_id, {}))
    body = {"level": "READ"}
    nonce = result(ipt.post(f"/actors/{actor_id}/nonces", json=body))["id"]
    nobody = abaco.anonymous()
    address = f"/actors/{actor_id}/executions"
    listed = result(nobody.get(address, params={"x-nonce": nonce}))
    assert "executions" in listed
    found = result(nobody.get(address, params={"x-nonce": nonce, "limit": 5}))
    assert found["search"] == []


def test_search_of_an_unknown_kind(lasting: Any, refusal: Refusal) -> None:
    """A kind that is none is answered by Abaco's own surprise."""
    answer = lasting.client("ipt").get("/actors/search/zzz")
    wanted = (
        "Unrecognized exception type: <class 'KeyError'>. Exception: 'Inputted "
        "search_type is invalid, must be one of {list(store_dict.keys())}.'"
    )
    assert refusal(answer) == (500, wanted)


def test_search_needs_a_caller(lasting: Any, refusal: Refusal) -> None:
    """Nobody searches without saying who they are."""
    answer = lasting.anonymous().get("/actors/search/actors")
    assert refusal(answer) == (400, "No JWT or nonce provided.")


@pytest.mark.parametrize("kind", ["actors", "executions", "workers", "logs"])
@pytest.mark.parametrize(
    "query",
    [
        {"limit": "-1"},
        {"name.like": "("},
        {"createTime": "soon"},
        {"a.between": "1"},
        {"a.in": "[{"},
    ],
)
def test_a_bad_search_is_refused(
    lasting: Any, refusal: Refusal, kind: str, query: dict[str, str]
) -> None:
    """A condition that is none is a bad request of any kind."""
    answer = lasting.client("ipt").get(f"/actors/search/{kind}", params=query)
    status, message = refusal(answer)
    assert status == 400
    assert message.startswith(next(iter(query)))


def test_search_ten_thousand_executions(abaco: Any, ipt: Any, result: Result) -> None:
    """A search over ten thousand executions stays a matter of a second."""
    actor_id = abaco.register(ipt)
    store = abaco.agave.tenant.store
    now = abaco.agave.tenant.clock.now()
    with store.transaction():
        for number in range(10_000):
            record = {
                "id": f"e{number:05}",
                "parent": actor_id,
                "status": "COMPLETE" if number % 10 else "ERROR",
                "executor": "ipt",
                "received": now,
                "started": now,
                "finished": now + number,
                "exitCode": number % 3,
                "error": None,
                "workerId": "w",
            }
            store.insert("actors.execution", record["id"], record)
    began = time.monotonic()
    query = {"status": "COMPLETE", "skip": 8_000}
    found = result(ipt.get(f"/actors/{actor_id}/executions", params=query))
    assert found["_metadata"]["totalCount"] == 9_000
    assert len(found["search"]) == 100
    assert time.monotonic() - began < 2
    began = time.monotonic()
    query = {"exitCode": 2, "runtime.gt": 5_000, "id.like": "9$"}
    found = result(ipt.get("/actors/search/executions", params=query))
    wanted = [n for n in range(5_001, 10_000) if n % 3 == 2 and n % 10 == 9]
    assert found["_metadata"]["totalCount"] == len(wanted)
    assert time.monotonic() - began < 5
