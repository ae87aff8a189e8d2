"""What a profile says about a person, in both naming styles of the contract."""

from collections.abc import Mapping
from typing import Any

from agave_local.errors import BadRequest
from agave_local.records.store import Document

# Our name of a field, and the other style's.
FIELDS = {
    "email": "email",
    "first_name": "firstName",
    "last_name": "lastName",
    "full_name": "fullName",
    "phone": "phone",
    "mobile_phone": "mobilePhone",
    "institution": "institution",
    "department": "department",
    "position": "position",
    "research_area": "researchArea",
    "city": "city",
    "state": "state",
    "country": "country",
    "fax": "fax",
    "gender": "gender",
}
_LONGEST = 500
_HIDDEN = ("password", "roles")


def read_person(body: Mapping[str, Any]) -> dict[str, str]:
    """Read what a body says about a person; other fields are left alone.

    Raises:
        BadRequest: naming the field that is no plain text.
    """
    person: dict[str, str] = {}
    for field, other in FIELDS.items():
        name = other if body.get(field) is None else field
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, str) or len(value) > _LONGEST or "\0" in value:
            raise BadRequest(f"{name} is a text of at most {_LONGEST} characters.")
        person[field] = value
    if "email" in person and "@" not in person["email"]:
        raise BadRequest("email is an address with an @.")
    return person


def with_full_name(person: dict[str, str], old: Document) -> dict[str, str]:
    """Return a person's changed fields, with the full name that follows from them."""
    if "full_name" in person or not person.keys() & {"first_name", "last_name"}:
        return person
    names = [
        person.get(field, old.get(field, "")) for field in ("first_name", "last_name")
    ]
    return {**person, "full_name": " ".join(filter(None, names))}


def to_public(profile: Document) -> dict[str, Any]:
    """Return what others may read of an account, in both naming styles."""
    shown = {field: value for field, value in profile.items() if field not in _HIDDEN}
    for field, other in FIELDS.items():
        shown[field] = shown[other] = profile.get(field, "")
    return {**shown, "createTime": profile["create_time"], "nonce": None}
