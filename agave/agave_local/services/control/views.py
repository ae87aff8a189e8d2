"""What the control addresses answer."""

import ipaddress
from typing import Any

from werkzeug.wrappers import Request, Response

from agave_local.bodies import read_object
from agave_local.call import Answer, Call
from agave_local.errors import BadRequest, Forbidden, Unauthorized
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
    """Say whether the tenant can read and write its records."""
    call.tenant.store.ping()
    return Answer({"status": "ready"})


def on_reset(call: Call) -> Answer:
    """Forget everything, as a new tenant."""
    _check_allowed(call)
    call.tenant.reset()
    return Answer(None)


def on_list_faults(call: Call) -> Answer:
    """List what is still to go wrong."""
    _check_allowed(call)
    return Answer([_to_public(fault) for fault in call.tenant.faults.all()])


def on_add_fault(call: Call) -> Answer:
    """Let the next calls of an operation go wrong."""
    _check_allowed(call)
    fault = _read_fault(read_object(call.request))
    call.tenant.faults.add(fault)
    return Answer(_to_public(fault), 201)


def on_clear_faults(call: Call) -> Answer:
    """Let everything go well again."""
    _check_allowed(call)
    call.tenant.faults.clear()
    return Answer(None)


def _check_allowed(call: Call) -> None:
    """Let in only programs of this machine, and of them only an administrator's.

    A tenant started with `--control` asks for no administrator, so a page of
    another site that the operator looks at must not get through either.
    """
    request = call.request
    if not _is_local(request):
        raise Forbidden("The tenant is steered from its own machine only.")
    if call.tenant.settings.control:
        return
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized("This call needs an administrator's token.", 900902)
    if not call.tenant.oauth.identify(token.strip()).is_admin:
        raise Forbidden("Only an administrator steers the tenant.")


def _is_local(request: Request) -> bool:
    from_page = "Origin" in request.headers or "Sec-Fetch-Site" in request.headers
    try:
        loopback = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        loopback = False
    return loopback and not from_page


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
