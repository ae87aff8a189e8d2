"""The function `jobs`: files that can't be had, and what else a job's page tells."""

from typing import Any

import pytest

from functions.job_submit.app import app as submit_app
from functions.jobs.app import app
from iptweb.errors import AgaveUnavailable
from iptweb.testing import FakeTenant, FunctionClient
from iptweb.testing.tenant import refused

ARCHIVE = "jobs/2027-01-15/run-local-0123456789ab"
SILENT = AgaveUnavailable("No.", service="jobs", upstream_status=503)


@pytest.fixture(name="client")
def _client(tenant: FakeTenant) -> FunctionClient:
    return FunctionClient(app, tenant)


def submit(client: FunctionClient, **changes: Any) -> str:
    """Keep a job of ada's and return its id."""
    document = {
        "name": "ipt-run-0123456789ab",
        "appId": "ipt-run-local-0.1.0",
        "executionSystem": "ipt.local",
        "archivePath": f"ada/{ARCHIVE}",
        "inputs": {"binary": ["agave://ipt.storage/ada/heat"]},
        "parameters": {},
    }
    job = client.tenant.as_user("ada").submit_job(document)
    client.tenant.jobs[job["id"]].update(changes)
    return str(job["id"])


def test_machine_is_silent(client: FunctionClient) -> None:
    """A job whose machine does not answer is shown without its files, and says so."""
    job_id = submit(client, status="RUNNING")
    client.tenant.failures["list_outputs"] = SILENT

    body = client.get(f"/jobs/{job_id}").body

    assert body["status"] == "RUNNING"
    assert body["outputs"] == []
    assert body["outputs_unavailable"].startswith("This machine does not answer")
    assert body["outputs_unavailable"].endswith("The job itself goes on.")
    assert (body["history"][0]["status"], body["can_cancel"]) == ("RUNNING", True)
    assert client.tenant.calls.count("read_output") == 0


def test_machine_of_a_cancelled_job_is_silent(client: FunctionClient) -> None:
    """What a cancelled job left on a machine that is silent can be had later."""
    job_id = submit(client, status="STOPPED")
    client.tenant.failures["list_outputs"] = SILENT

    sentence = client.get(f"/jobs/{job_id}").body["outputs_unavailable"]

    assert sentence.endswith("They can be had as soon as it answers again.")


def test_platform_gives_no_files(client: FunctionClient) -> None:
    """A platform in trouble takes away the files alone, and no system is blamed."""
    job_id = submit(client, status="FINISHED")
    client.tenant.failures["list_outputs"] = SILENT

    body = client.get(f"/jobs/{job_id}").body

    assert (body["outputs"], body["archived"]) == ([], True)
    assert body["outputs_unavailable"].startswith("The platform does not give out")


def test_files_are_there(client: FunctionClient) -> None:
    """Of a job whose files can be had nothing is said."""
    assert client.get(f"/jobs/{submit(client)}").body["outputs_unavailable"] is None


@pytest.mark.parametrize("status", [502, 503, 504])
def test_text_of_a_silent_machine(client: FunctionClient, status: int) -> None:
    """The text of a job on a silent machine is refused with a code of its own."""
    job_id = submit(client, status="RUNNING")
    client.tenant.failures["read_output"] = AgaveUnavailable(
        "No.", service="jobs", upstream_status=status
    )

    answer = client.get(f"/jobs/{job_id}/text")

    assert (answer.status, answer.code) == (503, "system_unreachable")
    assert "This machine does not answer" in answer.message


@pytest.mark.parametrize("status", [0, 429, 500])
def test_text_of_a_platform_in_trouble(client: FunctionClient, status: int) -> None:
    """Another trouble is the platform's, not the machine's."""
    job_id = submit(client, status="RUNNING")
    client.tenant.failures["read_output"] = AgaveUnavailable(
        "No.", service="jobs", upstream_status=status
    )

    assert client.get(f"/jobs/{job_id}/text").code == "upstream_unavailable"


def test_list_asks_no_machine(client: FunctionClient) -> None:
    """The history is listed without a look at any file."""
    submit(client, status="RUNNING")

    client.get("/jobs")

    assert not {"list_outputs", "read_output"} & set(client.tenant.calls)


def test_cancelled_job_s_files(client: FunctionClient) -> None:
    """Files of a job that was cancelled have no place in the home, but an address."""
    job_id = submit(client, status="STOPPED")
    client.tenant.outputs[job_id] = {"half.out": b"1"}

    body = client.get(f"/jobs/{job_id}").body

    assert [(one["name"], one["path"]) for one in body["outputs"]] == [("half.out", "")]
    assert body["archived"] is False
    assert body["outputs_url"].endswith(f"/jobs/v2/{job_id}/outputs/media/")


def test_archived_job_that_failed(client: FunctionClient) -> None:
    """Files of a job that failed are in the home if they were copied there."""
    job_id = submit(client, status="FAILED", exitCode=1)
    client.tenant.outputs[job_id] = {"half.out": b"1", "wrapper.sh": b"own"}
    events = [{"status": s} for s in ("RUNNING", "ARCHIVING_FINISHED", "FAILED")]
    client.tenant.events[job_id] = events

    body = client.get(f"/jobs/{job_id}").body

    assert body["archived"] is True
    assert [one["path"] for one in body["outputs"]] == [
        f"{ARCHIVE}/half.out",
        f"{ARCHIVE}/wrapper.sh",
    ]


def test_files_of_the_app_are_no_outputs(client: FunctionClient) -> None:
    """What the app brought along is not among what the program made."""
    job_id = submit(client, status="STOPPED")
    own = ("wrapper.sh", "ipt-lib.sh", "ipt-run-1.ipcexe", "manifest.sha256.json")
    client.tenant.outputs[job_id] = dict.fromkeys((*own, "test", "x.out"), b"")

    body = client.get(f"/jobs/{job_id}").body

    assert [one["name"] for one in body["outputs"]] == ["test", "x.out"]


def test_files_of_another_app(client: FunctionClient) -> None:
    """What a foreign job has is shown as it is."""
    job_id = submit(client, appId="other-1.0", status="STOPPED")
    client.tenant.outputs[job_id] = {"wrapper.sh": b""}

    body = client.get(f"/jobs/{job_id}").body

    assert [one["name"] for one in body["outputs"]] == ["wrapper.sh"]


def notifications(**told: Any) -> list[dict[str, Any]]:
    """Return a job's, of which the one about its end was sent."""
    url = "https://example.org/${JOB_ID}"
    return [
        {"url": url, "event": "FINISHED", "persistent": False} | told,
        {"url": url, "event": "FAILED", "persistent": False},
        {"url": url, "event": "STOPPED", "persistent": False},
        {"url": "https://elsewhere.test/", "event": "RUNNING", "persistent": True},
    ]


@pytest.mark.parametrize(
    ("told", "delivered", "response"),
    [
        ({}, None, None),
        ({"success": True, "responseCode": 200, "lastSent": "2027"}, True, 200),
        ({"success": False, "responseCode": None, "lastSent": "2027"}, False, None),
        ({"success": False, "responseCode": 500, "lastSent": "2027"}, False, 500),
    ],
)
def test_webhook(
    client: FunctionClient,
    told: dict[str, Any],
    delivered: object,
    response: int | None,
) -> None:
    """A job tells where its message goes, and whether that worked."""
    job_id = submit(client, notifications=notifications(**told))

    body = client.get(f"/jobs/{job_id}").body

    assert body["webhook"] == {
        "url": "https://example.org/${JOB_ID}",
        "sent": "2027" if told else "",
        "delivered": delivered,
        "response": response,
    }
    assert body["request"]["notify"] == "https://example.org/${JOB_ID}"


@pytest.mark.parametrize(
    "error",
    [AgaveUnavailable("No.", service="notifications"), refused("notifications", 404)],
)
def test_platform_without_notifications(client: FunctionClient, error: Any) -> None:
    """A job whose notifications can't be had is shown without them."""
    job_id = submit(client, notifications=notifications())
    client.tenant.failures["find_notifications"] = error

    body = client.get(f"/jobs/{job_id}").body

    assert (body["webhook"], body["request"]["notify"]) == (None, "")


def test_resubmit_keeps_the_webhook(client: FunctionClient) -> None:
    """The same job once more tells the same address."""
    maker = FunctionClient(submit_app, client.tenant)
    made = maker.post(
        "/jobs",
        kind="run",
        request_id="0123456789ab",
        system="local",
        binary="heat.c",
        notify="https://example.org/done",
    )
    assert made.status == 201, made.body

    again = client.post(f"/jobs/{made.body['id']}/resubmit", request_id="ba9876543210")

    assert again.status == 201, again.body
    shown = client.get(f"/jobs/{again.body['id']}").body
    assert shown["webhook"]["url"] == "https://example.org/done"


def test_resubmit_loses_no_webhook(client: FunctionClient) -> None:
    """While the notifications can't be had the job is not made without them."""
    job_id = submit(client, notifications=notifications())
    client.tenant.failures["find_notifications"] = SILENT

    answer = client.post(f"/jobs/{job_id}/resubmit", request_id="ba9876543210")

    assert answer.status == 503


@pytest.mark.parametrize(
    ("app_id", "files", "changes", "cause"),
    [
        ("ipt-build-local-0.1.0", {}, {"exitCode": 1}, "compile"),
        ("ipt-run-local-0.1.0", {}, {"exitCode": 1}, "program"),
        (
            "ipt-build-run-local-0.1.0",
            {"IPT_STAGE": b"run"},
            {"exitCode": 1},
            "program",
        ),
        (
            "ipt-build-run-local-0.1.0",
            {"IPT_STAGE": b"compile"},
            {"exitCode": 1},
            "compile",
        ),
        ("ipt-compare-local-0.1.0", {"IPT_COMPARE": b"x"}, {"exitCode": 1}, "program"),
        ("ipt-compare-local-0.1.0", {"x.err": b"x"}, {"exitCode": 1}, "compile"),
        ("ipt-run-local-0.1.0", {"IPT_TIME": b"0.1"}, {"exitCode": 64}, "program"),
        ("ipt-run-local-0.1.0", {}, {"exitCode": 64}, "refused"),
    ],
)
def test_cause(
    client: FunctionClient,
    app_id: str,
    files: dict[str, bytes],
    changes: dict[str, Any],
    cause: str,
) -> None:
    """A job that failed tells by one word why; others tell nothing."""
    job_id = submit(client, appId=app_id, status="FAILED", **changes)
    client.tenant.outputs[job_id] = files

    assert client.get(f"/jobs/{job_id}").body["cause"] == cause
    client.tenant.jobs[job_id]["status"] = "STOPPED"
    assert client.get(f"/jobs/{job_id}").body["cause"] == ""
