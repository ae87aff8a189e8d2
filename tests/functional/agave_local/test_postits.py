"""Postits: made, redeemed by anybody, used up, expired."""

import concurrent.futures
from typing import Any

import pytest

from agave_local.services.jobs.testing import STORAGE, add_storage
from agave_local.testing import Caller, FakeClock, LocalAgave

MEDIA = f"/files/v2/media/system/{STORAGE}"
POSTITS = "/postits/v2"


@pytest.fixture(name="anna")
def _anna(agave_at: LocalAgave) -> Caller:
    add_storage(agave_at.tenant)
    anna = agave_at.client("anna")
    anna.get(f"/files/v2/listings/system/{STORAGE}/anna").raise_for_status()
    files = {"fileToUpload": ("f", b"0123456789")}
    anna.post(f"{MEDIA}/anna", files=files).raise_for_status()
    return anna


@pytest.fixture(name="nobody")
def _nobody(agave_at: LocalAgave) -> Caller:
    return agave_at.anonymous()


def _create(agave: LocalAgave, caller: Caller, path: str, **fields: Any) -> Any:
    body = {"url": f"{agave.base_url}{path}", **fields}
    answer = caller.post(POSTITS, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["result"]


def test_redeem_a_postit(agave_at: LocalAgave, anna: Caller, nobody: Caller) -> None:
    """Anybody who has a postit fetches the file of its creator, whole or in part."""
    postit = _create(agave_at, anna, f"{MEDIA}/anna/f", maxUses=3, lifetime=60)

    assert postit["url"] == f"{agave_at.base_url}{POSTITS}/{postit['postit']}"
    assert postit["_links"]["self"]["href"] == postit["url"]
    assert postit["target"] == f"{agave_at.base_url}{MEDIA}/anna/f"
    assert (postit["method"], postit["creator"]) == ("GET", "anna")
    assert (postit["maxUses"], postit["remainingUses"]) == (3, 3)
    assert postit["postit"].endswith("-010")
    got = nobody.get(postit["url"])
    assert (got.status_code, got.content) == (200, b"0123456789")
    part = nobody.get(postit["url"], headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert anna.get(POSTITS).json()["result"][0]["remainingUses"] == 1


def test_a_postit_is_used_up(
    agave_at: LocalAgave, anna: Caller, nobody: Caller
) -> None:
    """After its last use a postit is gone, however many ask at once."""
    postit = _create(agave_at, anna, f"{MEDIA}/anna/f", maxUses=3)

    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        statuses = list(
            threads.map(lambda _: nobody.get(postit["url"]).status_code, range(8))
        )

    assert sorted(statuses) == [200] * 3 + [410] * 5
    assert anna.get(POSTITS).json()["result"] == []


def test_a_postit_expires(
    agave_at: LocalAgave, anna: Caller, nobody: Caller, clock: FakeClock
) -> None:
    """After its lifetime a postit is gone, and is forgotten in the end."""
    postit = _create(agave_at, anna, f"{MEDIA}/anna/f", lifetime=100)
    clock.move(99)
    assert nobody.get(postit["url"]).status_code == 200

    clock.move(1)

    assert nobody.get(postit["url"]).status_code == 410
    assert nobody.head(postit["url"]).status_code == 410
    assert anna.get(POSTITS).json()["result"] == []
    clock.move(31 * 86_400)
    agave_at.tenant.duties.tick()
    assert nobody.get(postit["url"]).status_code == 404


def test_a_look_does_not_use_a_postit(
    agave_at: LocalAgave, anna: Caller, nobody: Caller
) -> None:
    """HEAD, which programs send that preview links, leaves a postit as it was."""
    postit = _create(agave_at, anna, f"{MEDIA}/anna/f", maxUses=1)

    assert nobody.head(postit["url"]).status_code == 200
    assert nobody.get(postit["url"]).status_code == 200
    assert nobody.head(postit["url"]).status_code == 410


def test_delete_a_postit(agave_at: LocalAgave, anna: Caller, nobody: Caller) -> None:
    """Its creator ends a postit at once; nobody else can."""
    postit = _create(agave_at, anna, f"{MEDIA}/anna/f")
    bob = agave_at.client("bob")

    assert bob.get(POSTITS).json()["result"] == []
    assert bob.delete(postit["url"]).status_code == 404
    assert nobody.delete(postit["url"]).status_code == 401
    assert anna.delete(postit["url"]).status_code == 200
    assert nobody.get(postit["url"]).status_code == 404
    assert anna.delete(postit["url"]).status_code == 404


def test_the_creators_rights(
    agave_at: LocalAgave, anna: Caller, nobody: Caller
) -> None:
    """A postit can do what its creator can at that moment, and no more."""
    agave_at.client("bob").get(f"/files/v2/listings/system/{STORAGE}/bob")
    foreign = _create(agave_at, anna, f"/files/v2/listings/system/{STORAGE}/bob")
    assert nobody.get(foreign["url"]).status_code == 403

    me = _create(agave_at, anna, "/profiles/v2/me")
    # Who redeems it is nobody, whatever they send.
    headers = {"Authorization": f"Bearer {agave_at.client('bob').token}"}
    got = nobody.get(me["url"], headers=headers).json()["result"]
    assert got["username"] == "anna"

    agave_at.tenant.store.delete("profile", "anna")
    assert nobody.get(me["url"]).status_code == 410


def test_a_postit_without_rights(
    agave_at: LocalAgave, anna: Caller, nobody: Caller
) -> None:
    """A postit with `noauth` calls its address as nobody."""
    tenants = _create(agave_at, anna, "/tenants", noauth=True)
    assert nobody.get(tenants["url"]).status_code == 200

    me = _create(agave_at, anna, "/profiles/v2/me", noauth="true")
    assert me["noauth"] is True
    assert nobody.get(me["url"]).status_code == 401


def test_other_methods(agave_at: LocalAgave, anna: Caller, nobody: Caller) -> None:
    """A postit may upload, change or delete; GET redeems any of them."""
    upload = _create(agave_at, anna, f"{MEDIA}/anna", method="post")
    sent = nobody.post(upload["url"], files={"fileToUpload": ("new", b"posted")})
    assert sent.status_code == 202
    assert anna.get(f"{MEDIA}/anna/new").content == b"posted"
    assert nobody.put(upload["url"], data=b"x").status_code == 400

    rename = _create(agave_at, anna, f"{MEDIA}/anna/new", method="PUT")
    body = {"action": "rename", "path": "old"}
    assert nobody.put(rename["url"], json=body).status_code == 200
    assert nobody.get(rename["url"], json=body).status_code == 400

    delete = _create(agave_at, anna, f"{MEDIA}/anna/old", method="DELETE")
    assert nobody.get(delete["url"], data=b"junk").status_code == 200
    assert anna.get(f"{MEDIA}/anna/old").status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/files/v2/listings",
        "ftp://{host}/files/v2/listings",
        "http://user@{host}/files/v2/listings",
        "{base}/postits/v2/0123-242ac113-0001-010",
        "{base}//postits/v2/0123-242ac113-0001-010",
        "{base}/token",
        "{base}/clients/v2",
        "{base}/local/reset",
        "{base}/filesystem",
        "{base}",
        "{base}/files/v2/listings/a b",
        "{base}/files/v2/listings/\u00fc",
        "http://[::",
        "",
        7,
    ],
)
def test_refuse_an_address(agave_at: LocalAgave, anna: Caller, url: str | int) -> None:
    """A postit is for an address of this tenant that gives no account away."""
    if isinstance(url, str):
        host = agave_at.base_url.partition("//")[2]
        url = url.format(base=agave_at.base_url, host=host)

    assert anna.post(POSTITS, json={"url": url}).status_code == 400


def test_never_another_postit(
    agave_at: LocalAgave, anna: Caller, nobody: Caller
) -> None:
    """An address that only turns into a postit's when it is read is no way round."""
    inner = _create(agave_at, anna, f"{MEDIA}/anna/f", maxUses=1)
    record = agave_at.tenant.store.get("postit", inner["postit"])
    assert record is not None
    outer = _create(agave_at, anna, "/files/..%2fpostits%2fv2/x")
    assert nobody.get(outer["url"]).status_code == 404

    path = f"/files/v2/../../postits/v2/{inner['postit']}"
    outer = _create(agave_at, anna, path)
    assert nobody.get(outer["url"]).status_code == 404
    assert nobody.get(inner["url"]).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"method": "TRACE"},
        {"maxUses": 0},
        {"maxUses": -2},
        {"maxUses": "many"},
        {"maxUses": True},
        {"maxUses": 10**12},
        {"lifetime": 0},
        {"lifetime": 10**12},
        {"lifetime": 1.5},
        {"noauth": "perhaps"},
        {"noauth": 1},
    ],
)
def test_refuse_a_field(
    agave_at: LocalAgave, anna: Caller, fields: dict[str, Any]
) -> None:
    """A field that can't be is named."""
    body = {"url": f"{agave_at.base_url}{MEDIA}/anna/f", **fields}

    answer = anna.post(POSTITS, json=body)

    assert answer.status_code == 400
    assert next(iter(fields)) in answer.json()["message"]


def test_page_postits(agave_at: LocalAgave, anna: Caller) -> None:
    """Postits are listed oldest first, and page by page; numbers may be digits."""
    for number in range(4):
        _create(agave_at, anna, f"{MEDIA}/anna/f", maxUses=str(number + 1))

    page = anna.get(POSTITS, params={"limit": 2, "offset": 1}).json()["result"]
    assert [postit["maxUses"] for postit in page] == [2, 3]


def test_too_many_postits(agave_at: LocalAgave, anna: Caller) -> None:
    """One user has so many postits and no more."""
    store, now = agave_at.tenant.store, agave_at.tenant.clock.now()
    record = {"owner": "anna", "expires": now + 60, "remainingUses": -1}
    with store.transaction():
        for number in range(10_000):
            store.insert("postit", f"p{number}", record)

    body = {"url": f"{agave_at.base_url}{MEDIA}/anna/f"}
    assert anna.post(POSTITS, json=body).status_code == 429
