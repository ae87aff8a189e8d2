"""Permissions of actors, aliases and configs: show, grant."""

from agave_local.call import Answer, Call
from agave_local.services.actors.access import (
    check_alias,
    check_config,
    identify,
    visit,
)
from agave_local.services.actors.fields import Field, read_fields, text
from agave_local.services.actors.permissions import Level, read_level

_PREFIX = "Invalid permissions description"
_FIELDS = (
    Field("user", text, "User owning the permission.", required=True),
    Field("level", text, "Level of the permission.", required=True),
)
_SHOWN = "Permissions retrieved successfully."
_GRANTED = "Permission added successfully."


def on_get_of_actor(call: Call) -> Answer:
    """Show who may do what with an actor."""
    actor = visit(call, Level.READ).actor
    return Answer(actor["permissions"], message=_SHOWN)


def on_grant_on_actor(call: Call) -> Answer:
    """Give a user a level on an actor."""
    actor = visit(call, Level.UPDATE).actor
    user, level = _read(call)
    granted = call.tenant.actors.registry.grant(actor["id"], user, level)
    return Answer(granted, message=_GRANTED)


def on_get_of_alias(call: Call) -> Answer:
    """Show who may do what with an alias."""
    identity = identify(call, call.args["alias"], Level.READ)
    alias = call.tenant.actors.aliases.get(call.args["alias"])
    check_alias(identity, alias, Level.READ)
    return Answer(alias["permissions"], message=_SHOWN)


def on_grant_on_alias(call: Call) -> Answer:
    """Give a user a level on an alias."""
    identity = identify(call, call.args["alias"], Level.UPDATE)
    actors, alias = call.tenant.actors, call.args["alias"]
    check_alias(identity, actors.aliases.get(alias), Level.UPDATE)
    user, level = _read(call)
    with actors.links.hold():
        # It may have become somebody else's in the meantime.
        check_alias(identity, actors.aliases.get(alias), Level.UPDATE)
        granted = actors.aliases.grant(alias, user, level)
    return Answer(granted, message=_GRANTED)


def on_get_of_config(call: Call) -> Answer:
    """Show who may do what with a config."""
    identity = identify(call)
    config = call.tenant.actors.configs.get(call.args["name"])
    check_config(identity, config, Level.READ)
    return Answer(config["permissions"], message=_SHOWN)


def on_grant_on_config(call: Call) -> Answer:
    """Give a user a level on a config."""
    identity = identify(call)
    actors, name = call.tenant.actors, call.args["name"]
    check_config(identity, actors.configs.get(name), Level.UPDATE)
    user, level = _read(call)
    with actors.links.hold():
        check_config(identity, actors.configs.get(name), Level.UPDATE)
        granted = actors.configs.grant(name, user, level)
    return Answer(granted, message=_GRANTED)


def _read(call: Call) -> tuple[str, Level]:
    given = read_fields(call.request, _FIELDS, prefix=_PREFIX)
    return given["user"], read_level(given["level"])
