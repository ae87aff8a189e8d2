"""Jobs over HTTP, in both transports; they really run."""

from typing import Any

import pytest

from agave_local.services.jobs.states import DESCRIPTIONS, Status
from agave_local.services.jobs.testing import (
    APP,
    EXECUTION,
    STORAGE,
    add_app,
    add_execution,
    add_storage,
    wait_for,
)
from agave_local.testing import Caller, LocalAgave
from sandbox import make_filter

pytestmark = pytest.mark.needs("bubblewrap")
WRAPPER = """
echo hello ${who} | tee made.txt
cat ${file}
echo problem >&2
mkdir -p results/empty
echo deep > results/deep.txt
ln -s made.txt results/link
ln -s /etc/passwd results/evil
sleep ${nap}
exit ${code}
"""
INPUTS = ({"id": "file", "value": {"required": True}},)
PARAMETERS = (
    {"id": "who", "value": {"type": "string", "enquote": True}},
    {"id": "code", "value": {"type": "number", "default": 0}},
    {"id": "nap", "value": {"type": "number", "default": 0}},
)
ORDER = [
    Status.PENDING,
    Status.PROCESSING_INPUTS,
    Status.STAGING_INPUTS,
    Status.STAGED,
    Status.STAGING_JOB,
    Status.SUBMITTING,
    Status.QUEUED,
    Status.RUNNING,
    Status.CLEANING_UP,
    Status.ARCHIVING,
    Status.ARCHIVING_FINISHED,
    Status.FINISHED,
]


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    add_storage(agave.tenant)
    add_execution(agave.tenant)
    add_app(agave.tenant, WRAPPER, inputs=INPUTS, parameters=PARAMETERS)
    anna = agave.client("anna")
    form = {"fileToUpload": "input\n", "fileName": "in.txt"}
    anna.post(f"/files/v2/media/system/{STORAGE}/anna", data=form)
    return anna


def _body(**more: Any) -> dict[str, Any]:
    body = {
        "name": "My Job",
        "appId": APP,
        "inputs": {"file": f"agave://{STORAGE}/anna/in.txt"},
        "parameters": {"who": "you"},
        "archivePath": "anna/out/${JOB_NAME}-${JOB_ID}",
    }
    return {**body, **more}


def _submit(caller: Caller, **more: Any) -> str:
    answer = caller.post("/jobs/v2", json=_body(**more))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["result"]["id"])


def _get(caller: Caller, path: str) -> Any:
    answer = caller.get(f"/jobs/v2/{path}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] <= "2.2.22"
    return answer.json()["result"]


def test_run_a_job(agave: LocalAgave, anna: Caller) -> None:
    """A job goes through every state and its outputs are archived."""
    job_id = _submit(anna)
    wait_for(agave.tenant, job_id)

    job = _get(anna, job_id)
    assert (job["status"], job["exitCode"], job["owner"]) == ("FINISHED", 0, "anna")
    assert "message" not in job
    assert (f"anna/out/my-job-{job_id}", STORAGE) == (
        job["archivePath"],
        job["archiveSystem"],
    )
    assert tuple(
        job[name]
        for name in (
            "executionSystem",
            "batchQueue",
            "nodeCount",
            "processorsPerNode",
            "memoryPerNode",
            "maxRunTime",
        )
    ) == (EXECUTION, "normal", 1, 1, 8.0, "01:00:00")
    assert job["created"] <= job["submitTime"] <= job["startTime"] <= job["endTime"]

    history = _get(anna, f"{job_id}/history")
    assert [(status, DESCRIPTIONS[status]) for status in ORDER] == [
        (event["status"], event["description"]) for event in history
    ]
    status = _get(anna, f"{job_id}/status")
    assert (job_id, "FINISHED") == (status["id"], status["status"])


def test_read_outputs(agave: LocalAgave, anna: Caller) -> None:
    """Outputs are listed and read as the job's, and as files of its archive."""
    job_id = _submit(anna)
    wait_for(agave.tenant, job_id)
    outputs = f"/jobs/v2/{job_id}/outputs"

    names = {item["path"]: item for item in _get(anna, f"{job_id}/outputs/listings")}
    assert {"/", "/made.txt", "/my-job.err", "/my-job.out", "/results"} == set(names)
    address = names["/my-job.out"]["_links"]["self"]["href"]
    assert address.endswith(f"{outputs}/media/my-job.out")
    assert anna.get(address).content == b"hello you\ninput\n"
    assert anna.get(f"{outputs}/media/my-job.err").content == b"problem\n"
    part = anna.get(f"{outputs}/media/made.txt", headers={"Range": "bytes=0-4"})
    assert (part.status_code, part.content) == (206, b"hello")

    deep = [item["path"] for item in _get(anna, f"{job_id}/outputs/listings/results")]
    assert deep == ["/results", "/results/deep.txt", "/results/empty", "/results/link"]
    archive = f"/files/v2/media/system/{STORAGE}/anna/out/my-job-{job_id}"
    assert anna.get(f"{archive}/results/deep.txt").content == b"deep\n"
    assert anna.get(f"{outputs}/media/none").status_code == 404
    assert anna.get(f"{outputs}/media/..%2f..%2fx").status_code == 400
    unfilled = anna.get(f"{outputs}/listings/%7BfilePath%7D").json()["result"]
    assert len(unfilled) == 5
    assert len(anna.get(f"{outputs}/listings?limit=2").json()["result"]) == 2


def test_keep_outputs_in_place(agave: LocalAgave, anna: Caller) -> None:
    """Without an archive the outputs stay in the work folder, with the inputs."""
    job_id = _submit(anna, archive=False)
    wait_for(agave.tenant, job_id)

    job = _get(anna, job_id)
    assert job["status"] == "FINISHED"
    assert "archivePath" not in job
    paths = {item["path"] for item in _get(anna, f"{job_id}/outputs/listings/")}
    assert {"/in.txt", "/made.txt", "/my-job.ipcexe", "/wrapper.sh"} <= paths
    leak = anna.get(f"/jobs/v2/{job_id}/outputs/media/results/evil")
    assert leak.status_code == 403


def test_fail_with_the_program(agave: LocalAgave, anna: Caller) -> None:
    """A program that fails fails its job, whose outputs are archived all the same."""
    job_id = _submit(anna, parameters={"who": "you", "code": 3})
    wait_for(agave.tenant, job_id)

    job = _get(anna, job_id)
    assert (job["status"], job["exitCode"]) == ("FAILED", 3)
    assert job["message"] == "The job's program ended with exit code 3."
    out = anna.get(f"/jobs/v2/{job_id}/outputs/media/my-job.out")
    assert b"hello you" in out.content
    assert "ARCHIVING_FINISHED" in [
        e["status"] for e in _get(anna, f"{job_id}/history")
    ]


def test_quote_a_hostile_parameter(agave: LocalAgave, anna: Caller) -> None:
    """A quoted parameter is a word of the wrapper, whatever is in it."""
    hostile = "'; cat /etc/passwd; echo $(id) `id` \n ${code}"
    job_id = _submit(anna, parameters={"who": hostile})
    wait_for(agave.tenant, job_id)

    out = anna.get(f"/jobs/v2/{job_id}/outputs/media/made.txt").text
    assert f"hello {hostile}\n" == out


def test_stay_in_the_sandbox(agave: LocalAgave, anna: Caller) -> None:
    """A job sees no home, no other job, no network and no data of the tenant."""
    data = agave.tenant.settings.data
    add_app(
        agave.tenant,
        f"cat {data}/tenant.sqlite; ls {data} {data}/storage; cat ${{file}} > copy\n"
        "touch /usr/x /etc/x /x; id -u; ls /sys/class/net; ls / ..\n"
        "cat /proc/net/tcp | wc -l; env\n",
        inputs=INPUTS,
        parameters=PARAMETERS,
    )
    job_id = _submit(anna)
    job = wait_for(agave.tenant, job_id)

    out = anna.get(f"/jobs/v2/{job_id}/outputs/media/my-job.out").text
    err = anna.get(f"/jobs/v2/{job_id}/outputs/media/my-job.err").text
    assert job["status"] == Status.FINISHED
    assert err.count("No such file or directory") >= 3
    assert err.count("Read-only file system") == 3
    assert out.splitlines()[0] == "1000"
    assert "IPT_" not in out
    assert str(data) not in out


@pytest.mark.skipif(not make_filter(), reason="no filter for this processor")
def test_job_is_refused_calls(agave: LocalAgave, anna: Caller) -> None:
    """As in a terminal: what runs as its owner can't be made, nor keys be read."""
    add_app(
        agave.tenant,
        "grep Seccomp: /proc/self/status; touch f; chmod 4755 f; stat -c %a f\n",
    )
    job_id = _submit(anna, inputs={}, parameters={})
    job = wait_for(agave.tenant, job_id)

    out = anna.get(f"/jobs/v2/{job_id}/outputs/media/my-job.out").text
    assert job["status"] == Status.FINISHED
    assert out.split() == ["Seccomp:", "2", "644"]


def test_stop_a_running_job(agave: LocalAgave, anna: Caller) -> None:
    """A running job is stopped; what it wrote can still be read."""
    job_id = _submit(anna, parameters={"who": "you", "nap": 60})
    wait_for(agave.tenant, job_id, Status.RUNNING)

    answer = anna.post(f"/jobs/v2/{job_id}", json={"action": "stop"})

    assert answer.status_code == 200
    job = wait_for(agave.tenant, job_id)
    assert job["status"] == Status.STOPPED
    assert anna.get(f"/jobs/v2/{job_id}/outputs/media/my-job.out").status_code == 200
    again = anna.post(f"/jobs/v2/{job_id}", json={"action": "cancel"})
    assert again.status_code == 409
    assert "STOPPED" in again.json()["message"]


def test_end_a_job_in_time(agave: LocalAgave, anna: Caller) -> None:
    """A job that runs past its time fails and says so."""
    job_id = _submit(anna, parameters={"who": "you", "nap": 60}, maxRunTime="00:00:01")
    job = wait_for(agave.tenant, job_id)

    assert job["status"] == Status.FAILED
    assert job["message"] == "The job ran past its time of 00:00:01."


def test_submit_once_more(agave: LocalAgave, anna: Caller) -> None:
    """A job is submitted once more with the same request."""
    first = _submit(anna)
    wait_for(agave.tenant, first)

    answer = anna.post(f"/jobs/v2/{first}", json={"action": "resubmit"})

    assert answer.status_code == 201
    second = answer.json()["result"]["id"]
    assert first != second
    assert wait_for(agave.tenant, second)["status"] == Status.FINISHED
    assert [second, first] == [job["id"] for job in _get(anna, "")]


def test_delete_jobs(agave: LocalAgave, anna: Caller) -> None:
    """A deleted job is hidden, and stopped if it runs; its archive stays."""
    over = _submit(anna)
    wait_for(agave.tenant, over)
    running = _submit(anna, parameters={"who": "you", "nap": 60})
    wait_for(agave.tenant, running, Status.RUNNING)

    for job_id in (over, running):
        assert anna.delete(f"/jobs/v2/{job_id}").status_code == 200
        assert anna.get(f"/jobs/v2/{job_id}").status_code == 404
        assert anna.delete(f"/jobs/v2/{job_id}").status_code == 404

    assert _get(anna, "") == []
    assert wait_for(agave.tenant, running)["status"] == Status.STOPPED
    archive = f"/files/v2/listings/system/{STORAGE}/anna/out/my-job-{over}"
    assert anna.get(archive).status_code == 200


def test_see_only_ones_own_jobs(agave: LocalAgave, anna: Caller) -> None:
    """Nobody but the owner and administrators can see or stop a job."""
    job_id = _submit(anna)
    wait_for(agave.tenant, job_id)
    bob = agave.client("bob")

    for path in (
        "",
        "/history",
        "/status",
        "/outputs/listings",
        "/outputs/media/x",
        "/pems",
    ):
        assert bob.get(f"/jobs/v2/{job_id}{path}").status_code == 404
    stop = {"action": "stop"}
    assert bob.post(f"/jobs/v2/{job_id}", json=stop).status_code == 404
    assert bob.delete(f"/jobs/v2/{job_id}").status_code == 404
    assert _get(bob, "") == []
    assert job_id == _get(agave.client("admin"), job_id)["id"]
    assert agave.anonymous().get(f"/jobs/v2/{job_id}").status_code == 401


def test_find_jobs(agave: LocalAgave, anna: Caller) -> None:
    """Jobs are listed newest first, in pages, and found by their fields."""
    names = ("ipt-compile-1", "ipt-run-2", "other")
    for name in names:
        wait_for(agave.tenant, _submit(anna, name=name, archive=False))

    def found(query: str) -> list[str]:
        return [job["name"] for job in _get(anna, query)]

    assert found("") == ["other", "ipt-run-2", "ipt-compile-1"]
    assert found("?limit=1&offset=1") == ["ipt-run-2"]
    assert found("?name.like=IPT-*") == ["ipt-run-2", "ipt-compile-1"]
    assert found("?name=other&status=FINISHED") == ["other"]
    assert found("?status=RUNNING") == []
    assert found("?name.in=other,ipt-run-2&pretty=true") == ["other", "ipt-run-2"]
    assert found("search/name/other") == ["other"]
    assert found("search/name.like/ipt-*?status=FINISHED&limit=1") == ["ipt-run-2"]
    assert found("status/FINISHED") == ["other", "ipt-run-2", "ipt-compile-1"]
    assert found("name/none") == []
    assert found("?nodeCount.lt=2&maxRunTime=01:00:00&limit=1") == ["other"]
    assert found("?created.between=2020-01-01,2999-01-01&offset=2") == ["ipt-compile-1"]
    assert found("?endTime.lt=2020-01-01") == []
    assert found("?archive=true") == []
    assert anna.get("/jobs/v2?colour=red").status_code == 400
    assert anna.get("/jobs/v2?name.near=x").status_code == 400
    summary = _get(anna, "?limit=1")[0]
    assert {
        "id",
        "name",
        "owner",
        "executionSystem",
        "appId",
        "created",
        "status",
    } <= set(summary)
    assert "inputs" not in summary


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"name": ""}, 400, "name"),
        ({"appId": ""}, 400, "appId"),
        ({"appId": "none-1.0"}, 404, "none-1.0"),
        ({"inputs": {}}, 400, "inputs.file"),
        ({"inputs": {"file": "/etc/passwd"}}, 403, "/anna"),
        ({"inputs": {"file": "file:///etc/passwd"}}, 400, "agave://"),
        ({"inputs": {"file": "http://169.254.169.254/x"}}, 400, "can't be fetched"),
        ({"inputs": {"file": f"agave://{STORAGE}/bob/x"}}, 403, "/anna"),
        ({"inputs": {"file": f"agave://{STORAGE}/anna/none"}}, 404, "/anna/none"),
        ({"inputs": {"file": f"agave://{STORAGE}/anna/%2e%2e/x"}}, 400, "'..'"),
        ({"inputs": {"file": f"agave://{STORAGE}/anna/%ff"}}, 400, "address"),
        ({"inputs": {"file": f"agave://{STORAGE}/"}}, 400, "names no file"),
        ({"parameters": {"whom": "x"}}, 400, "whom"),
        ({"batchQueue": "fast"}, 400, "normal"),
        ({"maxRunTime": "02:00:00"}, 400, "01:00:00"),
        ({"archivePath": "bob/x"}, 403, "/anna"),
        ({"archivePath": "anna"}, 400, "inside your home"),
        ({"archiveSystem": "no.such"}, 404, "no.such"),
        ({"notifications": [{"url": "ftp://x"}]}, 400, "`url` can't be called"),
        ({"notifications": {"url": "http://x"}}, 400, "`notifications` is a list"),
    ],
)
def test_refuse_a_request(
    anna: Caller, more: dict[str, Any], status: int, words: str
) -> None:
    """A wrong request is refused, naming what is wrong, and no job is made."""
    answer = anna.post("/jobs/v2", json=_body(**more))

    assert status == answer.status_code
    assert words in answer.json()["message"]
    assert _get(anna, "") == []


def test_refuse_an_action(agave: LocalAgave, anna: Caller) -> None:
    """An action that there is not is refused."""
    job_id = _submit(anna, archive=False)
    wait_for(agave.tenant, job_id)

    assert anna.post(f"/jobs/v2/{job_id}", json={"action": "go"}).status_code == 400
    assert anna.post(f"/jobs/v2/{job_id}", data=b"x").status_code == 400
    assert anna.post("/jobs/v2/none", json={"action": "stop"}).status_code == 404
