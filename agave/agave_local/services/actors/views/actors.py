"""Actors: register, list, show, change, delete; their state."""

from agave_local.call import Answer, Call
from agave_local.errors import BadRequest, NotFound
from agave_local.services.actors.access import (
    check_image,
    identify,
    is_trusted,
    visit,
)
from agave_local.services.actors.description import PREFIX, read_description
from agave_local.services.actors.errors import no_actor
from agave_local.services.actors.fields import BadBody, is_variable, read_body
from agave_local.services.actors.naming import Naming
from agave_local.services.actors.permissions import Level
from agave_local.services.actors.registry import SHUTTING_DOWN
from agave_local.services.actors.search import is_search
from agave_local.services.actors.views.search import search_actors

_STATE = "_abaco_actor_state"


def on_list(call: Call) -> Answer:
    """List the actors that the caller may read."""
    identity = identify(call)
    if is_search(call.request.args):
        return search_actors(call, identity)
    actors = call.tenant.actors
    shown = [
        actors.display.actor(actor)
        for actor in actors.registry.readable_by(identity.username)
    ]
    return Answer(shown, message="Actors retrieved successfully.")


def on_add(call: Call) -> Answer:
    """Register an actor; its first worker is started behind the answer."""
    identity = identify(call)
    described = read_description(call.request, identity, call.tenant.actors.naming)
    trusted = is_trusted(identity)
    check_image(call, described["image"], trusted=trusted)
    actors = call.tenant.actors
    with actors.links.hold():
        described = actors.settle(described, identity, None)
        actor = actors.registry.add(described, identity.username, trusted=trusted)
    actors.engine.prepare(actor)
    shown = actors.display.actor(actor, fresh=("createTime", "lastUpdateTime"))
    return Answer(shown, message="Actor created successfully.")


def on_get(call: Call) -> Answer:
    """Show an actor."""
    actor = visit(call, Level.READ, known_as="identifier").actor
    shown = call.tenant.actors.display.actor(actor)
    return Answer(shown, message="Actor retrieved successfully.")


def on_update(call: Call) -> Answer:
    """Replace an actor's description; another image starts another worker."""
    visited = visit(call, Level.UPDATE)
    actors = call.tenant.actors
    described = read_description(
        call.request, visited.identity, actors.naming, changes=True
    )
    trusted = is_trusted(visited.identity) and not visited.by_nonce
    check_image(call, described["image"], trusted=trusted)
    actor_id = visited.actor["id"]
    # In snake case, Abaco takes this one for a field of the description (golden pairs).
    also = {"statusMessage": ""} if actors.naming is Naming.SNAKE else {}
    username = visited.identity.username
    with actors.engine.turning(actor_id):
        with actors.links.hold():
            # Somebody else may have changed or deleted it since the caller was let in.
            before = actors.registry.find(actor_id)
            if before is None or before["status"] == SHUTTING_DOWN:
                raise no_actor(actor_id)
            if described["stateless"] and not before["stateless"]:
                raise BadRequest(
                    f"{PREFIX}: an actor that was not stateless "
                    "cannot be updated to be stateless."
                )
            described = actors.settle(described, visited.identity, before)
            actor = actors.registry.revise(
                actor_id, described, username, trusted=trusted, **also
            )
        again = actor["revision"] != before["revision"]
        actors.engine.prepare(actor, renew=again)
    shown = actors.display.actor(actor, fresh=("lastUpdateTime",))
    return Answer(shown, message="Actor updated successfully.")


def on_delete(call: Call) -> Answer:
    """Delete an actor, ending what it runs."""
    actor = visit(call, Level.UPDATE).actor
    if call.tenant.actors.delete(actor):
        return Answer(message="Actor deleted successfully.")
    return Answer(
        message="Actor deleted successfully, though Abaco is still cleaning up "
        "some of the actor's resources."
    )


def on_get_state(call: Call) -> Answer:
    """Show the state that an actor keeps between executions."""
    actor = visit(call, Level.READ).actor
    return Answer(
        {"state": actor["state"]}, message="Actor state retrieved successfully."
    )


def on_set_state(call: Call) -> Answer:
    """Replace the state of an actor that keeps one."""
    actor = visit(call, Level.UPDATE).actor
    if actor["stateless"]:
        raise NotFound("actor is stateless.")
    try:
        state = read_body(call.request)
    except BadBody:
        state = None
    # Executions get it as a variable; some texts can be in none.
    if not state or not is_variable(_STATE, str(state)):
        raise BadRequest(
            "Invalid actor state description: state must be JSON serializable."
        )
    actors = call.tenant.actors
    changed = actors.registry.change(actor["id"], state=state)
    if changed is None:
        raise no_actor(actor["id"])
    return Answer(actors.display.actor(changed), message="State updated successfully.")
