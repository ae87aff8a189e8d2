"""A tenant that stops while somebody waits for an execution."""

import threading

from agave_local.mock import mock_agave


def test_who_waits_is_told_before_the_execution_is_ended() -> None:
    """The forced end of an execution is never taken for its answer."""
    begun, may_end = threading.Event(), threading.Event()
    statuses: list[int] = []
    with mock_agave() as agave:

        @agave.image("slow")
        def _slow(_: dict[str, str]) -> None:
            begun.set()
            may_end.wait(20)

        anna = agave.client("anna")
        actor = anna.post("/actors/v2", json={"image": "slow"}).json()["result"]["id"]
        address = f"/actors/v2/{actor}/messages?_abaco_synchronous=true"

        def ask() -> None:
            answer = anna.post(address, json={"message": "x"})
            statuses.append(answer.status_code)

        asking = threading.Thread(target=ask)
        asking.start()
        assert begun.wait(20)
        stopping = threading.Thread(target=agave.tenant.actors.stop)
        stopping.start()
        asking.join(5)
        told = list(statuses)
        may_end.set()
        asking.join(20)
        stopping.join(20)

    assert told == [503]
