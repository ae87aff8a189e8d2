"""A crowd of people who press Start at once, on a real engine."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

pytestmark = [pytest.mark.needs("podman", "debootstrap"), pytest.mark.timeout(300)]

USERS = 24
AT_ONCE = 8


def test_everybody_who_starts_twice_has_one_container(place: Any) -> None:
    """Two messages each: as many containers as people, none lost, none doubled."""
    users = [f"user{number}" for number in range(USERS)]
    orders = [(user, f"{user}-{which}") for which in "ab" for user in users]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        launched = list(
            pool.map(lambda o: place.host().launch(place.request(*o)), orders)
        )
    living = place.host().living()
    for terminal in living:
        with place.open(terminal) as client:
            client.read_until("$ ", 20)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        stopped = list(pool.map(lambda t: place.host().stop(t.name), living))

    assert {terminal.name for terminal in living} == {f"{u}-dev-IPT" for u in users}
    assert set(launched) == set(living)
    assert stopped == [True] * USERS
    assert place.everything() == []
