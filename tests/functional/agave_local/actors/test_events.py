"""Events of actors: to the linked actor as a message, to the webhook as a POST."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from agave_local.outgoing.policy import Delivery, Refused

HOOK = "https://hooks.example/abaco"
COMMON = {
    "tenant_id",
    "event_type",
    "event_time_utc",
    "event_time_display",
    "actor_id",
    "actor_dbid",
    "_abaco_link",
    "_abaco_webhook",
}

Wait = Callable[[Callable[[], bool]], None]


class Inbox:
    """A webhook that keeps what it gets.

    Attributes:
        deliveries: in order.
    """

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.status = 200

    def __call__(self, delivery: Delivery) -> int:
        """Take a message."""
        self.deliveries.append(delivery)
        return self.status

    def events(self) -> list[Any]:
        """Return the bodies."""
        return [delivery.json() for delivery in self.deliveries]

    def of(self, event_type: str) -> list[Any]:
        """Return the bodies of one type of event."""
        return [e for e in self.events() if e["event_type"] == event_type]


@pytest.fixture(name="inbox")
def _inbox(abaco: Any) -> Inbox:
    inbox = Inbox()
    abaco.agave.tenant.outgoing.register(HOOK, inbox)
    return inbox


def test_event_of_a_ready_actor(abaco: Any, inbox: Inbox, wait_until: Wait) -> None:
    """A webhook hears that its actor is ready, with the keys that Abaco sends."""
    actor_id = abaco.register(abaco.client("ipt"), webhook=HOOK)
    wait_until(lambda: bool(inbox.deliveries))
    (event,) = inbox.events()
    assert event.keys() == COMMON | {
        "_abaco_Content_Type",
        "_abaco_username",
        "_abaco_api_server",
    }
    assert event["event_type"] == "ACTOR_READY"
    assert event["tenant_id"] == "LOCAL"
    assert event["actor_id"] == actor_id
    assert event["actor_dbid"] == f"LOCAL_{actor_id}"
    assert (event["_abaco_link"], event["_abaco_webhook"]) == ("", HOOK)
    assert event["_abaco_username"] == "Abaco Event"
    assert event["_abaco_Content_Type"] == "application/json"
    assert event["_abaco_api_server"] == abaco.agave.base_url
    assert inbox.deliveries[0].headers["Content-Type"] == "application/json"


def test_event_of_an_actor_that_cannot_run(
    abaco: Any, inbox: Inbox, wait_until: Wait
) -> None:
    """The error of an actor is told with its reason."""
    client = abaco.client("ipt")
    actor_id = abaco.register(client, image="no/such", webhook=HOOK)
    wait_until(lambda: bool(inbox.deliveries))
    (event,) = inbox.events()
    assert event["event_type"] == "ACTOR_ERROR"
    assert event["status_message"] == abaco.actor(client, actor_id)["statusMessage"]
    assert event["status_message"]


def test_event_of_an_execution(abaco: Any, inbox: Inbox, wait_until: Wait) -> None:
    """The end of an execution is told with its id, status and exit code."""
    client = abaco.client("ipt")
    actor_id = abaco.register(client, webhook=HOOK)
    execution_id = abaco.send(client, actor_id, {"exit": 3})
    wait_until(lambda: bool(inbox.of("EXECUTION_COMPLETE")))
    (event,) = inbox.of("EXECUTION_COMPLETE")
    assert event["execution_id"] == execution_id
    assert (event["status"], event["exit_code"]) == ("COMPLETE", 3)


def test_events_come_in_order(abaco: Any, inbox: Inbox, wait_until: Wait) -> None:
    """The events of one actor are delivered one after the other, none twice."""
    client = abaco.client("ipt")
    actor_id = abaco.register(client, webhook=HOOK, stateless=False)
    sent = [abaco.send(client, actor_id, {}) for _ in range(5)]
    wait_until(lambda: len(inbox.of("EXECUTION_COMPLETE")) == 5)
    assert [e["execution_id"] for e in inbox.of("EXECUTION_COMPLETE")] == sent
    assert inbox.events()[0]["event_type"] == "ACTOR_READY"


def test_a_webhook_that_fails_is_forgotten(
    abaco: Any, inbox: Inbox, wait_until: Wait
) -> None:
    """A webhook that refuses an event neither gets it again nor disturbs the actor."""
    inbox.status = 500
    client = abaco.client("ipt")
    actor_id = abaco.register(client, webhook=HOOK)
    execution_id = abaco.send(client, actor_id, {})
    wait_until(lambda: len(inbox.deliveries) == 2)
    assert abaco.finish(client, actor_id, execution_id)["status"] == "COMPLETE"
    abaco.agave.tenant.actors.events.wake()
    assert len(inbox.deliveries) == 2


def _events_of(client: Any, actor_id: str) -> list[Any]:
    """Return the executions of an actor that events started and that have ended."""
    query = {"executor": "Abaco Event", "status": "COMPLETE"}
    answer = client.get(f"/actors/v2/{actor_id}/executions", params=query)
    found: list[Any] = answer.json()["result"]["search"]
    return found


def test_a_linked_actor_gets_events_as_messages(abaco: Any, wait_until: Wait) -> None:
    """The linked actor is sent the event as a JSON message, by `Abaco Event`."""
    client = abaco.client("ipt")
    target = abaco.register(client)
    source = abaco.register(client, link=target)
    wait_until(lambda: len(_events_of(client, target)) == 1)
    execution_id = abaco.send(client, source, {})
    wait_until(lambda: len(_events_of(client, target)) == 2)
    found = _events_of(client, target)[-1]
    assert found["executor"] == "Abaco Event"
    results = f"/actors/v2/{target}/executions/{found['id']}/results"
    seen = client.get(results).json()
    assert seen["_abaco_username"] == "Abaco Event"
    assert seen["_abaco_Content_Type"] == "application/json"
    event = ast.literal_eval(seen["MSG"])
    assert event.keys() == COMMON | {"execution_id", "status", "exit_code"}
    assert event["event_type"] == "EXECUTION_COMPLETE"
    assert event["execution_id"] == execution_id
    assert event["actor_id"] == source
    assert event["_abaco_link"] == f"LOCAL_{target}"


def test_events_go_along_a_chain(abaco: Any, wait_until: Wait) -> None:
    """An execution that an event started is told to the next link in turn."""
    client = abaco.client("ipt")
    last = abaco.register(client)
    middle = abaco.register(client, link=last)
    wait_until(lambda: len(_events_of(client, last)) == 1)
    abaco.register(client, link=middle)
    wait_until(lambda: len(_events_of(client, middle)) == 1)
    wait_until(lambda: len(_events_of(client, last)) == 2)
    assert len(_events_of(client, middle)) == 1


def test_a_link_by_alias_follows_the_alias(abaco: Any, wait_until: Wait) -> None:
    """An event goes to the actor that the alias means when the event happens."""
    client = abaco.client("ipt")
    old, new = abaco.register(client), abaco.register(client)
    client.post("/actors/v2/aliases", json={"alias": "next", "actorId": old})
    source = abaco.register(client, link="next")
    wait_until(lambda: len(_events_of(client, old)) == 1)
    client.put("/actors/v2/aliases/next", json={"actorId": new})
    abaco.send(client, source, {})
    wait_until(lambda: len(_events_of(client, new)) == 1)
    assert len(_events_of(client, old)) == 1


def test_a_link_needs_its_permission_for_as_long_as_it_lasts(
    abaco: Any, inbox: Inbox, wait_until: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever lost the right to send messages sends no events either."""
    caplog.set_level("INFO", "agave_local.services.actors.actor_events")
    ipt, ada = abaco.client("ipt"), abaco.client("ada")
    target = ada.post("/actors/v2", json={"image": "no/such"}).json()["result"]["id"]
    grants, mailbox = (
        f"/actors/v2/{target}/permissions",
        f"/actors/v2/{target}/messages",
    )
    ada.post(grants, json={"user": "ipt", "level": "EXECUTE"})

    def waiting() -> int:
        return int(ada.get(mailbox).json()["result"]["messages"])

    source = abaco.register(ipt, link=target, webhook=HOOK)
    wait_until(lambda: waiting() == 1)
    ada.post(grants, json={"user": "ipt", "level": "READ"})
    abaco.send(ipt, source, {})
    wait_until(lambda: "no actor to go to" in caplog.text)
    wait_until(lambda: bool(inbox.of("EXECUTION_COMPLETE")))
    assert waiting() == 1


def test_webhooks_of_a_tenant_in_a_test_reach_nobody(
    abaco: Any, wait_until: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    """A webhook that cannot be called is logged, and the actor works all the same."""
    caplog.set_level("INFO", "agave_local.services.actors.actor_events")
    client = abaco.client("ipt")
    actor_id = abaco.register(client, webhook="http://169.254.169.254/latest")
    wait_until(lambda: "a webhook was not called" in caplog.text)
    assert "169.254" not in caplog.text
    assert abaco.actor(client, actor_id)["status"] == "READY"


def test_a_webhook_calls_no_actor(
    abaco: Any, wait_until: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    """A webhook that leads back to its own actor would never end; it is not called."""
    caplog.set_level("INFO", "agave_local.services.actors.actor_events")
    client = abaco.client("ipt")
    actor_id = abaco.register(client)
    nonces = f"/actors/v2/{actor_id}/nonces"
    nonce = client.post(nonces, json={}).json()["result"]["id"]
    own = f"{abaco.agave.base_url}/actors/v2/{actor_id}/messages?x-nonce={nonce}"
    body = {"image": "probe", "webhook": own, "force": True}
    client.put(f"/actors/v2/{actor_id}", json=body)
    wait_until(lambda: "links do" in caplog.text)
    assert (
        client.get(f"/actors/v2/{actor_id}/executions").json()["result"][
            "totalExecutions"
        ]
        == 0
    )


def test_the_mailboxes_of_a_tenant_are_in_its_own_reach(
    abaco: Any, result: Callable[[Any], Any]
) -> None:
    """What the tenant sends may go to an actor of its own, with a nonce."""
    client = abaco.client("ipt")
    actor_id = abaco.register(client)
    nonces = f"/actors/v2/{actor_id}/nonces"
    nonce = result(client.post(nonces, json={}))["id"]
    outgoing = abaco.agave.tenant.outgoing
    mailbox = f"{abaco.agave.base_url}/actors/v2/{actor_id}/messages"
    assert outgoing.post_json(f"{mailbox}?x-nonce={nonce}", {"one": 1}) == 200
    assert outgoing.post_json(f"{mailbox}?x-nonce=wrong", {"one": 1}) == 400
    found = result(client.get(f"/actors/v2/{actor_id}/executions"))
    assert found["totalExecutions"] == 1
    with pytest.raises(Refused):
        outgoing.post_json(f"{abaco.agave.base_url}/local/reset", {})


class _Hook(BaseHTTPRequestHandler):
    """Keeps what is posted to it in `bodies` of its server."""

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.bodies.append(json.loads(self.rfile.read(length)))  # type: ignore[attr-defined]  # the fixture adds it
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(name="hook")
def _hook() -> Iterator[Any]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hook) as server:
        server.bodies = []  # type: ignore[attr-defined]  # read by the handler
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_served_tenant_calls_a_webhook_of_its_machine(
    served: Any, hook: Any, wait_until: Wait
) -> None:
    """A tenant on loopback posts to a receiver on loopback."""
    url = f"http://127.0.0.1:{hook.server_address[1]}/x?key=1"
    actor_id = served.register(served.client("ipt"), webhook=url)
    wait_until(lambda: bool(hook.bodies))
    assert hook.bodies[0]["actor_id"] == actor_id
    assert hook.bodies[0]["_abaco_webhook"] == url


def test_events_survive_a_tenant_that_ends(
    serve: Any, hook: Any, wait_until: Wait
) -> None:
    """An event that was not delivered when the tenant ended is delivered later."""
    url = f"http://127.0.0.1:{hook.server_address[1]}/"
    with serve() as abaco:
        client = abaco.client("ipt")
        target = abaco.register(client)
        abaco.agave.tenant.actors.events.stop()
        source = abaco.register(client, link=target, webhook=url)
        execution_id = abaco.send(client, source, {})
        abaco.finish(client, source, execution_id)
        assert not hook.bodies
    with serve() as abaco:
        wait_until(lambda: len(hook.bodies) == 2)
        ended = [body.get("execution_id") for body in hook.bodies]
        assert ended == [None, execution_id]
        wait_until(lambda: len(_events_of(abaco.client("ipt"), target)) == 2)


SERVE = """
import sys, time
from pathlib import Path
from agave_local.testing import served_agave

sys.path.insert(0, sys.argv[2])
with served_agave(Path(sys.argv[1]), images={"probe": "probe_image"}) as agave:
    print(agave.base_url, agave.client("ipt").token, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("seen", [1, 6])
def test_events_survive_a_kill(
    serve: Any, tmp_path: Path, agave_caller: Any, wait_until: Wait, seen: int
) -> None:
    """A linked actor hears of each execution once, whenever the tenant is killed."""
    images = next(path for path in sys.path if (Path(path) / "probe_image").exists())
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path / "data"), images],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        ipt = agave_caller(*process.stdout.readline().split())
        body = {"image": "probe"}
        target = ipt.post("/actors/v2", json=body).json()["result"]["id"]
        body["link"] = target
        source = ipt.post("/actors/v2", json=body).json()["result"]["id"]
        address = f"/actors/v2/{source}/messages"
        for _ in range(12):
            assert ipt.post(address, json={"exit": 0}).status_code == 200
        wait_until(lambda: len(_events_of(ipt, target)) > seen)
        process.kill()
        ipt.close()

    with serve() as abaco:
        client = abaco.client("ipt")
        sent = client.get(f"/actors/v2/{source}/executions").json()["result"]
        for execution in sent["executions"]:
            abaco.finish(client, source, execution["id"])
        events = f"/actors/v2/{target}/executions"

        def heard() -> int:
            return int(client.get(events).json()["result"]["totalExecutions"])

        assert sent["totalExecutions"] == 12
        # One of them says that the source is ready.
        wait_until(lambda: heard() >= 13)
        abaco.agave.tenant.actors.events.wake()
        abaco.agave.tenant.actors.events.stop()
        assert heard() == 13
