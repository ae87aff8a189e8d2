"""`mock_agave` as the tests of other projects use it."""

import asyncio
import time

import pytest
import requests

from agave_local.handle import LocalAgave
from agave_local.mock import BASE_URL, current_agave, mock_agave

HEALTH = f"{BASE_URL}/health"
# agavepy 0.9.5 leaves the files that it reads its resources from open.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def _ask() -> int:
    return requests.get(HEALTH, timeout=5).status_code


@mock_agave
def _decorated(argument: int) -> tuple[int, LocalAgave]:
    current_agave().add_user("anna")
    return _ask() + argument, current_agave()


def test_bare_decorator() -> None:
    """A decorated function has a tenant, and each call another one."""
    first, second = _decorated(1), _decorated(2)

    assert (first[0], second[0]) == (201, 202)
    assert first[1] is not second[1]


def test_decorator_with_options() -> None:
    """Options go to the tenant of each call."""

    @mock_agave("https://other.test", at=1000.0)
    def now() -> float:
        return current_agave("https://other.test").clock.now()

    assert now() == 1000.0


def test_decorated_coroutine() -> None:
    """A coroutine function has its tenant until it has ended."""

    @mock_agave
    async def ask() -> int:
        await asyncio.sleep(0)
        return _ask()

    assert asyncio.run(ask()) == 200


def test_decorated_class() -> None:
    """Each test of a decorated class has a tenant of its own."""

    @mock_agave
    class Tests:
        def test_it(self) -> int:
            return _ask()

        def other(self) -> LocalAgave:
            return current_agave()

    assert Tests().test_it() == 200
    with pytest.raises(LookupError):
        Tests().other()


def test_nested_mocks_of_one_address_share_a_tenant() -> None:
    """A helper that mocks again works on the tenant of the test around it."""
    with mock_agave() as outer:
        outer.client("anna").post("/meta/v2/data", json={"name": "n", "value": 1})
        with mock_agave() as inner:
            found = inner.client("anna").get("/meta/v2/data").json()["result"]
        still = _ask()

    assert inner is outer
    assert [record["name"] for record in found] == ["n"]
    assert still == 200


def test_nested_mocks_of_two_addresses_stand_side_by_side() -> None:
    """Two tenants answer, each with its own records, and nothing else does."""
    with mock_agave() as one, mock_agave("https://two.test") as two:
        one.client("anna").post("/meta/v2/data", json={"name": "n", "value": 1})
        found = two.client("anna").get("/meta/v2/data").json()["result"]
        with pytest.raises(requests.ConnectionError):
            requests.get("https://three.test/health", timeout=5)

    assert found == []


def test_the_inner_of_two_mocks_ends_alone() -> None:
    """When an inner mock ends, its address is gone and the outer one still answers."""
    with mock_agave():
        with mock_agave("https://two.test"):
            pass
        with pytest.raises(requests.ConnectionError):
            requests.get("https://two.test/health", timeout=5)
        still = _ask()

    assert still == 200


def test_no_tenant_outside_a_mock() -> None:
    """Where nothing is mocked there is no current tenant."""
    with pytest.raises(LookupError, match="use mock_agave"):
        current_agave()


def test_an_error_leaves_nothing_behind() -> None:
    """A test that fails inside the mock does not leave it on."""
    with pytest.raises(ZeroDivisionError), mock_agave():
        1 / 0  # noqa: B018 - it is to fail

    with pytest.raises(LookupError):
        current_agave()


def _run_with_seed(seed: int) -> tuple[str, str]:
    with mock_agave(seed=seed, at=1000.0) as agave:
        body = {"name": "n", "value": 1}
        token = agave.token("anna")
        answer = agave.client("anna").post("/meta/v2/data", json=body)
        return token, answer.text


def test_seeded_identifiers() -> None:
    """The same seed and the same calls give the same tokens and the same answers."""
    assert _run_with_seed(7) == _run_with_seed(7)
    assert _run_with_seed(7) != _run_with_seed(8)


def test_time_stands_still_until_it_is_moved() -> None:
    """A token is good for an hour of the tenant's clock."""
    with mock_agave(at=1_800_000_000.0) as agave:
        anna = agave.client("anna")
        before = anna.get("/profiles/v2/me").status_code
        agave.move(3601)
        after = anna.get("/profiles/v2/me").json()

    assert before == 200
    assert after["fault"]["code"] == 900904


def test_a_running_clock_moves_too() -> None:
    """A tenant without a fixed time goes with the machine's, and can be ahead of it."""
    with mock_agave() as agave:
        agave.move(1000)
        ahead = agave.clock.now() - time.time()

    assert 999 < ahead < 1001


def test_a_clock_of_the_tests_own() -> None:
    """Only a clock that can be moved is moved."""

    class Stopped:
        def now(self) -> float:
            return 5.0

    with mock_agave(clock=Stopped()) as agave, pytest.raises(TypeError):
        agave.move(1)


def test_expired_once_makes_agavepy_refresh() -> None:
    """After one 401 agavepy takes a new token, and its call succeeds."""
    with mock_agave() as agave:
        ag = agave.agavepy("anna")
        before = ag.token.token_info["access_token"]
        agave.fault("profiles.get", "expired")
        profile = ag.profiles.get()
        after = ag.token.token_info["access_token"]

    assert profile["username"] == "anna"
    assert after != before


def test_failing_and_dropped_calls() -> None:
    """Faults hit as many calls as they were meant for."""
    with mock_agave() as agave:
        anna = agave.client("anna")
        agave.fault("profiles.*", "fail", status=503)
        failed = anna.get("/profiles/v2/me").status_code
        agave.fault("*", "drop")
        with pytest.raises(requests.ConnectionError):
            anna.get("/profiles/v2/me")
        agave.fault("profiles.get", "slow", seconds=0.01)
        last = anna.get("/profiles/v2/me").status_code

    assert (failed, last) == (503, 200)


def test_answers_of_other_hosts() -> None:
    """A test may give an answer to a host that the code under test also calls."""
    with mock_agave() as agave:
        assert agave.others is not None
        agave.others.add("GET", "https://example.org/x", json={"a": 1})
        answer = requests.get("https://example.org/x", timeout=5)

    assert answer.json() == {"a": 1}


def test_received_notifications() -> None:
    """A test receives what the tenant would have sent to somebody else.

    It is sent at least once: a minute passes here, perhaps before the answer is read.
    """
    with mock_agave() as agave:
        received = agave.receive("https://hooks.test/")
        anna = agave.client("anna")
        body = {"name": "note", "value": 1}
        uuid = anna.post("/meta/v2/data", json=body).json()["result"]["uuid"]
        wanted = {
            "associatedUuid": uuid,
            "event": "UPDATED",
            "url": "https://hooks.test/${EVENT}",
        }
        assert anna.post("/notifications/v2", json=wanted).ok
        anna.post(f"/meta/v2/data/{uuid}", json=body)
        agave.move(60)

    assert {delivery.url for delivery in received} == {"https://hooks.test/UPDATED"}


@pytest.mark.parametrize(
    ("returned", "frames"),
    [(b"one", [b"one"]), ([b"one", b"two"], [b"one", b"two"]), (None, [])],
)
def test_actor_function(
    returned: bytes | list[bytes] | None, frames: list[bytes]
) -> None:
    """A function stands in for an actor's image, and its frames are the results."""
    with mock_agave() as agave:

        @agave.image("me/worker")
        def _work(environment: dict[str, str]) -> bytes | list[bytes] | None:
            assert environment["MSG"] == "hi"
            return returned

        anna = agave.client("anna")
        actor = anna.post("/actors/v2", json={"image": "me/worker"}).json()["result"]
        answer = anna.post(
            f"/actors/v2/{actor['id']}/messages",
            params={"_abaco_synchronous": "true"},
            json={"message": "hi"},
        )

    assert answer.content == (frames[0] if frames else b"")


def test_reset_forgets_everything() -> None:
    """After a reset there is no account and no record."""
    with mock_agave() as agave:
        anna = agave.client("anna")
        agave.reset()
        status = anna.get("/profiles/v2/me").status_code

    assert status == 401


def test_fixture(mocked_agave: LocalAgave) -> None:
    """The fixture of the pytest plugin is a tenant in this process."""
    assert mocked_agave.base_url == BASE_URL
    assert _ask() == 200


def test_served_fixture(served_agave: LocalAgave) -> None:
    """The other fixture's tenant answers over HTTP and its clock can be moved."""
    anna = served_agave.client("anna")
    before = anna.get("/profiles/v2/me").status_code
    served_agave.move(3601)

    assert served_agave.base_url.startswith("http://127.0.0.1:")
    assert (before, anna.get("/profiles/v2/me").status_code) == (200, 401)
