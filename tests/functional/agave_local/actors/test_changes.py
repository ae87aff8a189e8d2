"""Actors: change, keep a state, delete."""

from typing import Any

import pytest

IMAGE_MISSING = (
    "Invalid actor description: "
    "{'image': 'Reference to image on docker hub for this actor.'}"
)


def test_update_same_image(abaco: Any, result: Any) -> None:
    """The same image keeps revision and status; what is left out is reset."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt, name="first", hints=["sync"])

    answer = ipt.put(
        f"/actors/v2/{actor_id}", json={"image": "probe", "description": "upd"}
    )

    actor = result(answer)
    assert answer.json()["message"] == "Actor updated successfully."
    assert (actor["description"], actor["hints"]) == ("upd", [])
    assert (actor["status"], actor["revision"]) == ("READY", 1)
    assert "name" not in actor


def test_update_with_force(abaco: Any, result: Any, wait_until: Any) -> None:
    """A forced update makes a new revision, which becomes ready."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt)

    actor = result(
        ipt.put(f"/actors/v2/{actor_id}", json={"image": "probe", "force": True})
    )

    assert (actor["status"], actor["revision"]) == ("SUBMITTED", 2)
    wait_until(lambda: abaco.actor(ipt, actor_id)["status"] == "READY")
    answer = abaco.ask(ipt, actor_id, {"frames": ["again"]})
    assert answer.text == "again"


def test_update_to_a_known_image_mends_an_actor(
    abaco: Any, result: Any, wait_until: Any
) -> None:
    """A message that waited for an image runs when the image is there."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt, image="nosuch/image")
    execution_id = abaco.send(ipt, actor_id, {})

    result(ipt.put(f"/actors/v2/{actor_id}", json={"image": "probe"}))

    wait_until(lambda: abaco.actor(ipt, actor_id)["status"] == "READY")
    execution = abaco.finish(ipt, actor_id, execution_id)
    assert execution["status"] == "COMPLETE"


def test_update_by_another_gives_them_the_right(abaco: Any, result: Any) -> None:
    """Who replaces an actor may update it; its owner stays."""
    ipt, admin = abaco.client("ipt"), abaco.client("admin")
    actor_id = abaco.register(ipt)

    actor = result(admin.put(f"/actors/v2/{actor_id}", json={"image": "probe"}))

    assert actor["owner"] == "ipt"
    permissions = result(ipt.get(f"/actors/v2/{actor_id}/permissions"))
    assert permissions == {"ipt": "UPDATE", "admin": "UPDATE"}


def test_update_without_image(abaco: Any, refusal: Any) -> None:
    """An update is a whole description."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt)

    answer = ipt.put(f"/actors/v2/{actor_id}", json={"description": "upd"})

    assert refusal(answer) == (400, IMAGE_MISSING)


def test_stateful_stays_stateful(abaco: Any, refusal: Any) -> None:
    """An actor with a state cannot lose it by an update."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt, stateless=False)

    answer = ipt.put(f"/actors/v2/{actor_id}", json={"image": "probe"})

    assert refusal(answer) == (
        400,
        (
            "Invalid actor description: an actor that was not stateless "
            "cannot be updated to be stateless."
        ),
    )


def test_state(abaco: Any, result: Any) -> None:
    """A stateful actor keeps any truthy JSON, and its executions see it."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt, stateless=False)
    address = f"/actors/v2/{actor_id}/state"
    before = result(ipt.get(address))

    changed = ipt.post(address, json={"n": 1})

    assert before == {"state": {}}
    assert changed.json()["message"] == "State updated successfully."
    assert result(changed)["state"] == {"n": 1}
    assert result(ipt.get(address)) == {"state": {"n": 1}}
    seen = abaco.ask(ipt, actor_id, {"environment": True}).json()
    assert seen["_abaco_actor_state"] == "{'n': 1}"


@pytest.mark.parametrize("body", ["{}", '""', "0", "{", ""])
def test_state_must_be_something(lasting: Any, refusal: Any, body: str) -> None:
    """Nothing, or no JSON, is no state."""
    ipt = lasting.client("ipt")
    actor_id = lasting.register(ipt, stateless=False)

    answer = ipt.post(
        f"/actors/v2/{actor_id}/state",
        data=body,
        headers={"Content-Type": "application/json"},
    )

    assert refusal(answer) == (
        400,
        "Invalid actor state description: state must be JSON serializable.",
    )


def test_state_of_stateless(abaco: Any, refusal: Any) -> None:
    """A stateless actor has no state to set; Abaco answers 404."""
    ipt = abaco.client("ipt")

    answer = ipt.post(f"/actors/v2/{abaco.register(ipt)}/state", json={"n": 1})

    assert refusal(answer) == (404, "actor is stateless.")


def test_delete(abaco: Any, refusal: Any) -> None:
    """A deleted actor is gone, and so are its nonces."""
    ipt = abaco.client("ipt")
    actor_id = abaco.register(ipt)
    nonce = ipt.post(f"/actors/v2/{actor_id}/nonces").json()["result"]["id"]

    answer = ipt.delete(f"/actors/v2/{actor_id}")

    assert answer.json() == {
        "status": "success",
        "message": "Actor deleted successfully.",
        "version": ":dev",
        "result": None,
    }
    assert refusal(ipt.get(f"/actors/v2/{actor_id}")) == (
        404,
        f"No actor found with identifier: {actor_id}.",
    )
    by_nonce = abaco.anonymous().get(
        f"/actors/v2/{actor_id}", params={"x-nonce": nonce}
    )
    assert refusal(by_nonce) == (400, "Nonce does not exist.")


def test_delete_ends_what_runs(served: Any) -> None:
    """Deleting an actor ends its running execution and drops what waits."""
    ipt = served.client("ipt")
    actor_id = served.register(ipt, stateless=False)
    running = served.send(ipt, actor_id, {"sleep": 60})
    waiting = served.send(ipt, actor_id, {})

    answer = ipt.delete(f"/actors/v2/{actor_id}")

    assert answer.json()["message"] == "Actor deleted successfully."
    records = served.agave.tenant.actors.executions
    ended, dropped = (records.find(actor_id, one) for one in (running, waiting))
    assert (ended["status"], ended["exitCode"]) == ("COMPLETE", 137)
    assert (dropped["status"], "message" in dropped) == ("ERROR", False)
