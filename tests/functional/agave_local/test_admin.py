"""Accounts and roles, as administrators see them, in both transports."""

from typing import Any

import pytest

from agave_local.app import all_routes
from agave_local.call import ADMIN_ROLE, SERVICE_ROLE
from agave_local.testing import PASSWORD, Caller, LocalAgave

ACCOUNTS = "/admin/v2/service_accounts"
ROLES = "/admin/v2/service_roles"
EVERYONE = "Internal/everyone"


@pytest.fixture(name="admin")
def _admin(agave: LocalAgave) -> Caller:
    return agave.client("admin")


def _roles(admin: Caller, username: str) -> list[str]:
    roles: list[str] = admin.get(f"{ACCOUNTS}/{username}").json()["result"]["roles"]
    return roles


def test_only_administrators(agave: LocalAgave) -> None:
    """Nobody else is answered anything, service accounts included."""
    rows = [route for route in all_routes() if route.rule.startswith("/admin/")]
    assert len(rows) == 21

    for name in ("anna", "ipt"):
        caller = agave.client(name)
        for route in rows:
            path = route.rule.replace("<account>", name)
            path = path.replace("<path:role>", ADMIN_ROLE).replace("<api_id>", "x")
            answer = caller.request(route.method, path, json={"role_id": ADMIN_ROLE})
            assert answer.status_code == 403, route.operation
    assert not agave.tenant.profiles.identity("anna").is_admin


def test_accounts(agave: LocalAgave, admin: Caller) -> None:
    """An account is made, read, changed and deleted; its password is never shown."""
    added = admin.post(
        ACCOUNTS, json={"id": "svc", "password": PASSWORD, "roles": [SERVICE_ROLE]}
    )

    assert added.status_code == 201
    assert (added.json()["result"]["id"], added.json()["result"]["roles"]) == (
        "svc",
        [EVERYONE, SERVICE_ROLE],
    )
    shown = admin.get(f"{ACCOUNTS}/svc")
    assert added.json()["result"] == shown.json()["result"]
    assert "scrypt" not in shown.text
    svc = agave.client("svc")
    changed = admin.put(
        f"{ACCOUNTS}/svc", json={"password": "another password", "roles": []}
    )
    assert changed.json()["result"]["roles"] == [EVERYONE]
    assert svc.get("/profiles/v2/me").status_code == 401
    signed_in = agave.tenant.profiles.sign_in("svc", "another password")
    assert signed_in.username == "svc"
    assert admin.delete(f"{ACCOUNTS}/svc").ok
    assert admin.get(f"{ACCOUNTS}/svc").status_code == 404


def test_list_accounts(agave: LocalAgave, admin: Caller) -> None:
    """The list has pages, and is searched by its fields."""
    for name in ("anna", "bert"):
        agave.add_user(name)

    def names(**query: str) -> list[str]:
        found = admin.get(ACCOUNTS, params=query).json()["result"]
        return [account["id"] for account in found]

    assert names() == ["admin", "anna", "bert"]
    assert names(limit="1", offset="1") == ["anna"]
    assert names(**{"id.like": "b*"}) == ["bert"]
    assert admin.get(ACCOUNTS, params={"password.like": "s*"}).status_code == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"password": PASSWORD}, 400),
        ({"id": "svc"}, 400),
        ({"id": 5, "password": PASSWORD}, 400),
        ({"id": "../etc", "password": PASSWORD}, 400),
        ({"id": "svc", "password": PASSWORD, "roles": "admin"}, 400),
        ({"id": "svc", "password": PASSWORD, "roles": ["nothing"]}, 404),
        ({"id": "admin", "password": PASSWORD}, 409),
    ],
)
def test_bad_account(admin: Caller, body: Any, status: int) -> None:
    """An account that cannot be is not made."""
    assert status == admin.post(ACCOUNTS, json=body).status_code
    assert admin.get(f"{ACCOUNTS}/svc").status_code == 404


def test_an_account_keeps_its_id(agave: LocalAgave, admin: Caller) -> None:
    """No account gets another's name, and none that is not there is changed."""
    agave.add_user("anna")

    renamed = admin.put(f"{ACCOUNTS}/anna", json={"id": "bert"})

    assert renamed.status_code == 400
    assert admin.put(f"{ACCOUNTS}/bert", json={}).status_code == 404
    assert admin.delete(f"{ACCOUNTS}/bert").status_code == 404


def test_roles_of_an_account(agave: LocalAgave, admin: Caller) -> None:
    """A role is given and taken, and counts from the next call on."""
    anna = agave.client("anna")
    here = f"{ACCOUNTS}/anna/roles"

    given = admin.post(here, json={"role_id": ADMIN_ROLE})

    assert given.status_code == 201
    assert anna.get(ACCOUNTS).ok
    assert ADMIN_ROLE in admin.get(here).json()["result"]["roles"]
    assert admin.delete(f"{here}/{ADMIN_ROLE}").ok
    assert anna.get(ACCOUNTS).status_code == 403
    assert admin.delete(f"{here}/{ADMIN_ROLE}").status_code == 404
    assert admin.post(here, json={"role_id": "nothing"}).status_code == 404
    assert admin.post(here, json={}).status_code == 400
    unknown = admin.post(f"{ACCOUNTS}/bert/roles", json={"role_id": ADMIN_ROLE})
    assert unknown.status_code == 404


def test_own_administration_stays(admin: Caller) -> None:
    """No administrator can leave the tenant without one."""
    here = f"{ACCOUNTS}/admin"

    answers = [
        admin.delete(here),
        admin.delete(f"{here}/roles/{ADMIN_ROLE}"),
        admin.put(here, json={"roles": []}),
        admin.delete(f"{here}/roles/{EVERYONE}"),
        admin.delete(f"{ROLES}/{ADMIN_ROLE}/service_accounts/admin"),
    ]

    assert {400} == {answer.status_code for answer in answers}
    assert _roles(admin, "admin") == [ADMIN_ROLE, EVERYONE]


@pytest.mark.parametrize("role", ["reviewers", "site/reviewers"])
def test_made_roles(agave: LocalAgave, admin: Caller, role: str) -> None:
    """A role is made, given by its own list, and taken from all when it goes."""
    for name in ("anna", "bert"):
        agave.add_user(name)
    accounts = f"{ROLES}/{role}/service_accounts"

    made = admin.post(ROLES, json={"id": role})

    assert made.status_code == 201
    assert made.json()["result"]["accounts"] == []
    for body in ({"account_id": "anna"}, {"role_id": "bert"}):
        assert admin.post(accounts, json=body).status_code == 201
    assert admin.get(accounts).json()["result"]["accounts"] == ["anna", "bert"]
    assert role in _roles(admin, "anna")
    assert admin.delete(f"{accounts}/anna").ok
    assert admin.get(f"{ROLES}/{role}").json()["result"]["accounts"] == ["bert"]
    assert role in [one["id"] for one in admin.get(ROLES).json()["result"]]
    assert admin.delete(f"{ROLES}/{role}").ok
    assert role not in _roles(admin, "bert")
    assert admin.get(f"{ROLES}/{role}").status_code == 404


def test_bad_roles(admin: Caller) -> None:
    """A role that cannot be or is there already is not made; the tenant's own stay."""
    admin.post(ROLES, json={"id": "one"})

    for name, status in (
        ("one", 409),
        (ADMIN_ROLE, 409),
        ("a b", 400),
        ("a/b/c", 400),
        ("../x", 400),
        ("", 400),
    ):
        assert status == admin.post(ROLES, json={"id": name}).status_code, name
    assert admin.delete(f"{ROLES}/{ADMIN_ROLE}").status_code == 409
    assert admin.delete(f"{ROLES}/nothing").status_code == 404


def test_list_clients(agave: LocalAgave, admin: Caller) -> None:
    """Everybody's clients are listed, without their secrets."""
    for name in ("anna", "bert"):
        agave.add_user(name)
        identity = agave.tenant.profiles.identity(name)
        agave.tenant.clients.create(identity, "site", tier="Gold")

    answer = admin.get("/admin/v2/clients")

    assert [(one["owner"], one["clientName"]) for one in answer.json()["result"]] == [
        ("anna", "site"),
        ("bert", "site"),
    ]
    assert "ecret" not in answer.text
    (of_bert,) = admin.get("/admin/v2/clients?owner=bert").json()["result"]
    assert (of_bert["owner"], of_bert["tier"]) == ("bert", "Gold")
