"""Actors: register, list, show, change, delete; their state."""

from typing import Any

import pytest

LINKS = {"executions", "owner", "self"}
# Of a real Abaco's answer, camel case, nulls left out.
MINIMAL = {
    *("_links", "createTime", "cronOn", "defaultEnvironment", "description", "hints"),
    *("id", "image", "lastUpdateTime", "link", "mounts", "owner", "privileged"),
    *("queue", "revision", "state", "stateless", "status", "statusMessage", "token"),
    *("type", "useContainerUid", "webhook"),
}
IMAGE_MISSING = (
    "Invalid actor description: "
    "{'image': 'Reference to image on docker hub for this actor.'}"
)
NO_ACCESS = "Not authorized -- you do not have access to this actor."
WHOLE = "Invalid actor description: Unable to process the JSON description.: "


def test_register_minimal(abaco: Any, result: Any) -> None:
    """An image is all that an actor needs; the rest has Abaco's defaults."""
    ipt = abaco.client("ipt")

    answer = ipt.post("/actors/v2", json={"image": "probe"})

    actor = result(answer)
    base = abaco.agave.base_url
    assert answer.json()["message"] == "Actor created successfully."
    assert set(actor) == MINIMAL
    assert actor["_links"] == {
        "executions": f"{base}/actors/v2/{actor['id']}/executions",
        "owner": f"{base}/profiles/v2/ipt",
        "self": f"{base}/actors/v2/{actor['id']}",
    }
    assert len(actor["id"]) == 13
    assert {
        "stateless": True,
        "token": "false",
        "status": "SUBMITTED",
        "statusMessage": "",
        "revision": 1,
        "queue": "default",
        "type": "none",
        "owner": "ipt",
    }.items() <= actor.items()


def test_register_full(abaco: Any, result: Any) -> None:
    """What is given is kept; nulls are still left out."""
    admin = abaco.client("admin")

    actor = result(
        admin.post(
            "/actors/v2",
            json={
                "image": "probe",
                "name": "full",
                "stateless": False,
                "description": "d",
                "defaultEnvironment": {"K1": "v1"},
                "hints": ["sync", "x"],
                "logEx": 1000,
                "memLimit": "1g",
                "maxCpus": 1000000000,
                "token": False,
                "type": "json",
                "webhook": "",
            },
        )
    )

    assert set(actor) == MINIMAL | {"logEx", "maxCpus", "memLimit", "name"}
    assert actor["token"] is False
    assert actor["hints"] == ["sync", "x"]
    assert actor["defaultEnvironment"] == {"K1": "v1"}


def test_register_form(abaco: Any, result: Any) -> None:
    """A form is as good as JSON; a repeated field is a list."""
    ipt = abaco.client("ipt")

    actor = result(
        ipt.post("/actors", data={"image": "probe", "hints": ["a", "b"], "token": "1"})
    )

    assert actor["hints"] == ["a", "b"]
    assert actor["token"] is True


def test_actor_becomes_ready(abaco: Any) -> None:
    """The first worker makes an actor ready."""
    ipt = abaco.client("ipt")

    actor = abaco.actor(ipt, abaco.register(ipt))

    assert (actor["status"], actor["statusMessage"]) == ("READY", " ")


def test_unknown_image_is_an_error(abaco: Any) -> None:
    """An actor of an unknown image is in ERROR and says so."""
    ipt = abaco.client("ipt")

    actor = abaco.actor(ipt, abaco.register(ipt, image="nosuch/image"))

    assert actor["status"] == "ERROR"
    assert actor["statusMessage"] == (
        "Spawner got an exception from call to start_worker. "
        "Exception:Image nosuch/image was not found on the public registry."
    )


def test_broken_image_is_an_error(abaco: Any) -> None:
    """An image whose package cannot be imported says why."""
    ipt = abaco.client("ipt")

    actor = abaco.actor(ipt, abaco.register(ipt, image="broken"))

    assert actor["status"] == "ERROR"
    assert "No module named 'nothing_of_that_name'" in actor["statusMessage"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, IMAGE_MISSING),
        ({"image": None}, IMAGE_MISSING),
        (
            {"image": "x", "stateless": "abcd"},
            (
                "Invalid actor description: "
                "{'stateless': 'Whether this actor keeps no state.'}"
            ),
        ),
        (
            {"image": "x", "defaultEnvironment": "abcd"},
            (
                "Invalid actor description: "
                "{'defaultEnvironment': 'Variables of each execution.'}"
            ),
        ),
        (
            {"image": "x", "defaultEnvironment": {"A=B": "c"}},
            (
                "Invalid actor description: "
                "{'defaultEnvironment': 'Variables of each execution.'}"
            ),
        ),
        (
            {"image": "x", "logEx": [1]},
            (
                "Invalid actor description: {'logEx': 'Seconds after which its logs "
                "expire.'}"
            ),
        ),
        (
            {"image": "x", "type": "yaml"},
            (
                "Invalid actor description: {'type': 'What this actor returns: none, "
                "bin or json.'}"
            ),
        ),
        (
            {"image": "x", "memLimit": "lots"},
            (
                "Invalid actor description: {'memLimit': 'Memory it may use, as docker "
                "writes it.'}"
            ),
        ),
        (
            {"image": "x", "maxWorkers": 0},
            (
                "Invalid actor description: {'maxWorkers': 'How many workers it may "
                "have at once.'}"
            ),
        ),
        (
            {"image": "x", "queue": "nope"},
            f"{WHOLE}400 Bad Request: Invalid queue name.",
        ),
        (
            {"image": "x", "hints": ["{a"]},
            (
                f"{WHOLE}400 Bad Request: Hints must be simple stings or numbers, "
                "no lists or dicts. Error character: {"
            ),
        ),
        (
            {"image": "x", "stateless": False, "maxWorkers": 2},
            "Invalid actor description: stateful actors can only have 1 worker.",
        ),
        ([1], f"{WHOLE}400 Bad Request: The body is no object."),
    ],
)
def test_register_bad_description(
    lasting: Any, refusal: Any, body: Any, message: str
) -> None:
    """A wrong description is refused in Abaco's words, naming the field."""
    answer = lasting.client("admin").post("/actors/v2", json=body)

    assert refusal(answer) == (400, message)


def test_register_bad_json(lasting: Any, refusal: Any) -> None:
    """A body that claims to be JSON and is not is refused."""
    answer = lasting.client("ipt").post(
        "/actors/v2", data="{", headers={"Content-Type": "application/json"}
    )

    assert refusal(answer) == (
        400,
        f"{WHOLE}400 Bad Request: The body is not JSON.",
    )


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ({"privileged": True}, "make privileged actors"),
        ({"maxWorkers": 2}, "set max workers"),
        ({"maxCpus": 1}, "set max CPUs"),
        ({"memLimit": "1g"}, "set mem limit"),
        ({"queue": "special"}, "set queue"),
        ({"useContainerUid": True}, "use container uid"),
    ],
)
def test_register_needs_privilege(
    lasting: Any, refusal: Any, field: dict[str, Any], what: str
) -> None:
    """Options that reach the machine are for administrators."""
    answer = lasting.client("ada").post("/actors/v2", json={"image": "x", **field})

    assert refusal(answer) == (
        400,
        f"Not authorized -- only admins and privileged users can {what}.",
    )


def test_list_shows_what_one_may_read(abaco: Any, result: Any) -> None:
    """A list holds the caller's own actors and those shared with them."""
    ipt, ada = abaco.client("ipt"), abaco.client("ada")
    mine = result(ada.post("/actors/v2", json={"image": "no/process"}))["id"]
    shared = result(ipt.post("/actors/v2", json={"image": "probe"}))["id"]
    result(ipt.post("/actors/v2", json={"image": "probe"}))
    ipt.post(f"/actors/v2/{shared}/permissions", json={"user": "ada", "level": "READ"})

    answer = ada.get("/actors/v2")

    assert [actor["id"] for actor in result(answer)] == [mine, shared]
    assert answer.json()["message"] == "Actors retrieved successfully."


def test_list_is_not_all_for_an_administrator(abaco: Any, result: Any) -> None:
    """Even an administrator lists only what they hold a permission on."""
    result(abaco.client("ipt").post("/actors/v2", json={"image": "probe"}))

    assert result(abaco.client("admin").get("/actors/v2")) == []


def test_show_unknown(lasting: Any, refusal: Any) -> None:
    """An unknown id and an unknown alias are told apart."""
    ipt = lasting.client("ipt")

    assert refusal(ipt.get("/actors/v2/nope")) == (
        404,
        "Actor with identifier 'nope' not found",
    )
    assert refusal(ipt.get("/actors/v2/p3GwgaX7b1YOZ")) == (
        404,
        "No actor found with identifier: p3GwgaX7b1YOZ.",
    )
    assert refusal(ipt.delete("/actors/v2/p3GwgaX7b1YOZ")) == (
        404,
        "No actor found with id: p3GwgaX7b1YOZ.",
    )


def test_strangers_see_nothing(abaco: Any, refusal: Any) -> None:
    """Somebody without a permission can neither read nor change an actor."""
    ipt, ada = abaco.client("ipt"), abaco.client("ada")
    address = f"/actors/v2/{abaco.register(ipt)}"

    for answer in (
        ada.get(address),
        ada.put(address, json={"image": "probe"}),
        ada.delete(address),
        ada.get(f"{address}/state"),
        ada.post(f"{address}/state", json={"a": 1}),
        ada.get(f"{address}/messages"),
        ada.delete(f"{address}/messages"),
        ada.post(f"{address}/messages", json={}),
        ada.get(f"{address}/executions"),
        ada.get(f"{address}/permissions"),
        ada.post(f"{address}/permissions", json={"user": "ada", "level": "UPDATE"}),
        ada.get(f"{address}/nonces"),
        ada.post(f"{address}/nonces"),
    ):
        assert refusal(answer) == (400, NO_ACCESS)


def test_nobody(lasting: Any, refusal: Any) -> None:
    """Without token and nonce, Abaco knows nobody."""
    answer = lasting.anonymous().get("/actors/v2")

    assert refusal(answer) == (400, "No JWT or nonce provided.")


def test_bad_token_meets_the_gateway(lasting: Any) -> None:
    """A token that is not good is refused by the gateway before Abaco."""
    answer = lasting.anonymous().get(
        "/actors/v2", headers={"Authorization": "Bearer nonsense"}
    )

    assert answer.status_code == 401
    assert answer.json()["fault"]["code"] == 900901


def test_no_role(abaco: Any, refusal: Any) -> None:
    """A caller without any role of Abaco's is refused."""
    abaco.agave.add_user("guest")
    abaco.agave.tenant.store.update(
        "profile", "guest", lambda found: found | {"roles": ["Internal/other"]}
    )

    answer = abaco.client("guest").get("/actors/v2")

    assert refusal(answer) == (400, "Not authorized -- missing required role.")


def test_wrong_method(lasting: Any, refusal: Any) -> None:
    """A known address called in an unknown way, and an unknown one, answer 405."""
    ipt = lasting.client("ipt")
    message = (
        "Invalid request: the API endpoint does not exist "
        "or the provided HTTP method is not allowed."
    )

    assert refusal(ipt.put("/actors/v2", json={})) == (405, message)
    assert refusal(ipt.get("/actors/v2/a/b/c/d")) == (405, message)
