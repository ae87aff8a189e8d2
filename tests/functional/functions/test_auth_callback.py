"""The function `auth_callback`."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.auth_callback.app import app
from iptweb.agave import Profile
from iptweb.errors import AgaveUnavailable, TokenExpired
from iptweb.testing import Answer, FakeOAuth, FakeTenant, FunctionClient
from iptweb.testing.tenant import refused

DAY = 24 * 3600


@pytest.fixture(name="client")
def _client(tenant: FakeTenant) -> FunctionClient:
    # By nonce the platform says that the actor's owner calls.
    return FunctionClient(app, tenant, username="ipt")


def begin(client: FunctionClient) -> str:
    """Return a fresh state."""
    return str(client.get("/authorize", authorized=False).body["state"])


def sign_in(client: FunctionClient, username: str = "ada") -> Answer:
    """Sign in as a user."""
    state, code = begin(client), client.oauth.give_code(username)
    return client.post("/sessions", authorized=False, code=code, state=state)


def test_authorize(client: FunctionClient) -> None:
    """The address to sign in at comes back to the site with the state."""
    body = client.get("/authorize", authorized=False).body
    query = parse_qs(urlsplit(body["url"]).query)

    assert query["redirect_uri"] == ["http://127.0.0.1:8080/site/callback.html"]
    assert query["state"] == [body["state"]]
    assert begin(client) != body["state"]


def test_sign_in(client: FunctionClient) -> None:
    """A code becomes an access token and a session, never a refresh token."""
    answer = sign_in(client)

    assert answer.status == 201
    token, session = answer.body.pop("access_token"), answer.body.pop("session")
    assert answer.body == {
        "expires_in": 14_400,
        "username": "ada",
        "full_name": "Ada",
        "is_admin": False,
    }
    assert client.tenant.tokens[token] == "ada"
    assert len(session) > 3
    assert "refresh" not in str(answer.body)


def test_admin_is_told(client: FunctionClient) -> None:
    """An administrator is told so."""
    assert sign_in(client, "grace").body["is_admin"] is True


def test_session_is_stored_encrypted(client: FunctionClient) -> None:
    """Neither the session's id nor the refresh token can be read in the metadata."""
    answer = sign_in(client)
    (item,) = (i for i in client.tenant.metadata if "-session-" in i.name)

    assert item.owner == "ipt"
    assert item.value["username"] == "ada"
    text = str(item)
    assert answer.body["session"] not in text
    assert "refresh-" not in text
    assert client.tenant.shares == {}


def test_new_user_gets_everything(client: FunctionClient) -> None:
    """Sign-in grants systems, apps and actors and makes the home."""
    sign_in(client, "eve")

    assert client.tenant.grants == [
        ("system", "ipt.local", "eve", "USER"),
        ("app", "ipt-build-local-0.1.0", "eve", "READ_EXECUTE"),
        ("app", "ipt-build-run-local-0.1.0", "eve", "READ_EXECUTE"),
        ("app", "ipt-compare-local-0.1.0", "eve", "READ_EXECUTE"),
        ("app", "ipt-run-local-0.1.0", "eve", "READ_EXECUTE"),
        ("actor", "test-terminal", "eve", "EXECUTE"),
        ("actor", "test-webterm", "eve", "EXECUTE"),
    ]
    assert "eve" in client.tenant.files


def test_grants_are_remembered(client: FunctionClient) -> None:
    """The next sign-in asks again only for what gets lost."""
    sign_in(client)
    client.tenant.grants.clear()

    sign_in(client)

    assert {kind for kind, *_ in client.tenant.grants} == {"actor"}


def test_failed_grant_does_not_keep_anybody_out(client: FunctionClient) -> None:
    """What could not be granted is logged, and tried again next time."""
    client.tenant.failures["grant_app"] = refused("apps", 500)

    assert sign_in(client).status == 201
    assert "app ipt-build-local-0.1.0" in client.log_text
    client.tenant.grants.clear()
    sign_in(client)
    assert ("app", "ipt-build-local-0.1.0", "ada", "READ_EXECUTE") in (
        client.tenant.grants
    )


def test_everything_fails_but_sign_in(client: FunctionClient) -> None:
    """Even with no grant at all a person is signed in."""
    client.tenant.files.clear()
    client.tenant.failures |= {
        name: AgaveUnavailable("No.", service="x")
        for name in ("grant_actor", "make_folder")
    }
    client.tenant.failures["find_metadata"] = AgaveUnavailable("No.", service="meta")

    assert sign_in(client).status == 201
    assert "home" in client.log_text
    assert "metadata" in client.log_text


@pytest.mark.parametrize("state", ["", "x", "gAAAAA", "é"])
def test_garbage_state(client: FunctionClient, state: str) -> None:
    """A state that is not ours is refused, and the code is not spent."""
    code = client.oauth.give_code("ada")

    answer = client.post("/sessions", code=code, state=state)

    assert (answer.code, answer.field) == ("bad_request", "state")
    assert code in client.oauth.codes


def test_old_state(client: FunctionClient) -> None:
    """A sign-in that took longer than ten minutes begins again."""
    state, code = begin(client), client.oauth.give_code("ada")
    client.now += 601

    assert client.post("/sessions", code=code, state=state).field == "state"


def test_refresh_token_is_no_state(client: FunctionClient) -> None:
    """What the same key encrypted for another purpose is not taken for a state."""
    sign_in(client)
    (item,) = (i for i in client.tenant.metadata if "-session-" in i.name)
    client.now = time.time()

    answer = client.post("/sessions", code="x", state=item.value["refresh"])

    assert answer.field == "state"


def test_garbage_code(client: FunctionClient) -> None:
    """A code that the platform does not take means: sign in again."""
    answer = client.post("/sessions", code="nope", state=begin(client))

    assert (answer.status, answer.code) == (401, "unauthorized")


@pytest.mark.parametrize("body", [{}, {"code": "x"}, {"code": 1, "state": "x"}])
def test_bad_body(client: FunctionClient, body: dict[str, Any]) -> None:
    """A body without what is needed is refused by name."""
    assert client.post("/sessions", **body).code == "bad_request"


def test_token_that_nobody_owns(client: FunctionClient) -> None:
    """A token that the platform gave and does not take is no sign-in."""
    client.tenant.failures["my_profile"] = TokenExpired("No.", service="profiles")

    assert sign_in(client).code == "unauthorized"


def test_account_with_an_odd_name(client: FunctionClient) -> None:
    """An account whose name could not be a folder can't sign in."""
    assert sign_in(client, "Eve/..").code == "unauthorized"
    assert client.tenant.metadata == []


def refresh(client: FunctionClient, session: str) -> Answer:
    """Refresh a session."""
    return client.post("/sessions/refresh", authorized=False, session=session)


def test_refresh(client: FunctionClient) -> None:
    """A session gives new access tokens again and again, as refresh tokens rotate."""
    first = sign_in(client).body
    tokens = {first["access_token"]}
    for _ in range(3):
        answer = refresh(client, first["session"])
        assert answer.body["username"] == "ada"
        assert answer.body["is_admin"] is False
        tokens.add(answer.body["access_token"])

    assert len(tokens) == 4


@pytest.mark.parametrize("session", ["nope", "é", "../x", "x" * 200])
def test_garbage_session(client: FunctionClient, session: str) -> None:
    """A session that never was is refused without a word about why."""
    answer = refresh(client, session)

    assert (answer.status, answer.message) == (
        401,
        "Your session has ended. Sign in again.",
    )


def test_old_session(client: FunctionClient) -> None:
    """A session ends after two weeks, and its document goes."""
    session = sign_in(client).body["session"]
    client.now += 14 * DAY

    assert refresh(client, session).code == "unauthorized"
    assert not [i for i in client.tenant.metadata if "-session-" in i.name]


def test_session_ended_elsewhere(client: FunctionClient) -> None:
    """A session whose refresh token was revoked is over."""
    session = sign_in(client).body["session"]
    client.oauth = FakeOAuth(client.tenant)

    for _ in range(2):
        assert refresh(client, session).code == "unauthorized"
    assert not [i for i in client.tenant.metadata if "-session-" in i.name]


@pytest.mark.parametrize(
    "change",
    [
        {"refresh": "garbage"},
        {"refresh": None},
        {"expires": "soon"},
        {"created": None},
        {"username": "../x"},
    ],
)
def test_garbled_session(client: FunctionClient, change: dict[str, Any]) -> None:
    """A document that can't be read is no session."""
    session = sign_in(client).body["session"]
    (item,) = (i for i in client.tenant.metadata if "-session-" in i.name)
    item.value.update(change)

    assert refresh(client, session).code == "unauthorized"


class RacingOAuth(FakeOAuth):
    """Lets another tab refresh a moment earlier."""

    rival: FunctionClient | None = None
    session = ""

    def refresh(self, refresh_token: Any) -> Any:
        """Let the rival go first."""
        rival, self.rival = self.rival, None
        if rival is not None:
            assert refresh(rival, self.session).status == 200
        return super().refresh(refresh_token)


def test_two_tabs_refresh_at_once(tenant: FakeTenant) -> None:
    """Two tabs that refresh at the same moment both get a token."""
    oauth = RacingOAuth(tenant)
    client = FunctionClient(app, tenant, username="ipt", oauth=oauth)
    oauth.session = sign_in(client).body["session"]
    oauth.rival = client

    assert refresh(client, oauth.session).status == 200
    assert refresh(client, oauth.session).status == 200


class SpentOAuth(FakeOAuth):
    """Refuses every token, while other tabs keep storing newer ones."""

    def refresh(self, refresh_token: Any) -> Any:
        """Store a newer token and refuse this one."""
        (item,) = (i for i in self._tenant.metadata if "-session-" in i.name)
        item.value["refresh"] = self.newer.pop()
        return super().refresh(refresh_token)

    newer: list[str]


def test_endless_race_ends(tenant: FakeTenant) -> None:
    """However often somebody is faster, refreshing comes to an end."""
    oauth = SpentOAuth(tenant)
    client = FunctionClient(app, tenant, username="ipt", oauth=oauth)
    oauth.newer, session = [], ""
    for _ in range(3):
        session = sign_in(client).body["session"]
        items = [i for i in tenant.metadata if "-session-" in i.name]
        oauth.newer.append(items[-1].value["refresh"])
        tenant.metadata = [i for i in tenant.metadata if i not in items[:-1]]
    oauth._refresh.clear()

    assert refresh(client, session).code == "unauthorized"


def test_platform_without_rotation(client: FunctionClient) -> None:
    """Where refresh tokens stay the same the stored one is kept."""
    session = sign_in(client).body["session"]
    (item,) = (i for i in client.tenant.metadata if "-session-" in i.name)
    before = item.value["refresh"]

    class Steady(FakeOAuth):
        """Gives an access token only."""

        def refresh(self, refresh_token: Any) -> Any:
            """Return no refresh token."""
            tokens = super().refresh(refresh_token)
            return type(tokens)(tokens.access, type(tokens.refresh)(""), 60)

    steady = Steady(client.tenant)
    steady._refresh = client.oauth._refresh
    client.oauth = steady

    assert refresh(client, session).body["expires_in"] == 60
    (item,) = (i for i in client.tenant.metadata if "-session-" in i.name)
    assert item.value["refresh"] == before


def test_sign_out(client: FunctionClient) -> None:
    """Signing out makes both tokens worthless and forgets the session."""
    body = sign_in(client).body
    client.token = body["access_token"]

    for _ in range(2):
        answer = client.request(
            "DELETE", "/sessions", body={"session": body["session"]}
        )
        assert (answer.status, answer.body) == (200, {})

    assert body["access_token"] in client.oauth.revoked
    assert any(token.startswith("refresh-") for token in client.oauth.revoked)
    assert refresh(client, body["session"]).code == "unauthorized"


def test_sign_out_without_a_token(client: FunctionClient) -> None:
    """The session alone is enough to sign out."""
    session = sign_in(client).body["session"]

    client.request("DELETE", "/sessions", body={"session": session}, authorized=False)

    assert len(client.oauth.revoked) == 1


class StubbornOAuth(FakeOAuth):
    """Fails to revoke anything."""

    def revoke(self, token: Any) -> None:
        """Note the attempt and fail."""
        self.revoked.append(token.reveal())
        raise AgaveUnavailable("No.", service="token")


def test_sign_out_while_the_platform_is_down(tenant: FakeTenant) -> None:
    """The session ends even where the tokens can't be revoked, and that is told."""
    client = FunctionClient(app, tenant, username="ipt", oauth=StubbornOAuth(tenant))
    session = sign_in(client).body["session"]

    answer = client.request("DELETE", "/sessions", body={"session": session})

    assert answer.code == "upstream_unavailable"
    assert len(client.oauth.revoked) == 2
    assert not [i for i in tenant.metadata if "-session-" in i.name]


def test_session_without_a_refresh_token(client: FunctionClient) -> None:
    """Where the platform gave no refresh token there is none to revoke."""

    class Stingy(FakeOAuth):
        """Gives an access token only."""

        def exchange(self, code: str, redirect_uri: str) -> Any:
            """Return no refresh token."""
            tokens = super().exchange(code, redirect_uri)
            return type(tokens)(tokens.access, type(tokens.refresh)(""), 60)

    client.oauth = Stingy(client.tenant)
    session = sign_in(client).body["session"]

    client.request("DELETE", "/sessions", body={"session": session}, authorized=False)

    assert client.oauth.revoked == []


def test_nothing_secret_is_logged(client: FunctionClient) -> None:
    """Codes, tokens, sessions and keys stay out of the log."""
    body = sign_in(client).body
    refresh(client, body["session"])
    secrets = [body["access_token"], body["session"], "client-secret"]
    secrets += [client.configs["test-session-key"], *client.oauth.revoked]

    assert not [secret for secret in secrets if secret in client.log_text]


def test_broken_session_key(client: FunctionClient) -> None:
    """A key that can't encrypt is named to the operator, not shown."""
    client.configs["test-session-key"] = "hunter22"

    answer = client.get("/authorize")

    assert answer.status == 500
    assert "session-key" in answer.message
    assert "hunter22" not in client.log_text + answer.message


def test_profile_names() -> None:
    """A person's name is found in profiles of both styles, else it is the user name."""
    assert Profile.from_agave({"username": "a", "full_name": "A B"}).full_name == "A B"
    old = {"username": "a", "firstName": "A", "lastName": "B"}
    assert Profile.from_agave(old).full_name == "A B"
    assert Profile.from_agave({"username": "a"}).full_name == "a"
