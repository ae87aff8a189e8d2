"""Nonces of actors."""

from typing import Any

# Of a real Abaco's answer, camel case.
NONCE = {
    *("_links", "actorId", "apiServer", "createTime", "currentUses", "description"),
    *("id", "lastUseTime", "level", "maxUses", "owner", "remainingUses", "roles"),
}


def test_nonce(abaco: Any, actor_id: str, result: Any) -> None:
    """A nonce is made, shown, listed and deleted."""
    ipt = abaco.client("ipt")
    address = f"/actors/v2/{actor_id}/nonces"

    made = ipt.post(address, json={"maxUses": 1, "level": "READ", "description": "dd"})
    default = ipt.post(address)

    nonce = result(made)
    listed = ipt.get(address)
    base = abaco.agave.base_url
    assert made.json()["message"] == "Actor nonce created successfully."
    assert set(nonce) == NONCE
    assert nonce["_links"] == {
        "actor": f"{base}/actors/v2/{actor_id}",
        "owner": f"{base}/profiles/v2/ipt",
        "self": f"{base}/actors/v2/{actor_id}/nonces/{nonce['id']}",
    }
    assert {
        "currentUses": 0,
        "description": "dd",
        "lastUseTime": "None",
        "level": "READ",
        "maxUses": 1,
        "owner": "ipt",
        "remainingUses": 1,
        "apiServer": base,
    }.items() <= nonce.items()
    assert nonce["id"].startswith("LOCAL_")
    assert (result(default)["level"], result(default)["maxUses"]) == ("EXECUTE", -1)
    assert listed.json()["message"] == "Actor nonces retrieved successfully."
    kept = result(listed)
    assert [each["id"] for each in kept] == [nonce["id"], result(default)["id"]]
    # A time just set has microseconds, a stored one milliseconds and a zone.
    assert kept[0] == nonce | {"createTime": nonce["createTime"][:23] + "Z"}
    shown = ipt.get(f"{address}/{nonce['id']}")
    assert shown.json()["message"] == "Actor nonce retrieved successfully."
    assert result(shown) == kept[0]
    gone = ipt.delete(f"{address}/{nonce['id']}")
    assert gone.json()["message"] == "Actor nonce deleted successfully."
    assert result(ipt.get(address)) == kept[1:]


def test_nonce_refusals(abaco: Any, actor_id: str, refusal: Any) -> None:
    """A nonce that makes no sense is refused, and so is an unknown one."""
    ipt = abaco.client("ipt")
    address = f"/actors/v2/{actor_id}/nonces"
    uses = (
        "The max uses parameter must be a positive integer or -1 "
        "(to denote unlimited uses)."
    )

    assert refusal(ipt.post(address, json={"level": "X"})) == (
        400,
        (
            "Invalid nonce description. The level attribute must be one of: "
            "('NONE', 'READ', 'EXECUTE', 'UPDATE')"
        ),
    )
    for number in (0, -2):
        assert refusal(ipt.post(address, json={"maxUses": number})) == (400, uses)
    assert refusal(ipt.post(address, json={"maxUses": "many"})) == (
        400,
        "Invalid nonce description: {'maxUses': 'How often the nonce may be used.'}",
    )
    for answer in (ipt.get(f"{address}/zz"), ipt.delete(f"{address}/zz")):
        assert refusal(answer) == (400, "Nonce not found.")


def test_use_of_a_nonce(abaco: Any, actor_id: str, result: Any, refusal: Any) -> None:
    """A nonce opens its actor as its owner, as often as it may, at its level."""
    ipt, nobody = abaco.client("ipt"), abaco.anonymous()
    address = f"/actors/v2/{actor_id}"
    nonce = result(ipt.post(f"{address}/nonces", json={"maxUses": 1, "level": "READ"}))[
        "id"
    ]
    query = {"x-nonce": nonce}

    too_weak = nobody.post(f"{address}/messages", params=query, json={"a": 1})
    first = nobody.get(address, params=query)
    second = nobody.get(address, params=query)

    assert refusal(too_weak) == (
        400,
        "Nonce does not have sufficient permissions level.",
    )
    assert result(first)["id"] == actor_id
    assert refusal(second) == (400, "No remaining uses left for this nonce.")
    shown = result(ipt.get(f"{address}/nonces/{nonce}"))
    assert (shown["currentUses"], shown["remainingUses"]) == (1, 0)
    assert shown["lastUseTime"] != "None"


def test_nonce_runs_as_its_owner(abaco: Any, actor_id: str, result: Any) -> None:
    """A message by nonce is executed for the nonce's owner."""
    ipt = abaco.client("ipt")
    nonce = result(ipt.post(f"/actors/v2/{actor_id}/nonces"))["id"]

    answer = abaco.ask(
        abaco.anonymous(), actor_id, {"environment": True}, **{"x-nonce": nonce}
    )

    assert answer.json()["_abaco_username"] == "ipt"


def test_nonce_of_something_else(
    abaco: Any, actor_id: str, result: Any, refusal: Any
) -> None:
    """A nonce works where it was made: not elsewhere, not through an alias."""
    ipt, nobody = abaco.client("ipt"), abaco.anonymous()
    ipt.post("/actors/v2/aliases", json={"alias": "al.1", "actorId": actor_id})
    other = abaco.register(ipt)
    of_actor = result(ipt.post(f"/actors/v2/{actor_id}/nonces"))["id"]
    of_alias = result(ipt.post("/actors/v2/aliases/al.1/nonces"))["id"]

    for path, nonce in (
        (f"/actors/v2/{other}", of_actor),
        ("/actors/v2/al.1", of_actor),
        (f"/actors/v2/{actor_id}", of_alias),
        ("/actors/v2", of_actor),
        (f"/actors/v2/{actor_id}", "LOCAL_zzz"),
    ):
        answer = nobody.get(path, params={"x-nonce": nonce})
        assert refusal(answer) == (400, "Nonce does not exist.")
    by_alias = nobody.get("/actors/v2/al.1", params={"x-nonce": of_alias})
    assert result(by_alias)["id"] == actor_id


def test_a_token_goes_before_a_nonce(abaco: Any, actor_id: str, result: Any) -> None:
    """With a good token, the nonce is not looked at."""
    ipt = abaco.client("ipt")

    answer = ipt.get(f"/actors/v2/{actor_id}", params={"x-nonce": "LOCAL_zzz"})

    assert result(answer)["id"] == actor_id
    listed = ipt.get("/actors/v2", params={"x-nonce": "LOCAL_zzz"})
    assert [actor["id"] for actor in result(listed)] == [actor_id]


def _ids(answer: Any) -> list[str]:
    return [each["id"] for each in answer.json()["result"]]


def test_a_nonce_finds_no_other(
    abaco: Any, actor_id: str, result: Any, refusal: Any
) -> None:
    """Nonces are keys: a weak one opens the list of nonces, and shows itself only."""
    ipt, nobody = abaco.client("ipt"), abaco.anonymous()
    ipt.post("/actors/v2/aliases", json={"alias": "al.1", "actorId": actor_id})
    for address in (f"/actors/v2/{actor_id}/nonces", "/actors/v2/aliases/al.1/nonces"):
        weak, strong = (
            result(ipt.post(address, json={"level": level}))["id"]
            for level in ("READ", "EXECUTE")
        )
        query = {"x-nonce": weak}

        assert _ids(nobody.get(address, params=query)) == [weak]
        assert result(nobody.get(f"{address}/{weak}", params=query))["id"] == weak
        hidden = nobody.get(f"{address}/{strong}", params=query)
        assert refusal(hidden) == (400, "Nonce not found.")
        assert _ids(ipt.get(address)) == [weak, strong]


def test_a_nonce_that_may_make_others_finds_them(
    abaco: Any, actor_id: str, result: Any
) -> None:
    """A nonce with which nonces can be made lists all of them."""
    address = f"/actors/v2/{actor_id}/nonces"
    ipt = abaco.client("ipt")
    made = [
        result(ipt.post(address, json={"level": level}))["id"]
        for level in ("READ", "UPDATE")
    ]

    answer = abaco.anonymous().get(address, params={"x-nonce": made[1]})

    assert _ids(answer) == made


def test_readers_find_their_own_nonces(
    abaco: Any, actor_id: str, result: Any, refusal: Any
) -> None:
    """Whoever may only read an actor does not come to its owner's keys."""
    ipt, ada = abaco.client("ipt"), abaco.client("ada")
    address, pems = (
        f"/actors/v2/{actor_id}/{what}" for what in ("nonces", "permissions")
    )
    ipt.post(pems, json={"user": "ada", "level": "UPDATE"})
    theirs = result(ipt.post(address, json={"level": "UPDATE"}))["id"]
    own = result(ada.post(address, json={"level": "READ"}))["id"]
    ipt.post(pems, json={"user": "ada", "level": "READ"})

    assert _ids(ada.get(address)) == [own]
    assert refusal(ada.get(f"{address}/{theirs}")) == (400, "Nonce not found.")
    assert result(ada.get(f"{address}/{own}"))["id"] == own
