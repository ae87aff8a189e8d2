"""Tokens and authorization codes: given out once, kept as hashes only.

A sign-in begins a *family*: its code, its refresh tokens and its access tokens.
Ending the family ends them all.
"""

import hashlib
import threading
from dataclasses import dataclass

from agave_local.call import Identity
from agave_local.clock import Clock, Ids
from agave_local.errors import NotFound, Unauthorized
from agave_local.records.store import Document, Store
from agave_local.services.clients.models import Clients
from agave_local.services.oauth.errors import InvalidGrant
from agave_local.services.oauth.kinds import ACCESS, CODE, REFRESH
from agave_local.services.oauth.proof import is_verified
from agave_local.services.profiles.models import Profiles

ACCESS_LIFETIME_S = 14400
IMPLICIT_LIFETIME_S = 3600
CODE_LIFETIME_S = 300
# An expired token is remembered for a while, so that its caller reads "expired".
_REMEMBERED_S = 86_400
_TIDY_EVERY_S = 600
# Two tabs may refresh at once; only a later reuse looks like a stolen token.
_ROTATION_GRACE_S = 60

_FORM_KEY = "form_key"


@dataclass(frozen=True)
class Grant:
    """Tokens for a client.

    Attributes:
        access_token: bearer token.
        refresh_token: None where the grant has none.
        expires_in: seconds.
    """

    access_token: str
    refresh_token: str | None
    expires_in: int = ACCESS_LIFETIME_S


class OAuth:
    """The tokens of the tenant.

    Args:
        store: keeps kinds `access_token`, `refresh_token`, `authorization_code`,
            by SHA-256 of the token.
        clock: expires them.
        ids: makes them.
        profiles: the accounts they speak for.
        clients: the clients they were given to.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        profiles: Profiles,
        clients: Clients,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._profiles = profiles
        self._clients = clients
        self._tidy_lock = threading.Lock()
        self._tidied = clock.now()

    def identify(self, token: str, rule: str = "") -> Identity:
        """Return who a bearer token speaks for.

        Args:
            token: the bearer token.
            rule: address that is called with it, or its rule; the client that the
                token was given to must subscribe to that API.

        Raises:
            NotSubscribed: for an API that the client may not call.
            Unauthorized: for a token that is unknown, revoked or expired.
        """
        record = self._store.get(ACCESS, _digest(token))
        if record is None:
            raise Unauthorized("The access token is not known here.", fault=900901)
        if record["expires"] <= self._clock.now():
            raise Unauthorized("The access token has expired.", fault=900904)
        profile = self._profiles.find_active(record["owner"])
        if profile is None:
            raise Unauthorized("The account of this token is gone.", fault=900901)
        if rule and record["client"]:
            self._clients.check_subscription(record["client"], rule)
        return Identity(record["owner"], frozenset(profile["roles"]))

    def find_identity(self, username: str) -> Identity | None:
        """Return an account as a caller; None where there is none that may act."""
        profile = self._profiles.find_active(username)
        return (
            None if profile is None else Identity(username, frozenset(profile["roles"]))
        )

    def mint(self, username: str, lifetime_s: float = ACCESS_LIFETIME_S) -> str:
        """Make an access token of a user for the tenant's own use, as in an actor.

        Raises:
            NotFound: where there is no such user.
        """
        if self._profiles.find_active(username) is None:
            raise NotFound(f"There is no user {username}.")
        return self._add_access(username, "", "", lifetime_s)

    def begin(self, username: str, client: Document, *, refresh: bool = True) -> Grant:
        """Give a client its first tokens of a user."""
        family = self._ids.token()
        with self._store.transaction():
            return self._give(username, client["key"], family, refresh=refresh)

    def begin_implicitly(self, username: str, client: Document) -> Grant:
        """Give a client that lives in a browser a token, for an hour and no longer."""
        lifetime_s = IMPLICIT_LIFETIME_S
        family = self._ids.token()
        access = self._add_access(username, client["key"], family, lifetime_s)
        return Grant(access, None, lifetime_s)

    def refresh(self, client: Document, token: str) -> Grant:
        """Exchange a refresh token for new tokens; it is good for one exchange.

        Raises:
            InvalidGrant: for a token that is unknown, revoked, used or another
                client's. Reuse some time after the exchange ends the family.
        """
        now = self._clock.now()
        digest = _digest(token)
        with self._store.transaction():
            record = self._store.get(REFRESH, digest)
            refusal = InvalidGrant("The refresh token is not valid.")
            if record is None or record["client"] != client["key"]:
                raise refusal
            if record["status"] == "live":
                if self._profiles.find_active(record["owner"]) is None:
                    raise refusal
                self._store.put(
                    REFRESH,
                    digest,
                    {**record, "status": "used", "expires": now},
                )
                return self._give(
                    record["owner"], client["key"], record["parent"], refresh=True
                )
        if now > record["expires"] + _ROTATION_GRACE_S:
            self.end_family(record["parent"])
        raise refusal

    def make_code(
        self, username: str, client: Document, redirect_uri: str, challenge: str = ""
    ) -> str:
        """Make an authorization code for a user who has just signed in.

        Args:
            username: of the user.
            client: that asked.
            redirect_uri: address that the code is sent to.
            challenge: of PKCE (RFC 7636, S256); empty where the client gave none.
        """
        code = self._ids.token()
        self._store.insert(
            CODE,
            _digest(code),
            {
                "owner": username,
                "parent": self._ids.token(),
                "client": client["key"],
                "redirect_uri": redirect_uri,
                "challenge": challenge,
                "status": "live",
                "expires": self._clock.now() + CODE_LIFETIME_S,
            },
        )
        return code

    def exchange_code(
        self, client: Document, code: str, redirect_uri: str, verifier: str = ""
    ) -> Grant:
        """Exchange an authorization code for tokens; it is good for one exchange.

        Args:
            client: that exchanges it.
            code: that it was sent.
            redirect_uri: address that the code was sent to.
            verifier: of PKCE, for a code that was asked for with a challenge.

        Raises:
            InvalidGrant: for a code that is unknown, expired, used, or made for
                another client or address. Reuse ends what the first use began.
        """
        digest = _digest(code)
        with self._store.transaction():
            record = self._store.get(CODE, digest)
            refusal = InvalidGrant("The authorization code is not valid.")
            if record is None or record["client"] != client["key"]:
                raise refusal
            good = (
                record["status"] == "live"
                and record["redirect_uri"] == redirect_uri
                and record["expires"] > self._clock.now()
                and is_verified(record.get("challenge", ""), verifier)
                and self._profiles.find_active(record["owner"]) is not None
            )
            self._store.put(CODE, digest, {**record, "status": "used"})
            if good:
                return self._give(
                    record["owner"], client["key"], record["parent"], refresh=True
                )
            self.end_family(record["parent"])
        raise refusal

    def form_key(self) -> bytes:
        """Return the key that binds sign-in forms to browsers."""
        record = self._store.get(_FORM_KEY, _FORM_KEY)
        if record is None:
            with self._store.transaction():
                record = self._store.get(_FORM_KEY, _FORM_KEY) or {
                    "key": self._ids.token()
                }
                self._store.put(_FORM_KEY, _FORM_KEY, record)
        return str(record["key"]).encode()

    def revoke(self, client: Document, token: str) -> None:
        """End a token of a client; a refresh token takes its family with it.

        A token that is unknown or another client's is left alone, without a word.
        """
        digest = _digest(token)
        record = self._store.get(REFRESH, digest)
        if record is not None and record["client"] == client["key"]:
            self.end_family(record["parent"])
        record = self._store.get(ACCESS, digest)
        if record is not None and record["client"] == client["key"]:
            self._store.delete(ACCESS, digest)

    def end_family(self, family: str) -> None:
        """Revoke every token that began with one sign-in."""
        with self._store.transaction():
            for kind in (ACCESS, REFRESH):
                self._store.delete_where(kind, parent=family)

    def end_client(self, client: Document) -> None:
        """Revoke every token of a client that is being deleted."""
        with self._store.transaction():
            for kind in (ACCESS, REFRESH, CODE):
                self._store.delete_where(kind, client=client["key"])

    def close_account(self, username: str) -> Document:
        """Delete an account with its tokens, its clients and their tokens.

        Returns:
            The profile as it was.

        Raises:
            NotFound: where there is no such account.
        """
        identity = Identity(username)
        with self._store.transaction():
            profile = self._profiles.delete(username)
            for client in self._clients.of(identity):
                self._clients.delete(identity, client["name"])
                self.end_client(client)
        return profile

    def _give(self, username: str, key: str, family: str, *, refresh: bool) -> Grant:
        access = self._add_access(username, key, family, ACCESS_LIFETIME_S)
        if not refresh:
            return Grant(access, None)
        token = self._ids.token()
        self._store.insert(
            REFRESH,
            _digest(token),
            {
                "owner": username,
                "parent": family,
                "client": key,
                "status": "live",
                "expires": None,
            },
        )
        return Grant(access, token)

    def _add_access(
        self, username: str, key: str, family: str, lifetime_s: float
    ) -> str:
        self._tidy()
        token = self._ids.token()
        self._store.insert(
            ACCESS,
            _digest(token),
            {
                "owner": username,
                "parent": family,
                "client": key,
                "expires": self._clock.now() + lifetime_s,
            },
        )
        return token

    def _tidy(self) -> None:
        """Forget, now and then, what expired long ago."""
        now = self._clock.now()
        with self._tidy_lock:
            if now < self._tidied + _TIDY_EVERY_S:
                return
            self._tidied = now
        for kind in (ACCESS, REFRESH, CODE):
            self._store.delete_expired(kind, now - _REMEMBERED_S)


def _digest(token: str) -> str:
    """Hash a token; it is 256 random bits, so no salt or work is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
