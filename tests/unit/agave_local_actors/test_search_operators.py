"""What the conditions of a search mean."""

import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from agave_local.errors import BadRequest
from agave_local.records.conditions import ALWAYS, among
from agave_local.services.actors.search import is_search, read_search

THING: dict[str, Any] = {
    "name": "Echo One",
    "image": "abaco/test:1.0",
    "maxWorkers": None,
    "revision": 3,
    "ratio": 1.5,
    "code": "123",
    "stateless": True,
    "hints": ["sync", "fast"],
    "state": {"deep": {"er": [1, {"word": "hidden treasure"}]}},
    "createTime": "2026-11-22T18:12:31.614Z",
    "finishTime": None,
    "lastExecutionTime": "None",
    "finalState": {"StartedAt": "2026-11-22T18:12:33.956Z", "Pid": 0},
}


def _query(**given: str) -> MultiDict[str, str]:
    return MultiDict({key.replace("__", "."): value for key, value in given.items()})


def _matches(key: str, value: str) -> bool:
    return read_search(MultiDict([(key, value)])).matches(THING)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "Echo One"),
        ("name.eq", "Echo One"),
        ("name.neq", "Echo Two"),
        ("maxWorkers", "none"),
        ("max_workers", "null"),
        ("unknown", "None"),
        ("unknown.neq", "x"),
        ("unknown.nin", "x,y"),
        ("unknown.nlike", "x"),
        ("revision", "3"),
        ("revision", "3.0"),
        ("revision.lt", "4"),
        ("revision.lte", "3"),
        ("revision.gt", "2"),
        ("revision.gte", "3"),
        ("revision.in", "1,2,3"),
        ("revision.in", "[1, 3]"),
        ("revision.nin", "[1, 2]"),
        ("revision.between", "1,3"),
        ("revision.between", "[3, 9]"),
        ("ratio.gt", "1.25"),
        ("code", "123"),
        ("code.lt", "2"),
        ("stateless", "true"),
        ("stateless", "True"),
        ("stateless.neq", "false"),
        ("stateless.gt", "false"),
        ("hints", "sync"),
        ("hints", '["sync", "fast"]'),
        ("hints.in", "slow,fast"),
        ("hints.like", "^fa"),
        ("hints.neq", "slow"),
        ("image.like", "abaco"),
        ("image.like", r"^abaco/.*:1\.\d$"),
        ("image.nlike", "ABACO"),
        ("name.gte", "Echo"),
        ("state.deep.er.in", "[1]"),
        ("finalState.Pid", "0"),
        ("final_state.Pid", "0"),
        ("final_state.StartedAt.gt", "2026-11-22T18"),
        ("final_state.StartedAt", "2026-11-22"),
        ("create_time", "2026"),
        ("create_time", "2026-11"),
        ("createTime", "2026-11-22"),
        ("createTime", "2026-11-22T18"),
        ("createTime", "2026-11-22T18:12"),
        ("createTime", "2026-11-22 18:12:31"),
        ("createTime", "2026-11-22T18:12:31.614Z"),
        ("createTime", "2026-11-22T19:12:31.614+01:00"),
        ("createTime", "2026-11-22T19:12:31.614 01:00"),
        ("createTime", "2026-11-22T13:42:31.614-04:30"),
        ("createTime.in", "2025,2026"),
        ("createTime.in", "[2026]"),
        ("createTime.neq", "2025"),
        ("createTime.gt", "2026"),
        ("createTime.lt", "2027"),
        ("createTime.lt", "9999-12-31T23:59:59"),
        ("createTime.lte", "2026-11-22T18:12:31.614Z"),
        ("createTime.gte", "2026-11-22T18:12:31.614Z"),
        ("createTime.between", "2026-11-22,2026-11-23"),
        ("createTime.like", "^2026"),
        ("finishTime", "none"),
        ("lastExecutionTime.neq", "2026"),
        ("search", "echo nothing"),
        ("search", "TREAS"),
        ("exactsearch", "hidden treasure"),
        ("exactsearch", '"echo one"'),
    ],
)
def test_conditions_that_hold(key: str, value: str) -> None:
    """Each operator takes what it says, in either case of a field's name."""
    assert _matches(key, value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "echo one"),
        ("name.neq", "Echo One"),
        ("unknown", "x"),
        ("unknown.in", "x"),
        ("unknown.lt", "5"),
        ("unknown.like", "."),
        ("revision", "true"),
        ("stateless", "1"),
        ("stateless.lt", "5"),
        ("revision.lt", "3"),
        ("revision.gt", "abc"),
        ("revision.like", "3"),
        ("revision.nin", "3"),
        ("revision.between", "4,5"),
        ("name.lt", "5"),
        ("maxWorkers.lt", "5"),
        ("hints", "slow"),
        ("hints.neq", "sync"),
        ("hints.nlike", "sy"),
        ("name.deeper", "x"),
        ("$where", "1"),
        ("name.$gt", ""),
        ("state", '{"$gt": ""}'),
        ("createTime", "2025"),
        ("createTime.lt", "2026"),
        ("finishTime", "2026"),
        ("finishTime.lt", "2027"),
        ("lastExecutionTime.gt", "2020"),
        ("createTime", "9999-12-31"),
        ("createTime", "none"),
        ("search", "reasure"),
        ("exactsearch", "treasure hidden"),
    ],
)
def test_conditions_that_do_not_hold(key: str, value: str) -> None:
    """Values of other kinds are neither equal nor less nor greater."""
    assert not _matches(key, value)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("skip", "-1", "skip is a whole number, 0 or greater."),
        ("limit", "many", "limit is a whole number, 0 or greater."),
        ("limit", "\u0663", "limit is a whole number, 0 or greater."),
        ("limit", "9" * 40, "limit is a whole number, 0 or greater."),
        ("a.between", "1", "a.between: the value is two values and a comma."),
        ("a.between", "1,2,3", "a.between: the value is two values and a comma."),
        ("a.in", "[1,", "a.in: the value is no JSON list."),
        ("a.like", "(", "a.like: the regular expression"),
        ("a.like", r"(a)\1", "a.like: the regular expression"),
        ("a.like", "(a{900}){900}", "a.like: the regular expression"),
        ("search", " .,", "search: there is no word to look for."),
        ("exactsearch", "  ", "exactsearch: there is no phrase to look for."),
        ("createTime", "yesterday", "createTime: a time is written as in ISO 8601"),
        ("createTime", "2026-13", "createTime: a time is written as in ISO 8601"),
        ("createTime", "0000", "createTime: a time is written as in ISO 8601"),
        ("createTime.gt", "2026-11-22T18:12:31+99:99", "createTime.gt: a time"),
        ("createTime", "0001-01-01T00:00:00+05:00", "createTime: a time"),
        ("a" * 5000, "", "a condition has at most 4000 characters."),
        (".".join("a" * 12), "", "a field has at most 10 names."),
    ],
)
def test_conditions_that_are_none(key: str, value: str, message: str) -> None:
    """What cannot be looked for is refused with the way out."""
    with pytest.raises(BadRequest) as refusal:
        _matches(key, value)
    assert message in refusal.value.message


def test_too_many_conditions() -> None:
    """A query of thousands of conditions is refused at once."""
    with pytest.raises(BadRequest, match="at most 50 conditions"):
        read_search(MultiDict([("a", "1")] * 51))


def test_every_condition_holds() -> None:
    """Several conditions of one field hold all of them."""
    both = MultiDict([("revision.gt", "1"), ("revision.gt", "5")])
    assert not read_search(both).matches(THING)


def test_a_nonce_alone_is_no_search() -> None:
    """A nonce makes no search and is no condition of one."""
    assert not is_search(MultiDict({"x-nonce": "n"}))
    assert not is_search(MultiDict())
    assert is_search(MultiDict({"x-nonce": "n", "limit": "1"}))
    assert read_search(MultiDict({"x-nonce": "n"})).is_plain


def test_pages() -> None:
    """A page has its records, and the total counts them all."""
    search = read_search(_query(revision__gte="0", skip="2", limit="3"))
    found = search.page((n, {"revision": n}) for n in range(-5, 10))
    assert (found.records, found.total) == ([2, 3, 4], 10)
    nothing = read_search(_query(limit="0")).page([(1, {}), (2, {})])
    assert (nothing.records, nothing.total) == ([], 2)


def test_no_page_is_endless() -> None:
    """A limit beyond ten thousand means ten thousand."""
    assert read_search(_query(limit="99999999")).limit == 10_000
    assert read_search(_query()).limit == 100


def test_what_the_database_decides() -> None:
    """Equal texts of plain columns are the database's; everything else is not."""
    columns = {"status": "status", "actorId": "parent"}
    query = _query(
        status="COMPLETE", actor_id__in="a,b", status__like="C", revision="1"
    )
    left, condition = read_search(query).narrow(columns)
    assert [each.operator for each in left.filters] == ["like", "eq"]
    assert condition == ALWAYS & among("status", ["COMPLETE"]) & among(
        "parent", ["a", "b"]
    )
    for odd in (
        _query(status="none"),
        _query(status__in="[1]"),
        _query(status__gt="a"),
    ):
        left, condition = read_search(odd).narrow(columns)
        assert (len(left.filters), condition) == (1, ALWAYS)


def test_a_pattern_that_would_backtrack() -> None:
    """A pattern that takes other engines hours is decided at once."""
    began = time.monotonic()
    search = read_search(_query(text__like="(a+)+$"))
    assert not search.matches({"text": "a" * 5000 + "b"})
    assert time.monotonic() - began < 2


def test_a_pattern_has_a_budget() -> None:
    """A pattern that is tried on more than it may is refused by its field's name."""
    search = read_search(_query(text__like="a.*b.*c"))
    things = [(n, {"text": f"{n}" + "ab" * 9000}) for n in range(1000)]
    with pytest.raises(BadRequest, match=r"text\.like: .* takes too long"):
        search.page(things)


@given(
    st.dictionaries(
        st.text(max_size=20)
        | st.sampled_from(["createTime.gt", "a.like", "a.in", "a.between", "limit"]),
        st.text(max_size=40),
        max_size=4,
    )
)
def test_any_query_is_read_or_refused(given_query: dict[str, str]) -> None:
    """No query makes the reader or the search fail in any other way."""
    with suppress(BadRequest):
        search = read_search(MultiDict(given_query))
        search.matches(THING)
        search.narrow({"a": "a"})
