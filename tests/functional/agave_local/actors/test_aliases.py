"""Aliases, their permissions and nonces."""

from typing import Any

# Of a real Abaco's answer, camel case.
NONCE = {
    *("_links", "actorId", "apiServer", "createTime", "currentUses", "description"),
    *("id", "lastUseTime", "level", "maxUses", "owner", "remainingUses", "roles"),
}
NO_ACTOR = "Not authorized -- you do not have access to this actor."
NO_ALIAS = "Not authorized -- you do not have access to this alias."


def test_alias(abaco: Any, actor_id: str, result: Any, refusal: Any) -> None:
    """An alias is made, shown, listed, pointed elsewhere and deleted."""
    ipt = abaco.client("ipt")
    other = abaco.register(ipt)
    body = {"alias": "al.1", "actorId": actor_id}

    made = ipt.post("/actors/v2/aliases", json=body)

    base = abaco.agave.base_url
    alias = {
        "alias": "al.1",
        "actorId": actor_id,
        "owner": "ipt",
        "_links": {
            "actor": f"{base}/actors/v2/{actor_id}",
            "owner": f"{base}/profiles/v2/ipt",
            "self": f"{base}/actors/v2/aliases/al.1",
        },
    }
    assert made.json()["message"] == "Actor alias created successfully."
    assert result(made) == alias
    shown = ipt.get("/actors/v2/aliases/al.1")
    assert shown.json()["message"] == "Alias retrieved successfully."
    assert result(shown) == alias
    listed = abaco.client("ada").get("/actors/v2/aliases")
    assert listed.json()["message"] == "Aliases retrieved successfully."
    assert result(listed) == [alias]
    assert result(ipt.get("/actors/v2/al.1"))["id"] == actor_id
    pointed = ipt.put("/actors/v2/aliases/al.1", json={"actorId": other})
    assert pointed.json()["message"] == "Actor alias updated successfully."
    assert result(ipt.get("/actors/v2/al.1"))["id"] == other
    gone = ipt.delete("/actors/v2/aliases/al.1")
    assert gone.json()["message"] == (
        "Alias {'tenant': 'LOCAL', 'alias_id': 'LOCAL_al.1', 'alias': 'al.1', "
        f"'actor_id': '{other}', 'db_id': 'LOCAL_{other}', 'owner': 'ipt', "
        f"'api_server': '{base}'}} deleted successfully."
    )
    assert refusal(ipt.get("/actors/v2/aliases/al.1")) == (
        404,
        "No alias found: al.1.",
    )


def test_alias_refusals(abaco: Any, actor_id: str, refusal: Any) -> None:
    """A name that cannot be an alias is refused, and so is an unknown actor."""
    ipt = abaco.client("ipt")

    def add(**body: str) -> tuple[int, str]:
        answer = ipt.post("/actors/v2/aliases", json=body)
        told: tuple[int, str] = refusal(answer)
        return told

    assert ipt.post(
        "/actors/v2/aliases", json={"alias": "al.1", "actorId": actor_id}
    ).ok
    assert add(alias="al.1", actorId=actor_id) == (400, "Alias al.1 already exists.")
    assert add(alias="messages", actorId=actor_id) == (
        400,
        (
            "messages is a reserved word. The following reserved words cannot be used "
            "for an alias: ['executions', 'nonces', 'logs', 'messages', 'adapters', "
            "'admin']."
        ),
    )
    assert add(alias="a b", actorId=actor_id) == (
        400,
        (
            "' ' is a forbidden character. The following characters cannot be used for "
            "an alias: ['\\', ' ', '\"', ':', '/', '?', '#', '[', ']', '@', '!', '$', "
            "'&', ''', '(', ')', '*', '+', ',', ';', '=']."
        ),
    )
    assert add(alias=actor_id, actorId=actor_id) == (
        400,
        "Invalid alias description. Alias cannot be an Abaco hash id.",
    )
    for name in ("", "x" * 201, "a\x07"):
        assert add(alias=name, actorId=actor_id) == (
            400,
            "Invalid alias description. An alias has 1 to 200 printable characters.",
        )
    assert add(alias="q", actorId="zz") == (404, "No actor found with id: zz.")
    assert add(alias="q", actorId="p3GwgaX7b1YOZ") == (
        404,
        "No actor found with id: p3GwgaX7b1YOZ.",
    )
    assert add(alias="q") == (
        400,
        (
            "Invalid alias description. Missing required field: {'actorId': 'The human "
            "readable id for the actor associated with this alias.'}"
        ),
    )
    put = ipt.put("/actors/v2/aliases/al.1", json={"alias": "x", "actorId": actor_id})
    assert refusal(put) == (
        400,
        (
            "Invalid alias update description. "
            "The alias itself cannot be updated in a PUT request."
        ),
    )


def test_alias_of_a_deleted_actor(abaco: Any, actor_id: str, refusal: Any) -> None:
    """An alias that leads nowhere says which actor is gone."""
    ipt = abaco.client("ipt")
    ipt.post("/actors/v2/aliases", json={"alias": "al.1", "actorId": actor_id})
    ipt.delete(f"/actors/v2/{actor_id}")

    assert refusal(ipt.get("/actors/v2/al.1")) == (
        404,
        f"No actor found with identifier: {actor_id}.",
    )
    assert refusal(ipt.get("/actors/v2/aliases/al.1/nonces")) == (
        404,
        f"No actor found with id: {actor_id}.",
    )


def test_alias_permissions(
    abaco: Any, actor_id: str, result: Any, refusal: Any
) -> None:
    """An alias has permissions of its own; making one needs the actor's."""
    ipt, ada = abaco.client("ipt"), abaco.client("ada")
    own = abaco.register(ada, image="no/process")
    ipt.post("/actors/v2/aliases", json={"alias": "al.1", "actorId": actor_id})
    address = "/actors/v2/aliases/al.1"

    theft = ada.post("/actors/v2/aliases", json={"alias": "q", "actorId": actor_id})
    assert refusal(theft) == (400, NO_ACTOR)
    for answer in (
        ada.get(address),
        ada.put(address, json={"actorId": own}),
        ada.delete(address),
        ada.get(f"{address}/permissions"),
        ada.post(f"{address}/permissions", json={"user": "ada", "level": "UPDATE"}),
    ):
        assert refusal(answer) == (400, NO_ALIAS)
    granted = ipt.post(
        f"{address}/permissions", json={"user": "ada", "level": "UPDATE"}
    )
    assert result(granted) == {"ipt": "UPDATE", "ada": "UPDATE"}
    assert result(ada.get(f"{address}/permissions")) == result(granted)
    assert refusal(ada.post(f"{address}/nonces")) == (
        400,
        "Not authorized -- you do not have access to this alias and actor.",
    )
    assert refusal(ada.get("/actors/v2/al.1")) == (400, NO_ACTOR)
    assert ada.put(address, json={"actorId": own}).ok


def test_alias_nonces(abaco: Any, actor_id: str, result: Any, refusal: Any) -> None:
    """A nonce of an alias cannot update, and goes with the alias."""
    ipt = abaco.client("ipt")
    ipt.post("/actors/v2/aliases", json={"alias": "al.1", "actorId": actor_id})
    address = "/actors/v2/aliases/al.1/nonces"

    made = ipt.post(address)

    nonce = result(made)
    assert made.json()["message"] == "Alias nonce created successfully."
    assert set(nonce) == NONCE - {"actorId"} | {"alias"}
    assert nonce["_links"]["actor"].endswith("/actors/v2/None")
    assert refusal(ipt.post(address, json={"level": "UPDATE"})) == (
        400,
        (
            "Invalid nonce description. The level attribute must be one of: "
            "('NONE', 'READ', 'EXECUTE')"
        ),
    )
    kept = nonce | {"createTime": nonce["createTime"][:23] + "Z"}
    assert result(ipt.get(address)) == [kept]
    assert result(ipt.get(f"{address}/{nonce['id']}")) == kept
    second = result(ipt.post(address))
    gone = ipt.delete(f"{address}/{second['id']}")
    assert gone.json()["message"] == "Alias nonce deleted successfully."
    ipt.delete("/actors/v2/aliases/al.1")
    ipt.post("/actors/v2/aliases", json={"alias": "al.1", "actorId": actor_id})
    assert result(ipt.get(address)) == []
