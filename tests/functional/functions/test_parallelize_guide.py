"""docs/ipt/function.md says what the function `parallelize` does."""

import re
from pathlib import Path

import pytest

from functions.parallelize.app import app
from iptweb.testing import FunctionClient

CHECKOUT = Path(__file__).parents[3]


@pytest.fixture(name="client")
def _client() -> FunctionClient:
    return FunctionClient(app)


def test_messages_of_the_guide(client: FunctionClient) -> None:
    """Each message that docs/ipt/function.md shows is answered, and not refused."""
    guide = (CHECKOUT / "docs/ipt/function.md").read_text("utf-8")
    messages = re.findall(r"<!-- message -->\n```json\n(.*?)```", guide, re.DOTALL)

    answers = [client.send(message) for message in messages]

    assert [answer.status for answer in answers] == [200, 200, 200]
    first, second, third = (answer.body for answer in answers)
    assert (first["status"], second["status"]) == ("parallelized", "asking")
    assert second["questions"][0]["id"] == "sum.loop1"
    assert third["analysis"]["summary"]["parallel"] == 1


def test_limits_of_the_guide(client: FunctionClient) -> None:
    """The guide has the numbers that hold, and every reason."""
    guide = (CHECKOUT / "docs/ipt/function.md").read_text("utf-8")
    limits = client.get("/models", authorized=False).body["limits"]

    assert [
        name
        for name, value in limits.items()
        if f"{value:,}" not in guide and f"{value >> 20} MiB" not in guide
    ] == []
    table = guide.partition("## Refusals")[2]
    reasons = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    assert {"`request`", "`size`", "`source`", "`answer`"} <= set(reasons)
