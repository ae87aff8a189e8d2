"""Telling what is ours from what only bears our names."""

import pytest
import responses

from agave_deploy.errors import TenantOccupied, TenantRefused
from agave_deploy.tenant.client import TenantClient
from agave_deploy.tenant.ownership import (
    check_configs,
    check_owner,
    own_actors,
    own_aliases,
)

BASE = "https://api.example.org"
PEMS = f"{BASE}/actors/v2/configs/prod-settings/permissions"


def test_check_owner() -> None:
    """What is not there or ours is fine; all else names thing, owner and way out."""
    check_owner("app", "x-1", None, "ipt")
    check_owner("app", "x-1", {"owner": "ipt"}, "ipt")

    with pytest.raises(TenantOccupied, match=r"app x-1 belongs to eve, .* delete it"):
        check_owner("app", "x-1", {"owner": "eve"}, "ipt")


@pytest.mark.parametrize("record", [{}, {"owner": None}, {"owner": ""}])
def test_check_owner_untold(record: dict[str, object]) -> None:
    """A thing whose owner is not told is not taken for ours."""
    with pytest.raises(TenantOccupied, match="somebody else"):
        check_owner("app", "x-1", record, "ipt")


def test_own_actors() -> None:
    """Others' actors are left out, and refused where they bear our names."""
    ours = {"id": "a", "name": "ipt-prod-jobs", "owner": "ipt"}
    other = {"id": "b", "name": "weather", "owner": "eve"}
    trap = {"id": "c", "name": "ipt-prod-jobs", "owner": "eve"}

    assert own_actors([ours, other], {"ipt-prod-jobs"}, "ipt") == {"a": ours}
    with pytest.raises(TenantOccupied, match="actor c with the name ipt-prod-jobs"):
        own_actors([ours, trap], {"ipt-prod-jobs"}, "ipt")


def test_own_aliases() -> None:
    """Only our names count, and they have to be ours."""
    ours = {"actorId": "a", "owner": "ipt"}
    other = {"actorId": "b", "owner": "eve"}
    aliases = {"prod-jobs": ours, "weather": other}

    assert own_aliases(aliases, ["prod-jobs", "prod-new"], "ipt") == {"prod-jobs": "a"}
    with pytest.raises(TenantOccupied, match="alias weather belongs to eve"):
        own_aliases(aliases, ["weather"], "ipt")


@responses.activate
@pytest.mark.parametrize(
    ("levels", "who"),
    [
        ({"ipt": "UPDATE", "eve": "UPDATE"}, "changed by eve,"),
        ({"ipt": "READ"}, "changed by somebody else"),
        ({"ipt": "UPDATE", "ABACO_WORLD": "UPDATE"}, "changed by ABACO_WORLD"),
    ],
)
def test_check_configs_others(levels: dict[str, str], who: str) -> None:
    """A config that others may change, or we may not, is refused."""
    responses.get(PEMS, json={"result": levels})

    with pytest.raises(TenantOccupied, match=who):
        check_configs(TenantClient(BASE, "ipt", "x"), ["prod-settings"], "ipt")


@responses.activate
def test_check_configs_own() -> None:
    """A config that others may only read is ours."""
    responses.get(PEMS, json={"result": {"ipt": "UPDATE", "ada": "READ"}})

    check_configs(TenantClient(BASE, "ipt", "x"), ["prod-settings"], "ipt")


@responses.activate
def test_check_configs_failing() -> None:
    """A tenant that fails does not make a config somebody else's."""
    responses.get(PEMS, json={}, status=500)

    with pytest.raises(TenantRefused):
        check_configs(TenantClient(BASE, "ipt", "x"), ["prod-settings"], "ipt")
