"""Bytes of files, against canned HTTP answers and a tenant in memory."""

from collections.abc import Iterator

import pytest
import requests
import responses

from iptweb.agave import AgaveClient
from iptweb.errors import (
    AgaveRefused,
    AgaveUnavailable,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    PayloadTooLarge,
    UpstreamError,
)
from iptweb.files import FileService, HomePath
from iptweb.secret import Secret
from iptweb.testing import FakeTenant

SERVER = "http://127.0.0.1:8443"
MEDIA = f"{SERVER}/files/v2/media/system/ipt.storage/ada"


@pytest.fixture(name="http")
def _http() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture(name="client")
def _client() -> Iterator[AgaveClient]:
    client = AgaveClient(SERVER, Secret("user-token"), "user")
    yield client
    client.close()


def test_bytes_are_read(http: responses.RequestsMock, client: AgaveClient) -> None:
    """Also of a file whose text looks like an answer of the platform."""
    data = b'{"status": "success", "result": 1}\xff\0'
    http.get(f"{MEDIA}/a%20b%23.c", body=data)

    assert client.read_file("ipt.storage", "ada/a b#.c", 1000) == data


def test_no_more_is_read_than_asked_for(
    http: responses.RequestsMock, client: AgaveClient
) -> None:
    """One byte more tells that there is more."""
    http.get(f"{MEDIA}/big", body=b"x" * 300_000)

    assert client.read_file("ipt.storage", "ada/big", 100_000) == b"x" * 100_001


def test_bytes_are_written(http: responses.RequestsMock, client: AgaveClient) -> None:
    """As a form with one file, which has its name."""
    http.post(f"{MEDIA}/src", json={"result": {}}, status=202)

    client.write_file("ipt.storage", "ada/src", "a.c", b"int x;\xff")

    request = http.calls[0].request
    assert isinstance(request, requests.PreparedRequest)
    assert request.headers["Content-Type"].startswith("multipart/form-data")
    assert isinstance(request.body, bytes)
    assert b'name="fileToUpload"; filename="a.c"' in request.body
    assert b"int x;\xff" in request.body


@pytest.mark.parametrize(
    ("status", "kind"), [(404, AgaveRefused), (503, AgaveUnavailable)]
)
def test_refusals(
    status: int,
    kind: type[UpstreamError],
    http: responses.RequestsMock,
    client: AgaveClient,
) -> None:
    """They are ours, with the platform's status."""
    http.get(f"{MEDIA}/a.c", status=status)

    with pytest.raises(kind) as caught:
        client.read_file("ipt.storage", "ada/a.c", 10)

    assert caught.value.upstream_status == status


def test_connection_that_breaks(
    http: responses.RequestsMock, client: AgaveClient
) -> None:
    """Half a file is no file."""
    http.get(f"{MEDIA}/a.c", body=requests.exceptions.ChunkedEncodingError("cut"))

    with pytest.raises(AgaveUnavailable):
        client.read_file("ipt.storage", "ada/a.c", 10)


def test_connection_that_breaks_on_the_way(
    http: responses.RequestsMock, client: AgaveClient
) -> None:
    """An answer that is shorter than it said is none either."""
    http.get(
        f"{MEDIA}/a.c",
        body=b"half",
        headers={"Content-Length": "8"},
        auto_calculate_content_length=False,
    )

    with pytest.raises(AgaveUnavailable):
        client.read_file("ipt.storage", "ada/a.c", 10)


@pytest.fixture(name="tenant")
def _tenant() -> FakeTenant:
    tenant = FakeTenant()
    tenant.files |= {"ada": None, "ada/src": None, "ada/src/a.c": b"12345"}
    return tenant


@pytest.fixture(name="home")
def _home(tenant: FakeTenant) -> FileService:
    return FileService(tenant.as_user("ada"), "ipt.storage", "ada")


def test_file_of_a_home(home: FileService) -> None:
    """It is returned whole, or refused."""
    path = HomePath.read("src/a.c")

    assert home.read_file(path, 5) == b"12345"
    with pytest.raises(PayloadTooLarge):
        home.read_file(path, 4)
    with pytest.raises(BadRequest, match="is a folder"):
        home.read_file(HomePath.read("src"), 5)
    with pytest.raises(NotFound):
        home.read_file(HomePath.read("b.c"), 5)


def test_file_that_goes_away(home: FileService, tenant: FakeTenant) -> None:
    """It was there a moment ago."""
    tenant.failures["read_file"] = AgaveRefused(
        "no", service="files", upstream_status=404
    )

    with pytest.raises(NotFound):
        home.read_file(HomePath.read("src/a.c"), 5)


def test_file_into_a_home(home: FileService, tenant: FakeTenant) -> None:
    """Its folders are made, and one of its name is replaced."""
    entry = home.write_file(HomePath.read("x/y"), "b.c", b"1")
    home.write_file(HomePath.read("x/y"), "b.c", b"22")
    top = home.write_file(HomePath(), "c.c", b"")

    assert (entry["path"], entry["size"]) == ("x/y/b.c", 1)
    assert tenant.files["ada/x/y/b.c"] == b"22"
    assert top["path"] == "c.c"


def test_file_that_cannot_be_written(home: FileService, tenant: FakeTenant) -> None:
    """A folder is in its place, a file in that of its folder, or it is not allowed."""
    with pytest.raises(Conflict, match="folder named 'src'"):
        home.write_file(HomePath(), "src", b"")
    with pytest.raises(Conflict, match="There is already a file"):
        home.write_file(HomePath.read("src/a.c"), "b.c", b"")
    tenant.failures["write_file"] = AgaveRefused(
        "no", service="files", upstream_status=403
    )
    with pytest.raises(Forbidden):
        home.write_file(HomePath(), "b.c", b"")
