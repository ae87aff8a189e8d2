"""What is done with each function so that its page can show real messages.

A scene is deterministic: the tenant is invented, its clock stands still.
"""

import ast
from collections.abc import Callable
from typing import Any

from functions.admin.app import app as admin
from functions.auth_callback.app import app as auth_callback
from functions.culler.app import app as culler
from functions.files.app import app as files
from functions.job_submit.app import app as job_submit
from functions.jobs.app import app as jobs
from functions.parallelize.app import app as parallelize
from functions.terminal.app import app as terminal
from functions.webterm.app import app as webterm
from iptweb.http import App
from iptweb.reference import Example
from iptweb.reference.document import name_of
from iptweb.runtime import Call
from iptweb.runtime.message import read_request
from iptweb.testing import Answer, FakeHost, FakeTenant, FunctionClient

from .terminal_actor import Terminals

HEAT = """\
void smooth(int n, double *restrict to, const double *restrict from) {
    for (int i = 1; i < n - 1; i++)
        to[i] = 0.5 * (from[i - 1] + from[i + 1]);
}
"""
COMPLAINT = b"heat.c:3:5: error: 'x' undeclared (first use in this function)\n"
TABLE = b"serial\t1\t0\t8.0\n1\t1\t0\t8.2\n4\t1\t0\t2.5\n"
KINDS: tuple[dict[str, Any], ...] = (
    {"kind": "compile", "command": "gcc -O2", "source": "heat.c", "output": "heat"},
    {"kind": "run", "binary": "heat", "threads": 4},
    {
        "kind": "build-run",
        "source": "heat_omp.c",
        "compile": "gcc -O2 -fopenmp",
        "output": "heat",
        "threads": 4,
    },
    {
        "kind": "compare",
        "serial": "heat.c",
        "serial_compile": "gcc -O2",
        "parallel": "heat_omp.c",
        "parallel_compile": "gcc -O2 -fopenmp",
        "counts": [1, 4],
    },
)


class Recorder(FunctionClient):
    """Keeps what is sent and answered, by the names of routes.

    Attributes:
        kept: All of it.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.kept: dict[str, list[Example]] = {}

    def send(self, msg: str | None, **environ: str) -> Answer:
        """Send a message and keep it."""
        answer = super().send(msg, **environ)
        if msg is not None and not msg.startswith("This is"):
            route = self.app.find(read_request(msg))
            message = ast.literal_eval(msg)
            frame = {"status": answer.status, "headers": {}, "body": answer.body}
            kept = self.kept.setdefault(name_of(self.app, route), [])
            kept.append(Example(message, frame).for_people())
        return answer


def play_auth_callback(client: Recorder) -> None:
    """Sign in, refresh, sign out."""
    client.username = ""
    state = client.get("/authorize", authorized=False).body["state"]
    code = client.oauth.give_code("ada")
    done = client.post("/sessions", authorized=False, code=code, state=state)
    session = done.body["session"]
    client.post("/sessions/refresh", authorized=False, session=session)
    client.request("DELETE", "/sessions", body={"session": session}, authorized=False)


def play_terminal(client: Recorder) -> None:
    """Start by the short form, look, stop this very launch, sweep."""
    client.send("{'command': 'START'}")
    launch = client.post("/terminals", authorized=False, command="SYNC").body["launch"]
    client.send(repr({"command": "STOP", "launch": launch}))
    client.username = "grace"
    client.send("{'command': 'SWEEP'}")


def play_webterm(client: Recorder) -> None:
    """Ask for a terminal that is ready."""
    starter = FunctionClient(terminal, client.tenant, host=client.host)
    starter.send("{'command': 'START'}")
    client.get("/webterm", authorized=False, origin="http://127.0.0.1:8080")


def play_culler(client: Recorder) -> None:
    """Sweep, as an administrator does it by hand."""
    client.tenant.actors["test-terminal"] = Terminals(client.tenant, client.host)
    client.username = "grace"
    client.post("/sweep", authorized=False)


def play_job_submit(client: Recorder) -> None:
    """Look at the systems, preview a job, submit one of each kind."""
    client.get("/systems", authorized=False)
    for number, kind in enumerate(KINDS, 1):
        job = {"request_id": f"request-{number}", "system": "local", **kind}
        if number == 1:
            client.post("/jobs/preview", **job)
        client.post("/jobs", **job)


def play_jobs(client: Recorder) -> None:
    """Look at a job that failed and at a comparison; do the first again."""
    submitter = FunctionClient(job_submit, client.tenant)
    made = [
        submitter.post(
            "/jobs", request_id=f"request-{number}", system="local", **KINDS[number]
        ).body
        for number in (0, 3)
    ]
    failed, compared = (str(one["id"]) for one in made)
    tenant = client.tenant
    tenant.jobs[failed] |= {"status": "FAILED", "exitCode": 1}
    tenant.outputs[failed] = {f"{made[0]['name']}.err": COMPLAINT}
    tenant.outputs[compared] = {
        "IPT_COMPARE": TABLE,
        **{f"compare/{label}.out": b"sum 1.0\n" for label in ("serial", "1", "4")},
    }
    client.get("/jobs", kind="compile", limit=10)
    client.get(f"/jobs/{failed}")
    client.get(f"/jobs/{failed}/text", stream="err")
    client.get(f"/jobs/{failed}/diagnostics")
    client.get(f"/jobs/{compared}/comparison")
    client.post(f"/jobs/{compared}/cancel")
    client.post(f"/jobs/{failed}/resubmit", request_id="request-9")
    client.request("DELETE", f"/jobs/{failed}")


def play_files(client: Recorder) -> None:
    """Do everything with a file."""
    client.get("/files", limit=10)
    client.post("/folders", path="new")
    client.post("/files/rename", path="src/a.c", name="b.c")
    client.post("/uploads", path="src", name="mesh.dat", size=4096)
    client.get("/downloads", path="heat.c")
    client.request("DELETE", "/files", query={"path": "src/b.c"})


def play_admin(client: Recorder) -> None:
    """Look at everything, start and stop, drain, and read what is on record."""
    client.tenant.actors["test-terminal"] = Terminals(client.tenant, client.host)
    FunctionClient(job_submit, client.tenant).post(
        "/jobs", request_id="request-0", system="local", **KINDS[0]
    )
    client.username = "grace"

    def do(method: str, path: str) -> None:
        number = len(client.tenant.calls)
        body = {"request_id": f"request-{number}"}
        client.request(method, path, body=body, authorized=False)

    do("POST", "/terminals/ada/start")
    client.get("/terminals", authorized=False, status="READY")
    do("POST", "/terminals/ada/stop")
    do("DELETE", "/terminals/ada/record")
    client.get("/hosts", authorized=False)
    do("POST", "/hosts/this-machine/drain")
    do("POST", "/hosts/this-machine/undrain")
    client.get("/jobs", authorized=False, user="ada")
    client.get("/audit", authorized=False, limit=2)


def play_parallelize(client: Recorder) -> None:
    """Look at a program of the message, make it parallel, and be asked."""
    client.get("/models", authorized=False)
    sources = {"heat.c": HEAT}
    client.post("/analyze", authorized=False, sources=sources)
    client.post("/parallelize", authorized=False, sources=sources, report=False)


APPS: dict[str, App[Call]] = {
    app.name: app
    for app in (
        *(admin, auth_callback, culler, files, job_submit, jobs, parallelize),
        *(terminal, webterm),
    )
}
SCENES: dict[str, Callable[[Recorder], None]] = {
    "admin": play_admin,
    "auth_callback": play_auth_callback,
    "culler": play_culler,
    "files": play_files,
    "job_submit": play_job_submit,
    "jobs": play_jobs,
    "parallelize": play_parallelize,
    "terminal": play_terminal,
    "webterm": play_webterm,
}


def play(name: str, tenant: FakeTenant, host: FakeHost) -> dict[str, list[Example]]:
    """Play a function's scene; return what was sent and answered, by route."""
    client = Recorder(APPS[name], tenant, host=host)
    SCENES[name](client)
    return client.kept
