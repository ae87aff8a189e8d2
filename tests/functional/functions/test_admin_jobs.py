"""The function `admin`: everybody's jobs, read only."""

from typing import Any

import pytest

from functions.job_submit.app import app as job_submit
from functions.jobs.app import app as jobs
from iptweb.administration.jobs import user_of
from iptweb.errors import AgaveRefused, AgaveUnavailable
from iptweb.testing import FakeTenant, FunctionClient

from .administrator import Administrator

DAY = 86_400


def submit(tenant: FakeTenant, user: str, number: int = 1, at: float = 0) -> str:
    """Have a user compile something; return the job's id."""
    tenant.files |= {user: None, f"{user}/heat.c": b""}
    client = FunctionClient(job_submit, tenant, username=user)
    client.now += at
    answer = client.post(
        "/jobs",
        kind="compile",
        request_id=f"request-{number:04}",
        system="local",
        command="gcc",
        source="heat.c",
        output="heat",
    )
    assert answer.status == 201
    return str(answer.body["id"])


def ids_of(answer: Any) -> list[str]:
    """Return the ids of the jobs of an answer."""
    return [job["id"] for job in answer.body["jobs"]]


def test_list(grace: Administrator, tenant: FakeTenant) -> None:
    """Everybody's jobs are there, the newest first, with the state of each."""
    first = submit(tenant, "ada")
    second = submit(tenant, "bob", at=60)
    tenant.jobs[first]["status"] = "FINISHED"

    answer = grace.get("/jobs")

    assert ids_of(answer) == [second, first]
    job = answer.body["jobs"][1]
    assert job["user"] == "ada"
    assert (job["kind"], job["status"], job["system"]) == (
        "compile",
        "FINISHED",
        "local",
    )
    assert job["name"] == "ipt-compile-heat-request-0001"
    assert job["created"] == "2027-01-15T08:00:00.000Z"
    assert (answer.body["total"], answer.body["complete"]) == (2, True)
    assert "submitted through this instance" in answer.body["source"]


def test_others_read_no_more_than_before(tenant: FakeTenant) -> None:
    """A job is shared with the service account and with nobody else."""
    job = submit(tenant, "ada")

    assert {name for uuid, name in tenant.shares if uuid == job} == {"ipt"}
    bob = FunctionClient(jobs, tenant, username="bob")
    assert bob.get(f"/jobs/{job}").code == "not_found"


@pytest.mark.parametrize("error", [AgaveRefused, AgaveUnavailable])
def test_job_that_can_t_be_shared(
    grace: Administrator, tenant: FakeTenant, error: type[AgaveRefused]
) -> None:
    """A platform that shares no jobs takes jobs all the same; their state is null."""
    tenant.failures["share_job"] = error("No.", service="jobs")

    job = submit(tenant, "ada")

    answer = grace.get("/jobs")
    assert ids_of(answer) == [job]
    assert answer.body["jobs"][0]["status"] is None
    assert answer.body["complete"] is False


def test_platform_without_searches(grace: Administrator, tenant: FakeTenant) -> None:
    """Where the jobs service is away, our own list is an answer still."""
    job = submit(tenant, "ada")
    tenant.failures["find_jobs"] = AgaveUnavailable("No.", service="jobs")

    answer = grace.get("/jobs")

    assert ids_of(answer) == [job]
    assert answer.body["complete"] is False


def test_platform_that_ignores_searches(
    grace: Administrator, tenant: FakeTenant
) -> None:
    """What the platform answers unasked is taken for no other job's state."""
    submit(tenant, "ada")
    tenant.as_user("ipt").submit_job({"name": "our-own", "appId": "x"})
    tenant.ignores_searches = True

    answer = grace.get("/jobs")

    assert answer.body["total"] == 1
    assert answer.body["jobs"][0]["user"] == "ada"


def test_job_of_somebody_else_under_the_id(
    grace: Administrator, tenant: FakeTenant
) -> None:
    """A job that is not its submitter's any more tells nothing."""
    job = submit(tenant, "ada")
    tenant.jobs[job]["owner"] = "ipt"

    assert grace.get("/jobs").body["jobs"][0]["status"] is None


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"user": "ada"}, 2),
        ({"user": "ad"}, 0),
        ({"kind": "compile"}, 3),
        ({"kind": "run"}, 0),
        ({"search": "HEAT"}, 3),
        ({"search": "request-0002"}, 1),
        ({"user": "bob", "search": "nothing"}, 0),
    ],
)
def test_filter(
    grace: Administrator, tenant: FakeTenant, query: dict[str, str], count: int
) -> None:
    """Whose, of which kind, and words narrow the list."""
    submit(tenant, "ada")
    submit(tenant, "ada", 2)
    submit(tenant, "bob", 3)

    assert grace.get("/jobs", **query).body["total"] == count


def test_pages(grace: Administrator, tenant: FakeTenant) -> None:
    """Page by page every job comes once."""
    made = [submit(tenant, "ada", number, at=number) for number in range(5)]

    found = [
        job
        for offset in (0, 2, 4, 6)
        for job in ids_of(grace.get("/jobs", limit=2, offset=offset))
    ]

    assert found == made[::-1]


def test_days(grace: Administrator, tenant: FakeTenant) -> None:
    """What is older than asked for is left out."""
    job = submit(tenant, "ada")
    grace.client.now += 31 * DAY

    assert ids_of(grace.get("/jobs")) == []
    assert ids_of(grace.get("/jobs", days=32)) == [job]


def test_removed_job(grace: Administrator, tenant: FakeTenant) -> None:
    """A job that its user removed is listed without a state."""
    job = submit(tenant, "ada")
    del tenant.jobs[job]

    (row,) = grace.get("/jobs").body["jobs"]

    assert (row["id"], row["status"], row["exit_code"]) == (job, None, None)


def test_damaged_documents(grace: Administrator, tenant: FakeTenant) -> None:
    """A request without a job, a user's own document and nonsense are no jobs."""
    name = "ipt-test-request-ada-request-0009"
    now = grace.client.now
    ipt = tenant.as_user("ipt")
    ipt.add_metadata(name, {"job_id": "", "created": now})
    ipt.add_metadata(name, {"job_id": "1-007", "created": "now"})
    ada = tenant.as_user("ada")
    made = ada.add_metadata(name, {"job_id": "1-007", "created": now})
    ada.share_metadata(made.uuid, "ipt", "READ")

    assert grace.get("/jobs").body["total"] == 0


@pytest.mark.parametrize(
    ("rest", "value", "user"),
    [
        ("ada-request-0001", {"user": "ada"}, "ada"),
        ("a-da-request-0001", {"user": "a-da"}, "a-da"),
        ("ada-request-0001", {"name": "ipt-run-heat-request-0001"}, "ada"),
        ("a-da-request-0001", {"name": "ipt-run-heat-request-0001"}, "a-da"),
        (
            "ada-request-0001",
            {"user": "eve", "name": "ipt-run-heat-request-0001"},
            "ada",
        ),
        ("ada-request-0001", {}, ""),
        ("ada", {"name": "ada"}, ""),
    ],
)
def test_whose_request(rest: str, value: dict[str, str], user: str) -> None:
    """The document's name has the user, and so has the value of a newer one."""
    assert user_of(rest, value) == user


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT"])
def test_read_only(grace: Administrator, tenant: FakeTenant, method: str) -> None:
    """Nobody's job can be changed here."""
    job = submit(tenant, "ada")

    assert grace.do("/jobs", method=method).code == "method_not_allowed"
    assert grace.do(f"/jobs/{job}", method=method).code == "not_found"
    assert job in tenant.jobs
