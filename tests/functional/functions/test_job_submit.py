"""The function `job_submit`."""

import json
import shlex
from typing import Any

import pytest

from functions.job_submit.app import app
from functions.jobs.app import app as again
from iptweb.errors import AgaveRefused, AgaveUnavailable, UpstreamError
from iptweb.testing import FakeTenant, FunctionClient
from iptweb.testing.settings import SYSTEM
from iptweb.testing.tenant import FakeAgave, refused

COMPILE: dict[str, Any] = {
    "kind": "compile",
    "request_id": "request-1",
    "system": "local",
    "command": "gcc",
    "source": "heat.c",
    "output": "heat",
}
RUN: dict[str, Any] = {
    "kind": "run",
    "request_id": "request-1",
    "system": "local",
    "binary": "heat",
}
BUILD_RUN: dict[str, Any] = {
    "kind": "build-run",
    "request_id": "request-1",
    "system": "local",
    "source": "heat.c",
    "compile": "gcc",
    "output": "heat",
}
COMPARE: dict[str, Any] = {
    "kind": "compare",
    "request_id": "request-1",
    "system": "local",
    "serial": "heat.c",
    "serial_compile": "gcc",
    "parallel_compile": "gcc -fopenmp",
    "counts": [1, 2],
}
CLAIM = "ipt-test-request-ada-request-1"


@pytest.fixture(name="client")
def _client(tenant: FakeTenant) -> FunctionClient:
    return FunctionClient(app, tenant)


def test_systems(client: FunctionClient) -> None:
    """The systems are listed for anybody who is signed in."""
    assert client.get("/systems", authorized=False).body == {"systems": [SYSTEM]}


def test_preview(client: FunctionClient) -> None:
    """A preview shows line and document, and submits nothing."""
    answer = client.post("/jobs/preview", **COMPILE)

    assert answer.body["command_line"] == "gcc ./heat.c -o ./heat"
    assert answer.body["document"]["name"] == "ipt-compile-heat-request-1"
    assert answer.body["warnings"] == []
    assert client.tenant.jobs == {}


def test_preview_as_a_command_of_one_s_own(client: FunctionClient) -> None:
    """The command submits the document that is shown, and holds nobody's token."""
    body = client.post("/jobs/preview", **COMPILE).body

    assert client.token not in body["curl"]
    words = shlex.split(body["curl"].replace("\\\n", ""))
    assert words[4] == "https://tenant.test/jobs/v2/"
    assert "Authorization: Bearer $TOKEN" in words
    assert json.loads(words[-1]) == body["document"]


def test_preview_warns(client: FunctionClient) -> None:
    """What is seldom meant is told with its field, and can be submitted anyway."""
    body = BUILD_RUN | {"launcher": "mpirun -np {processors}", "ranks": 2}

    (warning,) = client.post("/jobs/preview", **body).body["warnings"]
    assert warning["field"] == "compile"
    assert "no MPI compiler" in warning["message"]
    assert client.post("/jobs", **body).status == 201


@pytest.mark.parametrize("body", [COMPILE, RUN, BUILD_RUN, COMPARE])
def test_what_is_shown_is_what_is_submitted(
    client: FunctionClient, body: dict[str, Any]
) -> None:
    """The document of the preview is the one that Agave gets, of every kind."""
    shown = client.post("/jobs/preview", **body).body
    made = client.post("/jobs", **body).body

    (job,) = client.tenant.jobs.values()
    assert {name: job[name] for name in shown["document"]} == shown["document"]
    assert made["command_line"] == shown["command_line"]
    assert made["kind"] == body["kind"]
    assert made["archive_path"] == f"jobs/2027-01-15/{body['kind']}-local-request-1"


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://example.org/${JOB_ID}", 200),
        ("http://example.org/", 400),
        # The tenant of these tests is not on this machine.
        ("http://127.0.0.1:9/", 400),
    ],
)
def test_webhook(client: FunctionClient, url: str, status: int) -> None:
    """A message is sent where it is safe on its way."""
    answer = client.post("/jobs/preview", **COMPILE | {"notify": url})

    assert answer.status == status
    if status == 400:
        assert answer.field == "notify"
    else:
        assert answer.body["document"]["notifications"][0]["url"] == url


def test_submit(client: FunctionClient) -> None:
    """A job is submitted as the user's own."""
    answer = client.post("/jobs", **COMPILE)

    (job,) = client.tenant.jobs.values()
    assert answer.status == 201
    assert answer.body == {
        "id": job["id"],
        "name": "ipt-compile-heat-request-1",
        "status": "PENDING",
        "kind": "compile",
        "archive_path": "jobs/2027-01-15/compile-local-request-1",
        "command_line": "gcc ./heat.c -o ./heat",
    }
    assert job["owner"] == "ada"


def test_submit_twice_is_one_job(client: FunctionClient) -> None:
    """The same request again gives the same job, days later as well."""
    first = client.post("/jobs", **COMPILE).body
    client.now += 10**6

    again = client.post("/jobs", **COMPILE)

    assert (again.status, again.body) == (201, first)
    assert len(client.tenant.jobs) == 1


def test_other_request_is_another_job(client: FunctionClient) -> None:
    """Another request id makes another job, and so does another user's same one."""
    client.post("/jobs", **COMPILE)
    client.post("/jobs", **COMPILE | {"request_id": "request-2"})
    FunctionClient(app, client.tenant, username="bob").post("/jobs", **COMPILE)

    assert len(client.tenant.jobs) == 3


def test_claim_is_the_service_s(client: FunctionClient) -> None:
    """A claim that the user forged is not believed."""
    victim = client.tenant.as_user("bob").submit_job({"name": "x"})
    forged = client.tenant.as_user("ada").add_metadata(CLAIM, {"job_id": victim["id"]})
    client.tenant.shares[forged.uuid, "ipt"] = "READ"

    assert client.post("/jobs", **COMPILE).body["id"] != victim["id"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "compile"},
        {"kind": "other"},
        COMPILE | {"output": "a/b"},
        RUN | {"threads": 5},
        BUILD_RUN | {"ranks": 2},
        COMPARE | {"counts": ["1"]},
    ],
)
def test_bad_request(client: FunctionClient, body: dict[str, Any]) -> None:
    """A bad field is refused before anything is written."""
    for path in ("/jobs", "/jobs/preview"):
        answer = client.post(path, **body)
        assert answer.code == "bad_request"
        assert answer.field
    assert client.tenant.metadata == []


def test_own_token_is_needed(client: FunctionClient) -> None:
    """A job is submitted with the user's token only."""
    assert client.post("/jobs", authorized=False, **COMPILE).code == "unauthorized"


def test_agave_refuses(client: FunctionClient) -> None:
    """What Agave does not take is told, and the request can be made again."""
    client.tenant.failures["submit_job"] = refused("jobs", 400)

    assert client.post("/jobs", **COMPILE).code == "bad_request"
    assert client.tenant.metadata == []
    assert client.post("/jobs", **COMPILE).status == 201


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (refused("jobs", 405), "upstream_refused"),
        (refused("jobs", 403), "forbidden"),
        (refused("jobs", 404), "bad_request"),
        (refused("jobs", 422), "bad_request"),
        (AgaveUnavailable("No.", service="jobs"), "upstream_unavailable"),
    ],
)
def test_agave_fails(client: FunctionClient, error: UpstreamError, code: str) -> None:
    """After any failure the same request works, once the platform does."""
    client.tenant.failures["submit_job"] = error

    assert client.post("/jobs", **COMPILE).code == code
    assert client.post("/jobs", **COMPILE).status == 201
    assert len(client.tenant.jobs) == 1


@pytest.mark.parametrize(
    ("change", "missing", "field"),
    [
        ({}, "heat.c", "source"),
        ({"files": ["heat.c.h", "src/grid.h"]}, "src/grid.h", "files"),
        ({"files": ["heat.c.h"]}, "heat.c.h", "files"),
    ],
)
def test_missing_file(
    client: FunctionClient, change: dict[str, Any], missing: str, field: str
) -> None:
    """A file that is not there is told at its field."""
    error = AgaveRefused(
        f"The platform refused: There is no file or folder /ada/{missing}.",
        service="jobs",
        upstream_status=404,
    )
    client.tenant.failures["submit_job"] = error

    answer = client.post("/jobs", **COMPILE | change)

    assert (answer.status, answer.field) == (400, field)
    assert (
        answer.body["error"]["message"] == f"There is no file {missing} in your home."
    )


def claim(client: FunctionClient, value: dict[str, Any]) -> None:
    """Make a claim on the request, as another delivery would."""
    client.tenant.as_user("ipt").add_metadata(CLAIM, value)


def test_other_delivery_is_submitting(client: FunctionClient) -> None:
    """While another delivery submits, this one waits and then says so."""
    claim(client, {"job_id": "", "created": client.now + 1000})

    answer = client.post("/jobs", **COMPILE)

    assert (answer.code, client.slept) == ("conflict", 20.0)
    assert client.tenant.jobs == {}


def test_submitter_died_before(client: FunctionClient) -> None:
    """A claim whose maker died without a job is taken over."""
    claim(client, {"job_id": "", "created": client.now - 61})

    assert client.post("/jobs", **COMPILE).status == 201
    assert len(client.tenant.jobs) == 1
    assert len(client.tenant.metadata) == 1


@pytest.mark.parametrize("value", [{}, {"job_id": None, "created": "x"}])
def test_garbled_claim(client: FunctionClient, value: dict[str, Any]) -> None:
    """A claim that can't be read is as good as none."""
    claim(client, value)

    assert client.post("/jobs", **COMPILE).status == 201


def test_submitter_died_after(client: FunctionClient) -> None:
    """A job whose id was never noted is found by its name."""
    first = client.post("/jobs", **COMPILE).body
    client.tenant.metadata[0].value.update(job_id="", created=client.now - 61)

    assert client.post("/jobs", **COMPILE).body == first
    assert client.tenant.metadata[0].value["job_id"] == first["id"]


def test_submitter_died_after_and_many_jobs_came(client: FunctionClient) -> None:
    """The job of a claim is found behind any number of newer ones."""
    first = client.post("/jobs", **COMPILE).body
    client.tenant.metadata[0].value.update(job_id="", created=client.now - 61)
    for number in range(150):
        client.tenant.as_user("ada").submit_job({"name": f"x{number}"})

    assert client.post("/jobs", **COMPILE).body == first
    assert len(client.tenant.jobs) == 151


def test_submitter_died_after_and_the_form_is_another(client: FunctionClient) -> None:
    """The name to look for is the claim's, so that one request id stays one job."""
    first = client.post("/jobs", **COMPILE).body
    client.tenant.metadata[0].value.update(job_id="", created=client.now - 61)

    again = client.post("/jobs", **COMPILE | {"source": "other.c"}).body

    assert again["id"] == first["id"]
    assert len(client.tenant.jobs) == 1


def test_id_can_t_be_noted(client: FunctionClient) -> None:
    """A job that was made is answered, even if its id can't be noted now."""
    client.tenant.failures["update_metadata"] = AgaveUnavailable("No.", service="meta")
    first = client.post("/jobs", **COMPILE)
    client.now += 61

    assert first.status == 201
    assert client.post("/jobs", **COMPILE).body == first.body


class RacingTenant(FakeTenant):
    """A tenant in which another delivery claims the request a moment earlier."""

    rival: FunctionClient | None = None

    def connect(self, api_server: str, token: Any, acting: str) -> FakeAgave:
        """Give a client that lets the rival go first."""
        del api_server, acting
        return RacingAgave(self, token.reveal())


class RacingAgave(FakeAgave):
    """Lets the rival submit between the look and the claim."""

    def add_metadata(self, name: str, value: Any) -> Any:
        """Let the rival do all its work first."""
        tenant = self._tenant
        assert isinstance(tenant, RacingTenant)
        rival, tenant.rival = tenant.rival, None
        if rival is not None:
            assert rival.post("/jobs", **COMPILE).status == 201
        return super().add_metadata(name, value)


def test_two_deliveries_race() -> None:
    """Two deliveries at the same moment make one job, and both get it."""
    tenant = RacingTenant()
    client = FunctionClient(app, tenant)
    tenant.rival = FunctionClient(app, tenant)

    answer = client.post("/jobs", **COMPILE)

    (job,) = tenant.jobs.values()
    assert answer.body["id"] == job["id"]
    assert len(tenant.metadata) == 1


@pytest.mark.parametrize("body", [COMPILE, RUN, BUILD_RUN, COMPARE])
def test_resubmit(client: FunctionClient, body: dict[str, Any]) -> None:
    """A job is made again as it was, once for each new request."""
    first = client.post("/jobs", **body).body
    repeated = FunctionClient(again, client.tenant)
    path = f"/jobs/{first['id']}/resubmit"

    second = repeated.post(path, request_id="request-2")
    third = repeated.post(path, request_id="request-2")

    assert (second.status, third.status) == (201, 201)
    assert second.body == third.body
    assert len(client.tenant.jobs) == 2
    old, new = client.tenant.jobs[first["id"]], client.tenant.jobs[second.body["id"]]
    assert new["name"] == old["name"].replace("request-1", "request-2")
    for name in ("appId", "inputs", "parameters", "nodeCount", "processorsPerNode"):
        assert new[name] == old[name]
    # The first request's own job again, rather than another one.
    assert repeated.post(path, request_id="request-1").body["id"] == first["id"]


def test_resubmit_a_foreign_job(client: FunctionClient) -> None:
    """A job that no form of ours made is not guessed at."""
    raw = client.tenant.as_user("ada").submit_job({"name": "x", "appId": "other-1.0"})
    repeated = FunctionClient(again, client.tenant)

    answer = repeated.post(f"/jobs/{raw['id']}/resubmit", request_id="request-2")

    assert answer.code == "conflict"
    assert len(client.tenant.jobs) == 1
