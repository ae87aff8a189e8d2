"""OAuth clients: the applications that may ask for tokens."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from agave_local.call import Identity
from agave_local.clock import Clock, Ids, to_iso
from agave_local.errors import BadRequest, Forbidden, NotFound, NotSubscribed
from agave_local.records.conditions import ALWAYS, Condition, equal
from agave_local.records.store import Document, Store
from agave_local.services.clients.addresses import check_callback_url
from agave_local.services.clients.apis import EVERY_API, Apis, name_of

_KIND = "client"
_TIERS = ("Unlimited", "Gold", "Silver", "Bronze")
# What else may say which API is meant, and the field of the API that it names.
_NARROWER = {"apiVersion": "version", "apiProvider": "owner"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")


class Clients:
    """The OAuth clients.

    Args:
        store: keeps kind `client`, by consumer key.
        clock: dates them.
        ids: makes keys and secrets.
        base_url: of the tenant, for links.

    Attributes:
        apis: that they subscribe to.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids, base_url: str) -> None:
        self.apis = Apis(store, clock)
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
            BadRequest: for a name that is taken or cannot be, a callback URL that is
                not one, or a tier that there is not.
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
            "tier": read_tier(tier),
            "created": to_iso(self._clock.now()),
        }
        with self._store.transaction():
            if self._store.count(_KIND, name=name, owner=identity.username):
                raise BadRequest(f"Application {name} already exists.")
            self._store.insert(_KIND, key, client)
        return client, secret

    def of(
        self,
        identity: Identity,
        condition: Condition = ALWAYS,
        *,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Document]:
        """Return a page of the clients of a user, in order of creation."""
        mine = equal("owner", identity.username) & condition
        return self._store.select(_KIND, mine, limit=limit, offset=offset)

    def all(
        self, condition: Condition = ALWAYS, *, limit: int, offset: int
    ) -> list[Document]:
        """Return a page of everybody's clients, in order of creation."""
        return self._store.select(_KIND, condition, limit=limit, offset=offset)

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

    def subscriptions(self, client: Document) -> list[Document]:
        """Return the APIs that a client may call, each with the `tier` of its calls.

        A client may call everything until somebody chooses.
        """
        published = self.apis.published()
        chosen: Mapping[str, str] | None = client.get("subscriptions")
        if chosen is None:
            return [
                {**api, "tier": client["tier"]}
                for api in published
                if api["visibility"] == "public"
            ]
        return [
            {**api, "tier": chosen[api["name"]]}
            for api in published
            if api["name"] in chosen
        ]

    def subscribe(
        self, identity: Identity, name: str, body: Mapping[str, Any]
    ) -> list[Document]:
        """Let a client of a user call an API, or all of them.

        Args:
            identity: the user.
            name: of the client.
            body: `apiName`, or `*`; and `apiVersion`, `apiProvider` and `tier`.

        Returns:
            The subscriptions that this made.

        Raises:
            BadRequest: naming the field that is wrong.
            Forbidden: for an API that is for others.
            NotFound: where they have no such client, or there is no such API.
        """
        client = self.get(identity, name)
        tier = read_tier(body.get("tier") or client["tier"])
        wanted = self._wanted(identity, body)
        made = {api["name"]: tier for api in wanted}

        def change(record: Document) -> Document:
            old = {api["name"]: api["tier"] for api in self.subscriptions(record)}
            return {**record, "subscriptions": {**old, **made}}

        self._store.update(_KIND, client["key"], change)
        return [{**api, "tier": tier} for api in wanted]

    def unsubscribe(self, identity: Identity, name: str) -> None:
        """Let a client of a user call nothing any more.

        Raises:
            NotFound: where they have no such client.
        """
        client = self.get(identity, name)
        self._store.update(
            _KIND, client["key"], lambda record: {**record, "subscriptions": {}}
        )

    def check_subscription(self, key: str, rule: str) -> None:
        """Refuse an API that a client may not call.

        Args:
            key: of the client whose token it is.
            rule: address, or its rule.

        Raises:
            NotSubscribed: as the gateway does.
        """
        client = self._store.get(_KIND, key) or {}
        chosen = client.get("subscriptions")
        api = name_of(rule)
        if chosen is not None and api is not None and api not in chosen:
            raise NotSubscribed(f"The client is not subscribed to {api}.")

    def _wanted(self, identity: Identity, body: Mapping[str, Any]) -> list[Document]:
        asked = {field: body.get(field) for field in ("apiName", *_NARROWER)}
        if not isinstance(asked["apiName"], str) or not asked["apiName"]:
            raise BadRequest("apiName is the name of an API, or * for all.")
        open_to_all = [api for api in self.apis.published() if not _is_closed(api)]
        if asked["apiName"] == EVERY_API:
            return open_to_all
        for api in self.apis.published():
            if api["name"] == asked["apiName"] and all(
                asked[field] in (None, "", api[of]) for field, of in _NARROWER.items()
            ):
                if _is_closed(api) and not identity.roles & set(api["roles"]):
                    raise Forbidden(f"You have no role that {api['name']} asks for.")
                return [api]
        raise NotFound("There is no such API to subscribe to.")

    def to_public(self, client: Document, secret: str | None = None) -> dict[str, Any]:
        """Return what the owner may read of a client.

        Args:
            client: the record.
            secret: given once, in the answer that creates the client.
        """
        # A name may have blanks.
        here = f"{self._base_url}/clients/v2/{quote(client['name'])}"
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


def read_tier(tier: object) -> str:
    """Read a tier, in any case.

    Raises:
        BadRequest: listing the tiers there are.
    """
    word = tier.capitalize() if isinstance(tier, str) else ""
    if word not in _TIERS:
        raise BadRequest(f"tier is one of {', '.join(_TIERS)}.")
    return word


def _is_closed(api: Document) -> bool:
    return bool(api["visibility"] == "restricted")


def _digest(secret: str) -> str:
    """Hash a secret; it is 256 random bits, so no salt or work is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
