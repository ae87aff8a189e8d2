"""Messages: four forms, the mailbox, waiting for an answer, the environment."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

NOT_SERIALIZED = (
    "message POST body could not be serialized. "
    "Pass JSON data or use the message attribute."
)


def _environment(abaco: Any, client: Any, actor_id: str, **query: str) -> Any:
    order = {"environment": True}
    return abaco.ask(client, actor_id, order, **query).json()


def test_receipt(abaco: Any, result: Any) -> None:
    """An accepted message is answered with its execution and links."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt)

    answer = ipt.post(
        f"/actors/v2/{actor_id}/messages?k1=v1", json={"x": 1, "y": [1, 2]}
    )

    receipt = result(answer)
    base = f"{abaco.agave.base_url}/actors/v2/{actor_id}"
    assert answer.json()["message"] == "The request was successful"
    assert receipt == {
        "executionId": receipt["executionId"],
        "msg": {"x": 1, "y": [1, 2]},
        "_links": {
            "messages": f"{base}/messages",
            "owner": f"{abaco.agave.base_url}/profiles/v2/ipt",
            "self": f"{base}/executions/{receipt['executionId']}",
        },
    }


@pytest.mark.parametrize(
    ("sent", "said", "content_type"),
    [
        ({"json": {"x": True}}, {"x": True}, "application/json"),
        ({"json": [1, None]}, [1, None], "application/json"),
        ({"json": {"message": {"a": 1}}}, "{'a': 1}", "str"),
        ({"json": {"message": None}}, {"message": None}, "application/json"),
        ({"data": {"message": "hello world"}}, "hello world", "str"),
        ({"data": '{"q": 2}'}, {"q": 2}, "str"),
        ({"data": "[]"}, [], "str"),
        ({"params": {"message": "asked"}}, "asked", "str"),
    ],
)
def test_forms_of_a_message(
    lasting: Any, sent: dict[str, Any], said: Any, content_type: str
) -> None:
    """JSON arrives as Python writes it; a text arrives as it is."""
    ipt = lasting.client("ipt")
    actor_id = lasting.register(ipt, image="nosuch/image")

    receipt = ipt.post(f"/actors/v2/{actor_id}/messages", **sent).json()["result"]

    (waiting,) = (
        execution["message"]
        for execution in lasting.agave.tenant.actors.executions.of(actor_id)
    )
    assert receipt["msg"] == said
    assert waiting == {
        "text": str(said),
        "content_type": content_type,
        "query": {},
    }


@pytest.mark.parametrize(
    "sent",
    [
        {"data": "not json"},
        {},
        {"json": None},
        {"data": "null"},
        {"data": {"message": ""}},
        {"data": {"other": "field"}},
        {"data": "[" * 100_000},
        {"data": "[" * 200 + "]" * 200},
        {"data": '"\\ud800"'},
        {"data": {"message": "a\0b"}},
        {"data": "9" * 5000},
        {"data": "{", "headers": {"Content-Type": "application/json"}},
    ],
)
def test_no_message(lasting: Any, refusal: Any, sent: dict[str, Any]) -> None:
    """What is no message, or none that a process could get, is refused."""
    ipt = lasting.client("ipt")
    actor_id = lasting.register(ipt)

    answer = ipt.post(f"/actors/v2/{actor_id}/messages", **sent)

    assert refusal(answer) == (400, NOT_SERIALIZED)


@pytest.mark.parametrize(
    "headers", [{}, {"Content-Type": "application/x-www-form-urlencoded"}]
)
def test_message_too_large(lasting: Any, refusal: Any, headers: dict[str, str]) -> None:
    """A message that does not fit is refused, and the way out is named."""
    ipt = lasting.client("ipt")
    actor_id = lasting.register(ipt)
    body = b"message=" + b"x" * (10 * 1024 * 1024)

    answer = ipt.post(f"/actors/v2/{actor_id}/messages", data=body, headers=headers)

    status, message = refusal(answer)
    assert status == 413
    assert "application/octet-stream" in message


def test_large_message(served: Any) -> None:
    """A message far beyond one write to a socket arrives whole."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt)

    text = served.ask(ipt, actor_id, {"print": "end", "filler": "x" * 3_000_000}).text

    assert text == "end"


@pytest.mark.parametrize("name", ["", "a=b", "a\0"])
def test_impossible_variable(lasting: Any, refusal: Any, name: str) -> None:
    """A query parameter that no environment can hold is refused."""
    ipt = lasting.client("ipt")
    actor_id = lasting.register(ipt)

    answer = ipt.post(
        f"/actors/v2/{actor_id}/messages", params={name: "x"}, json={"a": 1}
    )

    assert refusal(answer)[0] == 400


def test_environment(served: Any) -> None:
    """An execution sees what Abaco promises, and what runs it adds a socket."""
    ipt = served.client("ipt")
    actor_id = served.register(
        ipt, defaultEnvironment={"K1": "default", "K2": 2}, name="probe-1"
    )

    environment = _environment(
        served, served.client("admin"), actor_id, K1="asked", k3="v3"
    )

    base = served.agave.base_url
    assert environment.pop("_abaco_results_socket")
    assert len(environment.pop("_abaco_execution_id")) == 13
    assert len(environment.pop("_abaco_worker_id")) == 13
    assert environment == {
        "HOME": "/",
        "LANG": "C.UTF-8",
        "PATH": environment["PATH"],
        "K1": "asked",
        "K2": "2",
        "k3": "v3",
        "_abaco_synchronous": "true",
        "MSG": "{'environment': True}",
        "_abaco_access_token": "",
        "_abaco_actor_dbid": f"LOCAL_{actor_id}",
        "_abaco_actor_id": actor_id,
        "_abaco_actor_name": "probe-1",
        "_abaco_actor_revision": "1",
        "_abaco_actor_state": "{}",
        "_abaco_api_server": base,
        "_abaco_container_repo": "probe",
        "_abaco_Content_Type": "application/json",
        "_abaco_jwt_header_name": "X-Jwt-Assertion-Local",
        "_abaco_username": "admin",
        "_actor_configs": "{}",
    }


def test_reserved_names_win(abaco: Any) -> None:
    """Neither a query nor a default environment replaces what the platform sets."""
    ipt = abaco.client("ipt")
    forged = {
        "MSG": "forged",
        "_abaco_username": "forged",
        "_abaco_access_token": "forged",
        "_actor_configs": "forged",
        "_abaco_results_socket": "forged",
        "_abaco_binary_data": "forged",
        "_abaco_api_server": "forged",
    }
    actor_id = abaco.register(ipt, defaultEnvironment=forged)

    environment = _environment(abaco, ipt, actor_id, **forged)

    assert "forged" not in environment.values()


def test_loader_is_not_steered(served: Any) -> None:
    """Names that steer the loader or interpreter do not reach a process."""
    ipt = served.client("ipt")
    steering = dict.fromkeys(("LD_PRELOAD", "PYTHONPATH", "BASH_ENV", "IFS"), "/evil")
    actor_id = served.register(ipt, defaultEnvironment=steering)

    environment = _environment(served, ipt, actor_id, **steering)

    assert not steering.keys() & environment.keys()


def test_binary_has_no_msg(abaco: Any) -> None:
    """A binary message sets no MSG, and nobody else may set it."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt)

    answer = ipt.post(
        f"/actors/v2/{actor_id}/messages",
        params={"MSG": "{'environment': True}", "_abaco_synchronous": "true"},
        data=b"\x00\x01",
        headers={"Content-Type": "application/octet-stream"},
    )

    assert answer.text == ""


def test_binary_message(served: Any, result: Any) -> None:
    """A binary message arrives byte for byte, and is gone afterwards."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt)
    sent = bytes(range(256)) * 5000

    answer = ipt.post(
        f"/actors/v2/{actor_id}/messages?binary=1",
        data=sent,
        headers={"Content-Type": "application/octet-stream"},
    )

    receipt = result(answer)
    served.finish(ipt, actor_id, receipt["executionId"])
    frame = ipt.get(
        f"/actors/v2/{actor_id}/executions/{receipt['executionId']}/results"
    )
    assert receipt["msg"] == "binary - omitted"
    assert frame.content == sent[:100]
    kept = served.agave.tenant.actors.executions.binary("x").parent
    assert list(kept.iterdir()) == []


def test_synchronous_frame(abaco: Any) -> None:
    """Who waits gets the first frame as it is; it is not kept."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt, stateless=False)

    answer = abaco.ask(ipt, actor_id, {"frames": ["one", "two"]})

    assert (answer.status_code, answer.content) == (200, b"one")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    abaco.ask(ipt, actor_id, {})  # the next turn: now the first one has ended
    listed = ipt.get(f"/actors/v2/{actor_id}/executions").json()["result"]
    first = listed["executions"][0]["id"]
    address = f"/actors/v2/{actor_id}/executions/{first}/results"
    assert ipt.get(address).content == b"two"
    assert ipt.get(address).content == b""


def test_synchronous_log(served: Any) -> None:
    """Without a frame, who waits gets the log."""
    ipt = served.client("ipt")

    answer = served.ask(ipt, served.register(ipt), {"print": "said <b>"})

    assert (answer.status_code, answer.text) == (200, "said <b>")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_synchronous_burst(served: Any) -> None:
    """A stateless actor answers several at once, each with its own frame."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt, hints=["sync"])

    def ask(number: int) -> str:
        order = {"sleep": 0.2, "frames": [str(number)]}
        return str(served.ask(served.client("ipt"), actor_id, order).text)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(6)))

    assert answers == [str(number) for number in range(6)]


def test_synchronous_refused_behind_a_queue(
    served: Any, refusal: Any, result: Any
) -> None:
    """Nobody may wait behind more than three messages that no worker took."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt, stateless=False)
    first = served.send(ipt, actor_id, {"sleep": 60})
    for _ in range(4):
        served.send(ipt, actor_id, {})

    answer = served.ask(ipt, actor_id, {})

    counted = result(ipt.get(f"/actors/v2/{actor_id}/messages"))
    assert counted["messages"] == 4
    assert set(counted["_links"]) == {"owner", "self"}
    assert refusal(answer) == (
        400,
        "Cannot issue synchronous execution when actor message queue > 0.",
    )
    assert served.execution(ipt, actor_id, first)["status"] == "RUNNING"


def test_stateful_runs_one_at_a_time(served: Any, wait_until: Any) -> None:
    """An actor with a state has one worker, whatever waits."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt, stateless=False)
    first = served.send(ipt, actor_id, {"sleep": 60})
    second = served.send(ipt, actor_id, {})
    wait_until(lambda: served.execution(ipt, actor_id, first)["status"] == "RUNNING")

    assert served.execution(ipt, actor_id, second)["status"] == "SUBMITTED"


def test_purge(served: Any, result: Any, wait_until: Any) -> None:
    """A purge drops what no worker took, tells who waits, and keeps what runs."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt, stateless=False)
    running = served.send(ipt, actor_id, {"sleep": 60})
    waiting = served.send(ipt, actor_id, {})
    answers: list[Any] = []
    caller = served.ask_behind(ipt, actor_id, {}, answers)
    engine = served.agave.tenant.actors.engine
    wait_until(lambda: engine.queue_length(actor_id) == 2)

    purged = result(served.client("ipt").delete(f"/actors/v2/{actor_id}/messages"))

    caller.join()
    assert purged["msg"] == "Actor mailbox purged."
    assert [answer.text for answer in answers] == [""]
    assert served.execution(ipt, actor_id, waiting)["status"] == "ERROR"
    assert served.execution(ipt, actor_id, running)["status"] == "RUNNING"


def test_token(abaco: Any) -> None:
    """An actor that wants a token gets one of its owner, the same while it is good."""
    ipt, ada = abaco.client("ipt"), abaco.client("ada")
    actor_id = abaco.register(ipt, token=True)
    ipt.post(
        f"/actors/v2/{actor_id}/permissions", json={"user": "ada", "level": "EXECUTE"}
    )

    first, second = (
        _environment(abaco, ada, actor_id)["_abaco_access_token"] for _ in range(2)
    )

    assert first == second
    assert abaco.agave.tenant.oauth.identify(first).username == "ipt"


def test_token_is_renewed(served_at: Any, clock: Any) -> None:
    """A token that is about to expire is not given to an execution."""
    ipt = served_at.client("ipt")
    actor_id = served_at.register(ipt, token=True)
    first = _environment(served_at, ipt, actor_id)["_abaco_access_token"]
    clock.move(13_000)

    again = served_at.client("ipt")
    second = _environment(served_at, again, actor_id)["_abaco_access_token"]

    assert first != second


def test_revoked_token_is_replaced(abaco: Any) -> None:
    """A token that somebody revoked is not given out again."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt, token=True)
    first = _environment(abaco, ipt, actor_id)["_abaco_access_token"]
    digest = hashlib.sha256(first.encode()).hexdigest()
    assert abaco.agave.tenant.store.delete("access_token", digest)

    second = _environment(abaco, ipt, actor_id)["_abaco_access_token"]

    assert first != second
    assert abaco.agave.tenant.oauth.identify(second).username == "ipt"


def test_token_of_nobody(abaco: Any) -> None:
    """An execution whose owner is gone ends in an error, and the worker is free."""
    ipt, admin = abaco.client("ipt"), abaco.client("admin")
    actor_id = abaco.register(ipt, token=True, stateless=False)
    abaco.agave.tenant.store.delete("profile", "ipt")

    execution_id = abaco.send(admin, actor_id, {})

    execution = abaco.finish(admin, actor_id, execution_id)
    assert execution["status"] == "ERROR"
    assert execution["finalState"]["Error"] == ("Error executing container: NotFound")
    second = abaco.send(admin, actor_id, {})
    assert abaco.finish(admin, actor_id, second)["status"] == "ERROR"


def test_message_to_an_actor_that_is_going(
    abaco: Any, refusal: Any, result: Any
) -> None:
    """A message that comes in while its actor is deleted is refused and dropped."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt)
    abaco.agave.tenant.actors.engine.shut_down(actor_id)

    answers = [
        ipt.post(f"/actors/v2/{actor_id}/messages", json={"a": 1}),
        ipt.post(
            f"/actors/v2/{actor_id}/messages",
            data=b"bytes",
            headers={"Content-Type": "application/octet-stream"},
        ),
    ]

    for answer in answers:
        assert refusal(answer) == (404, f"No actor found with id: {actor_id}.")
    listed = result(ipt.get(f"/actors/v2/{actor_id}/executions"))["executions"]
    assert [one["status"] for one in listed] == ["ERROR", "ERROR"]
    kept = abaco.agave.tenant.actors.executions.binary("x").parent
    assert list(kept.iterdir()) == []


def test_log_is_no_page(served: Any) -> None:
    """A log that a browser is led to can run nothing on the tenant's address."""
    ipt = served.client("ipt")

    answer = served.ask(ipt, served.register(ipt), {"print": "<script>"})

    policy = answer.headers["Content-Security-Policy"]
    assert policy == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
