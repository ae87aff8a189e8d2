"""Configs: make, list, show, replace, delete."""

from typing import Any

from agave_local.call import Answer, Call, Identity
from agave_local.errors import BadRequest, NotFound
from agave_local.records.store import Document
from agave_local.services.actors.access import (
    allows,
    check_actor,
    check_config,
    identify,
)
from agave_local.services.actors.configs import named_actors
from agave_local.services.actors.fields import Field, boolean, read_fields, text
from agave_local.services.actors.permissions import Level

_PREFIX = "Invalid config description"
_LONGEST = 200
_FIELDS = (
    Field("name", text, "The name of the config.", required=True),
    Field(
        "value",
        text,
        "The value of the config; JSON Serializable. Set as the ENV VAR value.",
        required=True,
    ),
    Field("isSecret", boolean, "Whether the value is encrypted.", required=True),
    Field("actors", text, "Ids and aliases of actors, with commas.", required=True),
)


def on_list(call: Call) -> Answer:
    """List the configs of the whole tenant, with values only where one may read."""
    identity = identify(call)
    actors = call.tenant.actors
    shown = [
        actors.display.config(config, value=allows(identity, config, Level.READ))
        for config in actors.configs.every()
    ]
    return Answer(shown, message="Actor Configs retrieved successfully.")


def on_add(call: Call) -> Answer:
    """Make a config for actors that the caller may change."""
    identity = identify(call)
    given = _read(call, identity)
    actors = call.tenant.actors
    config = actors.configs.add(
        given["name"],
        given["value"],
        given["actors"],
        identity.username,
        secret=given["isSecret"],
    )
    return _changed(call, config, "Actor config created successfully.")


def on_get(call: Call) -> Answer:
    """Show a config."""
    config = _visit(call, identify(call), Level.READ)
    shown = call.tenant.actors.display.config(config)
    return Answer(shown, message="Config retrieved successfully.")


def on_update(call: Call) -> Answer:
    """Replace a config's value and actors."""
    identity = identify(call)
    config = _visit(call, identity, Level.UPDATE)
    given = _read(call, identity)
    if given["name"] != config["name"]:
        raise BadRequest(f"{_PREFIX}. The name of a config cannot be changed.")
    actors = call.tenant.actors
    with actors.links.hold():
        _visit(call, identity, Level.UPDATE)
        changed = actors.configs.replace(
            config["name"], given["value"], given["actors"], secret=given["isSecret"]
        )
    return _changed(call, changed, "Actor config updated successfully.")


def on_delete(call: Call) -> Answer:
    """Delete a config."""
    identity = identify(call)
    actors = call.tenant.actors
    with actors.links.hold():
        config = _visit(call, identity, Level.UPDATE)
        actors.configs.remove(config["name"])
    actors.configs_changed()
    return Answer(message=f"Actor config {config['name']} deleted successfully.")


def _visit(call: Call, identity: Identity, level: Level) -> Document:
    config = call.tenant.actors.configs.get(call.args["name"])
    check_config(identity, config, level)
    return config


def _read(call: Call, identity: Identity) -> dict[str, Any]:
    given = read_fields(
        call.request,
        _FIELDS,
        prefix=_PREFIX,
        missing=". Missing required field",
        naming=call.tenant.actors.naming,
    )
    if not 0 < len(given["name"]) <= _LONGEST or "/" in given["name"]:
        raise BadRequest(f"{_PREFIX}. A name has 1 to {_LONGEST} characters, no '/'.")
    for identifier in named_actors(given["actors"]):
        actor = call.tenant.actors.find(identifier)
        if actor is None:
            raise NotFound(f"No actor or alias found with id: {identifier}.")
        # Otherwise anybody could put values into a stranger's executions.
        check_actor(identity, actor, Level.UPDATE)
    return given


def _changed(call: Call, config: Document, message: str) -> Answer:
    actors = call.tenant.actors
    actors.configs_changed()
    return Answer(actors.display.config(config), message=message)
