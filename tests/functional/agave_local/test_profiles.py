"""Profiles and tenants over HTTP, in both transports."""

from agave_local.testing import LocalAgave


def test_me_in_both_styles(agave: LocalAgave) -> None:
    """The caller reads the own profile, in either style of names."""
    agave.tenant.profiles.add(
        "anna", "password", full_name="Anna Lee Berg", email="anna@example.org"
    )

    answer = agave.client("anna").get("/profiles/v2/me")

    profile = answer.json()["result"]
    assert answer.status_code == 200
    assert (profile["username"], profile["email"]) == ("anna", "anna@example.org")
    assert (profile["first_name"], profile["last_name"]) == ("Anna", "Lee Berg")
    assert (profile["firstName"], profile["lastName"]) == ("Anna", "Lee Berg")
    assert "Anna Lee Berg" == profile["fullName"] == profile["full_name"]


def test_no_profile_shows_a_password(agave: LocalAgave) -> None:
    """Neither the hash nor the roles of anybody are shown."""
    text = agave.client("anna").get("/profiles/v2").text

    assert "scrypt" not in text
    assert "Internal/" not in text


def test_list_by_filters(agave: LocalAgave) -> None:
    """A list is narrowed by exact fields, by a part of the name, and paged."""
    add = agave.tenant.profiles.add
    add("anna", "password", full_name="Anna Berg")
    add("bert", "password", full_name="Bert Berg")
    add("carl", "password", full_name="Carl Annason")
    anna = agave.client("anna")

    def names(**query: str) -> list[str]:
        found = anna.get("/profiles/v2", params=query).json()["result"]
        return [profile["username"] for profile in found]

    assert names() == ["anna", "bert", "carl"]
    assert names(last_name="berg") == ["anna", "bert"]
    assert names(name="anna") == ["anna", "carl"]
    assert names(username="bert") == ["bert"]
    assert names(email="nobody@example.org") == []
    assert names(limit="1", offset="1") == ["bert"]


def test_get_by_username(agave: LocalAgave) -> None:
    """Anybody who signed in reads anybody's profile."""
    agave.add_user("bert")

    answer = agave.client("anna").get("/profiles/v2/bert")

    assert answer.json()["result"]["username"] == "bert"


def test_get_nobody(agave: LocalAgave) -> None:
    """A profile that is not there is not found."""
    answer = agave.client("anna").get("/profiles/v2/nobody")

    assert answer.status_code == 404
    assert answer.json()["message"] == "There is no user nobody."


def test_naked_has_no_envelope(agave: LocalAgave) -> None:
    """`naked=true` leaves the envelope off."""
    answer = agave.client("anna").get("/profiles/v2/me?naked=true")

    assert answer.json()["username"] == "anna"


def test_tenants_need_no_token(agave: LocalAgave) -> None:
    """The list of tenants is there before anybody has signed in."""
    tenants = agave.anonymous().get("/tenants").json()["result"]

    assert [("local", f"{agave.base_url}/")] == [
        (tenant["code"], tenant["baseUrl"]) for tenant in tenants
    ]
