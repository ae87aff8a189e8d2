"""Links between actors: by id or alias, never a stranger's, never in a circle."""

from collections.abc import Callable
from typing import Any

import pytest

NO_TARGET = (
    "Invalid link parameter; unable to retrieve linked actor data. The link must be "
    "a valid actor id or alias for which you have EXECUTE permission. "
)
TO_ITSELF = "Invalid link parameter. An actor cannot link to itself."
CYCLE = "Error: this update would result in a cycle of linked actors."

Refusal = Callable[[Any], tuple[int, str]]


def _link(client: Any, actor_id: str, link: str) -> Any:
    body = {"image": "probe", "link": link}
    return client.put(f"/actors/v2/{actor_id}", json=body)


@pytest.fixture(name="ipt")
def _ipt(abaco: Any) -> Any:
    return abaco.client("ipt")


def test_link_to_nothing(ipt: Any, refusal: Refusal) -> None:
    """A link that names no actor is refused in Abaco's words."""
    answer = ipt.post("/actors/v2", json={"image": "probe", "link": "nothere"})
    assert refusal(answer) == (400, NO_TARGET)


def test_link_needs_execute(abaco: Any, ipt: Any, refusal: Refusal) -> None:
    """Whoever cannot send an actor messages cannot link to it either."""
    target = abaco.register(ipt)
    anna = abaco.client("anna")
    body = {"image": "some/image", "link": target}
    assert refusal(anna.post("/actors/v2", json=body)) == (400, NO_TARGET)
    grant = {"user": "anna", "level": "READ"}
    ipt.post(f"/actors/v2/{target}/permissions", json=grant)
    assert refusal(anna.post("/actors/v2", json=body)) == (400, NO_TARGET)
    grant["level"] = "EXECUTE"
    ipt.post(f"/actors/v2/{target}/permissions", json=grant)
    answer = anna.post("/actors/v2", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["result"]["link"] == target


def test_link_to_itself(abaco: Any, ipt: Any, refusal: Refusal) -> None:
    """An actor links to itself neither by its id nor by an alias of it."""
    actor_id = abaco.register(ipt)
    assert refusal(_link(ipt, actor_id, actor_id)) == (400, TO_ITSELF)
    ipt.post("/actors/v2/aliases", json={"alias": "me", "actorId": actor_id})
    assert refusal(_link(ipt, actor_id, "me")) == (400, TO_ITSELF)


def test_link_in_a_circle(abaco: Any, ipt: Any, refusal: Refusal) -> None:
    """The link that would close a circle is refused, and the actor stays as it was."""
    last = abaco.register(ipt)
    middle = abaco.register(ipt, link=last)
    first = abaco.register(ipt, link=middle)
    assert refusal(_link(ipt, last, first)) == (400, CYCLE)
    assert abaco.actor(ipt, last)["link"] == ""
    assert _link(ipt, middle, "").status_code == 200
    assert _link(ipt, last, first).status_code == 200


def test_link_in_a_circle_over_an_alias(abaco: Any, ipt: Any, refusal: Refusal) -> None:
    """A circle over an alias is one, too."""
    last = abaco.register(ipt)
    ipt.post("/actors/v2/aliases", json={"alias": "last", "actorId": last})
    first = abaco.register(ipt, link="last")
    assert refusal(_link(ipt, last, first)) == (400, CYCLE)


def test_point_an_alias_so_that_links_circle(
    abaco: Any, ipt: Any, refusal: Refusal
) -> None:
    """An alias is not given to an actor whose events would come back to it."""
    other = abaco.register(ipt)
    ipt.post("/actors/v2/aliases", json={"alias": "next", "actorId": other})
    last = abaco.register(ipt, link="next")
    first = abaco.register(ipt, link=last)
    for actor_id in (last, first):
        answer = ipt.put("/actors/v2/aliases/next", json={"actorId": actor_id})
        assert refusal(answer) == (400, CYCLE)
    alias = ipt.get("/actors/v2/aliases/next").json()["result"]
    assert alias["actorId"] == other


def test_make_an_alias_again_so_that_links_circle(
    abaco: Any, ipt: Any, refusal: Refusal
) -> None:
    """A link to an alias that is gone cannot be made a circle by making it again."""
    other = abaco.register(ipt)
    alias = {"alias": "next", "actorId": other}
    ipt.post("/actors/v2/aliases", json=alias)
    last = abaco.register(ipt, link="next")
    first = abaco.register(ipt, link=last)
    ipt.delete("/actors/v2/aliases/next")
    answer = ipt.post("/actors/v2/aliases", json={**alias, "actorId": first})
    assert refusal(answer) == (400, CYCLE)
    assert ipt.post("/actors/v2/aliases", json=alias).status_code == 200
