"""Tokens: what is remembered, and for how long."""

import pytest

from agave_local.clock import Ids
from agave_local.errors import NotFound, Unauthorized
from agave_local.records.store import Document, Store
from agave_local.services.clients.models import Clients
from agave_local.services.oauth.errors import InvalidGrant
from agave_local.services.oauth.models import ACCESS_LIFETIME_S, OAuth
from agave_local.services.profiles.models import Profiles
from agave_local.testing import FakeClock

CALLBACK = "https://site.example.org/"
DAY = 86_400


@pytest.fixture(name="profiles")
def _profiles(store: Store, clock: FakeClock) -> Profiles:
    profiles = Profiles(store, clock, Ids(), cost=16)
    profiles.add("anna", "password")
    return profiles


@pytest.fixture(name="oauth")
def _oauth(store: Store, clock: FakeClock, profiles: Profiles) -> OAuth:
    clients = Clients(store, clock, Ids(), "http://localhost")
    return OAuth(store, clock, Ids(), profiles, clients)


@pytest.fixture(name="client")
def _client(store: Store, clock: FakeClock, profiles: Profiles) -> Document:
    clients = Clients(store, clock, Ids(), "http://localhost")
    client, _ = clients.create(profiles.identity("anna"), "site", callback_url=CALLBACK)
    return client


def test_minted_token(oauth: OAuth, clock: FakeClock) -> None:
    """A token for the tenant's own use speaks for its user until it expires."""
    token = oauth.mint("anna", 10)

    assert oauth.identify(token).username == "anna"
    clock.move(10)
    with pytest.raises(Unauthorized) as refusal:
        oauth.identify(token)
    assert refusal.value.fault == 900904


def test_mint_for_nobody(oauth: OAuth) -> None:
    """There are no tokens of users that are not there."""
    with pytest.raises(NotFound):
        oauth.mint("nobody")


def test_roles_are_those_of_now(store: Store, oauth: OAuth) -> None:
    """A role that is taken away is gone from tokens given before."""
    token = oauth.mint("anna")
    store.update("profile", "anna", lambda old: {**old, "roles": ["Internal/one"]})

    assert {"Internal/one"} == oauth.identify(token).roles


def test_account_that_is_gone(store: Store, oauth: OAuth, client: Document) -> None:
    """Tokens and codes of a deleted account are good for nothing."""
    grant = oauth.begin("anna", client)
    code = oauth.make_code("anna", client, CALLBACK)
    store.delete("profile", "anna")

    with pytest.raises(Unauthorized):
        oauth.identify(grant.access_token)
    with pytest.raises(InvalidGrant):
        oauth.refresh(client, grant.refresh_token or "")
    with pytest.raises(InvalidGrant):
        oauth.exchange_code(client, code, CALLBACK)


def test_two_tabs_refresh_at_once(
    oauth: OAuth, client: Document, clock: FakeClock
) -> None:
    """A refresh token used again at once is refused, but nobody is signed out."""
    first = oauth.begin("anna", client)
    second = oauth.refresh(client, first.refresh_token or "")
    clock.move(5)

    with pytest.raises(InvalidGrant):
        oauth.refresh(client, first.refresh_token or "")

    assert oauth.identify(second.access_token).username == "anna"
    assert oauth.refresh(client, second.refresh_token or "").access_token


def test_refresh_tokens_do_not_expire(
    oauth: OAuth, client: Document, clock: FakeClock
) -> None:
    """A refresh token is good for a year and more."""
    grant = oauth.begin("anna", client)
    clock.move(400 * DAY)

    assert oauth.refresh(client, grant.refresh_token or "").access_token


def test_old_tokens_are_forgotten(
    store: Store, oauth: OAuth, client: Document, clock: FakeClock
) -> None:
    """What expired more than a day ago does not stay in the database."""
    first = oauth.begin("anna", client)
    oauth.refresh(client, first.refresh_token or "")
    oauth.make_code("anna", client, CALLBACK)
    clock.move(ACCESS_LIFETIME_S + DAY + 1)

    oauth.mint("anna")

    assert store.count("access_token") == 1
    assert store.count("refresh_token") == 1
    assert store.count("authorization_code") == 0


def test_form_key_stays(oauth: OAuth, store: Store) -> None:
    """The key of sign-in forms is random and outlives the process."""
    key = oauth.form_key()

    assert len(key) >= 43
    assert key == oauth.form_key()
    assert store.count("form_key") == 1
