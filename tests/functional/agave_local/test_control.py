"""Health, faults and reset over HTTP, in both transports."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from agave_local.testing import (
    Caller,
    LocalAgave,
    in_process_agave,
    served_agave,
)

FAULTS = "/local/faults"


@pytest.fixture(name="open_agave")
def _open_agave(transport: str, tmp_path: Path) -> Iterator[LocalAgave]:
    """Yield a tenant that any program of this machine may steer."""
    run = served_agave if transport == "served" else in_process_agave
    with run(tmp_path / "open", control=True) as agave:
        yield agave


@pytest.fixture(name="admin")
def _admin(agave: LocalAgave) -> Caller:
    return agave.client("admin")


def test_health_and_ready(agave: LocalAgave) -> None:
    """Both answer without a token and without an envelope."""
    assert agave.anonymous().get("/health").json() == {"status": "ok"}
    assert agave.anonymous().get("/ready").json() == {"status": "ready"}


def test_root_leads_to_the_site(agave: LocalAgave) -> None:
    """A browser that opens the bare address is sent to the site."""
    answer = agave.anonymous().get("/", allow_redirects=False)

    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(
        "/files/v2/download/ipt/system/ipt.site/site/index.html"
    )


def test_fail_the_next_calls(agave: LocalAgave, admin: Caller) -> None:
    """The next N calls of an operation fail with the status asked for."""
    added = admin.post(
        FAULTS,
        json={
            "operation": "profiles.get",
            "kind": "fail",
            "count": 2,
            "status": 503,
        },
    )
    anna = agave.client("anna")

    answers = [anna.get("/profiles/v2/me") for _ in range(3)]

    assert added.status_code == 201
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert "asked for" in answers[0].json()["message"]
    assert admin.get(FAULTS).json()["result"] == []


def test_slow_call(agave: LocalAgave, admin: Caller) -> None:
    """A slow call waits and then is answered."""
    admin.post(FAULTS, json={"operation": "profiles.*", "kind": "slow", "seconds": 0.2})
    started = time.monotonic()

    answer = agave.client("anna").get("/profiles/v2/me")

    assert answer.ok
    assert time.monotonic() - started >= 0.2


def test_dropped_call(agave: LocalAgave, admin: Caller) -> None:
    """A dropped call ends without an answer; the next one is answered."""
    admin.post(FAULTS, json={"operation": "*", "kind": "drop"})
    anna = agave.client("anna")

    with pytest.raises(requests.ConnectionError):
        anna.get("/profiles/v2/me")

    assert anna.get("/profiles/v2/me").ok


def test_other_operations_go_on(agave: LocalAgave, admin: Caller) -> None:
    """A fault hits its operation alone, and can be taken back."""
    admin.post(FAULTS, json={"operation": "meta.listMetadata", "kind": "fail"})
    anna = agave.client("anna")

    assert anna.get("/profiles/v2/me").ok
    assert [fault["operation"] for fault in admin.get(FAULTS).json()["result"]] == [
        "meta.listMetadata"
    ]
    assert admin.delete(FAULTS).ok
    assert anna.get("/meta/v2/data").ok


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"kind": "fail"}, "operation is a name"),
        (
            {"operation": "*", "kind": "burn"},
            "kind is one of slow, fail, drop, expired.",
        ),
        ({"operation": "*", "kind": "fail", "count": 0}, "count is a whole number"),
        ({"operation": "*", "kind": "fail", "count": True}, "count is a whole"),
        ({"operation": "*", "kind": "fail", "status": 200}, "status is a whole"),
        ({"operation": "*", "kind": "slow", "seconds": -1}, "seconds is a number"),
        ({"operation": "*", "kind": "slow", "seconds": "1"}, "seconds is a number"),
    ],
)
def test_bad_fault(admin: Caller, body: Any, message: str) -> None:
    """A fault that cannot be is refused by its field."""
    answer = admin.post(FAULTS, json=body)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


def test_only_administrators_steer(agave: LocalAgave) -> None:
    """Users, strangers and pages of other sites may not steer the tenant."""
    admin = agave.client("admin")
    fault = {"operation": "*", "kind": "fail"}

    assert agave.client("anna").post(FAULTS, json=fault).status_code == 403
    assert agave.anonymous().post("/local/reset").status_code == 401
    page = {"Origin": "https://evil.example.org"}
    assert admin.post("/local/reset", headers=page).status_code == 403


def test_open_control(open_agave: LocalAgave) -> None:
    """A tenant started for tests lets programs steer it, but no page."""
    anonymous = open_agave.anonymous()

    assert anonymous.get(FAULTS).ok
    page = {"Sec-Fetch-Site": "cross-site"}
    assert anonymous.get(FAULTS, headers=page).status_code == 403


def test_reset_forgets_everything(agave: LocalAgave) -> None:
    """After a reset there is no account, no record and no file, and work goes on."""
    anna, admin = agave.client("anna"), agave.client("admin")
    anna.post("/meta/v2/data", json={"name": "a", "value": 1})
    kept = agave.tenant.settings.data / "storage" / "some.system" / "file"
    kept.parent.mkdir(parents=True)
    kept.write_text("data", "utf-8")

    answer = admin.post("/local/reset")

    assert answer.ok
    assert anna.get("/profiles/v2/me").status_code == 401
    assert not kept.exists()
    assert agave.client("anna").get("/meta/v2/data").json()["result"] == []
