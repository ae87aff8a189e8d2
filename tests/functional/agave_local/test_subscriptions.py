"""What OAuth clients may call, and the APIs there are, in both transports."""

from typing import Any

import pytest

from agave_local.testing import PASSWORD, Caller, LocalAgave

ANNA = ("anna", PASSWORD)
HERE = "/clients/v2/site/subscriptions"
API = {
    "api_name": "Weather",
    "context": "/weather",
    "url": "https://weather.example.org/v1",
    "methods": ["GET", "POST"],
    "auth": "oauth",
}
APIS = "/admin/v2/apis"
WEATHER = f"{APIS}/Weather-admin-v2"


@pytest.fixture(name="anna")
def _anna(agave: LocalAgave) -> Caller:
    agave.add_user("anna")
    anna = agave.anonymous()
    anna.auth = ANNA
    assert anna.post("/clients/v2", data={"clientName": "site"}).status_code == 201
    return anna


@pytest.fixture(name="admin")
def _admin(agave: LocalAgave) -> Caller:
    return agave.client("admin")


def _names(anna: Caller) -> set[str]:
    return {one["apiName"] for one in anna.get(HERE).json()["result"]}


def test_everything_at_first(agave: LocalAgave, anna: Caller) -> None:
    """A new client may call all of the tenant's own APIs."""
    (files,) = (
        one for one in anna.get(HERE).json()["result"] if one["apiName"] == "Files"
    )

    assert {"Files", "Jobs", "Metadata", "Actors"} <= _names(anna)
    assert (files["apiContext"], files["apiVersion"], files["tier"]) == (
        "/files",
        "v2",
        "Unlimited",
    )
    assert f"{agave.base_url}/clients/v2/site" == files["_links"]["client"]["href"]


def test_delete_and_add(anna: Caller) -> None:
    """Subscriptions are taken away all at once, and given one by one or all."""
    assert anna.delete(HERE).ok
    assert _names(anna) == set()

    made = anna.post(
        HERE,
        json={
            "apiName": "Jobs",
            "apiVersion": "v2",
            "apiProvider": "admin",
            "tier": "bronze",
        },
    )

    assert made.status_code == 201
    assert (made.json()["result"]["apiName"], made.json()["result"]["tier"]) == (
        "Jobs",
        "Bronze",
    )
    assert _names(anna) == {"Jobs"}
    assert anna.post(HERE, data={"apiName": "*"}).status_code == 201
    assert {"Jobs", "Files"} <= _names(anna)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"apiName": ["Jobs"]}, 400),
        ({"apiName": "Jobs", "tier": "Platinum"}, 400),
        ({"apiName": "Nothing"}, 404),
        ({"apiName": "Jobs", "apiVersion": "v1"}, 404),
        ({"apiName": "Jobs", "apiProvider": "anna"}, 404),
        ({"apiName": "' OR 1=1"}, 404),
    ],
)
def test_bad_subscription(anna: Caller, body: Any, status: int) -> None:
    """An API or a tier that there is not is refused."""
    assert status == anna.post(HERE, json=body).status_code


def test_of_anothers_client(agave: LocalAgave, anna: Caller) -> None:
    """Nobody reads or changes the subscriptions of another's client."""
    agave.add_user("bert")
    bert = agave.anonymous()
    bert.auth = ("bert", PASSWORD)

    answers = [
        bert.get(HERE),
        bert.post(HERE, data={"apiName": "Jobs"}),
        bert.delete(HERE),
    ]

    assert {404} == {answer.status_code for answer in answers}
    assert "Jobs" in _names(anna)


def test_register_an_api(agave: LocalAgave, anna: Caller, admin: Caller) -> None:
    """An API of others is registered, published and retired, and subscribed to."""
    added = admin.post(APIS, json=API)

    assert added.status_code == 201
    assert (added.json()["result"]["id"], added.json()["result"]["status"]) == (
        "Weather-admin-v2",
        "CREATED",
    )
    assert added.json()["result"]["resources"][0]["http_verbs"] == {
        "GET": "oauth",
        "POST": "oauth",
    }
    assert anna.post(HERE, data={"apiName": "Weather"}).status_code == 404
    published = admin.put(WEATHER, json={"status": "published"})
    assert published.json()["result"]["status"] == "PUBLISHED"
    assert anna.post(HERE, data={"apiName": "Weather"}).status_code == 201
    assert "Weather" in _names(anna)
    assert admin.put(WEATHER, json={"status": "RETIRED"}).ok
    assert "Weather" not in _names(anna)
    assert (
        f"{agave.base_url}{WEATHER}"
        == (admin.get(WEATHER).json()["result"]["_links"]["self"]["href"])
    )
    assert admin.delete(WEATHER).ok
    assert admin.get(WEATHER).status_code == 404


def test_restricted_api(agave: LocalAgave, anna: Caller, admin: Caller) -> None:
    """A restricted API is subscribed to only by those who have its role."""
    body = {**API, "visibility": "restricted", "roles": ["weather"]}
    assert admin.post(APIS, json=body).status_code == 201
    admin.put(WEATHER, json={"status": "PUBLISHED"})

    assert "Weather" not in _names(anna)
    assert anna.post(HERE, data={"apiName": "Weather"}).status_code == 403
    agave.tenant.profiles.update("anna", {"roles": ["weather"]})
    assert anna.post(HERE, data={"apiName": "Weather"}).status_code == 201
    assert "Weather" in _names(anna)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"api_name": "a b"}, "api_name is 1 to 64"),
        ({"api_name": None}, "api_name is 1 to 64"),
        ({"context": "weather"}, "context is a path"),
        ({"context": "/../x"}, "context is a path"),
        ({"url": "file:///etc/passwd"}, "url is an absolute http"),
        ({"url": None}, "url is an absolute http"),
        ({"version": "v 1"}, "version is a word"),
        ({"methods": ["BREW"]}, "methods is a list of GET"),
        ({"methods": {}}, "methods is a list of GET"),
        ({"auth": []}, "auth is a list of none, oauth"),
        ({"visibility": "secret"}, "visibility is public"),
        ({"visibility": "restricted"}, "roles says who may"),
        ({"roles": ["a b"]}, "roles is a list of roles."),
    ],
)
def test_bad_api(admin: Caller, change: Any, message: str) -> None:
    """A description of an API that cannot be is refused by its field."""
    answer = admin.post(APIS, json={**API, **change})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


def test_taken_names_and_contexts(admin: Caller) -> None:
    """No two APIs have one name or one context, not even the tenant's own."""
    admin.post(APIS, json=API)

    for change in (
        {"api_name": "weather", "context": "/other"},
        {"api_name": "Other"},
        {"api_name": "jobs", "context": "/other"},
        {"api_name": "Other", "context": "/jobs"},
    ):
        assert admin.post(APIS, json={**API, **change}).status_code == 409


def test_own_apis_stay(admin: Caller) -> None:
    """The tenant's own APIs are listed first, and neither retired nor deleted."""
    listed = admin.get(APIS).json()["result"]

    assert {"id", "name", "owner", "status", "version", "_links"} == listed[0].keys()
    own = f"{APIS}/Jobs-admin-v2"
    assert admin.get(own).ok
    assert admin.put(own, json={"status": "RETIRED"}).status_code == 409
    assert admin.put(own, json={"status": "GONE"}).status_code == 400
    assert admin.delete(own).status_code == 409
    assert admin.delete(f"{APIS}/nothing").status_code == 404
