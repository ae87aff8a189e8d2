"""OAuth clients: the applications that may ask for tokens."""

import hashlib
import hmac
import re
from typing import Any
from urllib.parse import urlsplit

from agave_local.call import Identity
from agave_local.clock import Clock, Ids, to_iso
from agave_local.errors import BadRequest, NotFound
from agave_local.store import Document, Store

_KIND = "client"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
_HOST = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")


class Clients:
    """The OAuth clients.

    Args:
        store: keeps kind `client`, by consumer key.
        clock: dates them.
        ids: makes keys and secrets.
        base_url: of the tenant, for links.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids, base_url: str) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._base_url = base_url

    def create(
        self,
        identity: Identity,
        name: str,
        *,
        callback_url: str = "",
        description: str = "",
        tier: str = "Unlimited",
    ) -> tuple[Document, str]:
        """Register a client.

        Returns:
            The client and its secret, which is not kept and never told again.

        Raises:
            BadRequest: for a name that is taken or cannot be, or a callback URL
                that is not one.
        """
        if not _NAME.fullmatch(name):
            raise BadRequest(
                "clientName has 1 to 64 letters, digits, spaces, dots, "
                "underscores and hyphens."
            )
        check_callback_url(callback_url)
        key, secret = self._ids.token(), self._ids.token()
        client: Document = {
            "key": key,
            "secret": _digest(secret),
            "name": name,
            "owner": identity.username,
            "callback_url": callback_url,
            "description": description,
            "tier": tier,
            "created": to_iso(self._clock.now()),
        }
        with self._store.transaction():
            if self._store.count(_KIND, name=name, owner=identity.username):
                raise BadRequest(f"Application {name} already exists.")
            self._store.insert(_KIND, key, client)
        return client, secret

    def of(self, identity: Identity) -> list[Document]:
        """Return the clients of a user, in order of creation."""
        return self._store.find(_KIND, owner=identity.username)

    def get(self, identity: Identity, name: str) -> Document:
        """Return a client of a user by its name.

        Raises:
            NotFound: where they have none of that name.
        """
        found = self._store.find(_KIND, name=name, owner=identity.username)
        if not found:
            raise NotFound(f"There is no client {name}.")
        return found[0]

    def delete(self, identity: Identity, name: str) -> Document:
        """Forget a client of a user, and return what it was.

        Raises:
            NotFound: where they have none of that name.
        """
        client = self.get(identity, name)
        self._store.delete(_KIND, client["key"])
        return client

    def by_key(self, key: str) -> Document | None:
        """Return the client of a consumer key, or None."""
        return self._store.get(_KIND, key)

    def authenticate(self, key: str, secret: str) -> Document | None:
        """Return the client whose key and secret these are, or None."""
        client = self._store.get(_KIND, key)
        expected = "" if client is None else str(client["secret"])
        right = hmac.compare_digest(_digest(secret), expected)
        return client if right else None

    def to_public(self, client: Document, secret: str | None = None) -> dict[str, Any]:
        """Return what the owner may read of a client.

        Args:
            client: the record.
            secret: given once, in the answer that creates the client.
        """
        here = f"{self._base_url}/clients/v2/{client['name']}"
        subscriber = f"{self._base_url}/profiles/v2/{client['owner']}"
        shown = {
            "name": client["name"],
            "description": client["description"],
            "callbackUrl": client["callback_url"],
            "consumerKey": client["key"],
            "tier": client["tier"],
            "_links": {
                "self": {"href": here},
                "subscriber": {"href": subscriber},
                "subscriptions": {"href": f"{here}/subscriptions/"},
            },
        }
        if secret is not None:
            shown["consumerSecret"] = secret
        return shown


def check_callback_url(url: str) -> None:
    """Refuse what a browser must not be sent to after a sign-in.

    Raises:
        BadRequest: naming the rule.
    """
    if not url:
        return
    refusal = BadRequest("callbackUrl is an absolute http or https URL, no fragment.")
    if not url.isascii() or not url.isprintable() or any(c in url for c in ' "<>\\'):
        raise refusal
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise refusal from error
    host = parts.netloc.rpartition("@")[2]
    host = host if host.endswith("]") else re.sub(r":\d*$", "", host)
    if (
        parts.scheme not in ("http", "https")
        or "@" in parts.netloc
        or not _HOST.fullmatch(host)
        or "#" in url
    ):
        raise refusal


def _digest(secret: str) -> str:
    """Hash a secret; it is 256 random bits, so no salt or work is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
