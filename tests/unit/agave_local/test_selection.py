"""Which fields of a result its caller gets, and the envelope around them."""

import json
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from agave_local.call import Answer, Flavour
from agave_local.entrance.envelope import to_response
from agave_local.reading.selection import read_selection, select

RESULT = {
    "id": "x",
    "empty": None,
    "storage": {"host": "h", "auth": {"type": "t", "server": "s"}},
    "queues": [{"name": "a", "max": 1}, {"name": "b"}, "odd"],
}


def _request(query: dict[str, str]) -> Request:
    return Request(EnvironBuilder(query_string=query).get_environ())


def _selected(text: str, result: Any = RESULT) -> Any:
    selection = read_selection(_request({"filter": text}))
    return result if selection is None else select(result, selection)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", RESULT),
        (" , ,", RESULT),
        ("id,*", RESULT),
        ("id", {"id": "x"}),
        ("nothing", {}),
        ("id, empty", {"id": "x", "empty": None}),
        ("storage.host", {"storage": {"host": "h"}}),
        ("storage.auth.type", {"storage": {"auth": {"type": "t"}}}),
        ("storage.host,storage", {"storage": RESULT["storage"]}),
        ("storage,storage.host", {"storage": RESULT["storage"]}),
        ("queues.name", {"queues": [{"name": "a"}, {"name": "b"}, "odd"]}),
        ("id.x,empty.x", {}),
        (".", {}),
        ("storage.", {"storage": {}}),
    ],
)
def test_select(text: str, expected: Any) -> None:
    """A filter picks whole fields, and parts of them by dotted names."""
    assert expected == _selected(text)


def test_select_of_a_list() -> None:
    """A filter applies to each object of a list, and to nothing else."""
    assert _selected("id", [RESULT, "text"]) == [{"id": "x"}, "text"]
    assert _selected("id", "text") == "text"
    assert _selected("id", None) is None


def test_select_very_deep() -> None:
    """A filter as deep as an attacker likes is read without harm."""
    value: Any = 1
    for _ in range(50):
        value = {"a": value}

    assert value == _selected(".".join("a" * 10_000), value)


@pytest.mark.parametrize("word", ["true", "True", "1"])
def test_switches_of_the_envelope(word: str) -> None:
    """`naked` takes the envelope off and `pretty` sets the JSON out, as clients say."""
    answer = Answer(RESULT)

    naked = to_response(answer, Flavour.AGAVE, _request({"naked": word}))
    pretty = to_response(answer, Flavour.AGAVE, _request({"pretty": word}))

    assert naked.get_json() == RESULT
    assert pretty.get_json()["result"] == RESULT
    assert pretty.get_data(as_text=True) == json.dumps(pretty.get_json(), indent=2)


def test_other_flavours_have_no_filter() -> None:
    """Abaco and OAuth answer whole, whatever is in the query."""
    request = _request({"filter": "id", "naked": "true", "pretty": "true"})

    abaco = to_response(Answer(RESULT), Flavour.ABACO, request)
    plain = to_response(Answer(RESULT), Flavour.PLAIN, request)

    assert abaco.get_json()["result"] == RESULT
    assert plain.get_json() == RESULT
