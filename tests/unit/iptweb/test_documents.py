"""Documents of the service account."""

import pytest

from iptweb.documents import delete_quietly, find_own, find_single
from iptweb.errors import AgaveUnavailable, UpstreamError
from iptweb.testing import FakeTenant
from iptweb.testing.tenant import refused


@pytest.fixture(name="tenant")
def _tenant() -> FakeTenant:
    return FakeTenant()


def test_foreign_documents_don_t_count(tenant: FakeTenant) -> None:
    """A document of another owner is none, even when it is shared with us."""
    forged = tenant.as_user("eve").add_metadata("ada-test-IPT", {"url": "ws://evil"})
    tenant.shares[forged.uuid, "ipt"] = "READ_WRITE"

    assert find_own(tenant.as_user("ipt"), "ada-test-IPT", "ipt") == []
    assert find_single(tenant.as_user("ipt"), "ada-test-IPT", "ipt") is None


def test_oldest_counts_and_the_others_go(tenant: FakeTenant) -> None:
    """Of several documents of one name the first made stays."""
    agave = tenant.as_user("ipt")
    made = [agave.add_metadata("n", {"i": i}) for i in range(3)]

    assert find_single(agave, "n", "ipt") == made[0]
    assert [item.uuid for item in tenant.metadata] == [made[0].uuid]


def test_deleting_twice_is_fine(tenant: FakeTenant) -> None:
    """A document that somebody else deleted is deleted."""
    agave = tenant.as_user("ipt")
    made = agave.add_metadata("n", {})

    delete_quietly(agave, made.uuid)
    delete_quietly(agave, made.uuid)

    assert tenant.metadata == []


@pytest.mark.parametrize(
    "error", [AgaveUnavailable("No.", service="meta"), refused("meta", 403)]
)
def test_other_failures_are_told(tenant: FakeTenant, error: UpstreamError) -> None:
    """A deletion that failed for another reason is no success."""
    tenant.failures["delete_metadata"] = error

    with pytest.raises(UpstreamError):
        delete_quietly(tenant.as_user("ipt"), "1")
