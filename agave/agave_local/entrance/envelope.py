"""The JSON around every answer, in the flavour of the service that gives it."""

import json
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from agave_local.call import Answer, Flavour
from agave_local.entrance.refusals import to_fault
from agave_local.errors import (
    LocalTenantError,
    NotSubscribed,
    TooMany,
    Unauthorized,
    Unavailable,
)
from agave_local.reading.bodies import read_switch
from agave_local.reading.selection import read_selection, select

AGAVE_VERSION = "2.2.14-local"
ABACO_VERSION = ":dev"


def to_response(
    answer: Answer,
    flavour: Flavour,
    request: Request,
    abaco_version: str = ABACO_VERSION,
) -> Response:
    """Wrap a view's answer.

    In Agave's flavour the query chooses the fields (`filter=a,b.c`), leaves the
    envelope off (`naked=true`) and sets the JSON out (`pretty=true`).

    Args:
        answer: of the view.
        flavour: whose envelope it gets.
        request: that it answers.
        abaco_version: that Abaco's envelope names.
    """
    if flavour is Flavour.PLAIN:
        return _json(answer.result, answer.status)
    if flavour is Flavour.ABACO:
        message = answer.message or "The request was successful."
        return _json(_envelope("success", message, abaco_version, answer.result), 200)
    selection = read_selection(request)
    result = answer.result if selection is None else select(answer.result, selection)
    body = (
        result
        if read_switch(request, "naked")
        else _envelope("success", answer.message, AGAVE_VERSION, result)
    )
    return _json(body, answer.status, pretty=read_switch(request, "pretty"))


def to_error(
    error: LocalTenantError,
    flavour: Flavour,
    abaco_version: str = ABACO_VERSION,
    request: Request | None = None,
) -> Response:
    """Wrap a refusal.

    A bad token is answered as the gateway does, by a fault that makes agavepy
    refresh (spec: agavepy, refresh trigger).

    Args:
        error: the refusal.
        flavour: whose envelope it gets.
        abaco_version: that Abaco's envelope names.
        request: that is refused, where it is at hand.
    """
    if isinstance(error, Unauthorized | NotSubscribed):
        return to_fault(error, request)
    version = abaco_version if flavour is Flavour.ABACO else AGAVE_VERSION
    response = _json(_envelope("error", error.message, version, None), error.status)
    if isinstance(error, TooMany | Unavailable) and error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _envelope(
    status: str, message: str | None, version: str, result: Any
) -> Mapping[str, Any]:
    return {"status": status, "message": message, "version": version, "result": result}


def _json(body: Any, status: int, *, pretty: bool = False) -> Response:
    text = json.dumps(body, indent=2 if pretty else None)
    return Response(text, status, mimetype="application/json")
