"""A claim is held by one at a time, whatever the platform does to documents."""

import contextlib
import itertools
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from iptweb.agave import MetadataItem
from iptweb.errors import AgaveRefused, AgaveUnavailable, LaunchUnderWay
from iptweb.terminals.claims import Claims
from iptweb.testing import FakeAgave, FakeTenant

NAME = "ada-test-IPT"
DOCUMENT = "ipt-test-claim-ada-test-IPT"


class Time:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.on_sleep: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        """Move the clock, and let happen what a test wants to happen meanwhile."""
        self.slept.append(seconds)
        self.now += seconds
        self.on_sleep()


class LossyAgave(FakeAgave):
    """Does what it is asked, but loses or doubles the answers that a test names."""

    def __init__(self, tenant: FakeTenant) -> None:
        super().__init__(tenant, tenant.give_token("ipt"))
        self.lost: list[str] = []
        self.doubled = 0

    def add_metadata(self, name: str, value: Mapping[str, Any]) -> MetadataItem:
        """Add a document, or two."""
        for _ in range(self.doubled):
            super().add_metadata(name, value)
        made = super().add_metadata(name, value)
        self._lose("add")
        return made

    def delete_metadata(self, uuid: str) -> None:
        """Delete a document."""
        super().delete_metadata(uuid)
        self._lose("delete")

    def _lose(self, operation: str) -> None:
        if operation in self.lost:
            self.lost.remove(operation)
            raise AgaveUnavailable("No answer.", service="meta")


@pytest.fixture(name="tenant")
def _tenant() -> FakeTenant:
    return FakeTenant()


@pytest.fixture(name="time")
def _time() -> Time:
    return Time()


def make_claims(tenant: FakeTenant, time: Time, **changes: Any) -> Claims:
    """Return the claims of one process."""
    ids = itertools.count()
    values: dict[str, Any] = {
        "agave": tenant.as_user("ipt"),
        "owner": "ipt",
        "instance": "test",
        "clock": lambda: time.now,
        "sleep": time.sleep,
        "new_id": lambda: f"{id(ids)}-{next(ids)}",
        **changes,
    }
    return Claims(**values)


def test_claim_costs_three_calls(tenant: FakeTenant, time: Time) -> None:
    """Where nobody else wants it: add, list, delete, and no waiting."""
    with make_claims(tenant, time).hold(NAME) as claim:
        assert [item.name for item in tenant.metadata] == [DOCUMENT]
        assert claim.expires == 1120.0

    assert tenant.metadata == []
    assert tenant.calls == ["add_metadata", "find_metadata", "delete_metadata"]
    assert time.slept == []


def test_claim_ends_with_a_failed_launch(tenant: FakeTenant, time: Time) -> None:
    """What goes wrong inside comes out, and the claim is gone."""
    with (
        pytest.raises(ZeroDivisionError),
        make_claims(tenant, time).hold(NAME),
    ):
        _ = 1 / 0

    assert tenant.metadata == []


def test_names_do_not_wait_for_each_other(tenant: FakeTenant, time: Time) -> None:
    """Two people's terminals start at the same time."""
    claims = make_claims(tenant, time)

    with claims.hold(NAME), claims.hold("grace-test-IPT"):
        assert time.slept == []


def test_second_waits_for_the_first(tenant: FakeTenant, time: Time) -> None:
    """Whoever comes second gets it as soon as the first is through."""
    with contextlib.ExitStack() as first:
        first.enter_context(make_claims(tenant, time).hold(NAME))
        time.on_sleep = lambda: first.close() if time.now > 1002 else None
        with make_claims(tenant, time).hold(NAME):
            assert 1002 < time.now < 1004
            assert len(tenant.metadata) == 1

    assert tenant.metadata == []


def test_waiting_ends_with_a_conflict(tenant: FakeTenant, time: Time) -> None:
    """A start that does not end is named, after a bounded time, and nothing stays."""
    with make_claims(tenant, time).hold(NAME):
        with (
            pytest.raises(
                LaunchUnderWay, match=r"not come to its end\. Try again"
            ) as refused,
            make_claims(tenant, time).hold(NAME, 10.0),
        ):
            pass
        assert len(tenant.metadata) == 1

    assert refused.value.status == 409
    assert 9.0 <= time.now - 1000 <= 10.0


def test_claim_of_the_dead_expires(tenant: FakeTenant, time: Time) -> None:
    """A claim whose holder died keeps others out until its time is over, no longer."""
    value = {"claim": "dead", "expires": time.now + 8}
    tenant.as_user("ipt").add_metadata(DOCUMENT, value)

    with make_claims(tenant, time).hold(NAME):
        assert time.now >= 1008
        assert len(tenant.metadata) == 1

    assert tenant.metadata == []


def test_foreign_documents_keep_nobody_out(tenant: FakeTenant, time: Time) -> None:
    """What another user made under that name, or what is no claim, does not count."""
    mallory = tenant.as_user("mallory")
    foreign = mallory.add_metadata(DOCUMENT, {"claim": "x", "expires": 1e12})
    mallory.share_metadata(foreign.uuid, "ipt", "READ")
    service = tenant.as_user("ipt")
    for value in ({}, {"claim": 1, "expires": "soon"}):
        service.add_metadata(DOCUMENT, value)

    with make_claims(tenant, time).hold(NAME):
        assert time.slept == []
    assert [item.uuid for item in tenant.metadata] == [foreign.uuid]


@pytest.mark.parametrize("lost", [["add"], ["delete"], ["add", "add", "delete"]])
def test_lost_answers_do_no_harm(
    tenant: FakeTenant, time: Time, lost: list[str]
) -> None:
    """What was done without our hearing of it is found, and taken away at the end."""
    agave = LossyAgave(tenant)
    agave.lost = lost

    with make_claims(tenant, time, agave=agave).hold(NAME):
        assert tenant.metadata

    assert tenant.metadata == []
    assert agave.lost == []


def test_doubled_claim_is_one(tenant: FakeTenant, time: Time) -> None:
    """Two documents of one claim are no reason to wait, and both go."""
    agave = LossyAgave(tenant)
    agave.doubled = 1

    with make_claims(tenant, time, agave=agave).hold(NAME):
        assert len(tenant.metadata) == 2
        assert time.slept == []
    assert tenant.metadata == []


def test_lost_claim_is_made_anew(tenant: FakeTenant, time: Time) -> None:
    """A claim that somebody took away before it was seen is none."""

    class Thief(LossyAgave):
        def find_metadata(
            self, query: Mapping[str, Any], *, limit: int = 100, offset: int = 0
        ) -> list[MetadataItem]:
            if not time.slept:
                tenant.metadata.clear()
            return super().find_metadata(query, limit=limit, offset=offset)

    with make_claims(tenant, time, agave=Thief(tenant)).hold(NAME):
        assert len(time.slept) == 1
        assert len(tenant.metadata) == 1


def test_late_answer_is_no_claim(tenant: FakeTenant, time: Time) -> None:
    """Where a list took so long that little time is left, the claim is made anew."""

    class Slow(LossyAgave):
        def find_metadata(
            self, query: Mapping[str, Any], *, limit: int = 100, offset: int = 0
        ) -> list[MetadataItem]:
            found = super().find_metadata(query, limit=limit, offset=offset)
            time.now += 0 if time.slept else 70
            return found

    slow = make_claims(tenant, time, agave=Slow(tenant))
    with slow.hold(NAME, 100.0) as claim:
        assert claim.expires - time.now > 100
        assert len(tenant.metadata) == 1


def test_silent_platform_is_the_platform_s_failure(
    tenant: FakeTenant, time: Time
) -> None:
    """Where documents can't be kept at all, that is said after the wait."""

    class Silent(LossyAgave):
        def add_metadata(self, name: str, value: Mapping[str, Any]) -> MetadataItem:
            del name, value
            raise AgaveUnavailable("No answer.", service="meta")

    with (
        pytest.raises(AgaveUnavailable),
        make_claims(tenant, time, agave=Silent(tenant)).hold(NAME),
    ):
        pass


def test_refusal_is_not_repeated(tenant: FakeTenant, time: Time) -> None:
    """A platform that refuses will refuse again."""
    refusal = AgaveRefused("No.", service="meta", upstream_status=403)
    tenant.failures["add_metadata"] = refusal

    with pytest.raises(AgaveRefused), make_claims(tenant, time).hold(NAME):
        pass
    assert time.slept == []


def test_claim_that_can_not_be_deleted_expires(tenant: FakeTenant, time: Time) -> None:
    """A platform that fails at the end does not spoil what was done."""

    class Stuck(LossyAgave):
        def delete_metadata(self, uuid: str) -> None:
            del uuid
            raise AgaveUnavailable("No answer.", service="meta")

    with make_claims(tenant, time, agave=Stuck(tenant)).hold(NAME):
        pass

    assert len(tenant.metadata) == 1
    assert len(time.slept) == 2
    time.now += 130
    with make_claims(tenant, time).hold(NAME):
        assert len(time.slept) == 2


def test_full_page_may_hide_a_holder(tenant: FakeTenant, time: Time) -> None:
    """Where more claims are there than one list shows, nobody concludes anything."""
    agave = LossyAgave(tenant)
    agave.doubled = 120

    with (
        pytest.raises(LaunchUnderWay),
        make_claims(tenant, time, agave=agave).hold(NAME, 1.0),
    ):
        pass
