"""What is ours on a tenant, where anybody may register under any name.

An actor gets our secrets, an alias our messages, a system our users' files.  Whoever
owns one, or may change it, has all that; so a name alone never makes a thing ours.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from agave_deploy.errors import TenantOccupied, TenantRefused
from agave_deploy.tenant.client import TenantClient

__all__ = ["check_configs", "check_owner", "own_actors", "own_aliases"]

Object = Mapping[str, Any]
_NO_RIGHT = {400, 401, 403}  # Abaco says 400
_WAY_OUT = (
    "Nothing was changed. Find out who made it and why; an administrator of the "
    "tenant can delete it. Then deploy again."
)


def check_owner(kind: str, name: str, record: Object | None, account: str) -> None:
    """Check that something belongs to us, where it is there.

    Args:
        kind: of thing, for a person.
        name: of it.
        record: as the tenant shows it.
        account: that deploys.

    Raises:
        TenantOccupied: It belongs to somebody else.
    """
    if record is None or record.get("owner") == account:
        return
    owner = record.get("owner") or "somebody else"
    raise TenantOccupied(
        f"The {kind} {name} belongs to {owner}, not to {account}, "
        f"and is not used. {_WAY_OUT}"
    )


def own_actors(
    actors: Iterable[Object], names: set[str], account: str
) -> dict[str, Object]:
    """Return our actors by id.

    Args:
        actors: that we may see.
        names: that we give to actors.
        account: that deploys.

    Raises:
        TenantOccupied: Somebody else's actor bears one of our names.
    """
    own = {}
    for actor in actors:
        if actor.get("name") in names:
            kind = f"actor {actor.get('id')} with the name"
            check_owner(kind, str(actor["name"]), actor, account)
        if actor.get("owner") == account:
            own[str(actor["id"])] = actor
    return own


def own_aliases(
    aliases: Mapping[str, Object], names: Iterable[str], account: str
) -> dict[str, str]:
    """Return the actor's id behind each of our aliases.

    Raises:
        TenantOccupied: One of the names is somebody else's alias.
    """
    own = {}
    for name in names:
        if name in aliases:
            check_owner("alias", name, aliases[name], account)
            own[name] = str(aliases[name]["actorId"])
    return own


def check_configs(client: TenantClient, names: Iterable[str], account: str) -> None:
    """Check that nobody else may change configs; they have no owner to be told by.

    Raises:
        TenantOccupied: Somebody else may change one, or we may not.
    """
    for name in names:
        try:
            levels = client.config_users(name)
        except TenantRefused as error:
            if error.status not in _NO_RIGHT:
                raise
            levels = {}
        others = {user for user, level in levels.items() if level == "UPDATE"}
        if others != {account}:
            who = ", ".join(sorted(others - {account})) or "somebody else"
            raise TenantOccupied(
                f"The config {name} can be changed by {who}, who may have made it, "
                f"and is not used. {_WAY_OUT}"
            )
