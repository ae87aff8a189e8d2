"""The history of very many jobs, on the local tenant and on ones that can't search."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from agave_local.services.jobs.summaries import JOB, SUMMARY, to_summary
from agave_local.testing import LocalAgave, in_process_agave
from functions.jobs import app as jobs
from functions.jobs.app import app
from iptweb.errors import AgaveRefused, AgaveUnavailable
from iptweb.testing import FakeTenant, FunctionClient, make_configs
from iptweb.testing.tenant import refused

MANY = 10_000
# Midnight of 2027-01-01.
BEGUN = 1_798_761_600.0
KINDS = ("build", "run", "build-run", "compare", "mine")


def make_job(number: int) -> dict[str, Any]:
    """Return a finished job as the tenant keeps it; each tenth of them FAILED."""
    kind = KINDS[number % 5]
    app_id = "mine-1.0" if kind == "mine" else f"ipt-{kind}-local-0.{number % 3}.0"
    made = BEGUN + number * 60
    return {
        "id": f"{number:019}-242ac113-0001-007",
        "name": f"ipt-{kind}-heat{number % 100}-{number:012x}",
        "owner": "bob" if number == 7 else "ada",
        "roles": [],
        "appId": app_id,
        "app": {"id": app_id},
        "executionSystem": "ipt.local",
        "batchQueue": "default",
        "nodeCount": 1,
        "processorsPerNode": 1,
        "memoryPerNode": None,
        "seconds": 600,
        "archive": True,
        "archiveSystem": "ipt.storage",
        "archivePath": "ada/jobs/x",
        "archived": True,
        "inputs": {},
        "parameters": {},
        "outputPath": "x",
        "retries": 0,
        "localId": str(number),
        "created": made,
        "lastUpdated": made,
        "submitTime": made,
        "startTime": made,
        "endTime": made,
        "exitCode": 0,
        "message": None,
        "stopRequested": False,
        "submitRetries": 0,
        "callbackToken": "token",
        "visible": True,
        "status": "FAILED" if number % 10 == 1 else "FINISHED",
        "history": [],
    }


@pytest.fixture(name="agave", scope="module")
def _agave(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAgave]:
    """Return a tenant with ten thousand jobs, put straight into its store."""
    with in_process_agave(tmp_path_factory.mktemp("history")) as agave:
        agave.add_user("ada")
        agave.add_user("ipt")
        store = agave.tenant.store
        with store.transaction():
            for job in map(make_job, range(MANY)):
                store.insert(JOB, job["id"], job)
                store.put(SUMMARY, job["id"], to_summary(job))
        yield agave


def ask(agave: LocalAgave, **query: Any) -> dict[str, Any]:
    """Ask the function for a page of ada's jobs."""
    frames: list[bytes] = []
    mint = agave.tenant.oauth.mint
    message = {
        "path": "/jobs",
        "query": {name: str(value) for name, value in query.items()},
        "authorization": f"Bearer {mint('ada', 3600)}",
    }
    environment = {
        "MSG": json.dumps(message),
        "_abaco_access_token": mint("ipt", 3600),
        "_abaco_api_server": agave.base_url,
        "_abaco_execution_id": "execution-1",
        "_abaco_username": "ada",
        "_actor_configs": repr(make_configs()),
    }
    assert jobs.run_inline(environment, frames.append) == 0
    answer = json.loads(frames[0])
    assert answer["status"] == 200, answer
    body: dict[str, Any] = answer["body"]
    return body


def numbers(body: dict[str, Any]) -> list[int]:
    """Return the numbers of the jobs on a page."""
    return [int(job["id"].partition("-")[0]) for job in body["jobs"]]


OWN = [number for number in reversed(range(MANY)) if number != 7]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, OWN),
        ({"kind": "compile"}, [n for n in OWN if n % 5 == 0]),
        ({"kind": "build-run"}, [n for n in OWN if n % 5 == 2]),
        ({"kind": "other"}, [n for n in OWN if n % 5 == 4]),
        ({"system": "local"}, [n for n in OWN if n % 5 != 4]),
        ({"system": "ipt.local"}, [n for n in OWN if n % 5 == 4]),
        ({"status": "failed"}, [n for n in OWN if n % 10 == 1]),
        ({"status": "FAILED,FINISHED"}, OWN),
        ({"search": "HEAT42"}, [n for n in OWN if n % 100 == 42]),
        (
            {"search": "heat4 run"},
            [n for n in OWN if n % 5 in {1, 2} and n % 100 // 10 == 4],
        ),
        ({"search": "Compile and run heat42"}, [n for n in OWN if n % 100 == 42]),
        ({"search": "00123-242ac113"}, [123]),
        ({"since": "2027-01-07", "until": "2027-01-07"}, list(range(9999, 8639, -1))),
        (
            {
                "kind": "run",
                "status": "FAILED",
                "search": "heat1",
                "until": "2027-01-02",
            },
            [n for n in OWN if n % 10 == 1 and n % 100 in {1, 11} and n < 2880],
        ),
    ],
)
def test_pages(agave: LocalAgave, query: dict[str, str], wanted: list[int]) -> None:
    """The first and the last page of any search are right among ten thousand jobs."""
    last = max(0, len(wanted) - 5)

    first = ask(agave, **query, limit=3)
    end = ask(agave, **query, limit=20, offset=last)

    assert (numbers(first), first["more"]) == (wanted[:3], len(wanted) > 3)
    assert (numbers(end), end["more"]) == (wanted[last:], False)
    assert "partial" not in first | end


def test_beyond_the_end(agave: LocalAgave) -> None:
    """After the last page there is an empty one, by names and by ids."""
    assert numbers(ask(agave, search="heat42", offset=100)) == []
    assert numbers(ask(agave, search="00123-242ac113", offset=1)) == []
    assert numbers(ask(agave, search=f"{OWN[0]:012x}", offset=1)) == []
    assert numbers(ask(agave, search="0" * 13, offset=5000)) != []


def test_what_a_list_tells(agave: LocalAgave) -> None:
    """A page has what its rows show, the exit code as well."""
    (job,) = ask(agave, search=f"{OWN[0]:012x}")["jobs"]

    assert (job["exit_code"], job["archive_path"]) == (0, "jobs/x")
    assert (job["created"], job["system_label"]) == (
        *("2027-01-07T22:39:00.000Z", "ipt.local"),
    )


@pytest.fixture(name="client")
def _client(tenant: FakeTenant) -> FunctionClient:
    return FunctionClient(app, tenant)


def submit(client: FunctionClient, **changes: Any) -> str:
    """Submit a job and return its id."""
    document = {"name": "ipt-run-heat", "appId": "ipt-run-local-0.1.0", **changes}
    job_id = str(client.tenant.as_user("ada").submit_job(document)["id"])
    client.tenant.jobs[job_id].update(changes)
    return job_id


@pytest.mark.parametrize("status", [400, 404, 405])
def test_platform_that_refuses_to_search(client: FunctionClient, status: int) -> None:
    """Where the platform can't search, the newest jobs are looked through."""
    wanted = submit(client)
    submit(client, name="other")
    client.tenant.failures["find_jobs"] = refused("jobs", status)

    body = client.get("/jobs", search="heat").body

    assert [job["id"] for job in body["jobs"]] == [wanted]
    assert (body["partial"], body["more"]) == (False, False)


def test_platform_that_does_not_understand(client: FunctionClient) -> None:
    """What is left out of account is noticed by what comes back."""
    wanted = submit(client)
    other = submit(client, name="other")
    client.tenant.ignores_searches = True

    assert [job["id"] for job in client.get("/jobs", search="heat").body["jobs"]] == [
        wanted
    ]
    assert [job["id"] for job in client.get("/jobs").body["jobs"]] == [other, wanted]


def test_more_than_is_looked_through(client: FunctionClient) -> None:
    """What is not looked through is told, never silently left out."""
    for _ in range(501):
        submit(client)
    client.tenant.failures["find_jobs"] = refused("jobs", 400)

    body = client.get("/jobs", search="heat", limit=10, offset=495).body

    assert (len(body["jobs"]), body["more"], body["partial"]) == (5, False, True)


def test_plain_page_of_a_platform_without_search(client: FunctionClient) -> None:
    """Without a filter nothing is partial."""
    submit(client)
    client.tenant.failures["find_jobs"] = refused("jobs", 400)

    body = client.get("/jobs").body

    assert (len(body["jobs"]), "partial" in body) == (1, False)


def test_search_by_an_id_of_a_platform_without_search(client: FunctionClient) -> None:
    """A job's id is found among the newest ones, too."""
    job_id = submit(client, name="other")
    client.tenant.failures["find_jobs"] = refused("jobs", 400)

    assert client.get("/jobs", search=job_id).body["jobs"][0]["id"] == job_id


@pytest.mark.parametrize(
    "error",
    [
        AgaveUnavailable("No.", service="jobs"),
        AgaveUnavailable("No.", service="jobs", upstream_status=503),
        AgaveRefused("No.", service="jobs", upstream_status=403),
    ],
)
def test_platform_in_trouble(client: FunctionClient, error: Any) -> None:
    """A platform that is in trouble is not taken for one that can't search."""
    client.tenant.failures["find_jobs"] = error

    assert client.get("/jobs", search="heat").status >= 500


def test_nothing_can_match(client: FunctionClient) -> None:
    """Where nothing can match the platform is not asked."""
    submit(client)
    client.tenant.calls.clear()

    body = client.get("/jobs", kind="other", system="local").body

    assert (body["jobs"], body["more"]) == ([], False)
    assert "find_jobs" not in client.tenant.calls
