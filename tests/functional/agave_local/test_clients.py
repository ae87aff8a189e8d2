"""OAuth clients over HTTP, in both transports."""

from typing import Any

import pytest

from agave_local.testing import PASSWORD, LocalAgave

CALLBACK = "https://site.example.org/callback"
ANNA = ("anna", PASSWORD)


def _create(agave: LocalAgave, name: str = "site", **fields: str) -> Any:
    agave.add_user("anna")
    body = {"clientName": name, "callbackUrl": CALLBACK, **fields}
    return agave.anonymous().post("/clients/v2", auth=ANNA, data=body)


def test_create_shows_the_secret_once(agave: LocalAgave) -> None:
    """The answer that creates a client is the only one with its secret."""
    created = _create(agave, description="The site.")

    client = created.json()["result"]
    secret = client.pop("consumerSecret")
    assert created.status_code == 201
    assert len(secret) >= 43
    assert tuple(
        client[field] for field in ("name", "description", "callbackUrl", "tier")
    ) == ("site", "The site.", CALLBACK, "Unlimited")
    assert f"{agave.base_url}/clients/v2/site" == client["_links"]["self"]["href"]
    got = agave.anonymous().get("/clients/v2/site", auth=ANNA)
    assert client == got.json()["result"]
    listed = agave.anonymous().get("/clients/v2", auth=ANNA)
    assert [client] == listed.json()["result"]


def test_create_from_json(agave: LocalAgave) -> None:
    """A client may be described in JSON as well as in a form."""
    agave.add_user("anna")

    created = agave.anonymous().post(
        "/clients/v2", auth=ANNA, json={"clientName": "tool"}
    )

    assert created.status_code == 201
    assert created.json()["result"]["callbackUrl"] == ""


def test_links_of_a_name_with_a_blank(agave: LocalAgave) -> None:
    """What a client links to is an address, whatever its name."""
    client = _create(agave, "my site").json()["result"]

    for link in ("self", "subscriptions"):
        href = client["_links"][link]["href"]
        assert " " not in href
        assert agave.anonymous().get(href, auth=ANNA).status_code == 200


def test_create_a_name_twice(agave: LocalAgave) -> None:
    """A user's second client of one name is refused; another user's is not."""
    _create(agave)

    again = _create(agave)

    assert again.status_code == 400
    assert again.json()["message"] == "Application site already exists."
    agave.add_user("bert")
    other = agave.anonymous().post(
        "/clients/v2", auth=("bert", PASSWORD), data={"clientName": "site"}
    )
    assert other.status_code == 201


@pytest.mark.parametrize("name", ["", "a/b", "x" * 65, "a\nb", "<b>"])
def test_create_a_bad_name(agave: LocalAgave, name: str) -> None:
    """A name that could not stand in an address is refused."""
    answer = _create(agave, name)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("clientName has 1 to 64")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "//site.example.org/",
        "/callback",
        "https://user@site.example.org/",
        "https://site.example.org/#fragment",
        "https://site.example.org/\r\nX: y",
        "https://site example.org/",
        "https://site.example.org:port/",
        "https://[::1",
        "https://;evil/",
        "https://",
        "data:text/html,x",
    ],
)
def test_create_a_bad_callback(agave: LocalAgave, url: str) -> None:
    """A callback that is no plain web address is refused."""
    answer = _create(agave, callbackUrl=url)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("callbackUrl is an absolute http")


@pytest.mark.parametrize("url", ["http://[::1]:8080/a?b=c", "http://127.0.0.1:80/x"])
def test_create_a_callback_on_this_machine(agave: LocalAgave, url: str) -> None:
    """A callback may be at an IP address and a port."""
    assert _create(agave, callbackUrl=url).status_code == 201


def test_create_with_a_wrong_type(agave: LocalAgave) -> None:
    """A field of another type is refused by its name."""
    agave.add_user("anna")

    answer = agave.anonymous().post(
        "/clients/v2", auth=ANNA, json={"clientName": ["a"]}
    )

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("clientName is a text")


def test_delete_ends_its_tokens(agave: LocalAgave) -> None:
    """A deleted client is gone, and so are the tokens it was given."""
    client = _create(agave).json()["result"]
    tokens = agave.anonymous().post(
        "/token",
        auth=(client["consumerKey"], client["consumerSecret"]),
        data={"grant_type": "password", "username": "anna", "password": PASSWORD},
    )
    bearer = {"Authorization": f"Bearer {tokens.json()['access_token']}"}
    assert agave.anonymous().get("/profiles/v2/me", headers=bearer).ok

    deleted = agave.anonymous().delete("/clients/v2/site", auth=ANNA)

    assert deleted.status_code == 200
    assert agave.anonymous().get("/clients/v2/site", auth=ANNA).status_code == 404
    refused = agave.anonymous().get("/profiles/v2/me", headers=bearer)
    assert refused.status_code == 401


def test_of_others_is_not_found(agave: LocalAgave) -> None:
    """Nobody reads or deletes another's client."""
    _create(agave)
    agave.add_user("bert")
    bert = ("bert", PASSWORD)

    assert agave.anonymous().get("/clients/v2/site", auth=bert).status_code == 404
    assert agave.anonymous().delete("/clients/v2/site", auth=bert).status_code == 404


@pytest.mark.parametrize("tier", ["Platinum", "__proto__", "unlimited "])
def test_create_in_a_bad_tier(agave: LocalAgave, tier: str) -> None:
    """A tier that there is not is refused."""
    answer = _create(agave, tier=tier)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("tier is one of Unlimited, Gold")


def test_create_as_agavepy_describes_it(agave: LocalAgave) -> None:
    """A client may be named by `name`, and its tier be in capitals."""
    agave.add_user("anna")

    created = agave.anonymous().post(
        "/clients/v2", auth=ANNA, json={"name": "tool", "tier": "GOLD"}
    )

    assert created.json()["result"]["name"] == "tool"
    assert created.json()["result"]["tier"] == "Gold"


def test_list_is_paged_and_searched(agave: LocalAgave) -> None:
    """The list of one's clients has pages, and is searched by fields."""
    for name in ("one", "two", "other"):
        _create(agave, name)

    def names(**query: str) -> list[str]:
        answer = agave.anonymous().get("/clients/v2", auth=ANNA, params=query)
        return [client["name"] for client in answer.json()["result"]]

    assert names(limit="1", offset="1") == ["two"]
    assert names(**{"name.like": "O*"}) == ["one", "other"]
    refused = agave.anonymous().get("/clients/v2?secret.like=a*", auth=ANNA)
    assert refused.status_code == 400


def test_needs_a_password(agave: LocalAgave) -> None:
    """Without name and password, or with a token, there is no answer."""
    assert agave.anonymous().get("/clients/v2").status_code == 401
    assert agave.client("anna").get("/clients/v2").status_code == 401


def test_wrong_password_and_unknown_user_are_alike(agave: LocalAgave) -> None:
    """A caller cannot tell a wrong password from a name that is not there."""
    agave.add_user("anna")

    wrong = agave.anonymous().get("/clients/v2", auth=("anna", "no"))
    unknown = agave.anonymous().get("/clients/v2", auth=("nobody", "no"))

    assert 401 == wrong.status_code == unknown.status_code
    assert wrong.content == unknown.content
