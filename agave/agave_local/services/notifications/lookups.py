"""Finding, by its UUID, a thing that goes by a name of its own: an app or a system."""

from collections.abc import Callable

from agave_local.call import Identity
from agave_local.errors import LocalTenantError, NotFound
from agave_local.records.conditions import equal
from agave_local.records.store import Document, Store


def by_uuid(
    store: Store, kind: str, require: Callable[[Identity, str], Document]
) -> Callable[[Identity, str], Document]:
    """Return what finds a thing that a caller may read.

    Args:
        store: keeps the kind.
        kind: of the thing, such as `app`.
        require: returns it by its name, or refuses.
    """

    def look_up(identity: Identity, uuid: str) -> Document:
        found = store.select(kind, equal("uuid", uuid), limit=1)
        refusal = NotFound(f"There is no {kind} {uuid}.")
        if not found:
            raise refusal
        try:
            return require(identity, found[0]["id"])
        except LocalTenantError as error:
            # Its name is not told to somebody who may not know of it.
            raise refusal from error

    return look_up
