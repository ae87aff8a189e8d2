"""What the profiles service answers."""

from agave_local.bodies import page_of
from agave_local.call import Answer, Call
from agave_local.services.profiles.models import to_public
from agave_local.store import Document

_FILTERS = {
    "username": "username",
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
    "full_name": "full_name",
    "status": "status",
}


def on_list(call: Call) -> Answer:
    """List the profiles that match the query's filters; `name` searches in all."""
    found = [
        to_public(profile)
        for profile in call.tenant.profiles.all()
        if _is_asked_for(profile, call)
    ]
    return Answer(page_of(found, call.request))


def on_get_me(call: Call) -> Answer:
    """Return the caller's own profile."""
    return Answer(to_public(call.tenant.profiles.get(call.identity.username)))


def on_get(call: Call) -> Answer:
    """Return somebody's profile."""
    return Answer(to_public(call.tenant.profiles.get(call.args["username"])))


def _is_asked_for(profile: Document, call: Call) -> bool:
    for name, field in _FILTERS.items():
        wanted = call.request.args.get(name)
        if wanted is not None and wanted.lower() != profile[field].lower():
            return False
    anywhere = call.request.args.get("name", "").lower()
    return anywhere in f"{profile['username']} {profile['full_name']}".lower()
