"""Files that the tenant fetches by itself."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agave_local.outgoing.policy import Delivery
from agave_local.services.jobs.testing import SERVICE, STORAGE, add_storage
from agave_local.testing import Caller, FakeClock, LocalAgave, in_process_agave

MEDIA, HISTORY, LISTINGS = (
    f"/files/v2/{kind}/system/{STORAGE}" for kind in ("media", "history", "listings")
)
DATA = b"from the web\n" * 1_000


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    add_storage(agave.tenant)
    agave.tenant.outgoing.provide("https://data.example/", _provide)
    anna = agave.client("anna")
    anna.get(f"{LISTINGS}/anna").raise_for_status()
    return anna


def _provide(url: str) -> bytes:
    return DATA + url.rsplit("/", 1)[-1].encode()


def _import(caller: Caller, url: str, path: str = "anna", **form: str) -> Any:
    return caller.post(f"{MEDIA}/{path}", data={"urlToIngest": url, **form})


def _settled(caller: Caller, path: str) -> list[str]:
    """Return a file's history once the import has ended."""
    statuses: list[str] = []
    for _ in range(2_000):
        events = caller.get(f"{HISTORY}/{path}").json()["result"]
        statuses = [event["status"] for event in events]
        if statuses[-1] in ("STAGING_COMPLETED", "STAGING_FAILED"):
            return statuses
        time.sleep(0.005)
    raise AssertionError(statuses)


def _reason(caller: Caller, path: str) -> str:
    _settled(caller, path)
    events = caller.get(f"{HISTORY}/{path}").json()["result"]
    return str(events[-1]["description"])


def test_import_from_the_web(anna: Caller) -> None:
    """An import is accepted at once and done later, and its history says so."""
    sent = _import(anna, "https://data.example/a%20file", fileType="csv-1")

    assert sent.status_code == 202
    result = sent.json()["result"]
    assert (result["status"], result["name"]) == ("STAGING_QUEUED", "a file")
    assert result["source"] == "https://data.example/a%20file"
    assert (result["nativeFormat"], result["owner"]) == ("csv-1", "anna")
    expected = ["STAGING_QUEUED", "STAGING", "STAGING_COMPLETED"]
    assert _settled(anna, "anna/a file") == expected
    assert anna.get(f"{MEDIA}/anna/a file").content == DATA + b"a%20file"


def test_import_from_another_path(anna: Caller, agave: LocalAgave) -> None:
    """`agave://`, and the tenant's own address of a file, mean a path here."""
    files = {"fileToUpload": ("f", b"mine")}
    anna.post(f"{MEDIA}/anna", files=files).raise_for_status()
    agave.tenant.systems.set_default(SERVICE, STORAGE, default=True, everybody=True)
    for name, url in (
        ("one", f"agave://{STORAGE}//anna/f"),
        ("two", f"agave://{STORAGE}/anna/f"),
        ("three", f"{agave.base_url}{MEDIA}/anna/f"),
        ("four", f"{agave.base_url}/files/v2/media/anna/f"),
        ("five", "agave:///anna/f"),
    ):
        assert _import(anna, url, fileName=name).status_code == 202, url
        assert _settled(anna, f"anna/{name}")[-1] == "STAGING_COMPLETED"
        assert anna.get(f"{MEDIA}/anna/{name}").content == b"mine"


def test_import_a_folder(anna: Caller) -> None:
    """A folder of this tenant is imported with all that is in it."""
    for path in ("from", "to"):
        body = {"action": "mkdir", "path": path}
        anna.put(f"{MEDIA}/anna", json=body).raise_for_status()
    files = {"fileToUpload": ("f", b"mine")}
    anna.post(f"{MEDIA}/anna/from", files=files).raise_for_status()

    _import(anna, f"agave://{STORAGE}/anna/from", "anna/to").raise_for_status()

    assert _settled(anna, "anna/to/from")[-1] == "STAGING_COMPLETED"
    assert anna.get(f"{MEDIA}/anna/to/from/f").content == b"mine"


def test_import_over_a_file(anna: Caller) -> None:
    """An import whose target is a file replaces it."""
    files = {"fileToUpload": ("f", b"old")}
    anna.post(f"{MEDIA}/anna", files=files).raise_for_status()

    result = _import(anna, "https://data.example/new", "anna/f").json()["result"]

    assert result["path"] == "/anna/f"
    _settled(anna, "anna/f")
    for _ in range(200):
        if anna.get(f"{MEDIA}/anna/f").content == DATA + b"new":
            return
        time.sleep(0.005)
    raise AssertionError


@pytest.mark.parametrize(
    "url",
    [
        "ftp://data.example/f",
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data",
        "http://user:pw@data.example/f",
        "http://[::",
        "https://data.example/" + "x" * 5_000,
        "http://data.example/a b",
        "https://data.example/",
        "https://data.example/%2e%2e",
        f"agave://{STORAGE}/../x",
        "nonsense",
    ],
)
def test_refuse_an_address(anna: Caller, url: str) -> None:
    """An address that can't be fetched, or gives no name, is refused at once."""
    assert _import(anna, url).status_code == 400


def test_refuse_somebody_elses_file(anna: Caller, agave: LocalAgave) -> None:
    """An import has its caller's rights, and no others."""
    bob = agave.client("bob")
    bob.get(f"{LISTINGS}/bob").raise_for_status()
    url = f"agave://{STORAGE}/anna/f"

    assert _import(bob, url, "bob").status_code == 403
    assert _import(bob, "agave://none/f", "bob").status_code == 404
    assert _import(bob, "https://data.example/f", "anna").status_code == 403
    assert _import(anna, "https://data.example/f", "anna/none").status_code == 404
    assert _import(anna, "https://data.example/f", fileType="a b").status_code == 400
    assert _import(anna, "https://data.example/f", fileName="..").status_code == 400


def test_an_import_that_fails(anna: Caller) -> None:
    """What can't be fetched ends as STAGING_FAILED, with the reason."""
    _import(anna, f"agave://{STORAGE}/anna/missing").raise_for_status()

    assert _settled(anna, "anna/missing")[-1] == "STAGING_FAILED"
    assert "There is no file or folder" in _reason(anna, "anna/missing")
    assert anna.get(f"{MEDIA}/anna/missing").status_code == 404


def test_a_source_that_breaks(anna: Caller, agave: LocalAgave) -> None:
    """A bug behind an import fails that one, and the next one is done."""

    def explode(url: str) -> bytes:
        raise ZeroDivisionError(url)

    agave.tenant.outgoing.provide("https://broken.example/", explode)
    _import(anna, "https://broken.example/f").raise_for_status()
    assert _reason(anna, "anna/f") == "The import failed; the log says why."

    _import(anna, "https://data.example/g").raise_for_status()
    assert _settled(anna, "anna/g")[-1] == "STAGING_COMPLETED"


def test_tell_when_it_is_done(anna: Caller, agave: LocalAgave) -> None:
    """Notifications that come with an import are sent when it ends."""
    got: list[Delivery] = []

    def receive(delivery: Delivery) -> int:
        got.append(delivery)
        return 200

    agave.tenant.outgoing.register("https://hooks.example/", receive)
    wanted = [{"url": "https://hooks.example/${EVENT}", "event": "STAGING"}]
    _import(
        anna,
        "https://data.example/f",
        notifications=json.dumps(wanted),
        callbackURL="https://hooks.example/done/${NAME}",
    ).raise_for_status()
    _settled(anna, "anna/f")
    for _ in range(1_000):
        if len(got) > 1:
            break
        time.sleep(0.005)

    addresses = sorted(delivery.url for delivery in got)
    assert addresses == [
        "https://hooks.example/STAGING",
        "https://hooks.example/done/f",
    ]


@pytest.mark.parametrize("text", ["{", "7", '[{"url": 1}]'])
def test_refuse_notifications(anna: Caller, text: str) -> None:
    """Notifications are a list of what notifications are."""
    sent = _import(anna, "https://data.example/f", notifications=text)

    assert sent.status_code == 400
    assert anna.get(f"{HISTORY}/anna/f").status_code == 404


def test_too_many_imports(anna: Caller, agave: LocalAgave) -> None:
    """One user has so many imports waiting and no more."""
    store = agave.tenant.store
    agave.tenant.imports.stop()
    with store.transaction():
        for number in range(1_000):
            store.insert("file_import", f"i{number}", {"owner": "anna"})

    assert _import(anna, "https://data.example/f").status_code == 429


def test_an_import_survives_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    """What was accepted is done by the next process, with the rights left by then."""
    data = tmp_path / "data"
    with in_process_agave(data, clock=clock) as agave:
        add_storage(agave.tenant)
        anna = agave.client("anna")
        anna.get(f"{LISTINGS}/anna").raise_for_status()
        agave.tenant.imports.stop()
        agave.tenant.outgoing.provide("https://data.example/", _provide)
        assert _import(anna, "https://data.example/f").status_code == 202
        assert _import(anna, f"agave://{STORAGE}/anna/f", fileName="g").ok
    with in_process_agave(data, clock=clock) as agave:
        anna = agave.client("anna")
        assert _settled(anna, "anna/f")[-1] == "STAGING_FAILED"
        assert "calls nothing outside" in _reason(anna, "anna/f")
        assert _settled(anna, "anna/g")[-1] == "STAGING_FAILED"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", self.path.replace("/moved", "", 1) or "/f")
            self.end_headers()
            return
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/secret")
            self.end_headers()
            return
        self.send_response(404 if self.path == "/none" else 200)
        length = len(DATA) + (5 if self.path == "/short" else 0)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(DATA)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(name="web")
def _web() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_fetch_over_http(
    agave: LocalAgave, anna: Caller, web: str, transport: str
) -> None:
    """A served tenant fetches over HTTP and follows redirections; a stub does not."""
    if transport == "in_process":
        assert _import(anna, f"{web}/f").status_code == 400
        return
    for path, end in (
        ("f", "COMPLETED"),
        ("moved/g", "COMPLETED"),
        ("none", "FAILED"),
        ("short", "FAILED"),
        ("away", "FAILED"),
    ):
        _import(anna, f"{web}/{path}").raise_for_status()
        name = path.rsplit("/", 1)[-1]
        assert _settled(anna, f"anna/{name}")[-1] == f"STAGING_{end}", path
    assert anna.get(f"{MEDIA}/anna/g").content == DATA
    assert anna.get(f"{MEDIA}/anna/short").status_code == 404
    assert "never called" in _reason(anna, "anna/away")
    _import(anna, f"{web}/{'moved/' * 6}h").raise_for_status()
    assert "too many redirections" in _reason(anna, "anna/h")
    own = agave.base_url.removeprefix("http://")
    assert _import(anna, f"http://{own}/healthz").status_code == 400
