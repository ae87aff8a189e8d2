"""Jobs that others may see, that tell somebody, or that run once more."""

import time
from typing import Any

import pytest

from agave_local.services.jobs.states import Status
from agave_local.services.jobs.testing import (
    APP,
    STORAGE,
    add_app,
    add_execution,
    add_storage,
    wait_for,
)
from agave_local.testing import Caller, LocalAgave

pytestmark = pytest.mark.needs("bubblewrap")
JOBS = "/jobs/v2"
PARAMETERS = ({"id": "nap", "value": {"type": "number", "default": 0}},)


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    add_storage(agave.tenant)
    add_execution(agave.tenant)
    add_app(agave.tenant, "echo made\nsleep ${nap}\n", parameters=PARAMETERS)
    return agave.client("anna")


def _submit(caller: Caller, **more: Any) -> str:
    answer = caller.post(JOBS, json={"name": "job", "appId": APP, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["result"]["id"])


def _permissions(caller: Caller, path: str) -> list[tuple[str, bool, bool]]:
    found = caller.get(path).json()["result"]
    return [
        (one["username"], one["permission"]["read"], one["permission"]["write"])
        for one in found
    ]


def test_share_a_job(agave: LocalAgave, anna: Caller) -> None:
    """Whoever may read a job reads all of it, its outputs too, and nothing else."""
    job_id = _submit(anna)
    wait_for(agave.tenant, job_id)
    bert, here = agave.client("bert"), f"{JOBS}/{job_id}"
    assert bert.get(here).status_code == 404

    given = anna.post(f"{here}/pems/bert", json={"permission": "READ"})

    assert given.status_code == 201
    assert given.json()["result"]["permission"] == {"read": True, "write": False}
    for path in ("", "/status", "/history", "/outputs/listings", "/pems/bert"):
        assert bert.get(f"{here}{path}").status_code == 200, path
    assert bert.get(f"{here}/outputs/media/job.out").content == b"made\n"
    assert bert.get(f"{here}/outputs/media/../x").status_code in {400, 404}
    assert [job["id"] for job in bert.get(JOBS).json()["result"]] == [job_id]
    archive = f"/files/v2/listings/system/{STORAGE}/anna/archive"
    assert bert.get(archive).status_code in {403, 404}
    for refused in (
        bert.post(here, json={"action": "stop"}),
        bert.delete(here),
        bert.post(f"{here}/pems", json={"username": "carl", "permission": "READ"}),
        bert.delete(f"{here}/pems"),
        bert.delete(f"{here}/pems/carl"),
    ):
        assert refused.status_code == 403
        assert "You may read this job" in refused.json()["message"]


def test_let_somebody_change_a_job(agave: LocalAgave, anna: Caller) -> None:
    """WRITE lets somebody stop, share and delete a job."""
    job_id = _submit(anna, parameters={"nap": 60})
    bert, here = agave.client("bert"), f"{JOBS}/{job_id}"
    pem = {"username": "bert", "permission": "ALL"}
    anna.post(f"{here}/pems", json=pem)
    wait_for(agave.tenant, job_id, Status.RUNNING)

    assert bert.post(here, json={"action": "KILL"}).status_code == 200
    assert wait_for(agave.tenant, job_id)["status"] == Status.KILLED
    assert bert.post(f"{here}/pems/carl", json={"permission": "READ"}).ok
    assert _permissions(anna, f"{here}/pems") == [
        ("anna", True, True),
        ("bert", True, True),
        ("carl", True, False),
    ]
    assert bert.delete(f"{here}/pems/carl").ok
    assert anna.get(f"{here}/pems/carl").status_code == 404
    assert bert.delete(here).ok
    assert anna.get(here).status_code == 404


def test_take_permissions_away(agave: LocalAgave, anna: Caller) -> None:
    """What was given can be taken, from one or from all."""
    job_id = _submit(anna, archive=False)
    wait_for(agave.tenant, job_id)
    bert, here = agave.client("bert"), f"{JOBS}/{job_id}"
    anna.post(f"{here}/pems", json={"username": "public", "permission": "READ"})
    assert bert.get(here).ok

    assert anna.delete(f"{here}/pems").ok

    assert bert.get(here).status_code == 404
    assert _permissions(anna, f"{here}/pems") == [("anna", True, True)]
    for body, words in (
        ({"username": "anna", "permission": "READ"}, "The owner has"),
        ({"username": "bert", "permission": "SOME"}, "permission is one of"),
        ({"permission": "READ"}, "username is"),
    ):
        refused = anna.post(f"{here}/pems", json=body)
        assert (refused.status_code, words in refused.json()["message"]) == (400, True)


def test_tell_of_a_job(agave: LocalAgave, anna: Caller) -> None:
    """A request names who is told of which status."""
    got: list[Any] = []

    def take(delivery: Any) -> int:
        got.append(delivery)
        return 200

    agave.tenant.outgoing.register("https://hooks.example/", take)
    url = "https://hooks.example/${JOB_ID}/${JOB_STATUS}?n=${JOB_NAME}"
    job_id = _submit(
        anna,
        name="My & Job",
        notifications=[
            {"url": url, "event": "FINISHED"},
            {"url": "https://hooks.example/all", "event": "*", "persistent": True},
        ],
    )
    wait_for(agave.tenant, job_id)
    until = time.monotonic() + 10
    while len(got) < 13 and time.monotonic() < until:
        time.sleep(0.02)

    by_url = {one.url: one for one in got}
    finished = by_url[f"https://hooks.example/{job_id}/FINISHED?n=My%20%26%20Job"]
    assert (finished.json()["id"], finished.json()["status"]) == (job_id, "FINISHED")
    told = {one.json()["status"] for one in got if one.url.endswith("/all")}
    history = anna.get(f"{JOBS}/{job_id}/history").json()["result"]
    assert {event["status"] for event in history} == told
    link = anna.get(f"{JOBS}/{job_id}").json()["result"]["_links"]["notifications"]
    assert len(anna.get(link["href"]).json()["result"]) == 2


def test_run_once_more(agave: LocalAgave, anna: Caller) -> None:
    """A job runs once more, with its notifications if that is asked for."""
    hook = [{"url": "https://hooks.example/", "event": "FAILED"}]
    job_id = _submit(anna, parameters={"nap": 0}, archive=False, notifications=hook)
    wait_for(agave.tenant, job_id)

    def again(**options: Any) -> Any:
        body = {"action": "resubmit", **options}
        return anna.post(f"{JOBS}/{job_id}", json=body)

    def count(answer: Any) -> int:
        uuid = answer.json()["result"]["id"]
        found = anna.get("/notifications/v2", params={"associatedUuid": uuid})
        return len(found.json()["result"])

    assert count(again()) == 0
    assert count(again(preserveNotifications=True)) == 1
    agave.tenant.store.update("app", APP, lambda app: {**app, "parameters": []})
    refused = again()
    assert refused.status_code == 400
    assert "ignoreParameterConflicts" in refused.json()["message"]
    assert again(ignoreParameterConflicts=True).status_code == 201
    assert again(ignoreInputConflicts="maybe").status_code == 400


def test_call_back(agave: LocalAgave, anna: Caller) -> None:
    """A job's own script tells that it is alive, and that it failed."""
    job_id = _submit(anna, parameters={"nap": 60}, archive=False)
    job = wait_for(agave.tenant, job_id, Status.RUNNING)
    stranger, token = agave.anonymous(), job["callbackToken"]

    def tell(word: str, known: str = token) -> int:
        path = f"{JOBS}/trigger/job/{job_id}/token/{known}/status/{word}"
        return int(stranger.post(path).status_code)

    assert tell("RUNNING", "wrong") == 404
    assert tell("PENDING") == 400
    assert [tell(word) for word in ("RUNNING", "HEARTBEAT", "NOTIFICATION")] == [
        200
    ] * 3
    assert tell("FAILED") == 200
    history = anna.get(f"{JOBS}/{job_id}/history").json()["result"]
    assert [event["status"] for event in history][-2:] == [
        "HEARTBEAT",
        "JOB_RUNTIME_CALLBACK_EVENT",
    ]
    assert token not in anna.get(f"{JOBS}/{job_id}").text
    anna.post(f"{JOBS}/{job_id}", json={"action": "stop"})
    wait_for(agave.tenant, job_id)
    assert tell("HEARTBEAT") == 409


def test_permissions_that_a_job_has_not(agave: LocalAgave, anna: Caller) -> None:
    """Nobody executes a job, and whoever says so takes no permission away."""
    job_id = _submit(anna)
    here = f"{JOBS}/{job_id}"
    assert anna.post(f"{here}/pems/bert", json={"permission": "READ"}).ok

    refused = anna.post(f"{here}/pems/bert", json={"permission": "EXECUTE"})

    assert refused.status_code == 400
    assert "permission is one of" in refused.json()["message"]
    assert agave.client("bert").get(here).ok


def test_the_wrapper_is_for_those_who_may_change_the_job(
    agave: LocalAgave, anna: Caller
) -> None:
    """Its script holds the token by which a job calls back; readers do not get it."""
    job_id = _submit(anna, parameters={"nap": 20})
    wait_for(agave.tenant, job_id, Status.RUNNING)
    bert, here = agave.client("bert"), f"{JOBS}/{job_id}"
    anna.post(f"{here}/pems/bert", json={"permission": "READ"})

    for path in ("job.ipcexe", "./job.ipcexe", "/job.ipcexe", "JOB.ipcexe"):
        refused = bert.get(f"{here}/outputs/media/{path}")
        assert refused.status_code == 403, path
    assert bert.get(f"{here}/outputs/listings").ok
    assert anna.get(f"{here}/outputs/media/job.ipcexe").text.startswith("echo made")
    anna.post(f"{here}/pems/bert", json={"permission": "READ_WRITE"})
    assert bert.get(f"{here}/outputs/media/job.ipcexe").ok
    assert anna.post(here, json={"action": "stop"}).ok


def test_pick_fields_of_a_list(agave: LocalAgave, anna: Caller) -> None:
    """Fields are picked from all that a job has; a status is found in any case."""
    job_id = _submit(anna, parameters={"nap": 0})
    wait_for(agave.tenant, job_id)

    def found(**query: str) -> Any:
        return anna.get(JOBS, params=query).json()["result"]

    picked = {"id": job_id, "parameters": {"nap": 0}, "_links": {}}
    [job] = found(filter="id,parameters,_links.nothing", status="finished")
    assert job == picked
    [whole] = found(filter="*", **{"status.in": "failed,finished"})
    assert whole == anna.get(f"{JOBS}/{job_id}").json()["result"]
    assert "parameters" not in found()[0]
    assert found(status="failed") == []
