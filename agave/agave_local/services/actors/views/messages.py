"""Messages: post and wait or not, count, purge."""

import os
from contextlib import ExitStack
from pathlib import Path

from werkzeug.wrappers import Request, Response

from agave_local.call import Answer, Call
from agave_local.entrance.limits import network
from agave_local.errors import BadRequest, TooMany, Unavailable
from agave_local.services.actors.access import Visit, visit
from agave_local.services.actors.errors import QUEUE_NOT_EMPTY, NotInTime
from agave_local.services.actors.executions import Message
from agave_local.services.actors.messages import BINARY, Posted, read_message
from agave_local.services.actors.permissions import Level
from agave_local.services.actors.registry import ERROR
from agave_local.services.actors.waiters import Waiter

MESSAGE = "The request was successful"
_MOST_WAITING = 3
# A burst is worked off in less; only a queue that stays is worth a refusal.
_GRACE_S = 1.0
# Longer than any execution may run; then even a message that waited had its turn.
_PATIENCE_S = 660.0
# Whoever has a nonce could be anybody, and must not fill the disk.
_WAITING_OF_ANYBODY = 100
_CHUNK = 1 << 20


def on_count(call: Call) -> Answer:
    """Tell how many messages no worker took yet."""
    actor = visit(call, Level.READ).actor
    actors = call.tenant.actors
    number = actors.engine.queue_length(actor["id"])
    return Answer(actors.display.mailbox(actor, messages=number), message=MESSAGE)


def on_purge(call: Call) -> Answer:
    """Drop the messages that no worker took yet."""
    actor = visit(call, Level.UPDATE).actor
    actors = call.tenant.actors
    actors.engine.purge(actor["id"])
    said = "Actor mailbox purged."
    return Answer(actors.display.mailbox(actor, msg=said), message=MESSAGE)


def on_send(call: Call) -> Answer | Response:
    """Accept a message; answer with its receipt, or with what it results in."""
    visited = visit(call, Level.EXECUTE)
    posted = read_message(call.request)
    engine, actor_id = call.tenant.actors.engine, visited.actor["id"]
    turn = _turn(call, visited)
    if posted.synchronous:
        if visited.actor["status"] == ERROR:
            raise BadRequest(visited.actor["statusMessage"])
        if not engine.has_room(actor_id, turn, _MOST_WAITING, _GRACE_S):
            raise BadRequest(QUEUE_NOT_EMPTY)
    limit = call.tenant.settings.waiting_limit
    if visited.by_nonce:
        limit = min(limit, _WAITING_OF_ANYBODY)
    if engine.waiting(actor_id, turn) >= limit:
        raise TooMany(
            f"{limit} of your messages wait for this actor; "
            "try again when some have run."
        )
    execution_id = call.tenant.actors.ids.new()
    if not posted.synchronous:
        _accept(call, visited, posted, execution_id)
        shown = call.tenant.actors.display.message(
            visited.actor, execution_id, posted.said
        )
        return Answer(shown, message=MESSAGE)
    waiter = engine.waiters.add(execution_id)
    try:
        _accept(call, visited, posted, execution_id)
        # It may have become clear only now that no worker can be started.
        engine.turn_away(actor_id)
        return _to_response(waiter, execution_id)
    finally:
        engine.waiters.take(execution_id)


def _accept(call: Call, visited: Visit, posted: Posted, execution_id: str) -> None:
    actors = call.tenant.actors
    message = Message(
        posted.text,
        posted.content_type,
        visited.identity.username,
        posted.query,
        _turn(call, visited),
    )
    with ExitStack() as on_failure:
        if posted.text is None:
            path = actors.executions.binary(execution_id)
            on_failure.callback(path.unlink, missing_ok=True)
            _keep_binary(call.request, path)
        actors.engine.accept(visited.actor["id"], execution_id, message)
        on_failure.pop_all()


def _turn(call: Call, visited: Visit) -> str:
    """Return who takes turns: a flood through a public nonce is one address's own."""
    username = visited.identity.username
    if not visited.by_nonce:
        return username
    return f"{username} at {network(call.request.remote_addr or '')}"


def _keep_binary(request: Request, path: Path) -> None:
    with path.open("xb") as file:
        while chunk := request.stream.read(_CHUNK):
            file.write(chunk)
        file.flush()
        # On the disk before the record that promises it.
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _to_response(waiter: Waiter, execution_id: str) -> Response:
    was_told = waiter.wait(_PATIENCE_S)
    if waiter.abandoned:
        raise Unavailable(
            f"The tenant is stopping; what became of execution {execution_id} "
            "can be read when it is there again."
        )
    if not was_told:
        raise NotInTime(
            f"Execution {execution_id} has not ended yet; "
            "its logs and results can be read later."
        )
    if waiter.refusal:
        raise BadRequest(waiter.refusal)
    if waiter.frame is not None:
        return Response(waiter.frame, mimetype=BINARY)
    # A log is no page, and whoever wrote into it must not become one of the site's.
    headers = {"Content-Security-Policy": "sandbox; default-src 'none'"}
    return Response(waiter.log, mimetype="text/html", headers=headers)
