"""Plays the golden pairs in order against one tenant, and remembers its answers.

Each case (`camel`, `snake`) is played once in each transport; `test_replay.py` then
compares answer by answer.
"""

import ast
import importlib
import itertools
import json
import re
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.actors.runner.inline import InlineOutcome
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant
from agave_local.testing import CHEAP, PASSWORD, LocalAgave, in_process_agave
from agave_local.transports.served import Served, listen

HERE = Path(__file__).parent
CASES, TRANSPORTS = ("camel", "snake"), ("in_process", "served")
BASE_URL = "https://dev.tenants.aloedev.tacc.cloud"
SETTINGS: dict[str, Any] = {
    "code": "DEV-DEVELOP",
    "mounts": [
        {"host_path": "/data1", "container_path": "/_abaco_data1", "mode": "ro"}
    ],
    # The recorded service had one worker for each actor until it was given more.
    "autoscaling": False,
}
IMAGES = ("jstubbs/abaco_test", "abacosamples/test")
# Who asked is not in the pairs; these did not ask as the administrator `testuser`.
NOBODY = "nobody"
USERS = {
    "no auth": NOBODY,
    "bad jwt": NOBODY,
    "nonce insufficient": NOBODY,
    "nonce use": NOBODY,
    "nonce exhausted": NOBODY,
    "nonce unknown": NOBODY,
    "other user get": "testotheruser",
    "workers POST non admin": "testotheruser",
    "read-only user posts message": "testshareuser",
    "admin non-admin": "testotheruser",
    "limited privileged": "testlimited",
    "limited queue": "testlimited",
}
HEADERS = {"bad jwt": {"X-Jwt-Assertion-DEV-DEVELOP": "no.such.assertion"}}
_ID = re.compile(r"(?:[A-Z-]+_)?[A-Za-z0-9]{13}")
_ID_KEYS = ("id", "executionId", "execution_id")
_PATIENCE_S = 20.0
_APP = '''
    """Writes what the recorded image wrote, for whatever environment it has."""

    import time
    from pathlib import Path

    GATE = Path({gate!r})
    # Of the image itself, not of Abaco.
    IMAGE = {{"HOSTNAME": "5c1ef1870d45", "HOME": "/root", "PWD": "/"}}
    ORDER = {order!r}
    ENDING = {ending!r}


    def write(environment):
        """Return the log of an execution."""
        seen = {{**environment, **IMAGE, "PATH": {path!r}}}
        seen.pop("LANG", None)
        seen.pop("_abaco_results_socket", None)
        names = [name for name in ORDER if name in seen]
        names += [name for name in seen if name not in ORDER]
        lines = [f"{{name}}={{seen[name]}}" for name in names]
        message = seen.get("MSG", "")
        while message == str({{"c": 1}}) and GATE.exists():
            time.sleep(0.01)
        heading = [f"Contents of MSG: {{message}}", "Environment:"]
        return "\\n".join([*heading, *lines, ENDING])
'''
_MAIN = """
    import os
    import sys
    from golden_image.app import write

    sys.stdout.write(write(dict(os.environ)))
    sys.exit(2)
"""


@dataclass
class Answered:
    """What the tenant answered to one request."""

    status: int
    content_type: str
    body: Any


@dataclass
class Played:
    """One play of all pairs.

    Attributes:
        pairs: as recorded, by label.
        answers: of the tenant, by label.
        ids: of the recorded service, and those that the tenant had instead.
    """

    pairs: dict[str, dict[str, Any]]
    answers: dict[str, Answered] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def ours(self, text: str) -> str:
        """Return a recorded text with the tenant's ids."""
        for theirs, mine in self.ids.items():
            text = text.replace(theirs, mine)
        return text

    def learn(self, golden: Any, answer: Any) -> None:
        """Learn which ids the tenant chose where the service had chosen its own."""
        if isinstance(golden, list) and isinstance(answer, list):
            for theirs, mine in zip(golden, answer, strict=False):
                self.learn(theirs, mine)
        elif isinstance(golden, dict) and isinstance(answer, dict):
            for name, theirs in golden.items():
                mine = answer.get(name)
                if name in _ID_KEYS and isinstance(mine, str) and _ID.fullmatch(theirs):
                    self.ids.setdefault(theirs, mine)
                self.learn(theirs, mine)


class SteadyClock:
    """Goes on by a millisecond each time it is asked, so that no order is by chance."""

    def __init__(self) -> None:
        self._asked = itertools.count()

    def now(self) -> float:
        """Return a time whose microseconds never end in 000."""
        return 1_790_000_000.000123 + next(self._asked) / 1000


def load(case: str) -> dict[str, dict[str, Any]]:
    """Return the pairs of a case by label, in order."""
    pairs = json.loads((HERE / f"abaco-{case}.json").read_text("utf-8"))
    return {pair["label"]: pair for pair in pairs}


@pytest.fixture(
    name="played",
    scope="session",
    params=list(itertools.product(CASES, TRANSPORTS)),
    ids="-".join,
)
def _played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Played]:
    case, transport = request.param
    folder = tmp_path_factory.mktemp("golden")
    played = Played(load(case))
    with _image(folder, played), _tenant(folder, case, transport) as agave:
        _Player(agave, played, folder / "gate").play()
    return case, played


@contextmanager
def _image(folder: Path, played: Played) -> Iterator[None]:
    """Make a package that writes what the recorded image wrote."""
    log = _log_of(played)
    head, ending = log.split("Contents of root file system:", 1)
    order = [line.partition("=")[0] for line in head.splitlines()[2:]]
    order.insert(3, "_abaco_synchronous")
    path = re.search("^PATH=(.*)$", head, re.MULTILINE)
    assert path is not None
    source = textwrap.dedent(_APP).format(
        gate=str(folder / "gate"),
        order=order,
        ending="Contents of root file system:" + ending,
        path=path[1],
    )
    package = folder / "images" / "golden_image"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "app.py").write_text(source)
    (package / "__main__.py").write_text(textwrap.dedent(_MAIN))
    (folder / "gate").touch()
    sys.path.insert(0, str(package.parent))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(package.parent))
        for name in [name for name in sys.modules if name.startswith("golden_image")]:
            del sys.modules[name]


def _log_of(played: Played) -> str:
    return str(played.pairs["execution logs"]["body"]["result"]["logs"])


@contextmanager
def _tenant(folder: Path, case: str, transport: str) -> Iterator[LocalAgave]:
    settings = {**SETTINGS, "case": case}
    if transport == "in_process":
        with in_process_agave(
            folder / "data", base_url=BASE_URL, clock=SteadyClock(), **settings
        ) as agave:
            write = importlib.import_module("golden_image.app").write
            for image in IMAGES:
                agave.tenant.actors.register_inline(
                    image, lambda environment: InlineOutcome(2, write(environment))
                )
            yield agave
        return
    listener = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    images = dict.fromkeys(IMAGES, "golden_image")
    tenant = Tenant(
        TenantSettings(
            folder / "data", BASE_URL, images=images, password_cost=CHEAP, **settings
        ),
        SteadyClock(),
    )
    served = Served(tenant, listener, 8)
    served.start()
    try:
        yield LocalAgave(address, tenant)
    finally:
        served.stop()


class _Player:
    """Sends the recorded requests, each when the service was ready for it."""

    def __init__(self, agave: LocalAgave, played: Played, gate: Path) -> None:
        self._played = played
        self._gate = gate
        roles = played.pairs["nonce create"]["body"]["result"]["roles"]
        profiles = agave.tenant.profiles
        profiles.add("testuser", PASSWORD, roles=roles)
        profiles.add("testlimited", PASSWORD, roles=["Internal/abaco-limited"])
        self._callers = {
            name: agave.anonymous() if name == NOBODY else agave.client(name)
            for name in {"testuser", *USERS.values()}
        }
        self._before: dict[str, Callable[[], bool]] = {
            "get actor READY": lambda: self._statuses("create ") == {"READY", "ERROR"},
            "execution running delete wrong status": lambda: (
                self._statuses("message ") == {"COMPLETE"}
            ),
            "workers": self._has_idle_workers,
            "admin actors": self._is_busy,
        }

    def play(self) -> None:
        """Send all requests."""
        try:
            for label, pair in self._played.pairs.items():
                self._wait(self._before.get(label, lambda: True))
                self._play(label, pair)
        finally:
            self._gate.unlink(missing_ok=True)
            for caller in self._callers.values():
                caller.close()

    def _play(self, label: str, pair: dict[str, Any]) -> None:
        sent = json.loads(self._played.ours(json.dumps(pair["request"])))
        headers, data = dict(HEADERS.get(label, {})), sent.get("data")
        if isinstance(data, str) and data.startswith("b'"):
            data = ast.literal_eval(data)
            headers["Content-Type"] = "application/octet-stream"
        caller = self._callers[USERS.get(label, "testuser")]
        answer = caller.request(
            sent["method"],
            sent["path"],
            json=sent.get("json"),
            data=data,
            headers=headers,
        )
        content_type = answer.headers["Content-Type"]
        body = answer.json() if content_type == "application/json" else answer.content
        self._played.answers[label] = Answered(answer.status_code, content_type, body)
        self._played.learn(pair["body"], body)

    def _wait(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not is_so():
            assert time.monotonic() < deadline, "the tenant took too long"
            time.sleep(0.01)

    def _get(self, path: str) -> Any:
        return self._callers["testuser"].get(path).json()["result"]

    def _statuses(self, prefix: str) -> set[str]:
        """Return the statuses of what pairs with such a label made."""
        made = [
            answer.body["result"]
            for label, answer in self._played.answers.items()
            if label.startswith(prefix) and isinstance(answer.body, dict)
        ]
        return {self._status(result) for result in made if result is not None}

    def _status(self, made: dict[str, Any]) -> str:
        address = made["_links"]["self"].removeprefix(BASE_URL)
        return str(self._get(address)["status"])

    def _has_idle_workers(self) -> bool:
        path = self._played.ours(self._played.pairs["workers"]["request"]["path"])
        return {worker["status"] for worker in self._get(path)} == {"READY"}

    def _is_busy(self) -> bool:
        sent = self._played.answers["message w/ config"].body["result"]
        return self._status(sent) == "RUNNING"
