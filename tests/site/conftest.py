"""The site in a browser, with a double of the tenant that answers contract frames.

The double keeps just enough state for a page to be true to itself.  That the real
functions answer so is the business of the functional and end-to-end tests.
"""

import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

SITE: Final = Path(__file__).resolve().parents[2] / "static_site"
ROOT: Final = "/files/v2/download/ipt/system/ipt.site/site"
MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
FUNCTIONS: Final = {
    name: "dev-" + name.replace("_", "-")
    for name in ("auth_callback", "terminal", "webterm", "job_submit", "jobs", "files")
}
MPIRUN: Final = "mpirun -np {ranks}"
SYSTEM: Final[dict[str, Any]] = {
    "name": "local",
    "label": "This machine",
    "description": "Jobs start at once, on the machine of the platform.",
    "scheduler": "FORK",
    "build_app": "ipt-build-local-0.2.0",
    "run_app": "ipt-run-local-0.2.0",
    "build_run_app": "ipt-build-run-local-0.2.0",
    "compare_app": "ipt-compare-local-0.2.0",
    "compilers": [
        {"label": label, "command": command, "for": purpose, "language": language}
        for label, command, purpose, language in (
            ("C, serial", "gcc -O2", "serial", "c"),
            ("C++, serial", "g++ -O2", "serial", "c++"),
            ("C, OpenMP", "gcc -O2 -fopenmp", "openmp", "c"),
            ("C++, OpenMP", "g++ -O2 -fopenmp", "openmp", "c++"),
            ("C, MPI", "mpicc -O2", "mpi", "c"),
        )
    ],
    "launchers": ["", MPIRUN],
    "presets": [
        {"name": "serial", "label": "Serial", "compile": "gcc -O2"},
        {
            "name": "openmp",
            "label": "OpenMP",
            "compile": "gcc -O2 -fopenmp",
            "threads": 4,
        },
        {
            "name": "mpi",
            "label": "MPI",
            "compile": "mpicc -O2",
            "launcher": MPIRUN,
            "ranks": 4,
        },
    ],
    "modules": False,
    "queues": [
        {
            "name": "default",
            "default": True,
            "max_nodes": 1,
            "max_processors": 8,
            "max_run_time": "04:00:00",
            "max_memory": "16GB",
        }
    ],
}
Frame = tuple[int, Any]


def error(
    status: int, code: str, message: str, field_name: str = ""
) -> tuple[int, dict[str, Any]]:
    """Return the frame of a refusal."""
    details = {"field": field_name} if field_name else {}
    body = {"code": code, "message": message, "details": details, "request_id": "exec1"}
    return status, {"error": body}


def example_job(job: str, **changes: Any) -> dict[str, Any]:
    """Return a finished compile job as `GET /jobs/<id>` answers it."""
    archive = f"jobs/2026-11-20/compile-local-{job}"
    kind = changes.get("kind", "compile")
    return {
        "id": job,
        "name": f"ipt-{kind}-heat-{job[-12:].zfill(12)}",
        "kind": "compile",
        "status": "FINISHED",
        "system": "local",
        "command_line": "gcc -O2 -fopenmp heat.c -o heat -lm",
        "created": "2026-11-20T10:00:00.000Z",
        "started": "2026-11-20T10:00:02.000Z",
        "ended": "2026-11-20T10:00:05.000Z",
        "exit_code": 0,
        "archive_path": archive,
        "can_cancel": False,
        "history": [
            {"status": status, "description": "", "created": f"2026-11-20T10:00:0{n}Z"}
            for n, status in enumerate(["PENDING", "QUEUED", "RUNNING", "FINISHED"])
        ],
        "inputs": {},
        "parameters": {"output": "heat"},
        "message": "",
        "run_seconds": None,
        "request": {
            "kind": "compile",
            "system": "local",
            "command": "gcc -O2 -fopenmp",
            "source": "src/heat.c",
            "output": "heat",
            "args": "-lm",
            "files": ["src/grid.h"],
            "modules": [],
        },
        "outputs": [
            {"name": "heat", "path": f"{archive}/heat", "type": "file", "size": 16984},
        ],
    } | changes


@dataclass
class Tenant:
    """What the double knows; tests set and read it."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=lambda: {"token-1"})
    can_refresh: bool = True
    terminal: dict[str, Any] = field(default_factory=lambda: {"status": "STOPPED"})
    started: dict[str, Any] = field(default_factory=lambda: {"status": "READY"})
    found: dict[str, Any] = field(default_factory=dict)
    make_ticket: Callable[[], str] = lambda: "a-ticket"
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    diagnostics: dict[str, Any] = field(
        default_factory=lambda: {"diagnostics": [], "truncated": False}
    )
    comparison: dict[str, Any] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    refusals: dict[tuple[str, str], Frame] = field(default_factory=dict)
    systems: list[dict[str, Any]] = field(default_factory=lambda: [SYSTEM])
    warnings: list[dict[str, str]] = field(default_factory=list)
    origin: str = ""

    def requests(self, path: str) -> list[dict[str, Any]]:
        """Return the messages that came for a path."""
        return [message for _, message in self.calls if message["path"] == path]

    def answer(self, function: str, message: dict[str, Any]) -> Frame:
        """Answer one message."""
        self.calls.append((function, message))
        method, path = message["method"], message["path"]
        if refusal := self.refusals.get((method, path)):
            return refusal
        handler: Callable[..., Frame] = getattr(self, f"_{function}")
        return handler(method, path, message["query"], message["body"])

    def _auth_callback(
        self, method: str, path: str, _query: dict[str, Any], body: dict[str, Any]
    ) -> Frame:
        match method, path:
            case "GET", "/authorize":
                url = f"{self.origin}/authorize?state=state-1"
                return 200, {"url": url, "state": "state-1"}
            case "POST", "/sessions" if body["code"] == "code-1":
                return 201, self._grant("token-1")
            case "POST", "/sessions/refresh" if self.can_refresh:
                self.tokens = {"token-2"}
                return 200, self._grant("token-2")
            case "DELETE", "/sessions":
                return 200, {}
            case _:
                pass
        return error(401, "unauthorized", "The session is over. Sign in again.")

    @staticmethod
    def _grant(token: str) -> dict[str, Any]:
        return {
            "access_token": token,
            "expires_in": 14400,
            "username": "ada",
            "full_name": "Ada Lovelace",
            "is_admin": False,
            "session": "session-1",
        }

    def _webterm(self, *_: Any) -> Frame:
        record = {"name": "ada-dev-IPT", "user": "ada", "url": "", "message": ""}
        record |= self.terminal
        if record["status"] == "READY":
            record["ticket"] = self.make_ticket()
        return 200, record

    def _terminal(
        self, _method: str, _path: str, _query: dict[str, Any], body: dict[str, Any]
    ) -> Frame:
        match body["command"]:
            case "STOP":
                self.terminal = {"status": "STOPPED"}
            case "SYNC":
                self.terminal = self.found or self.terminal
            case _:
                self.terminal = dict(self.started)
        return self._webterm()

    def _job_submit(
        self, _method: str, path: str, _query: dict[str, Any], body: dict[str, Any]
    ) -> Frame:
        if path == "/systems":
            return 200, {"systems": self.systems}
        names = "launcher command compile serial parallel binary source output args"
        line = " ".join(str(body.get(name, "")) for name in names.split())
        if path == "/jobs/preview":
            document = {"name": f"ipt-{body['kind']}-heat-{body['request_id']}"}
            return 200, {
                "command_line": " ".join(line.split()),
                "document": document,
                "curl": f"curl --data-raw '{json.dumps(document)}' /jobs/v2/",
                "warnings": self.warnings,
            }
        job = f"job-{body['request_id']}"
        self.jobs.setdefault(job, example_job(job, kind=body["kind"]))
        return 201, self.jobs[job]

    def _jobs(
        self, method: str, path: str, query: dict[str, Any], body: dict[str, Any]
    ) -> Frame:
        if path == "/jobs":
            return 200, self._job_page(query)
        found = re.fullmatch(r"/jobs/([^/]+)(/\w+)?", path)
        if found is None or found[1] not in self.jobs:
            return error(404, "not_found", "There is no such job.")
        if method == "DELETE":
            del self.jobs[found[1]]
            return 200, {}
        return self._job_part(self.jobs[found[1]], found[2], query, body)

    def _job_part(
        self,
        job: dict[str, Any],
        part: str | None,
        query: dict[str, Any],
        body: dict[str, Any],
    ) -> Frame:
        match part:
            case "/text":
                return 200, self._text(job, query)
            case "/diagnostics":
                return 200, self.diagnostics
            case "/comparison":
                tolerance = {"tolerance": float(query["tolerance"])}
                return 200, self.comparison | tolerance
            case "/resubmit":
                again = f"job-{body['request_id']}"
                made = example_job(again, kind=job["kind"])
                return 201, self.jobs.setdefault(again, made)
            case "/cancel":
                job.update(status="STOPPED", can_cancel=False)
            case _:
                pass
        return 200, job

    def _job_page(self, query: dict[str, Any]) -> dict[str, Any]:
        offset, limit = query.get("offset", 0), query["limit"]
        jobs = [
            job
            for job in self.jobs.values()
            if query.get("kind", "") in {"", job["kind"]}
            and query.get("status", "") in {"", job["status"]}
            and query.get("system", "") in {"", job["system"]}
            and query.get("search", "") in job["name"]
        ]
        total, jobs = len(jobs), jobs[offset:]
        more = len(jobs) > limit
        page = {"jobs": jobs[:limit], "limit": limit, "offset": offset, "more": more}
        return page | {"total": total}

    def _text(self, job: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
        """Return a piece of what the job printed, cut as bytes are."""
        whole = self.texts.get(query["stream"], "").encode()
        offset = query.get("offset", max(0, len(whole) - query.get("from_end", 0)))
        while "from_end" in query and whole[offset : offset + 1] >= b"\x80":
            offset += 1
        piece = whole[offset : offset + 65_536]
        reached = offset + len(piece)
        return {
            "text": piece.decode(errors="replace"),
            "offset": offset,
            "next_offset": reached,
            "size": len(whole),
            "done": not job["can_cancel"] and reached == len(whole),
        }

    def _files(
        self, method: str, path: str, query: dict[str, Any], body: dict[str, Any]
    ) -> Frame:
        match method, path:
            case "GET", "/files":
                entries = self._entries(query["path"])
                return 200, {"path": query["path"], "entries": entries, "more": False}
            case "POST", "/folders":
                self.folders.add(body["path"])
                return 201, {}
            case "POST", "/files/rename":
                folder, _, _ = body["path"].rpartition("/")
                name = f"{folder}/{body['name']}".lstrip("/")
                self.files[name] = self.files.pop(body["path"])
                return 200, {}
            case "DELETE", "/files":
                self.files.pop(query["path"], None)
                return 200, {}
            case "POST", "/uploads":
                url = f"/files/v2/media/system/ipt.storage/ada/{body['path']}"
                return 200, {"url": url, "method": "POST", "field": "fileToUpload"}
            case _:
                pass
        name = query["path"].rpartition("/")[2]
        url = f"/files/v2/media/system/ipt.storage/ada/{quote(query['path'])}"
        return 200, {"url": url, "name": name, "size": 1}

    def _entries(self, folder: str) -> list[dict[str, Any]]:
        inside = f"{folder}/" if folder else ""
        entries = [
            {"path": path, "type": "dir", "size": 0}
            for path in sorted(self.folders)
            if path.rpartition("/")[0] == folder
        ]
        entries += [
            {"path": path, "type": "file", "size": len(content)}
            for path, content in sorted(self.files.items())
            if path.startswith(inside) and path.rpartition("/")[0] == folder
        ]
        modified = "2026-11-20T09:30:00Z"
        return [
            {"name": str(e["path"]).rpartition("/")[2], "modified": modified} | e
            for e in entries
        ]


class Handler(BaseHTTPRequestHandler):
    """The addresses of a tenant, as far as the site uses them."""

    tenant: Tenant
    # Connections stay open and answers go out whole: pages load in half the time.
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65_536

    def log_message(self, *_: Any) -> None:
        """Say nothing: a test reads the tenant's calls instead."""

    def do_GET(self) -> None:
        """Serve the site, the sign-in page's way back, and files."""
        url = urlsplit(self.path)
        if url.path == "/authorize":
            state = parse_qs(url.query)["state"][0]
            location = f"{ROOT}/callback.html?code=code-1&state={state}"
            self._send(302, "text/plain", b"", Location=location)
        elif url.path == "/favicon.ico":
            # Asked for by the browser itself where a document names no icon.
            self._send(204, "image/x-icon", b"")
        elif url.path.startswith("/files/v2/media/"):
            self._send_file(url.path)
        else:
            self._send_site(url.path)

    def do_POST(self) -> None:
        """Take messages for functions, and uploads."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        url = urlsplit(self.path)
        found = re.fullmatch(r"/actors/v2/dev-([a-z-]+)/messages", url.path)
        if found is None:
            self._take_upload(unquote(url.path), body)
            return
        function = found[1].replace("-", "_")
        if not self._may_call(function, parse_qs(url.query)):
            fault = {"fault": {"code": 900904, "message": "Access Token Expired"}}
            self._send(401, "application/json", json.dumps(fault).encode())
            return
        status, answer = self.tenant.answer(function, json.loads(body))
        frame = {"status": status, "headers": {}, "body": answer}
        self._send(200, "application/octet-stream", json.dumps(frame).encode())

    def _may_call(self, function: str, query: dict[str, list[str]]) -> bool:
        if function == "auth_callback":
            return query.get("x-nonce") == ["NONCE_1"]
        return self._has_token()

    def _has_token(self) -> bool:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return token in self.tenant.tokens

    def _take_upload(self, path: str, body: bytes) -> None:
        folder = path.partition("/ada/")[2]
        head, _, rest = body.partition(b"\r\n\r\n")
        name = re.search(rb'filename="([^"]+)"', head)
        if not self._has_token() or name is None:
            self._send(401, "text/plain", b"")
            return
        content = rest.rpartition(b"\r\n--")[0]
        self.tenant.files[f"{folder}/{name[1].decode()}".lstrip("/")] = content
        self._send(202, "application/json", b"{}")

    def _send_file(self, path: str) -> None:
        name = unquote(path.partition("/ada/")[2])
        content = self.tenant.files.get(name)
        if content is None or not self._has_token():
            self._send(404, "text/plain", b"")
        elif name.rpartition("/")[2] in self.tenant.broken:
            self._send_half(content, 0.01)
        elif name.rpartition("/")[2] in self.tenant.slow:
            self._send_half(content, 10)
        else:
            self._send(200, "application/octet-stream", content)

    def _send_half(self, content: bytes, patience: float) -> None:
        """Break off in the middle, after a while or when nobody listens any more."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            self.connection.settimeout(patience)
            self.connection.recv(1)
        self.close_connection = True

    def _send_site(self, path: str) -> None:
        name = path.removeprefix(ROOT).lstrip("/")
        if name == "config.js":
            config = {
                "tenant": "",
                "instance": "dev",
                "authNonce": "NONCE_1",
                "storageSystem": "ipt.storage",
                "siteRoot": ROOT,
                "functions": FUNCTIONS,
            }
            text = f"export const config = {json.dumps(config)};"
            self._send(200, "text/javascript", text.encode())
            return
        file = SITE / name
        if not file.is_file():
            self._send(404, "text/plain", b"")
            return
        kept = {"Cache-Control": "max-age=3600"}
        self._send(200, MEDIA_TYPES[file.suffix], file.read_bytes(), **kept)

    def _send(
        self, status: int, media_type: str, content: bytes, **headers: str
    ) -> None:
        headers = {"Cache-Control": "no-store"} | headers
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        # A page that is left does not wait for the rest of its files.
        with contextlib.suppress(ConnectionError):
            self.wfile.write(content)


@pytest.fixture(scope="session", name="origin")
def _origin() -> Iterator[str]:
    """Serve the site once for all tests, so that the browser may keep its files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(name="tenant")
def _tenant(origin: str) -> Tenant:
    """Put a fresh double behind the site."""
    Handler.tenant = Tenant(origin=origin)
    return Handler.tenant


@pytest.fixture(scope="session", name="context")
def _context(browser: Browser) -> Iterator[BrowserContext]:
    """Share one browser profile, which keeps the site's files but nothing else."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        accept_downloads=True,
        locale="en-GB",
        timezone_id="UTC",
    )
    context.set_default_timeout(5_000)
    yield context
    context.close()


@dataclass
class Site:
    """Somebody at the site; every complaint of the browser fails the test."""

    page: Page
    tenant: Tenant
    complaints: list[str]
    complaints_allowed: bool = False

    def open(self, page: str) -> None:
        """Go to a page of the site."""
        self.page.goto(f"{self.tenant.origin}{ROOT}/{page}")

    def sign_in(self, page: str) -> None:
        """Sign in as Ada, without the walk through the sign-in page."""
        session = {
            "accessToken": "token-1",
            "expiresAt": 4_102_444_800_000,
            "username": "ada",
            "fullName": "Ada Lovelace",
            "session": "session-1",
        }
        # Once: whoever signs out later stays signed out.
        self.page.add_init_script(
            "if (!sessionStorage.getItem('once')) { sessionStorage.setItem('once', 1);"
            f"sessionStorage.setItem('ipt.session', {json.dumps(json.dumps(session))})"
            "}"
        )
        self.open(page)


@pytest.fixture(name="site")
def _site(context: BrowserContext, tenant: Tenant) -> Iterator[Site]:
    """Open the site; afterwards the console and the policy must be silent."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
    page.on(
        "console",
        lambda message: (
            complaints.append(f"{message.text} ({message.location})")
            if message.type in {"error", "warning"}
            else None
        ),
    )
    # The tab's own storage is as new as the tab; the profile's is another test's.
    storage = {"origin": tenant.origin, "storageTypes": "all"}
    context.new_cdp_session(page).send("Storage.clearDataForOrigin", storage)
    site = Site(page, tenant, complaints)
    yield site
    for opened in context.pages:
        opened.close()
    assert site.complaints_allowed or complaints == []


@pytest.fixture(name="make_job")
def _make_job() -> Callable[..., dict[str, Any]]:
    """Make jobs as the service answers them."""
    return example_job
