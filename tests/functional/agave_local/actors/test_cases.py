"""Both naming cases, and both ways to send a description; CORS."""

from typing import Any

import pytest

SNAKE = {
    "image": "probe",
    "default_environment": {"myKey": "v"},
    "log_ex": 5,
    "cron_on": False,
    "max_workers": 2,
}


def test_snake_description(abaco_with: Any, result: Any) -> None:
    """In snake case, fields are read and shown so; names of the caller's are kept."""
    with abaco_with(case="snake") as abaco:
        admin = abaco.client("admin")

        actor = result(admin.post("/actors/v2", json=SNAKE))

        assert actor["default_environment"] == {"myKey": "v"}
        assert (actor["log_ex"], actor["max_workers"]) == (5, 2)
        assert actor["mem_limit"] is None
        assert not any(name != name.lower() for name in actor)


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ({"max_workers": "many"}, "max_workers"),
        ({"default_environment": "abcd"}, "default_environment"),
        ({"mem_limit": "much"}, "mem_limit"),
        ({"max_workers": 0}, "max_workers"),
        ({"max_cpus": 0}, "max_cpus"),
        ({"use_container_uid": "abcd"}, "use_container_uid"),
    ],
)
def test_snake_refusals(
    abaco_with: Any, refusal: Any, field: dict[str, Any], named: str
) -> None:
    """A refusal names the field as the caller did."""
    with abaco_with(case="snake") as abaco:
        answer = abaco.client("admin").post(
            "/actors/v2", json={"image": "probe", **field}
        )

    status, message = refusal(answer)
    assert status == 400
    assert message.startswith(f"Invalid actor description: {{'{named}': ")


def test_snake_runs(abaco_with: Any, result: Any) -> None:
    """Messages, aliases, nonces and configs work in snake case."""
    with abaco_with(case="snake") as abaco:
        ipt = abaco.client("ipt")
        actor_id = abaco.register(ipt)
        sent = result(ipt.post(f"/actors/v2/{actor_id}/messages", json={"exit": 3}))
        ended = abaco.finish(ipt, actor_id, sent["execution_id"])
        alias = {"alias": "al", "actor_id": actor_id}
        config = {"name": "c", "value": "v", "is_secret": False, "actors": actor_id}

        result(ipt.post("/actors/v2/aliases", json=alias))
        nonce = result(ipt.post("/actors/v2/aliases/al/nonces", json={"max_uses": 2}))
        shown = result(ipt.post("/actors/v2/configs", json=config))

    assert (ended["exit_code"], ended["final_state"]["ExitCode"]) == (3, 3)
    assert (nonce["max_uses"], nonce["actor_id"]) == (2, None)
    assert shown == config


def test_form(lasting: Any, result: Any) -> None:
    """A description may be a form, whose repeated fields are a list."""
    ipt = lasting.client("ipt")
    form = [("image", "probe"), ("hints", "a"), ("hints", "b"), ("stateless", "0")]

    actor = result(ipt.post("/actors/v2", data=form))

    assert (actor["hints"], actor["stateless"]) == (["a", "b"], False)


def test_version(abaco_with: Any) -> None:
    """The operator says which version answers name."""
    with abaco_with(abaco_version=":1.9.1") as abaco:
        ipt = abaco.client("ipt")

        assert ipt.get("/actors/v2").json()["version"] == ":1.9.1"
        assert ipt.get("/actors/v2/nope").json()["version"] == ":1.9.1"


@pytest.mark.parametrize(
    "path", ["/actors", "/actors/v2/nope/messages", "/actors/x/y/z"]
)
def test_preflight(lasting: Any, path: str) -> None:
    """A browser of any origin is told, without credentials, what it may send."""
    answer = lasting.anonymous().options(
        path,
        headers={"Origin": "https://x.test", "Access-Control-Request-Method": "PUT"},
    )

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    refused = lasting.anonymous().get("/actors/v2")
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
