"""Aliases: make, list, show, point elsewhere, delete."""

from typing import Any

from agave_local.call import Answer, Call, Identity
from agave_local.errors import BadRequest
from agave_local.records.store import Document
from agave_local.services.actors.access import (
    check_actor,
    check_alias,
    identify,
    unknown,
)
from agave_local.services.actors.errors import no_actor
from agave_local.services.actors.fields import Field, read_fields, text
from agave_local.services.actors.identifiers import is_identifier
from agave_local.services.actors.permissions import Level

_PREFIX = "Invalid alias description"
_MISSING = ". Missing required field"
_ACTOR = Field(
    "actorId",
    text,
    "The human readable id for the actor associated with this alias.",
    required=True,
)
_FIELDS = (Field("alias", text, "The name of the alias.", required=True), _ACTOR)
_UPDATE = (Field("alias", text, "The name of the alias."), _ACTOR)


def on_list(call: Call) -> Answer:
    """List the aliases of the whole tenant."""
    identify(call)
    actors = call.tenant.actors
    shown = [actors.display.alias(alias) for alias in actors.aliases.every()]
    return Answer(shown, message="Aliases retrieved successfully.")


def on_add(call: Call) -> Answer:
    """Make an alias of an actor that the caller may change."""
    identity = identify(call)
    given = _read(call, _FIELDS)
    actor = _actor(call, given["actorId"], identity)
    actors = call.tenant.actors
    with actors.links.hold():
        actors.links.check_alias(given["alias"], actor)
        alias = actors.aliases.add(given["alias"], actor["id"], identity.username)
    actors.configs_changed()
    shown = actors.display.alias(alias)
    return Answer(shown, message="Actor alias created successfully.")


def on_get(call: Call) -> Answer:
    """Show an alias."""
    _, alias = _visit(call, Level.READ)
    shown = call.tenant.actors.display.alias(alias)
    return Answer(shown, message="Alias retrieved successfully.")


def on_update(call: Call) -> Answer:
    """Point an alias to another actor that the caller may change."""
    identity, alias = _visit(call, Level.UPDATE)
    given = _read(call, _UPDATE)
    if given["alias"] not in {None, alias["alias"]}:
        raise BadRequest(
            "Invalid alias update description. "
            "The alias itself cannot be updated in a PUT request."
        )
    actor = _actor(call, given["actorId"], identity)
    actors = call.tenant.actors
    with actors.links.hold():
        _check_still(call, identity, alias["alias"])
        actors.links.check_alias(alias["alias"], actor)
        changed = actors.aliases.point(alias["alias"], actor["id"])
    actors.configs_changed()
    shown = actors.display.alias(changed)
    return Answer(shown, message="Actor alias updated successfully.")


def on_delete(call: Call) -> Answer:
    """Delete an alias and its nonces; its actor stays."""
    identity, alias = _visit(call, Level.UPDATE)
    actors = call.tenant.actors
    with actors.links.hold():
        _check_still(call, identity, alias["alias"])
        actors.aliases.remove(alias["alias"])
        actors.nonces.remove_all(alias["alias"])
    actors.configs_changed()
    return Answer(message=actors.display.deleted_alias(alias))


def _visit(call: Call, level: Level) -> tuple[Identity, Document]:
    name = call.args["alias"]
    identity = identify(call, name, level)
    alias = call.tenant.actors.aliases.get(name)
    check_alias(identity, alias, level)
    return identity, alias


def _check_still(call: Call, identity: Identity, name: str) -> None:
    """Refuse a change of what has become somebody else's in the meantime."""
    check_alias(identity, call.tenant.actors.aliases.get(name), Level.UPDATE)


def _read(call: Call, fields: tuple[Field, ...]) -> dict[str, Any]:
    naming = call.tenant.actors.naming
    return read_fields(
        call.request, fields, prefix=_PREFIX, missing=_MISSING, naming=naming
    )


def _actor(call: Call, identifier: str, identity: Identity) -> Document:
    actor = call.tenant.actors.find(identifier)
    if actor is None:
        if is_identifier(identifier):
            raise unknown(call, identifier)
        raise no_actor(identifier)
    check_actor(identity, actor, Level.UPDATE)
    return actor
