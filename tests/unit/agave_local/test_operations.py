"""The coverage page, and what it says."""

import re
from pathlib import Path

import pytest
import requests

from agave_local.app import all_routes
from agave_local.call import Answer, Route
from agave_local.mock import mock_agave
from agave_local.operations import (
    DONE,
    MISSING,
    PARTIAL,
    coverage,
    known_operations,
    to_markdown,
)

PAGE = Path(__file__).parents[3] / "docs" / "local-tenant-operations.md"
# agavepy has two names for one address; the body says which of them was meant.
SAME_ADDRESS = {"actors.sendBinaryMessage": "actors.sendMessage"}


def _route(operation: str, *, is_implemented: bool = True, note: str = "") -> Route:
    return Route(
        "GET",
        "/x",
        lambda _: Answer(),
        operation,
        is_implemented=is_implemented,
        note=note,
    )


def test_page_is_up_to_date() -> None:
    """The page in docs is what `agave-local operations --markdown` prints now."""
    assert PAGE.read_text("utf-8") == to_markdown()


def test_states() -> None:
    """An operation is done, partial and says how, or missing."""
    routes = [
        _route("meta.listMetadata"),
        _route("meta.addSchema", is_implemented=False),
        _route("monitors.list", note="of one kind only"),
    ]

    found = {operation.name: operation for operation in coverage(routes)}

    assert found["meta.listMetadata"].state == DONE
    assert found["meta.addSchema"].state == MISSING
    assert found["meta.getMetadata"].state == MISSING
    assert found["monitors.list"].state == PARTIAL
    assert found["monitors.list"].note == "of one kind only"
    assert len(found) == len(known_operations()) == 177


def test_operations_are_named_as_in_agavepy() -> None:
    """Every route that agavepy could call bears agavepy's name for it."""
    known = {name for name, _, _ in known_operations()}
    services = {"clients", "apps", "profiles", "systems", "transforms", "admin"}

    named = {
        route.operation
        for route in all_routes()
        if route.operation.partition(".")[0] in services
    }

    assert {name for name in named if name not in known} == set()


def test_each_operation_answers_at_agavepys_address() -> None:
    """What is called done is found where agavepy sends its request."""
    elsewhere = []
    with mock_agave() as agave:
        for operation in coverage():
            if operation.state == MISSING:
                continue
            name = SAME_ADDRESS.get(operation.name, operation.name)
            agave.fault(name, "fail", status=599)
            path = re.sub(r"\{\w+\}", "x", operation.path)
            url = f"{agave.base_url}{path}"
            answer = requests.request(operation.method, url, timeout=5)
            if answer.status_code != 599:
                elsewhere.append(operation.name)
            agave.tenant.faults.clear()

    assert elsewhere == []


@pytest.mark.parametrize("word", ["meta.listMetadata", "501", "beyond agavepy"])
def test_page_has(word: str) -> None:
    """The page names operations, their states, and what agavepy has no name for."""
    assert word in to_markdown()
