"""The one way into a function, and the only place that catches errors.

```
environment ─▶ take_environment ─▶ Context ─▶ read_request ─▶ App.answer ─▶ frame
                                      │             │             │
                                      └─────────────┴─────────────┴─▶ error frame
```

The exit code is 0 whenever an answer was delivered, errors included: for the platform
a refusal is a success.
"""

import io
import os
import sys
import time
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import NoReturn

from iptweb.agave import warm as warm_agave
from iptweb.errors import IptwebError, ResultTooLarge
from iptweb.http import App, Response
from iptweb.http.response import to_error_response
from iptweb.logs import Log, describe_place, standard_log

from .call import Call
from .context import Context
from .environment import take_environment
from .message import read_request
from .platform import Platform
from .results import RESULTS_SOCKET, encode_frame, send_frame

__all__ = ["InlineFunction", "answer_message", "inline", "main", "run", "warm"]

InlineFunction = Callable[[MutableMapping[str, str], Callable[[bytes], None]], int]

_UNDELIVERED = 1


def main(app: App[Call]) -> NoReturn:
    """Answer the one message of this process and end it."""
    log = standard_log(time.time)
    log.take_over()
    sys.exit(run(app, os.environ, Platform(), log))


def warm(api_server: str) -> None:
    """Do what is slow ahead of a message, in a parent that will fork for each.

    Importing the function's `app` is the other half of it.

    Args:
        api_server: Base address of the tenant; what is made here fits any.
    """
    del api_server
    warm_agave()


def inline(app: App[Call]) -> InlineFunction:
    """Return the function as something to call inside another process, for tests.

    It takes the environment and what sends a frame, and returns the exit code.
    """

    def run_inline(
        environment: MutableMapping[str, str], send: Callable[[bytes], None]
    ) -> int:
        return run(
            app,
            dict(environment),
            Platform(),
            Log(io.StringIO()),
            deliver=lambda frame, _path: send(frame),
        )

    return run_inline


def run(
    app: App[Call],
    environ: MutableMapping[str, str],
    platform: Platform,
    log: Log,
    *,
    deliver: Callable[[bytes, Path], None] = send_frame,
) -> int:
    """Answer the message in the environment; return the exit code."""
    # First of all: nothing may read what a caller put into the environment.
    taken = take_environment(environ)
    began = platform.clock()
    response = answer_message(app, taken, platform, log)
    frame, status = _to_frame(response, taken.get("_abaco_execution_id", ""))
    try:
        deliver(frame, Path(taken.get("_abaco_results_socket") or RESULTS_SOCKET))
    except OSError as error:
        log.write("undelivered", function=app.name, error=type(error).__name__)
        return _UNDELIVERED
    milliseconds = round(1000 * (platform.clock() - began), 1)
    # Which revision it was is asked where one was deployed while messages came in.
    revision = taken.get("_abaco_actor_revision", "")
    log.write(
        "answered",
        function=app.name,
        revision=revision,
        status=status,
        ms=milliseconds,
    )
    return 0


def answer_message(
    app: App[Call], taken: dict[str, str], platform: Platform, log: Log
) -> Response:
    """Return the answer to a message, whatever happens."""
    request_id = taken.get("_abaco_execution_id", "")
    try:
        return _answer(app, taken, platform, log)
    except IptwebError as error:
        log.write(
            "refused",
            function=app.name,
            code=error.code,
            error=type(error).__name__,
            place=describe_place(error),
        )
        return to_error_response(error, request_id)
    except Exception as error:  # noqa: BLE001 - a bug must become an answer, too
        log.write(
            "failed",
            function=app.name,
            error=type(error).__name__,
            place=describe_place(error),
        )
        return to_error_response(_unknown(), request_id)


def _answer(
    app: App[Call], taken: dict[str, str], platform: Platform, log: Log
) -> Response:
    context = Context.from_environment(taken)
    log.redactor.add(context.service_token)
    request = read_request(taken.get("MSG"), cron=app.cron)
    log.redactor.add(request.token)
    return app.answer(request, Call(request, context, platform, log))


def _unknown() -> IptwebError:
    return IptwebError(
        "Something went wrong here. Try again; if it stays, report the request id."
    )


def _to_frame(response: Response, request_id: str) -> tuple[bytes, int]:
    try:
        return encode_frame(response), response.status
    except ResultTooLarge as error:
        response = to_error_response(error, request_id)
    except (TypeError, ValueError):
        response = to_error_response(_unknown(), request_id)
    return encode_frame(response), response.status
