"""What answers at the addresses of the monitors service."""

import functools
import operator
from datetime import UTC, datetime

from agave_local.call import Answer, Call
from agave_local.errors import BadRequest
from agave_local.reading.bodies import read_object, read_page, read_switch
from agave_local.records.conditions import ALWAYS, Condition, equal
from agave_local.services.monitors.models import between
from agave_local.services.monitors.probes import Result

# agavepy's `monitors.update` knows no parameter for it, and sends its name instead.
_UNFILLED = "{monitorId}"


def on_list_monitors(call: Call) -> Answer:
    """Answer with the caller's monitors."""
    monitors, args = call.tenant.monitors, call.request.args
    condition = ALWAYS
    if args.get("target"):
        condition &= equal("target", args["target"])
    if args.get("active"):
        condition &= equal("active", read_switch(call.request, "active"))
    found = monitors.list(call.identity, condition, *read_page(call.request))
    return Answer([monitors.to_public(monitor) for monitor in found])


def on_add_monitor(call: Call) -> Answer:
    """Keep a new monitor."""
    monitors = call.tenant.monitors
    monitor = monitors.add(call.identity, read_object(call.request))
    return Answer(monitors.to_public(monitor), 201)


def on_get_monitor(call: Call) -> Answer:
    """Answer with a monitor."""
    monitors = call.tenant.monitors
    monitor = monitors.get(call.identity, call.args["monitor_id"])
    return Answer(monitors.to_public(monitor))


def on_update_monitor(call: Call) -> Answer:
    """Change what a monitor does."""
    monitors = call.tenant.monitors
    body = read_object(call.request)
    uuid = call.args["monitor_id"]
    if uuid == _UNFILLED:
        uuid = monitors.meant_by(call.identity, body)
    monitor = monitors.update(call.identity, uuid, body)
    return Answer(monitors.to_public(monitor))


def on_delete_monitor(call: Call) -> Answer:
    """Forget a monitor."""
    call.tenant.monitors.delete(call.identity, call.args["monitor_id"])
    return Answer()


def on_list_checks(call: Call) -> Answer:
    """Answer with what a monitor found."""
    monitors, args = call.tenant.monitors, call.request.args
    conditions = between(
        _read_time(args.get("startDate"), "startDate"),
        _read_time(args.get("endDate"), "endDate"),
    )
    if args.get("result"):
        conditions.append(_read_result(args["result"]))
    found = monitors.checks(
        call.identity,
        call.args["monitor_id"],
        functools.reduce(operator.and_, conditions, ALWAYS),
        *read_page(call.request),
    )
    return Answer([monitors.to_public_check(check) for check in found])


def on_run_check(call: Call) -> Answer:
    """Check a system now."""
    monitors = call.tenant.monitors
    check = monitors.run(call.identity, call.args["monitor_id"])
    return Answer(monitors.to_public_check(check), 201)


def on_get_check(call: Call) -> Answer:
    """Answer with one thing that a monitor found."""
    monitors, args = call.tenant.monitors, call.args
    check = monitors.get_check(call.identity, args["monitor_id"], args["check_id"])
    return Answer(monitors.to_public_check(check))


def _read_result(word: str) -> Condition:
    if word.upper() not in Result.__members__:
        raise BadRequest(f"result is one of {', '.join(Result)}.")
    return equal("result", word.upper())


def _read_time(text: str | None, field: str) -> float | None:
    if not text:
        return None
    try:
        # A "+" of the zone that was not encoded arrives as a space.
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise BadRequest(f"{field} is a time such as 2026-01-31T12:00:00Z.") from error
