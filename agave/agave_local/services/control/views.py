"""What the control addresses answer."""

from typing import Any

from werkzeug.wrappers import Response

from agave_local.call import Answer, Call
from agave_local.entrance.metrics import CONTENT_TYPE
from agave_local.errors import BadRequest, Unavailable
from agave_local.reading.bodies import read_object
from agave_local.services.control.access import (
    check_admin,
    check_steers,
    is_local,
)
from agave_local.services.control.models import Fault, FaultKind

_SITE = "/files/v2/download/ipt/system/ipt.site/site/index.html"
_MAX_COUNT = 1_000_000
_MAX_SECONDS = 600
_STATUSES = range(400, 600)


def on_root(call: Call) -> Response:
    """Send a browser to the site, at the one origin that sign-in knows."""
    response = Response(status=302)
    response.headers["Location"] = call.tenant.settings.base_url + _SITE
    return response


def on_health(_: Call) -> Answer:
    """Say that the process answers."""
    return Answer({"status": "ok"})


def on_ready(call: Call) -> Answer:
    """Say whether the tenant works, and can read and write its records."""
    if not call.tenant.is_ready:
        raise Unavailable("The tenant is starting or stopping.")
    call.tenant.store.ping()
    return Answer({"status": "ready"})


def on_metrics(call: Call) -> Response:
    """Tell the numbers of the server to its own machine, or of the tenant to admins."""
    code = None if is_local(call) else call.tenant.settings.code
    if code is not None:
        check_admin(call)
    return Response(call.tenant.metrics.render(code), content_type=CONTENT_TYPE)


def on_reset(call: Call) -> Answer:
    """Forget everything, as a new tenant."""
    check_steers(call)
    call.tenant.reset()
    return Answer(None)


def on_list_faults(call: Call) -> Answer:
    """List what is still to go wrong."""
    check_steers(call)
    return Answer([_to_public(fault) for fault in call.tenant.faults.all()])


def on_add_fault(call: Call) -> Answer:
    """Let the next calls of an operation go wrong."""
    check_steers(call)
    fault = _read_fault(read_object(call.request))
    call.tenant.faults.add(fault)
    return Answer(_to_public(fault), 201)


def on_clear_faults(call: Call) -> Answer:
    """Let everything go well again."""
    check_steers(call)
    call.tenant.faults.clear()
    return Answer(None)


def _read_fault(body: dict[str, Any]) -> Fault:
    operation = body.get("operation")
    if not isinstance(operation, str) or not operation:
        raise BadRequest("operation is a name such as meta.listMetadata, meta.* or *.")
    try:
        kind = FaultKind(str(body.get("kind")))
    except ValueError as error:
        raise BadRequest(f"kind is one of {', '.join(FaultKind)}.") from error
    count = _read_number(body, "count", 1, range(1, _MAX_COUNT + 1))
    status = _read_number(body, "status", 500, _STATUSES)
    seconds = body.get("seconds", 1.0)
    if (
        isinstance(seconds, bool)
        or not isinstance(seconds, int | float)
        or not 0 <= seconds <= _MAX_SECONDS
    ):
        raise BadRequest(f"seconds is a number from 0 to {_MAX_SECONDS}.")
    return Fault(operation, kind, count, float(seconds), status)


def _read_number(body: dict[str, Any], field: str, default: int, allowed: range) -> int:
    value = body.get(field, default)
    if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
        raise BadRequest(
            f"{field} is a whole number from {allowed.start} to {allowed.stop - 1}."
        )
    return value


def _to_public(fault: Fault) -> dict[str, Any]:
    return {
        "operation": fault.operation,
        "kind": fault.kind.value,
        "count": fault.count,
        "seconds": fault.seconds,
        "status": fault.status,
    }
