"""The façade over agavepy, against canned HTTP answers."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from iptweb.agave import AgaveClient, FileItem, MetadataItem, Profile, Slice
from iptweb.errors import AgaveRefused, AgaveUnavailable, TokenExpired
from iptweb.secret import Secret

SERVER = "http://127.0.0.1:8443"


@pytest.fixture(name="http")
def _http() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture(name="client")
def _client() -> Iterator[AgaveClient]:
    client = AgaveClient(SERVER + "/", Secret("user-token"), "user")
    yield client
    client.close()


def envelope(result: Any, version: str = "2.2.14") -> dict[str, Any]:
    """Return Agave's envelope."""
    return {"status": "success", "message": "", "version": version, "result": result}


def sent(http: responses.RequestsMock) -> requests.PreparedRequest:
    """Return the one request that was sent."""
    assert len(http.calls) == 1
    request = http.calls[0].request
    assert isinstance(request, requests.PreparedRequest)
    return request


def body_of(request: requests.PreparedRequest) -> Any:
    """Return the JSON that was sent."""
    return json.loads(request.body or "null")


def test_http_port_and_token(http: responses.RequestsMock, client: AgaveClient) -> None:
    """Plain HTTP and a port work, and the token travels."""
    http.get(
        f"{SERVER}/profiles/v2/me",
        json=envelope({"username": "ada", "first_name": "Ada", "last_name": "L"}),
    )

    assert client.my_profile() == Profile("ada", "Ada L")
    assert sent(http).headers["Authorization"] == "Bearer user-token"


def test_environment_is_not_trusted(
    http: responses.RequestsMock,
    client: AgaveClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither a proxy nor a CA bundle of the environment is used."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    http.get(f"{SERVER}/profiles/v2/me", json=envelope({"username": "ada"}))

    client.my_profile()

    # Kept by `responses`, for tests such as this.
    arguments = vars(http.calls[0].request)["req_kwargs"]
    assert not arguments["proxies"]
    assert arguments["verify"] is True
    assert arguments["timeout"] == (5.0, 30.0)


def test_agavepy_s_folder_is_not_on_the_path() -> None:
    """Importing agavepy does not hide our modules behind its own."""
    code = (
        "import sys; from iptweb.agave import AgaveClient;"
        "from iptweb.secret import Secret;"
        f"AgaveClient('{SERVER}', Secret('t'), 'u').close();"
        "assert 'agavepy' in sys.modules;"
        "print([p for p in sys.path if p.endswith('/agavepy')])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"


def test_find_metadata(http: responses.RequestsMock, client: AgaveClient) -> None:
    """A query is sent as JSON, and documents come back typed."""
    raw = {"uuid": "1-012", "owner": "ipt", "name": "n", "value": {"a": 1}, "x": 1}
    http.get(f"{SERVER}/meta/v2/data", json=envelope([raw]))

    found = client.find_metadata({"name": 'n"', "owner": "ipt"}, limit=3)

    assert found == [MetadataItem("1-012", "ipt", "n", {"a": 1}, "")]
    query = parse_qs(urlsplit(str(sent(http).url)).query)
    assert query == {"q": ['{"name":"n\\"","owner":"ipt"}'], "limit": ["3"]}


def test_write_metadata(http: responses.RequestsMock, client: AgaveClient) -> None:
    """Documents are added, replaced, shared and deleted."""
    raw = {"uuid": "1-012", "owner": "ipt", "name": "n", "value": {"a": 1}}
    http.post(f"{SERVER}/meta/v2/data", json=envelope(raw), status=201)
    http.post(f"{SERVER}/meta/v2/data/1-012", json=envelope(raw))
    http.post(f"{SERVER}/meta/v2/data/1-012/pems", json=envelope(None), status=201)
    http.delete(f"{SERVER}/meta/v2/data/1-012", json=envelope(None))

    assert client.add_metadata("n", {"a": 1}).uuid == "1-012"
    assert client.update_metadata("1-012", "n", {"a": 1}).value == {"a": 1}
    client.share_metadata("1-012", "ada", "READ")
    client.delete_metadata("1-012")

    bodies = [body_of(call.request) for call in http.calls]
    assert bodies == [
        {"name": "n", "value": {"a": 1}},
        {"name": "n", "value": {"a": 1}},
        {"username": "ada", "permission": "READ"},
        None,
    ]


def test_list_files(http: responses.RequestsMock, client: AgaveClient) -> None:
    """Paths are escaped, so that no name changes the address."""
    raw = {
        "name": "a b?#%.c",
        "path": "/ada/a b?#%.c",
        "type": "file",
        "length": 7,
        "lastModified": "2018-01-26T15:01:44.000-06:00",
    }
    address = f"{SERVER}/files/v2/listings/system/ipt.storage/ada/a%20b%3F%23%25.c"
    http.get(address, json=envelope([raw]))

    found = client.list_files("ipt.storage", "ada/a b?#%.c", limit=1)

    assert str(sent(http).url).startswith(address + "?")
    assert found == [
        FileItem("a b?#%.c", "/ada/a b?#%.c", "file", 7, "2018-01-26T15:01:44-06:00")
    ]


def test_change_files(http: responses.RequestsMock, client: AgaveClient) -> None:
    """Folders are made, entries renamed and deleted."""
    media = f"{SERVER}/files/v2/media/system/ipt.storage"
    http.put(f"{media}/", json=envelope({"name": "ada"}), status=201)
    http.put(f"{media}/ada/x", json=envelope({"name": "y"}))
    http.delete(f"{media}/ada/y", json=envelope(None))

    client.make_folder("ipt.storage", "", "ada")
    client.rename_file("ipt.storage", "ada/x", "y")
    client.delete_file("ipt.storage", "ada/y")

    bodies = [body_of(call.request) for call in http.calls]
    assert bodies[:2] == [
        {"action": "mkdir", "path": "ada"},
        {"action": "rename", "path": "y"},
    ]
    assert client.media_url("ipt.storage", "ada/a b") == f"{media}/ada/a%20b"


def test_jobs(http: responses.RequestsMock, client: AgaveClient) -> None:
    """Jobs are submitted, listed, read, stopped and hidden."""
    job = {"id": "1-007", "name": "n", "created": "2018-01-26T15:01:44.000Z", "x": [1]}
    base = f"{SERVER}/jobs/v2"
    http.post(f"{base}/", json=envelope(job), status=201)
    http.get(f"{base}/", json=envelope([job]))
    http.get(f"{base}/1-007", json=envelope(job))
    http.get(f"{base}/1-007/history", json=envelope([{"status": "PENDING"}]))
    http.post(f"{base}/1-007", json=envelope(job))
    http.delete(f"{base}/1-007", json=envelope(None))

    assert client.submit_job({"name": "n"})["id"] == "1-007"
    assert client.list_jobs(limit=2, offset=1)[0]["name"] == "n"
    assert json.dumps(client.get_job("1-007"))
    assert client.job_history("1-007") == [{"status": "PENDING"}]
    client.stop_job("1-007")
    client.delete_job("1-007")

    assert body_of(http.calls[4].request) == {"action": "stop"}


def test_job_id_is_one_part_of_the_address(
    http: responses.RequestsMock, client: AgaveClient
) -> None:
    """A job id with slashes stays one part of the address."""
    http.get(f"{SERVER}/jobs/v2/..%2F..%2Ftoken", json=envelope(None), status=404)

    with pytest.raises(AgaveRefused):
        client.get_job("../../token")


def test_outputs(http: responses.RequestsMock, client: AgaveClient) -> None:
    """Outputs are listed from the root of the job's folder."""
    http.get(
        f"{SERVER}/jobs/v2/1-007/outputs/listings/",
        json=envelope([{"name": "n.out", "type": "file", "length": 3}]),
    )

    assert [item.name for item in client.list_outputs("1-007")] == ["n.out"]


@pytest.mark.parametrize(
    ("content_range", "body", "expected"),
    [
        ("bytes 2-3/9", b"cd", Slice(b"cd", 9)),
        ("bytes 2-3/*", b"cd", Slice(b"cd", 4)),
        ("", b"abcdefghi", Slice(b"cd", 9)),
    ],
)
def test_read_output(
    http: responses.RequestsMock,
    client: AgaveClient,
    content_range: str,
    body: bytes,
    expected: Slice,
) -> None:
    """A part of a file is read, also from a server that knows no ranges."""
    address = f"{SERVER}/jobs/v2/1-007/outputs/media/n.out"
    headers = {"Content-Range": content_range} if content_range else {}
    http.get(address, body=body, status=206 if headers else 200, headers=headers)

    assert client.read_output("1-007", "n.out", 2, 2) == expected
    assert sent(http).headers["Range"] == "bytes=2-3"


def test_grants(http: responses.RequestsMock, client: AgaveClient) -> None:
    """Rights are given on systems, apps and actors."""
    http.post(f"{SERVER}/systems/v2/ipt.local/roles", json=envelope(None), status=201)
    http.post(f"{SERVER}/apps/v2/a-1.0/pems", json=envelope(None), status=201)
    http.post(
        f"{SERVER}/actors/v2/dev-x/permissions", json=envelope({"ada": "EXECUTE"})
    )

    client.grant_system("ipt.local", "ada", "USER")
    client.grant_app("a-1.0", "ada", "READ_EXECUTE")
    client.grant_actor("dev-x", "ada", "EXECUTE")

    bodies = [body_of(call.request) for call in http.calls]
    assert bodies == [
        {"username": "ada", "role": "USER"},
        {"username": "ada", "permission": "READ_EXECUTE"},
        {"user": "ada", "level": "EXECUTE"},
    ]


FAULTS = [
    '<f xmlns="http://wso2.org/apimanager/security"><code>900904</code></f>',
    '{"fault": {"message": "Invalid Credentials"}}',
    '{"fault": {"message": "Other"}}',
    "",
]


@pytest.mark.parametrize("body", FAULTS)
def test_expired_token(
    http: responses.RequestsMock, client: AgaveClient, body: str
) -> None:
    """In whatever form the platform says it, a token that is over is over."""
    http.get(f"{SERVER}/profiles/v2/me", body=body, status=401)

    with pytest.raises(TokenExpired):
        client.my_profile()


def test_no_answer(http: responses.RequestsMock, client: AgaveClient) -> None:
    """A connection that fails is the platform's trouble."""
    http.get(f"{SERVER}/profiles/v2/me", body=requests.ConnectionError("hunter22"))

    with pytest.raises(AgaveUnavailable) as caught:
        client.my_profile()

    assert "hunter22" not in caught.value.message
    assert caught.value.service == "profiles"


def test_redirects_are_not_followed(
    http: responses.RequestsMock, client: AgaveClient
) -> None:
    """A redirect would carry the token elsewhere."""
    http.get(
        f"{SERVER}/profiles/v2/me",
        status=302,
        headers={"Location": "http://127.0.0.1/"},
    )

    with pytest.raises(AgaveRefused):
        client.my_profile()


@pytest.mark.parametrize(
    "body", ["<html>", "[]", '"x"', "{}", '{"result": 3}', '{"result": [1]}', ""]
)
def test_nonsense(http: responses.RequestsMock, client: AgaveClient, body: str) -> None:
    """An answer that is not Agave's is refused, whatever it is."""
    http.get(f"{SERVER}/meta/v2/data", body=body)

    with pytest.raises(AgaveRefused):
        client.find_metadata({})


@pytest.mark.parametrize("result", [[1], None, 3])
def test_object_wanted(
    http: responses.RequestsMock, client: AgaveClient, result: Any
) -> None:
    """Anything else where an object should be is refused."""
    http.get(f"{SERVER}/profiles/v2/me", json=envelope(result))

    with pytest.raises(AgaveRefused):
        client.my_profile()


def test_token_does_not_show(client: AgaveClient) -> None:
    """No repr of the client's parts has the token."""
    assert "user-token" not in repr(vars(client))


MESSAGES = f"{SERVER}/actors/v2/dev-terminal/messages"


def test_ask_actor(http: responses.RequestsMock, client: AgaveClient) -> None:
    """A message is posted as JSON, the answer waited for, and its frame returned."""
    frame = {"status": 200, "headers": {}, "body": {"stopped": 1}}
    http.post(MESSAGES, json=frame)

    assert client.ask_actor("dev-terminal", {"command": "SWEEP"}) == frame
    request = sent(http)
    query = parse_qs(urlsplit(str(request.url)).query)
    assert query == {"_abaco_synchronous": ["true"]}
    assert body_of(request) == {"command": "SWEEP"}
    assert request.headers["Content-Type"] == "application/json"
    assert vars(request)["req_kwargs"]["timeout"] == (5.0, 120.0)


@pytest.mark.parametrize(
    "text", ["a log, since no frame came", "[]", '{"status": "x"}']
)
def test_ask_actor_without_a_frame(
    http: responses.RequestsMock, client: AgaveClient, text: str
) -> None:
    """What is no frame of ours is not taken for one, and not repeated."""
    http.post(MESSAGES, body=text, content_type="text/html")

    with pytest.raises(AgaveRefused) as caught:
        client.ask_actor("dev-terminal", {"command": "SWEEP"})

    assert "actors service gave an answer that can't be used" in str(caught.value)


def test_send_message(http: responses.RequestsMock, client: AgaveClient) -> None:
    """A message that nobody waits for gives the id of its execution."""
    http.post(MESSAGES, json=envelope({"executionId": "e1", "msg": {}}))

    assert client.send_message("dev-terminal", {"command": "SYNC"}) == "e1"
    assert "synchronous" not in str(sent(http).url)


@pytest.mark.parametrize("answer", [{}, {"result": None}, {"result": {}}])
def test_send_message_without_an_execution(
    http: responses.RequestsMock, client: AgaveClient, answer: dict[str, Any]
) -> None:
    """An answer without an execution is not Abaco's."""
    http.post(MESSAGES, json=answer)

    with pytest.raises(AgaveRefused):
        client.send_message("dev-terminal", {"command": "SYNC"})


def test_find_metadata_page(http: responses.RequestsMock, client: AgaveClient) -> None:
    """A later page is asked for by its offset."""
    http.get(f"{SERVER}/meta/v2/data", json=envelope([]))

    client.find_metadata({"owner": "ipt"}, limit=5, offset=10)

    query = parse_qs(urlsplit(str(sent(http).url)).query)
    assert (query["limit"], query["offset"]) == (["5"], ["10"])


def test_notifications(http: responses.RequestsMock, client: AgaveClient) -> None:
    """Those about one thing are returned, also by a platform that knows no filter."""
    ours = {"associatedUuid": "1-007", "url": "https://example.org/"}
    http.get(
        f"{SERVER}/notifications/v2/",
        json=envelope([ours, {**ours, "associatedUuid": "2-007"}]),
    )

    assert client.find_notifications("1-007") == [ours]
    query = parse_qs(urlsplit(str(sent(http).url)).query)
    assert query == {"associatedUuid": ["1-007"], "limit": ["100"]}


@pytest.mark.parametrize("answer", [b"no JSON", b"[]", b'{"result": {}}'])
def test_odd_notifications(
    http: responses.RequestsMock, client: AgaveClient, answer: bytes
) -> None:
    """An answer that is none is refused."""
    http.get(f"{SERVER}/notifications/v2/", body=answer)

    with pytest.raises(AgaveRefused):
        client.find_notifications("1-007")


def test_address_of_outputs(client: AgaveClient) -> None:
    """A job's id is one part of the address."""
    expected = f"{SERVER}/jobs/v2/1%2F7/outputs/media/"
    assert client.outputs_url("1/7") == expected
