"""Values that JSON, a database or an environment cannot hold, and refusals by a 500."""

from typing import Any

import pytest

JSON = {"Content-Type": "application/json"}
STATE = "Invalid actor state description: state must be JSON serializable."
MESSAGE = (
    "message POST body could not be serialized. "
    "Pass JSON data or use the message attribute."
)
HINTS = "Hints must be simple stings or numbers, no lists or dicts."
UNRECOGNIZED = (
    "Unrecognized exception type: <class 'werkzeug.exceptions.BadRequest'>. "
    "Exception: 400 Bad Request: "
)


@pytest.fixture(name="stateful")
def _stateful(abaco: Any) -> str:
    return str(abaco.register(abaco.client("ipt"), stateless=False))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_numbers_that_json_does_not_have(
    abaco: Any, stateful: str, refusal: Any, number: str
) -> None:
    """A number that no other reader of JSON knows is refused wherever it comes."""
    ipt = abaco.client("ipt")
    body = f'{{"image": "probe", "defaultEnvironment": {{"A": {number}}}}}'

    state = ipt.post(f"/actors/v2/{stateful}/state", data=body, headers=JSON)
    message = ipt.post(f"/actors/v2/{stateful}/messages", data=body, headers=JSON)
    actor = ipt.post("/actors/v2", data=body, headers=JSON)

    assert refusal(state) == (400, STATE)
    assert refusal(message) == (400, MESSAGE)
    assert refusal(actor)[0] == 400


@pytest.mark.parametrize("state", ['"\\u0000"', '"a\\ud800"'])
def test_a_state_that_no_execution_could_get(
    abaco: Any, stateful: str, refusal: Any, state: str
) -> None:
    """A text that no environment holds does not become the state of an actor."""
    ipt = abaco.client("ipt")

    answer = ipt.post(f"/actors/v2/{stateful}/state", data=state, headers=JSON)

    assert refusal(answer) == (400, STATE)
    execution = abaco.finish(ipt, stateful, abaco.send(ipt, stateful, {"exit": 3}))
    assert execution["exitCode"] == 3


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        ({"queue": "nope"}, "Invalid queue name."),
        (
            {"hints": ["fine", "a}"]},
            f"{HINTS} Error character: }}",
        ),
    ],
)
def test_a_change_that_cannot_be_parsed(
    abaco: Any, refusal: Any, odd: dict[str, Any], words: str
) -> None:
    """What is a 400 for a new actor is a 500 for a changed one, as with Abaco."""
    admin = abaco.client("admin")
    actor_id = abaco.register(admin)
    body = {"image": "probe", **odd}

    changed = admin.put(f"/actors/v2/{actor_id}", json=body)
    added = admin.post("/actors/v2", json=body)

    assert refusal(changed) == (500, UNRECOGNIZED + words)
    assert refusal(added)[0] == 400
    assert refusal(added)[1].endswith(words)


def test_a_look_at_results_takes_none(abaco: Any, actor_id: str) -> None:
    """HEAD, whose answer has no body, leaves the frame to the next GET."""
    ipt = abaco.client("ipt")
    execution_id = abaco.send(ipt, actor_id, {"frames": ["one"]})
    abaco.finish(ipt, actor_id, execution_id)
    address = f"/actors/v2/{actor_id}/executions/{execution_id}/results"

    looked = ipt.head(address)

    assert (looked.status_code, looked.content) == (200, b"")
    assert ipt.get(address).content == b"one"
    assert ipt.get(address).content == b""
