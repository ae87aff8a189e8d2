"""Ten thousand hostile requests: no failure, no leak, nothing of another's touched."""

import http.client
import json
import re
import socket
import time
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from agave_local.app import all_routes
from agave_local.testing import PASSWORD, LocalAgave

REQUESTS = 10_000
SLOWEST_S = 20
# What promises more than it sends is waited for, and rightly so.
UNFINISHED_S = 0.03
SECRET = b"violets-are-blue-4711"
TRACES = (b"Traceback (most recent", b'File "/', b".py:", b"sqlite")
# Abaco answers these two so, and clients know them (golden pairs).
RECORDED_500 = (
    b"is an invalid unit of time",
    b"Inputted search_type is invalid",
    b"Exception: 400 Bad Request: Invalid queue name.",
    b"Exception: 400 Bad Request: Hints must be simple stings",
)

_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
_JUNK = st.one_of(
    st.sampled_from(
        [
            *("", ".", "..", "../..", "%2e%2e%2f", "..%2f..%2fetc%2fpasswd", "%00"),
            *("%zz", "%", "a%0d%0aX: y", "%c3%28", "%ff%fe", "' OR 1=1 --", "$ne"),
            *("x" * 3000, "1" * 400, "-1", "1e999", "\x7f", "~root", "null", "*"),
            *("__proto__", "{{7*7}}", "${jndi:x}", "public", "me", "search", "v2"),
        ]
    ),
    st.text(max_size=12).map(lambda text: quote(text, errors="surrogatepass")),
)
_KEYS = st.sampled_from(
    [
        *("name", "value", "owner", "uuid", "id", "username", "permission", "role"),
        *("action", "path", "message", "image", "link", "webhook", "hints", "queue"),
        *("cronSchedule", "stateless", "maxWorkers", "level", "maxUses", "actors"),
        *("alias", "actorId", "isSecret", "appId", "inputs", "parameters", "storage"),
        *("notifications", "url", "event", "associatedUuid", "schemaId", "schema"),
        *("associationIds", "password", "roles", "email", "filePath", "urlToIngest"),
        *("$where", "$ne", "$regex", "_links", "num", "lifetime", "target", "type"),
    ]
)
_NUMBERS = st.sampled_from([0, -1, 1.5, 2**63, 10**30, True, None, 1e308])
_URLS = st.sampled_from(
    ["http://127.0.0.1:1/", "http://169.254.169.254/", "file:///etc/passwd", "x:", "//"]
)
_WORDS = st.one_of(
    st.text(max_size=10), _URLS, st.sampled_from(["vera", "ALL", "UPDATE", "copy"])
)
_JSON = st.recursive(
    st.one_of(_NUMBERS, _WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)
    ),
    max_leaves=8,
)
_OPERATORS = st.sampled_from(
    [
        *("$ne", "$gt", "$in", "$or", "$and", "$regex", "$where", "$exists", "$not"),
        *("$elemMatch", "$expr", "$function", "owner", "value.a.b", "name", "uuid"),
    ]
)
_QUERIES = st.recursive(
    st.one_of(_NUMBERS, _WORDS, st.sampled_from(["(a+)+$", "[", "(?R)", ".*" * 50])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_OPERATORS, inner, max_size=3)
    ),
    max_leaves=8,
)
_PARAMETERS = st.one_of(
    st.tuples(st.just("q"), _QUERIES.map(lambda q: quote(json.dumps(q)))),
    st.tuples(
        st.sampled_from(
            [
                *("limit", "offset", "skip", "filter", "naked", "pretty", "search"),
                *("privileged", "name.like", "status.in", "owner.neq", "id.between"),
                *("exactsearch", "image.like", "x-nonce", "_abaco_synchronous"),
                *("token_username", "username", "recursive", "force", "LD_PRELOAD"),
            ]
        ),
        _JUNK,
    ),
)
_DEEP = b"[" * 5000
_PART = b'--b\r\nContent-Disposition: form-data; name="fileToUpload"'
_BODIES = st.one_of(
    st.dictionaries(_KEYS, _WORDS, max_size=5).map(lambda v: json.dumps(v).encode()),
    _JSON.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(_KEYS, _JSON, max_size=5).map(lambda v: json.dumps(v).encode()),
    st.binary(max_size=60),
    st.sampled_from(
        [
            *(b"", b"{", _DEEP, b'{"name": NaN}', b'"\\ud800"', b'{"a": 1e999}'),
            *(b"\xff\xfe{}", b"message=%ff&message=%00", b"x" * 300_000),
            _PART + b"\r\n\r\n",
            _PART + b'; filename="../../x"\r\n\r\nabc\r\n--b--\r\n',
        ]
    ),
)
_TYPES = st.sampled_from(
    [
        *("application/json", "application/json", "application/json; charset=utf-7"),
        *("application/x-www-form-urlencoded", "multipart/form-data; boundary=b"),
        *("multipart/form-data", "application/octet-stream", "text/plain", "é", ";;"),
    ]
)
_HEADERS = st.sampled_from(
    [
        ("Range", "bytes=9-1"),
        ("Range", "bytes=0-,5-"),
        ("Range", "bytes=" + "1" * 500 + "-"),
        ("X-Request-Id", "a" * 5000),
        ("X-Jwt-Assertion-LOCAL", "a.b.c"),
        ("X-Jwt-Assertion-OTHER", "eyJhbGciOiJub25lIn0.e30."),
        ("Assertion", "x"),
        ("Host", "evil.example"),
        ("Host", "["),
        ("Cookie", "session=vera"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("Origin", "null"),
        ("Accept-Encoding", "\xff"),
        ("Expect", "x"),
        ("Content-Encoding", "gzip"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "-5"),
        ("Content-Length", "9" * 30),
    ]
)
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "geT")


class World(Protocol):
    """What the fixture gives: see this folder's conftest."""

    agave: LocalAgave
    tokens: list[str]
    names: dict[str, list[str]]

    def snapshot(self) -> dict[str, Any]:
        """Return what the victim finds of hers."""


@dataclass
class Hostile:
    """A request before it is known whose things it asks for.

    Attributes:
        method: HTTP method.
        rule: of the route that it is meant for.
        junk: for the rule's variables.
        picks: numbers that choose between a victim's identifiers and junk.
        query: names and values.
        headers: further headers.
        body: bytes.
        type: content type.
        who: number of the credentials.
    """

    method: str
    rule: str
    junk: list[str]
    picks: list[int]
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    body: bytes = field(repr=False)
    type: str = ""
    who: int = 0

    def path(self, names: dict[str, list[str]]) -> str:
        """Return the path and query, with the victim's identifiers or junk in it."""
        places = iter(range(len(self.junk)))

        def fill(variable: re.Match[str]) -> str:
            place = next(places, 0)
            known = names.get(variable.group(1), [])
            pick = self.picks[place]
            return known[pick % len(known)] if known and pick < 6 else self.junk[place]

        path = _VARIABLE.sub(fill, self.rule).replace(" ", "%20")
        path = path.encode("ascii", "backslashreplace").decode()
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return f"{path}?{query}" if query else path

    @property
    def is_unfinished(self) -> bool:
        """Whether its headers promise another body than it has."""
        promised = {"Content-Length", "Transfer-Encoding", "Expect"}
        return any(name in promised for name, _ in self.headers)

    def to_bytes(self, world: World) -> bytes:
        """Return the request as it goes over the wire."""
        base = urlsplit(world.agave.base_url)
        lines = [f"{self.method} {self.path(world.names)} HTTP/1.1"]
        if not any(name == "Host" for name, _ in self.headers):
            lines.append(f"Host: {base.netloc}")
        if self.who == 0:
            basic = b64encode(f"mallory:{PASSWORD}".encode()).decode()
            lines.append(f"Authorization: Basic {basic}")
        elif self.who <= len(world.tokens):
            lines.append(f"Authorization: Bearer {world.tokens[self.who - 1]}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines += [f"Content-Type: {self.type}", "Connection: close"]
        if not any("Length" in name or "Transfer" in name for name, _ in self.headers):
            lines.append(f"Content-Length: {len(self.body)}")
        head = "\r\n".join([*lines, "", ""])
        return head.encode("utf-8", "surrogatepass") + self.body


def _mostly(value: Any, others: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 3).flatmap(lambda n: others if n == 0 else st.just(value))


_REQUESTS = st.builds(
    Hostile,
    method=_mostly("", st.sampled_from(_METHODS)),
    rule=st.just(""),
    junk=st.lists(_JUNK, min_size=3, max_size=3),
    picks=st.lists(st.integers(0, 9), min_size=3, max_size=3),
    query=st.lists(_PARAMETERS, max_size=3),
    # Most are nearly right, so that they come far before they are refused.
    headers=_mostly([], st.lists(_HEADERS, max_size=2)),
    body=_BODIES,
    type=_mostly("application/json", _TYPES),
    who=_mostly(1, st.integers(0, 11)),
)


@seed(20261122)
@settings(
    max_examples=REQUESTS,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(request=_REQUESTS, route=st.sampled_from(all_routes()))
def _attack(world: World, request: Hostile, route: Any) -> None:
    request.rule = route.rule
    request.method = request.method or route.method
    started = time.monotonic()
    status, body = _send(world, request)

    assert time.monotonic() - started < SLOWEST_S, request
    assert SECRET not in body, request
    assert not [trace for trace in TRACES if trace in body], (request, body[:500])
    is_recorded = any(message in body for message in RECORDED_500)
    # A HEAD is answered alike, but without the message that tells.
    is_recorded |= request.method == "HEAD" and route.operation == "actors.search"
    assert status < 500 or status == 501 or is_recorded, (request, body[:500])


def _send(world: World, request: Hostile) -> tuple[int, bytes]:
    base = urlsplit(world.agave.base_url)
    patience = UNFINISHED_S if request.is_unfinished else SLOWEST_S
    with socket.create_connection((base.hostname, base.port), patience) as connection:
        try:
            connection.sendall(request.to_bytes(world))
            answer = http.client.HTTPResponse(connection, method=request.method)
            answer.begin()
            return answer.status, answer.read()
        except TimeoutError:
            if not request.is_unfinished:
                raise
            return 408, b""
        except (http.client.HTTPException, OSError):
            # The server may close on what is no HTTP at all, without a word.
            return 400, b""


@pytest.mark.timeout(600)
def test_hostile_requests(world: World) -> None:
    """Whatever a stranger sends: no failure, no trace, nothing of the victim's."""
    before = world.snapshot()

    _attack(world)

    assert world.snapshot() == before
    assert world.agave.anonymous().get("/ready").ok
