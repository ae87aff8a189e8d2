"""The function `jobs`: cancel and delete."""

from typing import Any

import pytest

from functions.jobs.app import app
from iptweb.testing import FakeTenant, FunctionClient
from iptweb.testing.tenant import refused


@pytest.fixture(name="client")
def _client(tenant: FakeTenant) -> FunctionClient:
    return FunctionClient(app, tenant)


def submit(client: FunctionClient, **changes: Any) -> str:
    """Submit a job and return its id."""
    document = {"name": "ipt-compile-request-1", "appId": "ipt-build-local-0.1.0"}
    job = client.tenant.as_user("ada").submit_job(document)
    client.tenant.jobs[job["id"]].update(changes)
    return str(job["id"])


def test_cancel(client: FunctionClient) -> None:
    """A job is stopped; one that has ended stays as it is."""
    job_id = submit(client, status="RUNNING")

    for _ in range(2):
        body = client.post(f"/jobs/{job_id}/cancel").body
        assert (body["status"], body["can_cancel"]) == ("STOPPED", False)
    assert client.tenant.calls.count("stop_job") == 1


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("RUNNING", "Try again"),
        ("ARCHIVING", "too late"),
        ("ARCHIVING_FINISHED", "too late"),
    ],
)
def test_cancel_refused(client: FunctionClient, status: str, word: str) -> None:
    """A job that can't be stopped now says so, and why."""
    job_id = submit(client, status=status)
    client.tenant.failures["stop_job"] = refused("jobs", 400)

    answer = client.post(f"/jobs/{job_id}/cancel")

    assert answer.code == "conflict"
    assert word in answer.message


def test_cancel_of_what_ends_meanwhile(client: FunctionClient) -> None:
    """A job that came to its end just before it was stopped is shown as it is."""
    job_id = submit(client, status="ARCHIVING")
    agave = client.tenant.jobs[job_id]

    class Ending(dict[str, Any]):
        """A job whose state is another one after it was looked at once."""

        def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
            seen = dict(self)
            self["status"] = "FINISHED"
            return seen

    client.tenant.jobs[job_id] = Ending(agave)
    client.tenant.failures["stop_job"] = refused("jobs", 409)

    assert client.post(f"/jobs/{job_id}/cancel").body["status"] == "FINISHED"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("PENDING", True),
        ("QUEUED", True),
        ("RUNNING", True),
        ("ARCHIVING", True),
        ("ARCHIVING_FINISHED", False),
        ("STOPPED", False),
        ("", False),
    ],
)
def test_can_cancel(client: FunctionClient, status: str, *, expected: bool) -> None:
    """A job can be stopped until its files are archived."""
    job_id = submit(client, status=status)

    assert client.get(f"/jobs/{job_id}").body["can_cancel"] is expected


def test_delete(client: FunctionClient) -> None:
    """A job that has ended is taken out of the history; a living one is not."""
    job_id = submit(client, status="RUNNING")

    assert client.request("DELETE", f"/jobs/{job_id}").code == "conflict"
    client.tenant.jobs[job_id]["status"] = "FAILED"
    assert client.request("DELETE", f"/jobs/{job_id}").body == {}
    assert client.request("DELETE", f"/jobs/{job_id}").code == "not_found"
