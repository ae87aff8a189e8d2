"""Permissions and how Agave writes them."""

import pytest

from agave_local.errors import BadRequest
from agave_local.permissions import Permission, read_permission, to_flags, to_name


@pytest.mark.parametrize(
    "name",
    [
        "NONE",
        "READ",
        "WRITE",
        "READ_WRITE",
        "EXECUTE",
        "READ_EXECUTE",
        "WRITE_EXECUTE",
        "ALL",
    ],
)
def test_round_trip(name: str) -> None:
    """A name is read in any case and written back."""
    assert name == to_name(read_permission(name.lower()))


def test_other_names_of_all() -> None:
    """Two further names mean all permissions."""
    assert read_permission("READ_WRITE_EXECUTE") == Permission.ALL
    assert read_permission("OWN") == Permission.ALL


def test_unknown_name() -> None:
    """An unknown name is refused with the list of names."""
    with pytest.raises(BadRequest, match="permission is one of NONE, READ, WRITE"):
        read_permission(None)


def test_flags() -> None:
    """Only what can be executed has an execute flag."""
    assert to_flags(Permission.READ_EXECUTE, execute=False) == {
        "read": True,
        "write": False,
    }
    assert to_flags(Permission.READ_EXECUTE, execute=True)["execute"]


def test_what_nobody_executes() -> None:
    """Of what cannot be executed ALL is to read and write; there is no EXECUTE."""
    assert read_permission("all", execute=False) == Permission.READ_WRITE
    assert read_permission("OWN", execute=False) == Permission.READ_WRITE
    for name in ("EXECUTE", "READ_EXECUTE", "WRITE_EXECUTE"):
        with pytest.raises(BadRequest, match=r"NONE, READ, WRITE, READ_WRITE, ALL\.$"):
            read_permission(name, execute=False)
