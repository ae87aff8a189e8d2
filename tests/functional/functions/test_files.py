"""The function `files`."""

import pytest

from functions.files.app import app
from iptweb.errors import AgaveRefused, AgaveUnavailable
from iptweb.testing import FakeTenant, FunctionClient


@pytest.fixture(name="client")
def _client(tenant: FakeTenant) -> FunctionClient:
    return FunctionClient(app, tenant)


def test_list_home(client: FunctionClient) -> None:
    """The home is listed without itself, with paths relative to it."""
    answer = client.get("/files")

    assert answer.status == 200
    assert answer.body == {
        "path": "",
        "entries": [
            {
                "name": "heat.c",
                "path": "heat.c",
                "type": "file",
                "size": 29,
                "modified": "",
            },
            {"name": "src", "path": "src", "type": "dir", "size": 0, "modified": ""},
        ],
        "more": False,
    }


def test_pages_cover_a_folder_once(client: FunctionClient) -> None:
    """Page by page every entry comes once."""
    client.tenant.files |= {f"ada/f{i:02}": b"" for i in range(10)}
    names: list[str] = []
    more = True
    while more:
        body = client.get("/files", limit=5, offset=len(names)).body
        names += [entry["name"] for entry in body["entries"]]
        more = body["more"]

    assert names == [*(f"f{i:02}" for i in range(10)), "heat.c", "src"]


def test_list_subfolder(client: FunctionClient) -> None:
    """A folder is listed by any spelling of its path."""
    for path in ("src", "~/src", "/home/ipt/src/"):
        body = client.get("/files", path=path).body
        assert [entry["path"] for entry in body["entries"]] == ["src/a.c"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("nope", "not_found"),
        ("heat.c", "bad_request"),
        ("../bob", "bad_request"),
        ("a\0b", "bad_request"),
        ("/etc", "bad_request"),
    ],
)
def test_list_refusals(client: FunctionClient, path: str, code: str) -> None:
    """What is not there, is no folder, or is elsewhere, is refused."""
    assert client.get("/files", path=path).code == code


@pytest.mark.parametrize("value", ["0", "251", "x", "-1"])
def test_list_limits(client: FunctionClient, value: str) -> None:
    """A page has 1 to 250 entries."""
    assert client.get("/files", limit=value).field == "limit"


def test_make_folder(client: FunctionClient) -> None:
    """A folder is made; asked again, it is the same."""
    for _ in range(2):
        answer = client.post("/folders", path="new")
        assert (answer.status, answer.body["path"]) == (201, "new")
        assert answer.body["type"] == "dir"

    assert client.tenant.files["ada/new"] is None


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("heat.c", "conflict"),
        ("nope/new", "not_found"),
        ("~", "bad_request"),
        ("../x", "bad_request"),
        ("", "bad_request"),
    ],
)
def test_make_folder_refusals(client: FunctionClient, path: str, code: str) -> None:
    """A folder is not made over a file, nowhere, or outside."""
    assert client.post("/folders", path=path).code == code


def test_rename(client: FunctionClient) -> None:
    """An entry gets another name; to its own name it stays."""
    assert client.post("/files/rename", path="src", name="lib").body["path"] == "lib"
    assert client.post("/files/rename", path="lib", name="lib").status == 200
    assert "ada/lib/a.c" in client.tenant.files


@pytest.mark.parametrize(
    ("path", "name", "code"),
    [
        ("heat.c", "src", "conflict"),
        ("nope", "x", "not_found"),
        ("heat.c", "a/b", "bad_request"),
        ("heat.c", "..", "bad_request"),
        ("heat.c", "a\nb", "bad_request"),
        ("~", "x", "bad_request"),
    ],
)
def test_rename_refusals(
    client: FunctionClient, path: str, name: str, code: str
) -> None:
    """A name that is taken or no name is refused."""
    assert client.post("/files/rename", path=path, name=name).code == code


def test_delete(client: FunctionClient) -> None:
    """A folder is deleted with everything in it."""
    assert client.request("DELETE", "/files", query={"path": "src"}).body == {}
    assert "ada/src/a.c" not in client.tenant.files


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "bad_request"),
        ({"path": "~"}, "bad_request"),
        ({"path": "nope"}, "not_found"),
        ({"path": "../bob/secret.c"}, "bad_request"),
    ],
)
def test_delete_refusals(
    client: FunctionClient, query: dict[str, str], code: str
) -> None:
    """Neither the home itself nor anything outside is deleted."""
    assert client.request("DELETE", "/files", query=query).code == code


def test_upload_target(client: FunctionClient) -> None:
    """The browser is told where to post the bytes."""
    answer = client.post("/uploads", path="src", name="b.c", size=12)

    assert answer.body == {
        "url": "https://tenant.test/files/v2/media/system/ipt.storage/ada/src",
        "method": "POST",
        "field": "fileToUpload",
    }


@pytest.mark.parametrize(
    ("path", "name", "size", "code"),
    [
        ("", "src", 1, "conflict"),
        ("heat.c", "x", 1, "bad_request"),
        ("nope", "x", 1, "not_found"),
        ("", "../x", 1, "bad_request"),
        ("", "x", -1, "bad_request"),
        ("", "x", "1", "bad_request"),
        ("", "x", (1 << 30) + 1, "payload_too_large"),
    ],
)
def test_upload_refusals(
    client: FunctionClient, path: str, name: str, size: object, code: str
) -> None:
    """What can't be uploaded is refused before a byte travels."""
    assert client.post("/uploads", path=path, name=name, size=size).code == code


def test_download_target(client: FunctionClient) -> None:
    """The browser is told where to fetch the bytes, and how many there are."""
    assert client.get("/downloads", path="~/heat.c").body == {
        "url": "https://tenant.test/files/v2/media/system/ipt.storage/ada/heat.c",
        "name": "heat.c",
        "size": 29,
    }


@pytest.mark.parametrize(
    ("path", "code"),
    [("src", "bad_request"), ("nope", "not_found"), ("", "bad_request")],
)
def test_download_refusals(client: FunctionClient, path: str, code: str) -> None:
    """Only a file that is there can be fetched."""
    assert client.get("/downloads", path=path).code == code


def test_own_token_is_needed(client: FunctionClient) -> None:
    """Without the user's token nothing is done."""
    assert client.get("/files", authorized=False).code == "unauthorized"


def test_foreign_token_is_refused(client: FunctionClient) -> None:
    """A token of somebody else is not good for the caller."""
    client.token = client.tenant.give_token("bob")

    assert client.get("/files").code == "forbidden"


def test_expired_token(client: FunctionClient) -> None:
    """A token that is over tells the site to refresh it."""
    del client.tenant.tokens[client.token]

    answer = client.get("/files")

    assert (answer.status, answer.code) == (401, "token_expired")


@pytest.mark.parametrize(
    ("status", "code"), [(403, "forbidden"), (400, "upstream_refused")]
)
def test_storage_refuses(client: FunctionClient, status: int, code: str) -> None:
    """What the storage refuses is told as what it is."""
    client.tenant.failures["delete_file"] = AgaveRefused(
        "No.", service="files", upstream_status=status
    )

    answer = client.request("DELETE", "/files", query={"path": "heat.c"})

    assert answer.code == code


def test_storage_is_down(client: FunctionClient) -> None:
    """A storage that does not answer is the platform's trouble."""
    client.tenant.failures["list_files"] = AgaveUnavailable("No.", service="files")

    answer = client.get("/files")

    assert (answer.status, answer.code) == (503, "upstream_unavailable")


def test_folder_that_never_appears(client: FunctionClient) -> None:
    """A storage that lists nothing, not even the folder, has no such folder."""
    client.tenant.files["ada"] = None
    answer = client.get("/files", path="src/none")

    assert answer.code == "not_found"
    assert "'src/none'" in answer.message
