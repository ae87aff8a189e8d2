"""What those who run the tenant see of it, in both transports."""

import pytest

from agave_local.testing import LocalAgave


def test_watching(agave: LocalAgave) -> None:
    """Who runs the tenant watches it by the names that such people know."""
    anonymous = agave.anonymous()

    assert anonymous.get("/healthz").json() == {"status": "ok"}
    assert anonymous.get("/readyz").json() == {"status": "ready"}


def test_request_ids(agave: LocalAgave) -> None:
    """Each answer has an id of its own, or the one that the caller gave."""
    anonymous = agave.anonymous()

    first, second = anonymous.get("/healthz"), anonymous.get("/nothing")
    given = anonymous.get("/healthz", headers={"X-Request-Id": "from-the-site-1"})

    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    assert given.headers["X-Request-Id"] == "from-the-site-1"
    assert "X-Request-Id" in given.headers["Access-Control-Expose-Headers"]


def test_numbers_for_this_machine(agave: LocalAgave) -> None:
    """Programs of this machine read what the tenant did, in its own words."""
    anna = agave.client("anna")
    anna.get("/meta/v2/data")
    anna.get("/meta/v2/data/not-there-violet")
    anna.get("/nowhere-violet")

    answer = agave.anonymous().get("/metrics")

    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "Access-Control-Allow-Origin" not in answer.headers
    labels = 'operation="meta.listMetadata",status="200",tenant="LOCAL"'
    assert f"agave_local_requests_total{{{labels}}} 1.0" in answer.text
    labels = 'operation="none",status="404",tenant="LOCAL"'
    assert f"agave_local_requests_total{{{labels}}} 1.0" in answer.text
    assert 'agave_local_ready{tenant="LOCAL"} 1.0' in answer.text
    assert "agave_local_store_bytes" in answer.text
    assert "violet" not in answer.text
    assert "anna" not in answer.text


def test_numbers_of_work(agave: LocalAgave) -> None:
    """Messages are counted when they are accepted, and executions by their state."""
    ipt = agave.client("ipt")
    actor = ipt.post("/actors/v2", json={"image": "nothing"}).json()["result"]["id"]
    ipt.post(f"/actors/v2/{actor}/messages", data={"message": "m"})

    text = agave.anonymous().get("/metrics").text

    assert 'agave_local_messages_accepted_total{tenant="LOCAL"} 1.0' in text
    assert 'agave_local_messages_finished_total{tenant="LOCAL"}' in text
    assert 'agave_local_executions{status="SUBMITTED",tenant="LOCAL"} 1.0' in text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.org"},
        {"Sec-Fetch-Site": "same-origin"},
        {"X-Forwarded-For": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"Host": "rebound.example.org"},
        {"Host": "[::1"},
    ],
)
def test_numbers_for_others(agave: LocalAgave, headers: dict[str, str]) -> None:
    """Pages, and whoever comes through a proxy, have to be administrators."""
    anna, admin = agave.client("anna"), agave.client("admin")

    answers = [
        caller.get("/metrics", headers=headers).status_code
        for caller in (agave.anonymous(), anna, admin)
    ]

    assert answers == [401, 403, 200]
