"""What tests in any language need of a served tenant: accounts, and another time."""

from typing import Any

from agave_local.call import ADMIN_ROLE, SERVICE_ROLE, Answer, Call
from agave_local.clock import MovableClock, to_iso
from agave_local.errors import BadRequest, Forbidden
from agave_local.reading.bodies import read_object
from agave_local.services.control.access import check_steers

_ROLES = {"user": (), "service": (SERVICE_ROLE,), "admin": (ADMIN_ROLE,)}
_SHORTEST_PASSWORD = 8
_TOKEN_S = 14_400
_MOST_ACCOUNTS = 1000
_LONGEST_MOVE_S = 10 * 366 * 86_400


def on_seed(call: Call) -> Answer:
    """Add accounts that are not there yet, and give a token of each."""
    check_steers(call)
    accounts = read_object(call.request).get("accounts")
    if not isinstance(accounts, list) or not 0 < len(accounts) <= _MOST_ACCOUNTS:
        raise BadRequest("accounts is a list of 1 to 1000 accounts.")
    described = [_read_account(account) for account in accounts]
    profiles, oauth = call.tenant.profiles, call.tenant.oauth
    with call.tenant.store.transaction():
        for username, password, roles in described:
            if profiles.find(username) is None:
                profiles.add(username, password, roles=roles)
        seeded = [
            {"username": username, "access_token": oauth.mint(username, _TOKEN_S)}
            for username, _, _ in described
        ]
    return Answer({"accounts": seeded}, 201)


def on_get_clock(call: Call) -> Answer:
    """Tell the tenant's time."""
    check_steers(call)
    return Answer(_to_public(call))


def on_move_clock(call: Call) -> Answer:
    """Let the tenant's time pass, and do what is due by then."""
    check_steers(call)
    seconds = read_object(call.request).get("move")
    if (
        isinstance(seconds, bool)
        or not isinstance(seconds, int | float)
        or not 0 <= seconds <= _LONGEST_MOVE_S
    ):
        raise BadRequest("move is how many seconds pass, at most ten years of them.")
    clock = call.tenant.clock
    if not isinstance(clock, MovableClock):
        raise Forbidden("The clock of a tenant without --control is the machine's.")
    clock.move(seconds)
    call.tenant.duties.tick()
    return Answer(_to_public(call))


def _read_account(account: Any) -> tuple[str, str, tuple[str, ...]]:
    if not isinstance(account, dict):
        raise BadRequest("An account is an object of username, password and role.")
    username, password = account.get("username"), account.get("password")
    if not isinstance(username, str):
        raise BadRequest("username is a text and must be given.")
    if not isinstance(password, str) or len(password) < _SHORTEST_PASSWORD:
        raise BadRequest("password has at least 8 characters and must be given.")
    role = account.get("role", "user")
    if role not in _ROLES:
        raise BadRequest(f"role is one of {', '.join(_ROLES)}.")
    return username, password, _ROLES[role]


def _to_public(call: Call) -> dict[str, Any]:
    now = call.tenant.clock.now()
    return {"seconds": now, "time": to_iso(now)}
