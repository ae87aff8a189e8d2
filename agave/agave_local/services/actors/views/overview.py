"""What all actors add up to: for everybody, and for administrators."""

from agave_local.call import Answer, Call
from agave_local.errors import BadRequest
from agave_local.services.actors.access import identify
from agave_local.services.actors.errors import NO_ADMIN


def on_utilization(call: Call) -> Answer:
    """Tell how many actors and workers there are."""
    identify(call)
    shown = call.tenant.actors.overview.utilization()
    return Answer(shown, message="Abaco utilization returned successfully.")


def on_actors(call: Call) -> Answer:
    """List all actors of the tenant."""
    _check_admin(call)
    shown = call.tenant.actors.overview.actors()
    return Answer(shown, message="Actors retrieved successfully.")


def on_workers(call: Call) -> Answer:
    """List all workers of the tenant."""
    _check_admin(call)
    shown = call.tenant.actors.overview.workers()
    return Answer(shown, message="Workers retrieved successfully.")


def on_executions(call: Call) -> Answer:
    """Sum up all executions of the tenant."""
    _check_admin(call)
    shown = call.tenant.actors.overview.executions()
    return Answer(shown, message="Executions retrieved successfully.")


def _check_admin(call: Call) -> None:
    if not identify(call).is_admin:
        raise BadRequest(NO_ADMIN)
