"""Nonces of actors and of aliases: make, list, show, delete."""

from collections.abc import Callable

from agave_local.call import Answer, Call, Identity
from agave_local.errors import BadRequest
from agave_local.records.store import Document
from agave_local.services.actors.access import (
    allows,
    check_alias,
    identify,
    unknown,
    visit,
)
from agave_local.services.actors.fields import Field, integer, read_fields, text
from agave_local.services.actors.nonces import NO_NONCE, UNLIMITED
from agave_local.services.actors.permissions import Level, level_names

_PREFIX = "Invalid nonce description"
_FIELDS = (
    Field("maxUses", integer, "How often the nonce may be used.", default=UNLIMITED),
    Field("level", text, "Level of the nonce.", default=Level.EXECUTE.name),
    Field("description", text, "What the nonce is for.", default=""),
)


def on_list_of_actor(call: Call) -> Answer:
    """List the nonces of an actor."""
    visited = visit(call, Level.READ)
    shown = _list(
        call, visited.actor["id"], _known(call, visited.identity, visited.actor)
    )
    return Answer(shown, message="Actor nonces retrieved successfully.")


def on_add_to_actor(call: Call) -> Answer:
    """Make a nonce of an actor."""
    visited = visit(call, Level.UPDATE)
    parent = {"actorId": visited.actor["id"]}
    nonce = _add(call, parent, visited.identity, Level.UPDATE)
    return _answer(call, nonce, "Actor nonce created successfully.", fresh=True)


def on_get_of_actor(call: Call) -> Answer:
    """Show a nonce of an actor."""
    visited = visit(call, Level.READ)
    nonce = _get(
        call, visited.actor["id"], _known(call, visited.identity, visited.actor)
    )
    return _answer(call, nonce, "Actor nonce retrieved successfully.")


def on_delete_from_actor(call: Call) -> Answer:
    """Delete a nonce of an actor."""
    actor = visit(call, Level.UPDATE).actor
    call.tenant.actors.nonces.remove(actor["id"], call.args["nonce_id"])
    return Answer(message="Actor nonce deleted successfully.")


def on_list_of_alias(call: Call) -> Answer:
    """List the nonces of an alias."""
    identity, alias, actor = _visit_alias(call, Level.READ)
    shown = _list(call, alias["alias"], _known(call, identity, alias, actor))
    return Answer(shown, message="Alias nonces retrieved successfully.")


def on_add_to_alias(call: Call) -> Answer:
    """Make a nonce of an alias; it cannot change anything."""
    identity, alias, _ = _visit_alias(call, Level.UPDATE)
    nonce = _add(call, {"alias": alias["alias"]}, identity, Level.EXECUTE)
    return _answer(call, nonce, "Alias nonce created successfully.", fresh=True)


def on_get_of_alias(call: Call) -> Answer:
    """Show a nonce of an alias."""
    identity, alias, actor = _visit_alias(call, Level.READ)
    nonce = _get(call, alias["alias"], _known(call, identity, alias, actor))
    return _answer(call, nonce, "Alias nonce retrieved successfully.")


def on_delete_from_alias(call: Call) -> Answer:
    """Delete a nonce of an alias."""
    _, alias, _ = _visit_alias(call, Level.UPDATE)
    call.tenant.actors.nonces.remove(alias["alias"], call.args["nonce_id"])
    return Answer(message="Alias nonce deleted successfully.")


def _visit_alias(call: Call, level: Level) -> tuple[Identity, Document, Document]:
    """Return the caller, the alias and its actor; they need the level on both."""
    name = call.args["alias"]
    identity = identify(call, name, level)
    actors = call.tenant.actors
    alias = actors.aliases.get(name)
    actor = actors.registry.find(alias["actorId"])
    if actor is None:
        raise unknown(call, name)
    check_alias(identity, alias, level, actor)
    return identity, alias, actor


def _known(
    call: Call, identity: Identity, *things: Document
) -> Callable[[Document], bool]:
    """Return what tells whether a caller may know a nonce, which is a key.

    Whoever could make any knows all of them; others would come to more than they may,
    so they know their own, or only the one that they came with.

    Args:
        call: of the caller.
        identity: of the caller, or of the nonce's owner.
        things: the actor, or the alias and its actor.
    """
    level = Level.UPDATE
    if not call.is_recognized:
        held = call.tenant.actors.nonces.find(call.request.args["x-nonce"])
        if held is None or Level[held["level"]] < level:
            return lambda nonce: held is not None and nonce["id"] == held["id"]
    if all(allows(identity, thing, level) for thing in things):
        return lambda _: True
    return lambda nonce: bool(nonce["owner"] == identity.username)


def _add(
    call: Call, parent: dict[str, str], owner: Identity, highest: Level
) -> Document:
    naming = call.tenant.actors.naming
    given = read_fields(call.request, _FIELDS, prefix=_PREFIX, naming=naming)
    allowed = level_names(highest)
    if given["level"] not in allowed:
        raise BadRequest(f"{_PREFIX}. The level attribute must be one of: {allowed}")
    return call.tenant.actors.nonces.add(
        parent, owner, Level[given["level"]], given["maxUses"], given["description"]
    )


def _list(
    call: Call, identifier: str, known: Callable[[Document], bool]
) -> list[dict[str, object]]:
    actors = call.tenant.actors
    nonces = filter(known, actors.nonces.of(identifier))
    return [actors.display.nonce(nonce) for nonce in nonces]


def _get(call: Call, identifier: str, known: Callable[[Document], bool]) -> Document:
    nonce = call.tenant.actors.nonces.get(identifier, call.args["nonce_id"])
    if not known(nonce):
        raise BadRequest(NO_NONCE)
    return nonce


def _answer(
    call: Call, nonce: Document, message: str, *, fresh: bool = False
) -> Answer:
    shown = call.tenant.actors.display.nonce(nonce, fresh=fresh)
    return Answer(shown, message=message)
