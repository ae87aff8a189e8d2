"""Executions: list, show, logs, results, end by force.

Each is its executor's, and of those who may change the actor; a nonce opens none.
"""

from werkzeug.wrappers import Response

from agave_local.call import Answer, Call
from agave_local.errors import BadRequest
from agave_local.records.store import Document
from agave_local.services.actors.access import may_read, readable_of, visit
from agave_local.services.actors.errors import no_execution
from agave_local.services.actors.executions import RUNNING
from agave_local.services.actors.messages import BINARY
from agave_local.services.actors.permissions import Level
from agave_local.services.actors.search import is_search
from agave_local.services.actors.views.search import search_of


def on_list(call: Call) -> Answer:
    """Summarise the executions of an actor that the caller may read."""
    visited = visit(call, Level.READ)
    if is_search(call.request.args):
        return search_of(call, "executions", visited)
    actors, actor = call.tenant.actors, visited.actor
    executions, executor = actors.executions, readable_of(visited)
    latest = executions.latest(actor["id"], executor)
    totals = executions.totals(actor["id"], executor)
    shown = actors.display.executions(actor, latest, totals)
    return Answer(shown, message="Actor executions retrieved successfully.")


def on_add(call: Call) -> Answer:
    """Refuse an execution made by hand, which Abaco never accepts."""
    visit(call, Level.UPDATE)
    raise BadRequest("Required field executor missing.")


def on_get(call: Call) -> Answer:
    """Show an execution."""
    actor, execution = _find(call, Level.READ)
    shown = call.tenant.actors.display.execution(actor, execution)
    return Answer(shown, message="Actor execution retrieved successfully.")


def on_kill(call: Call) -> Answer:
    """End a running execution by force."""
    _, execution = _find(call, Level.UPDATE)
    if execution["status"] != RUNNING:
        raise BadRequest(
            "Cannot force quit an execution not in RUNNING status. "
            f"Execution was found in status: {execution['status']}"
        )
    call.tenant.actors.engine.kill(execution["id"])
    return Answer(message=f"Issued force quit command for execution {execution['id']}.")


def on_get_log(call: Call) -> Answer:
    """Show what an execution wrote, or wrote so far."""
    if is_search(call.request.args):
        return search_of(call, "logs", visit(call, Level.READ))
    actor, execution = _find(call, Level.READ)
    actors = call.tenant.actors
    text = (
        actors.engine.log(execution["id"])
        if execution["status"] == RUNNING
        else actors.executions.log(execution["id"])
    )
    shown = actors.display.log(actor, execution["id"], text)
    return Answer(shown, message="Logs retrieved successfully.")


def on_take_result(call: Call) -> Response:
    """Give the oldest result frame away; nothing where there is none."""
    _, execution = _find(call, Level.READ)
    if call.request.method == "HEAD":  # its answer has no body to give a frame away in
        return Response(mimetype=BINARY)
    frame = call.tenant.actors.executions.take_result(execution["id"])
    return Response(frame, mimetype=BINARY)


def _find(call: Call, level: Level) -> tuple[Document, Document]:
    visited = visit(call, level)
    actor, execution_id = visited.actor, call.args["execution_id"]
    execution = call.tenant.actors.executions.find(actor["id"], execution_id)
    if execution is None or not may_read(visited, execution):
        raise no_execution(actor["id"], execution_id)
    return actor, execution
