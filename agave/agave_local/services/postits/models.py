"""Postits: addresses of this tenant that somebody else may call in the creator's name.

A postit is a request that its creator could make: one address of this very tenant and
one method. Whoever has the postit's own address may have that request made, so often
and so long as the creator said, with the rights that the creator has at that moment.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from agave_local.call import Identity
from agave_local.clock import Clock, Ids, to_iso
from agave_local.errors import BadRequest, Gone, NotFound, TooMany
from agave_local.reading.fields import read_count, read_switch, read_text
from agave_local.records.conditions import Condition, compared, equal
from agave_local.records.store import Document, Store

KIND = "postit"
METHODS = ("GET", "PUT", "POST", "DELETE")
LIFETIME_S = 30 * 86_400
MOST_LIFETIME_S = 10 * 365 * 86_400
MOST_ACTIVE = 10_000  # of one user
UNLIMITED = -1
# Long enough to tell somebody that a postit is used up, rather than unknown.
_KEPT_S = 30 * 86_400
_LONGEST = 4_000
_MOST_USES = 10**9
# Not what gives tokens or rights to a whole account, and never another postit.
_SERVICES = re.compile(
    r"/+(?:actors|apps|files|jobs|meta|monitors|notifications|profiles|systems|"
    r"tenants|transforms)(?:/.*)?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Errand:
    """The request that a postit stands for.

    Attributes:
        path: of the tenant, percent-encoded.
        query: percent-encoded.
        method: of the request.
        creator: in whose name it is made; None for nobody's.
    """

    path: str
    query: str
    method: str
    creator: str | None


class Postits:
    """The postits of the tenant.

    Args:
        store: keeps kind `postit`.
        clock: tells what has expired.
        ids: makes UUIDs.
        base_url: of the tenant, for links.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids, base_url: str) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._base_url = base_url

    def create(self, identity: Identity, body: Mapping[str, Any]) -> Document:
        """Make a postit.

        Raises:
            BadRequest: naming the field that is wrong.
            TooMany: the caller has very many.
        """
        url = read_text(body, "url", most=_LONGEST)
        self._read_target(url)
        method = str(body.get("method") or "GET").upper()
        if method not in METHODS:
            raise BadRequest(f"method is one of {', '.join(METHODS)}.")
        uses = read_count(body, "maxUses", default=UNLIMITED, least=-1, most=_MOST_USES)
        lifetime = read_count(
            body, "lifetime", default=LIFETIME_S, least=1, most=MOST_LIFETIME_S
        )
        if uses == 0:
            raise BadRequest("maxUses is greater than 0, or -1 for no limit.")
        now = self._clock.now()
        uuid = self._ids.uuid(Ids.POSTIT)
        postit = {
            "id": uuid,
            "owner": identity.username,
            "internalUsername": body.get("internalUsername"),
            "url": url,
            "method": method,
            "noauth": read_switch(body, "noauth"),
            "maxUses": uses,
            "remainingUses": uses,
            "created": to_iso(now),
            "expires": now + lifetime,
        }
        with self._store.transaction():
            if self._store.tally(KIND, self._active(identity)) >= MOST_ACTIVE:
                raise TooMany("You have too many postits; delete some.")
            self._store.insert(KIND, uuid, postit)
        return postit

    def list(self, identity: Identity, limit: int, offset: int) -> list[Document]:
        """Return a page of a caller's postits that can still be used."""
        return self._store.select(
            KIND, self._active(identity), limit=limit, offset=offset
        )

    def delete(self, identity: Identity, uuid: str) -> Document:
        """End a postit at once.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        with self._store.transaction():
            postit = self._get(uuid)
            if not identity.may_act_for(postit["owner"]):
                raise _unknown()
            self._store.delete(KIND, uuid)
        return postit

    def check(self, uuid: str) -> None:
        """Make sure that a postit could be used now, without using it.

        Raises:
            NotFound: there is none.
            Gone: it has expired or is used up.
        """
        self._check(self._get(uuid))

    def redeem(self, uuid: str, method: str) -> Errand:
        """Use a postit once.

        Args:
            uuid: of the postit.
            method: of the call that redeems it: GET, or the postit's own.

        Raises:
            BadRequest: the method is another one.
            NotFound: there is none.
            Gone: it has expired or is used up.
        """
        with self._store.transaction():
            postit = self._get(uuid)
            self._check(postit)
            if method not in ("GET", postit["method"]):
                raise BadRequest(f"This postit is redeemed by GET, not by {method}.")
            if postit["remainingUses"] != UNLIMITED:
                left = postit["remainingUses"] - 1
                self._store.put(KIND, uuid, {**postit, "remainingUses": left})
        parts = self._read_target(postit["url"])
        path = parts.path[len(urlsplit(self._base_url).path.rstrip("/")) :]
        creator = None if postit["noauth"] else postit["owner"]
        return Errand(path, parts.query, postit["method"], creator)

    def tidy(self) -> None:
        """Forget the postits that expired long ago."""
        self._store.delete_expired(KIND, self._clock.now() - _KEPT_S)

    def to_public(self, postit: Document) -> dict[str, Any]:
        """Return a postit as its creator reads it."""
        here = f"{self._base_url}/postits/v2/{postit['id']}"
        return {
            "postit": postit["id"],
            "url": here,
            "target": postit["url"],
            "method": postit["method"],
            "creator": postit["owner"],
            "internalUsername": postit["internalUsername"],
            "authenticated": not postit["noauth"],
            "noauth": postit["noauth"],
            "maxUses": postit["maxUses"],
            "remainingUses": postit["remainingUses"],
            "created": postit["created"],
            "expires": to_iso(postit["expires"]),
            "_links": {
                "self": {"href": here},
                "target": {"href": postit["url"]},
                "profile": {"href": f"{self._base_url}/profiles/v2/{postit['owner']}"},
            },
        }

    def _active(self, identity: Identity) -> Condition:
        return (
            equal("owner", identity.username)
            & compared("expires", ">", self._clock.now())
            & (compared("remainingUses", ">", 0) | equal("remainingUses", UNLIMITED))
        )

    def _get(self, uuid: str) -> Document:
        postit = self._store.get(KIND, uuid)
        if postit is None:
            raise _unknown()
        return postit

    def _check(self, postit: Document) -> None:
        if postit["expires"] <= self._clock.now():
            raise Gone("This postit has expired.")
        if postit["remainingUses"] == 0:
            raise Gone("This postit is used up.")

    def _read_target(self, url: str) -> SplitResult:
        """Read the address that a postit stands for, and refuse one that none may."""
        try:
            parts, own = urlsplit(url), urlsplit(self._base_url)
            same = _place(parts) == _place(own)
        except ValueError as error:
            raise BadRequest("url is not a URL.") from error
        base = own.path.rstrip("/")
        if (
            not same
            or parts.username is not None
            or not parts.path.startswith(f"{base}/")
        ):
            raise BadRequest(f"url is an address of this tenant: {self._base_url}/….")
        if not url.isascii() or not url.isprintable() or " " in url:
            raise BadRequest("url has percent-encoded what is not plain ASCII.")
        if not _SERVICES.fullmatch(parts.path[len(base) :]):
            raise BadRequest("That address can't be given away as a postit.")
        return parts


def _place(parts: SplitResult) -> tuple[str, str | None, float | None]:
    port = parts.port
    if port is None:
        port = {"http": 80, "https": 443}.get(parts.scheme)
    # A scheme without a port of its own equals no other.
    return parts.scheme, parts.hostname, math.nan if port is None else port


def _unknown() -> NotFound:
    return NotFound("There is no such postit.")
