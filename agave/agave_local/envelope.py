"""The JSON around every answer, in the flavour of the service that gives it."""

import json
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from agave_local.call import Answer, Flavour
from agave_local.errors import LocalTenantError, Unauthorized

AGAVE_VERSION = "2.2.14-local"
ABACO_VERSION = ":local"

_FAULTS = {
    900901: "Invalid Credentials",
    900902: "Missing Credentials",
    900904: "Invalid Credentials. Access token expired",
}


def to_response(answer: Answer, flavour: Flavour, request: Request) -> Response:
    """Wrap a view's answer.

    `naked=true` leaves Agave's envelope off (Agave v2 conventions).
    """
    if flavour is Flavour.PLAIN or (
        flavour is Flavour.AGAVE and request.args.get("naked") == "true"
    ):
        return _json(answer.result, answer.status)
    if flavour is Flavour.ABACO:
        message = answer.message or "The request was successful."
        return _json(_envelope("success", message, ABACO_VERSION, answer.result), 200)
    return _json(
        _envelope("success", answer.message, AGAVE_VERSION, answer.result),
        answer.status,
    )


def to_error(error: LocalTenantError, flavour: Flavour) -> Response:
    """Wrap a refusal.

    A bad token is answered as the gateway does, by a fault that makes agavepy
    refresh (spec: agavepy, refresh trigger).
    """
    if isinstance(error, Unauthorized):
        return _json(
            {
                "fault": {
                    "code": error.fault,
                    "message": _FAULTS[error.fault],
                    "description": error.message,
                }
            },
            error.status,
        )
    version = ABACO_VERSION if flavour is Flavour.ABACO else AGAVE_VERSION
    return _json(_envelope("error", error.message, version, None), error.status)


def _envelope(
    status: str, message: str | None, version: str, result: Any
) -> Mapping[str, Any]:
    return {"status": status, "message": message, "version": version, "result": result}


def _json(body: Any, status: int) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")
