"""Accounts and time of a tenant that any program of this machine may steer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from agave_local.testing import LocalAgave, in_process_agave, served_agave

ANNA = {"username": "anna", "password": "a good long password"}


@pytest.fixture(name="open_agave")
def _open_agave(transport: str, tmp_path: Path) -> Iterator[LocalAgave]:
    run = served_agave if transport == "served" else in_process_agave
    with run(tmp_path / "open", control=True) as agave:
        yield agave


def _seed(agave: LocalAgave, *accounts: Any) -> requests.Response:
    body = {"accounts": list(accounts)}
    answer: requests.Response = agave.anonymous().post("/local/seed", json=body)
    return answer


def test_seeded_accounts_have_tokens(open_agave: LocalAgave) -> None:
    """Each account is there at once, with its role and a token that is good."""
    root = {"username": "root", "password": "another password", "role": "admin"}

    seeded = _seed(open_agave, ANNA, root).json()["result"]["accounts"]

    tokens = {one["username"]: one["access_token"] for one in seeded}
    bearer = {"Authorization": f"Bearer {tokens['root']}"}
    answer = open_agave.anonymous().get("/admin/v2/service_accounts", headers=bearer)
    assert {"anna", "root"} <= {one["id"] for one in answer.json()["result"]}


def test_seeding_twice_changes_nothing(open_agave: LocalAgave) -> None:
    """An account that is there keeps its password, and its token is good."""
    _seed(open_agave, ANNA)
    _seed(open_agave, {**ANNA, "password": "some other password"})

    signed_in = open_agave.anonymous().get(
        "/clients/v2", auth=("anna", ANNA["password"])
    )

    assert signed_in.ok


@pytest.mark.parametrize(
    ("accounts", "message"),
    [
        ([], "accounts is a list"),
        (["anna"], "An account is an object"),
        ([{**ANNA, "username": 1}], "username is"),
        ([{**ANNA, "password": "short"}], "password has"),
        ([{**ANNA, "role": "king"}], "role is one of user, service, admin."),
        ([ANNA, {**ANNA, "username": "no/name"}], "user"),
    ],
)
def test_bad_accounts(
    open_agave: LocalAgave, accounts: list[Any], message: str
) -> None:
    """A wrong account is named, and none of the list is added."""
    answer = _seed(open_agave, *accounts)

    assert answer.status_code == 400
    assert message in answer.json()["message"]
    assert open_agave.tenant.profiles.find("anna") is None


def test_the_clock_is_moved(open_agave: LocalAgave) -> None:
    """A token ends when the tenant's time has passed, and duties are done by then."""
    done: list[float] = []
    open_agave.tenant.duties.add("count", 1e6, lambda: done.append(1.0))
    anna = open_agave.client("anna")
    steer = open_agave.anonymous()
    before = steer.get("/local/clock").json()["result"]["seconds"]

    moved = steer.post("/local/clock", json={"move": 3601}).json()["result"]

    assert 3600 < moved["seconds"] - before < 3700
    assert anna.get("/profiles/v2/me").status_code == 401
    assert done


@pytest.mark.parametrize("move", [-1, "1", True, None, 1e12])
def test_bad_move(open_agave: LocalAgave, move: Any) -> None:
    """Time passes forwards, by a number of seconds."""
    answer = open_agave.anonymous().post("/local/clock", json={"move": move})

    assert answer.status_code == 400


def test_a_tenant_in_earnest_keeps_the_machines_time(agave: LocalAgave) -> None:
    """Without control not even an administrator moves the clock of a served tenant."""
    admin = agave.client("admin")
    answer = admin.post("/local/clock", json={"move": 1})

    is_served = agave.base_url.startswith("http:")
    assert answer.status_code == (403 if is_served else 200)


@pytest.mark.parametrize("path", ["/local/seed", "/local/clock"])
def test_strangers_do_not_steer(agave: LocalAgave, path: str) -> None:
    """A user may neither add accounts nor move the clock."""
    assert agave.client("anna").post(path, json={}).status_code == 403
    assert agave.anonymous().post(path, json={}).status_code == 401
