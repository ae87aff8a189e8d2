"""Schedules of actors: their texts, their times, and what is run when."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

Refusal = Callable[[Any], tuple[int, str]]
Wait = Callable[[Callable[[], bool]], None]
HOUR = 3600.0


@pytest.fixture(name="client")
def _client(abaco_at: Any) -> Any:
    return abaco_at.client("ipt")


def _register(abaco: Any, client: Any, schedule: str, **described: Any) -> str:
    return str(abaco.register(client, cronSchedule=schedule, **described))


def _ran(abaco: Any, actor_id: str) -> list[Any]:
    """Return the executions of an actor that its schedule started."""
    query = {"executor": "cron", "status": "COMPLETE"}
    # Time was moved; a new token is good.
    client = abaco.client("ipt")
    answer = client.get(f"/actors/v2/{actor_id}/executions", params=query)
    found: list[Any] = answer.json()["result"]["search"]
    return found


def _hour(clock: Any) -> str:
    now = datetime.fromtimestamp(clock.now(), UTC)
    return f"{now:%Y-%m-%d %H}"


def _shown(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment.year}-{moment.month}-{moment.day} {moment.hour}"


@pytest.mark.parametrize(
    "schedule",
    [
        "zzz",
        "2099-01-01 1",
        "2099-13-01 1 + 1 hour",
        "2099-01-01 24 + 1 hour",
        "2099-01-01 1 + 0 hours",
        "2099-01-01 1 + 1.5 hours",
        "2099-01-01 1 - 1 hour",
        "9999-12-31 23 + 1 hour",
        "now + 999999 months",
        "now + \u0661 hours",
        "now + 1 hour" + " " * 200,
    ],
)
def test_schedule_in_another_format(
    client: Any, refusal: Refusal, schedule: str
) -> None:
    """A schedule that is none is refused in Abaco's words."""
    body = {"image": "probe", "cronSchedule": schedule}
    wanted = (400, "The cron is not in the correct format")
    assert refusal(client.post("/actors/v2", json=body)) == wanted


def test_schedule_in_the_past(client: Any, refusal: Refusal, clock: Any) -> None:
    """A schedule that begins in an hour that is over is refused; it says what it is."""
    body = {"image": "probe", "cronSchedule": "2001-01-01 1 + 1 hour"}
    wanted = (
        f"The starting datetime is old. The current UTC time is {_hour(clock)}:00:00"
    )
    assert refusal(client.post("/actors/v2", json=body)) == (400, wanted)


def test_schedule_with_an_unknown_unit(client: Any, refusal: Refusal) -> None:
    """A unit that is none is Abaco's own surprise."""
    body = {"image": "probe", "cronSchedule": "2099-01-01 1 + 1 flim"}
    wanted = (
        "Unrecognized exception type: <class 'werkzeug.exceptions.BadRequest'>. "
        "Exception: 400 Bad Request: flim is an invalid unit of time"
    )
    assert refusal(client.post("/actors/v2", json=body)) == (500, wanted)


def test_schedule_of_a_new_actor(client: Any, result: Callable[[Any], Any]) -> None:
    """A new actor's schedule is on, and its first time is shown as it was written."""
    body = {"image": "probe", "cronSchedule": "2099-01-01 1 + 2 days"}
    actor = result(client.post("/actors/v2", json=body))
    assert actor["cronOn"] is True
    assert actor["cronNextEx"] == "2099-01-01 1"
    assert actor["cronSchedule"] == "2099-01-01 1 + 2 days"


def test_run_when_it_is_due(
    abaco_at: Any, client: Any, clock: Any, wait_until: Wait
) -> None:
    """An actor runs once in each hour that its schedule names, as `cron`."""
    tenant = abaco_at.agave.tenant
    actor_id = _register(abaco_at, client, "now + 2 hours")
    start = clock.now() // HOUR * HOUR
    clock.move(60)
    tenant.duties.tick()
    wait_until(lambda: len(_ran(abaco_at, actor_id)) == 1)
    shown = abaco_at.actor(abaco_at.client("ipt"), actor_id)
    assert shown["cronNextEx"] == _shown(start + 2 * HOUR)
    clock.move(HOUR)
    tenant.duties.tick()
    assert len(_ran(abaco_at, actor_id)) == 1
    clock.move(HOUR)
    tenant.duties.tick()
    wait_until(lambda: len(_ran(abaco_at, actor_id)) == 2)
    execution = _ran(abaco_at, actor_id)[0]
    assert execution["executor"] == "cron"


def test_run_once_for_all_that_was_missed(
    abaco_at: Any, client: Any, clock: Any, wait_until: Wait
) -> None:
    """An actor whose times were missed runs once, and then at its next time."""
    tenant = abaco_at.agave.tenant
    actor_id = _register(abaco_at, client, "now + 1 day")
    start = clock.now() // HOUR * HOUR
    clock.move(10 * 24 * HOUR)
    tenant.duties.tick()
    wait_until(lambda: len(_ran(abaco_at, actor_id)) == 1)
    tenant.actors.cron.run_due()
    assert len(_ran(abaco_at, actor_id)) == 1
    shown = abaco_at.actor(abaco_at.client("ipt"), actor_id)
    assert shown["cronNextEx"] == _shown(start + 11 * 24 * HOUR)


def test_switch_a_schedule_off_and_on(
    abaco_at: Any, client: Any, clock: Any, wait_until: Wait
) -> None:
    """A schedule that is off starts nothing; on again it goes on where it was."""
    tenant, schedule = abaco_at.agave.tenant, "now + 1 hour"
    actor_id = _register(abaco_at, client, schedule)
    body = {"image": "probe", "cronSchedule": schedule, "cronOn": False}
    address = f"/actors/v2/{actor_id}"
    shown = client.put(address, json=body).json()["result"]
    assert (shown["cronOn"], shown["cronSchedule"]) == (False, schedule)
    clock.move(5 * HOUR)
    tenant.duties.tick()
    client = abaco_at.client("ipt")
    assert client.get(f"{address}/messages").json()["result"]["messages"] == 0
    assert not _ran(abaco_at, actor_id)
    client.put(address, json=body | {"cronOn": True})
    tenant.actors.cron.run_due()
    wait_until(lambda: len(_ran(abaco_at, actor_id)) == 1)


def test_take_a_schedule_away(
    abaco_at: Any, client: Any, clock: Any, result: Callable[[Any], Any]
) -> None:
    """A description without a schedule ends it."""
    actor_id = _register(abaco_at, client, "now + 1 hour")
    shown = result(client.put(f"/actors/v2/{actor_id}", json={"image": "probe"}))
    assert shown["cronOn"] is False
    assert "cronSchedule" not in shown
    assert "cronNextEx" not in shown
    clock.move(5 * HOUR)
    abaco_at.agave.tenant.actors.cron.run_due()
    assert not _ran(abaco_at, actor_id)


def test_change_a_schedule(
    abaco_at: Any, client: Any, clock: Any, refusal: Refusal
) -> None:
    """Another schedule begins anew, and must not begin in the past."""
    actor_id = _register(abaco_at, client, "now + 1 hour")
    clock.move(5 * HOUR)
    client = abaco_at.client("ipt")
    body = {"image": "probe", "cronSchedule": "2099-01-01 1 + 1 week"}
    address = f"/actors/v2/{actor_id}"
    shown = client.put(address, json=body | {"cronOn": "true"}).json()["result"]
    assert (shown["cronOn"], shown["cronNextEx"]) == (True, "2099-01-01 1")
    body["cronSchedule"] = "2001-01-01 1 + 1 week"
    status, message = refusal(client.put(address, json=body))
    assert (status, message.partition(".")[0]) == (400, "The starting datetime is old")


def test_an_account_called_cron_has_no_executions_of_schedules(
    abaco_at: Any, client: Any, result: Any, wait_until: Wait
) -> None:
    """Whoever takes the platform's name reads nothing that the platform started."""
    actor_id = _register(abaco_at, client, "now + 1 day")
    abaco_at.agave.tenant.actors.cron.run_due()
    wait_until(lambda: len(_ran(abaco_at, actor_id)) == 1)
    grant = {"user": "cron", "level": "EXECUTE"}
    client.post(f"/actors/v2/{actor_id}/permissions", json=grant)
    cron = abaco_at.client("cron")
    address = f"/actors/v2/{actor_id}/executions"
    assert result(cron.get(address))["totalExecutions"] == 0
    assert result(cron.get(address, params={"limit": 5}))["search"] == []
    (execution,) = _ran(abaco_at, actor_id)
    assert cron.get(f"{address}/{execution['id']}").status_code == 400


def test_messages_of_an_actor_that_cannot_run_are_bounded(
    abaco_at: Any, client: Any, clock: Any
) -> None:
    """An actor in error collects no more than a hundred messages of its schedule."""
    actor_id = _register(abaco_at, client, "now + 1 hour", image="no/such")
    for _ in range(103):
        abaco_at.agave.tenant.actors.cron.run_due()
        clock.move(HOUR)
    client = abaco_at.client("ipt")
    answer = client.get(f"/actors/v2/{actor_id}/messages")
    assert answer.json()["result"]["messages"] == 100


@pytest.fixture(name="abaco_at")
def _abaco_at(served_at: Any) -> Any:
    return served_at


def test_a_message_and_the_next_time_survive_together(
    serve_at: Any, clock: Any, wait_until: Wait
) -> None:
    """A tenant that ends right after it was due has run it once, not twice."""
    with serve_at() as abaco:
        client = abaco.client("ipt")
        actor_id = _register(abaco, client, "now + 1 day")
        abaco.agave.tenant.actors.cron.run_due()
    clock.move(60)
    with serve_at() as abaco:
        abaco.agave.tenant.actors.cron.run_due()
        client = abaco.client("ipt")
        wait_until(
            lambda: (
                not client.get(f"/actors/v2/{actor_id}/messages").json()["result"][
                    "messages"
                ]
            )
        )
        address = f"/actors/v2/{actor_id}/executions"
        total = client.get(address).json()["result"]["totalExecutions"]
        assert total == 1
