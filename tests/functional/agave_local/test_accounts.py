"""Profiles that are made, changed and deleted, in both transports."""

from typing import Any

import pytest

from agave_local.services.oauth.testing import Site, is_refused
from agave_local.testing import PASSWORD, Caller, LocalAgave

ALL = "/profiles/v2"
CARLA = {
    "username": "carla",
    "password": PASSWORD,
    "email": "carla@example.org",
    "firstName": "Carla",
    "last_name": "Céu",
    "institution": "Somewhere",
}


@pytest.fixture(name="admin")
def _admin(agave: LocalAgave) -> Caller:
    return agave.client("admin")


def _signs_in(agave: LocalAgave, username: str, password: str) -> bool:
    return agave.tenant.profiles.sign_in(username, password).username == username


def test_create(agave: LocalAgave, admin: Caller) -> None:
    """An administrator makes an account, described in either style of names."""
    answer = admin.post(ALL, json=CARLA)

    profile = answer.json()["result"]
    assert answer.status_code == 201
    assert (profile["first_name"], profile["lastName"], profile["full_name"]) == (
        "Carla",
        "Céu",
        "Carla Céu",
    )
    assert profile["institution"] == "Somewhere"
    assert "scrypt" not in answer.text
    assert _signs_in(agave, "carla", PASSWORD)
    assert admin.post(ALL, json=CARLA).status_code == 409


def test_create_from_a_form(admin: Caller) -> None:
    """A profile may be described by a form as well."""
    assert admin.post(ALL, data=CARLA).status_code == 201


def test_only_administrators_create(agave: LocalAgave) -> None:
    """Nobody else makes accounts, not even a service account."""
    for name in ("anna", "ipt"):
        assert agave.client(name).post(ALL, json=CARLA).status_code == 403


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"username": None}, "username is a text"),
        ({"username": "Carla"}, "A user name has 1 to 32"),
        ({"username": "world"}, "world stands for everybody"),
        ({"password": ""}, "password is a text"),
        ({"password": ["x"]}, "password is a text"),
        ({"email": "nowhere"}, "email is an address"),
        ({"phone": 5}, "phone is a text"),
        ({"city": "x" * 501}, "city is a text"),
        ({"lastName": "\0", "last_name": None}, "lastName is a text"),
    ],
)
def test_bad_profile(admin: Caller, change: Any, message: str) -> None:
    """A profile that cannot be is refused by its field."""
    answer = admin.post(ALL, json={**CARLA, **change})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)
    assert admin.get(f"{ALL}/carla").status_code == 404


def test_update_the_own(agave: LocalAgave) -> None:
    """People describe themselves, and cannot make themselves more than they are."""
    anna = agave.client("anna")
    body = {
        "first_name": "Anna",
        "lastName": "Berg",
        "roles": ["Internal/abaco-admin"],
        "uid": 0,
        "uuid": "x",
    }

    profile = anna.put(f"{ALL}/anna", json=body).json()["result"]

    assert profile["fullName"] == "Anna Berg"
    assert (profile["uid"], profile["uuid"][-3:]) == (20001, "001")
    assert not agave.tenant.profiles.identity("anna").is_admin
    again = anna.put(f"{ALL}/anna", json=profile)
    assert again.json()["result"] == profile
    named = anna.put(f"{ALL}/anna", json={"full_name": "A. Berg", "first_name": "A."})
    assert named.json()["result"]["full_name"] == "A. Berg"


def test_update_of_others(agave: LocalAgave, admin: Caller) -> None:
    """Only administrators change other people's profiles."""
    anna = agave.client("anna")
    agave.add_user("bert")
    body = {"email": "evil@example.org"}

    assert anna.put(f"{ALL}/bert", json=body).status_code == 403
    assert anna.put(f"{ALL}/nobody", json=body).status_code == 403
    assert anna.put(f"{ALL}/anna", json={"username": "bert"}).status_code == 400
    assert admin.put(f"{ALL}/bert", json={"phone": "123"}).ok
    assert admin.put(f"{ALL}/nobody", json=body).status_code == 404
    assert anna.get(f"{ALL}/bert").json()["result"]["email"] == "bert@localhost"


def test_change_the_own_password(agave: LocalAgave) -> None:
    """Who only found a token cannot take the account with it."""
    anna = agave.client("anna")
    new = {"password": "another password"}

    assert anna.put(f"{ALL}/anna", json=new).status_code == 400
    wrong = anna.put(f"{ALL}/anna", json={**new, "currentPassword": "no"})
    assert wrong.status_code == 403
    assert _signs_in(agave, "anna", PASSWORD)
    right = anna.put(f"{ALL}/anna", json={**new, "current_password": PASSWORD})
    assert right.ok
    assert _signs_in(agave, "anna", "another password")
    assert anna.get(f"{ALL}/me").status_code == 401


def test_administrators_set_passwords(agave: LocalAgave, admin: Caller) -> None:
    """An administrator gives somebody another password."""
    agave.add_user("anna")

    assert admin.put(f"{ALL}/anna", json={"password": "another password"}).ok

    assert _signs_in(agave, "anna", "another password")


def test_inactive(agave: LocalAgave, admin: Caller) -> None:
    """An inactive account has no tokens and gets none until it is active again."""
    site, anna = Site(agave), agave.client("anna")
    tokens = site.sign_in().json()
    assert anna.put(f"{ALL}/anna", json={"status": "Inactive"}).status_code == 403
    assert admin.put(f"{ALL}/admin", json={"status": "Inactive"}).status_code == 400
    assert admin.put(f"{ALL}/anna", json={"status": "Asleep"}).status_code == 400

    assert admin.put(f"{ALL}/anna", json={"status": "inactive"}).ok

    assert anna.get(f"{ALL}/me").status_code == 401
    assert is_refused(site.refresh(tokens["refresh_token"]), "invalid_grant")
    assert is_refused(site.sign_in(), "invalid_grant")
    assert agave.tenant.oauth.find_identity("anna") is None
    assert admin.put(f"{ALL}/anna", json={"status": "Active"}).ok
    assert site.sign_in().ok


def test_client_of_an_inactive_account(agave: LocalAgave, admin: Caller) -> None:
    """A client alone gets no token while its owner may not act."""
    site = Site(agave)
    admin.put(f"{ALL}/dev", json={"status": "Inactive"})

    refused = site.token(grant_type="client_credentials")

    assert is_refused(refused, "unauthorized_client")


def test_delete(agave: LocalAgave, admin: Caller) -> None:
    """With an account go its tokens, its clients and what those were given."""
    site, dev = Site(agave), agave.client("dev")
    tokens = site.sign_in().json()

    deleted = admin.delete(f"{ALL}/dev")

    assert deleted.json()["result"]["username"] == "dev"
    assert admin.get(f"{ALL}/dev").status_code == 404
    assert dev.get(f"{ALL}/me").status_code == 401
    # Anna's own token was given to a client of dev's.
    assert site.me(tokens["access_token"]).status_code == 401
    assert is_refused(site.sign_in(), "invalid_client", 401)


def test_a_name_is_given_once(agave: LocalAgave, admin: Caller) -> None:
    """Nobody inherits what a deleted account left behind, nor its number."""
    agave.add_user("anna")
    first = admin.get(f"{ALL}/anna").json()["result"]["uid"]
    admin.delete(f"{ALL}/anna")

    again = admin.post(ALL, json={**CARLA, "username": "anna"})

    assert again.status_code == 409
    assert "was deleted" in again.json()["message"]
    carla = admin.post(ALL, json=CARLA).json()["result"]
    assert carla["uid"] > first


def test_who_deletes(agave: LocalAgave, admin: Caller) -> None:
    """Only administrators delete accounts, and never the own one."""
    anna = agave.client("anna")

    assert anna.delete(f"{ALL}/anna").status_code == 403
    assert admin.delete(f"{ALL}/admin").status_code == 400
    assert admin.delete(f"{ALL}/nobody").status_code == 404


def test_search(agave: LocalAgave, admin: Caller) -> None:
    """Profiles are found by any field in either style, but never by a password."""
    admin.post(ALL, json=CARLA)
    agave.add_user("dora")

    def names(**query: str) -> list[str]:
        found = admin.get(ALL, params=query).json()["result"]
        return [profile["username"] for profile in found]

    assert names(firstName="CARLA") == ["carla"]
    assert names(**{"email.like": "*@Example.org"}) == ["carla"]
    assert names(name="%") == []
    assert names(**{"uid.gt": "20002"}) == ["dora"]
    assert admin.get(ALL, params={"name": "x" * 201}).status_code == 400
    for field in ("password.like", "roles.like", "roles"):
        assert admin.get(ALL, params={field: "*"}).status_code == 400


def test_tenant_by_code(agave: LocalAgave) -> None:
    """The tenant is found by its code, before anybody has signed in."""
    anonymous = agave.anonymous()

    tenant = anonymous.get("/tenants/LOCAL").json()["result"]

    assert (tenant["code"], tenant["baseUrl"]) == ("local", f"{agave.base_url}/")
    assert anonymous.get(tenant["_links"]["self"]["href"]).ok
    assert anonymous.get("/tenants/other").status_code == 404
