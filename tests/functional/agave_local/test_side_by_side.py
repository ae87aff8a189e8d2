"""Several tenants in one server: each request finds its own, and nothing else's."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agave_local.configuration.file import configure
from agave_local.entrance.metrics import Metrics
from agave_local.handle import Caller, LocalAgave
from agave_local.tenant import Tenant
from agave_local.transports.served import Served, listen

CODES = ("LOCAL", "DEV-DEVELOP", "SD2E")
HOSTS = {
    "LOCAL": "home.example.org",
    "DEV-DEVELOP": "dev.example.org:8443",
    "SD2E": "home.example.org",
}
PATHS = {"LOCAL": "", "DEV-DEVELOP": "", "SD2E": "/sd2e"}
THREADS = 8


@dataclass
class Side:
    """One of the tenants, as seen from outside.

    Attributes:
        agave: the tenant, with its callers; their paths begin with its own.
        host: that its callers name.
    """

    agave: LocalAgave
    host: str

    def client(self, username: str) -> Caller:
        """Return a session of a user of this tenant, at its address."""
        return self.as_caller(self.agave.token(username))

    def as_caller(self, token: str = "") -> Caller:
        """Return a session that comes to this tenant's address with a token."""
        caller = Caller(self.agave.base_url, token)
        caller.headers["Host"] = self.host
        return caller


Sides = dict[str, Side]


@pytest.fixture(name="sides")
def _sides(tmp_path: Path) -> Iterator[Sides]:
    content = {
        "data": "data",
        "control": True,
        "tenants": [
            {"code": code, "base_url": f"https://{HOSTS[code]}{PATHS[code]}"}
            for code in CODES
        ],
    }
    configuration = configure(content, tmp_path, {})
    metrics = Metrics()
    with ExitStack() as held:
        listener = held.enter_context(listen("127.0.0.1", 0))
        port = listener.getsockname()[1]
        tenants = [Tenant(one, metrics=metrics) for one in configuration.settings(port)]
        served = Served(tenants[0], listener, THREADS, others=tenants[1:])
        served.start()
        held.callback(served.stop)
        address = f"http://127.0.0.1:{port}"
        yield {
            code: Side(LocalAgave(address + PATHS[code], tenant), HOSTS[code])
            for code, tenant in zip(CODES, tenants, strict=True)
        }


@pytest.fixture(name="plain")
def _plain(sides: Sides) -> Caller:
    """Return a session that names no tenant at all."""
    return sides["LOCAL"].agave.anonymous()


def _register(side: Side) -> dict[str, str]:
    """Make one of everything that has an identifier; return the identifiers."""
    ipt = side.client("ipt")
    body = {"image": "nothing", "name": "one"}
    actor = ipt.post("/actors/v2", json=body).json()["result"]["id"]
    nonce = ipt.post(f"/actors/v2/{actor}/nonces").json()["result"]["id"]
    record = ipt.post("/meta/v2/data", json={"name": "a", "value": side.host})
    return {
        "actor": actor,
        "nonce": nonce,
        "record": record.json()["result"]["uuid"],
    }


def _code(answer: Any) -> str:
    """Return which tenant answered a request for its readings."""
    return next(code for code in CODES if f'tenant="{code}"' in answer.text)


def test_found_by_host(sides: Sides, plain: Caller) -> None:
    """The name and path that a caller uses lead to the tenant of that address."""
    for code, side in sides.items():
        client = side.client("anna")
        client.post("/meta/v2/data", json={"name": code, "value": 1})
        assert [
            one["name"] for one in client.get("/meta/v2/data").json()["result"]
        ] == [code]
    token = sides["DEV-DEVELOP"].agave.token("anna")
    bearer = {"Authorization": f"Bearer {token}"}
    for host, status in (
        ("DEV.example.org:8443", 200),
        ("dev.example.org", 401),
        ("unknown.example.org", 401),
        ("", 401),
    ):
        answer = plain.get("/meta/v2/data", headers={"Host": host, **bearer})
        assert answer.status_code == status, host


def test_path_that_a_proxy_took_away(sides: Sides, plain: Caller) -> None:
    """A tenant below a path is found with and without it, where its host has no other.

    Paths that only begin alike are not below it.
    """
    token = sides["SD2E"].agave.token("anna")
    headers = {"Authorization": f"Bearer {token}", "Host": HOSTS["SD2E"]}

    assert plain.get("//sd2e//meta/v2/data", headers=headers).ok
    assert plain.get("/sd2ex/meta/v2/data", headers=headers).status_code == 404
    assert plain.get("/meta/v2/data", headers=headers).status_code == 401


def test_found_by_assertion(sides: Sides, plain: Caller) -> None:
    """The header of a tenant's gateway leads to it, in any case, even unbelieved."""
    token = sides["DEV-DEVELOP"].agave.token("anna")
    bearer = {"Authorization": f"Bearer {token}"}

    for name in ("X-Jwt-Assertion-Dev-Develop", "x-jwt-assertion-DEV-DEVELOP"):
        answer = plain.get("/meta/v2/data", headers={name: "no.good.one", **bearer})
        assert answer.status_code == 200
    unknown = {"X-Jwt-Assertion-Nobody": "no.good.one", **bearer}
    assert plain.get("/meta/v2/data", headers=unknown).status_code == 401


def test_found_by_nonce(sides: Sides, plain: Caller) -> None:
    """The nonce of a tenant leads to it, whatever host is named."""
    for side in sides.values():
        ids = _register(side)
        address = f"/actors/v2/{ids['actor']}/messages?x-nonce={ids['nonce']}"
        assert plain.post(address, data={"message": "m"}).ok
        elsewhere = sides["SD2E"].as_caller()
        assert elsewhere.post(address, data={"message": "m"}).ok


@pytest.mark.parametrize("nonce", ["NOBODY_x", "DEV-DEVELOP", "_", "DEV-DEVELOP_"])
def test_unknown_nonce(sides: Sides, plain: Caller, nonce: str) -> None:
    """A nonce that no tenant made opens nothing."""
    ids = _register(sides["LOCAL"])

    answer = plain.get(f"/actors/v2/{ids['actor']}?x-nonce={nonce}")

    assert answer.status_code == 400
    assert answer.json()["message"] == "Nonce does not exist."


def test_tokens_stay_at_home(sides: Sides) -> None:
    """A token is good at its own tenant; no service of another knows it."""
    token = sides["DEV-DEVELOP"].agave.token("anna")
    for code in ("LOCAL", "SD2E"):
        sides[code].agave.add_user("anna")
        stranger = sides[code].as_caller(token)
        for address in (
            "/meta/v2/data",
            "/actors/v2",
            "/jobs/v2",
            "/systems/v2",
            "/apps/v2",
            "/profiles/v2/me",
            "/files/v2/listings/system/x/",
        ):
            assert stranger.get(address).status_code == 401, address


def test_ids_stay_at_home(sides: Sides) -> None:
    """What has an id at one tenant is unknown at another, for administrators too."""
    ids = _register(sides["DEV-DEVELOP"])
    for code in ("LOCAL", "SD2E"):
        admin = sides[code].client("admin")
        assert admin.get(f"/meta/v2/data/{ids['record']}").status_code == 404
        assert admin.delete(f"/meta/v2/data/{ids['record']}").status_code == 404
        assert admin.get(f"/actors/v2/{ids['actor']}").status_code == 404
        assert admin.delete(f"/actors/v2/{ids['actor']}").status_code == 404
    at_home = sides["DEV-DEVELOP"].client("ipt")
    assert at_home.get(f"/meta/v2/data/{ids['record']}").ok
    assert at_home.get(f"/actors/v2/{ids['actor']}").ok


def test_a_nonce_opens_nothing_elsewhere(sides: Sides, plain: Caller) -> None:
    """A nonce of one tenant is no key to an actor of another."""
    mine, theirs = _register(sides["LOCAL"]), _register(sides["SD2E"])

    for actor, nonce in (
        (mine["actor"], theirs["nonce"]),
        (theirs["actor"], mine["nonce"]),
    ):
        answer = plain.get(f"/actors/v2/{actor}?x-nonce={nonce}")
        assert answer.status_code == 400
        assert answer.json()["message"] == "Nonce does not exist."


def test_each_has_its_folder(sides: Sides, tmp_path: Path) -> None:
    """The first tenant's records are at the top, as of a server with one."""
    stores = {path.parent for path in tmp_path.rglob("tenant.sqlite")}

    data = tmp_path / "data"
    assert stores == {data, data / "tenants" / "DEV-DEVELOP", data / "tenants" / "SD2E"}
    assert len(sides) == 3


def test_reset_of_one(sides: Sides) -> None:
    """One tenant forgets everything; the others nothing."""
    ids = {code: _register(side) for code, side in sides.items()}

    assert sides["LOCAL"].as_caller().post("/local/reset").ok

    for code in ("DEV-DEVELOP", "SD2E"):
        record = ids[code]["record"]
        assert sides[code].client("ipt").get(f"/meta/v2/data/{record}").ok
    gone = sides["LOCAL"].client("ipt").get(f"/meta/v2/data/{ids['LOCAL']['record']}")
    assert gone.status_code == 404


def test_all_are_listed(sides: Sides) -> None:
    """Every tenant knows which there are, and where."""
    for side in sides.values():
        listed = side.as_caller().get("/tenants").json()["result"]
        assert [(one["code"], one["baseUrl"]) for one in listed] == [
            (code.lower(), f"https://{HOSTS[code]}{PATHS[code]}/") for code in CODES
        ]
        assert side.as_caller().get("/tenants/SD2E").json()["result"]["id"] == "sd2e"


def test_numbers_of_one(sides: Sides) -> None:
    """An administrator from afar reads the numbers of the own tenant alone."""
    for side in sides.values():
        side.client("anna").get("/meta/v2/data")
    admin = sides["SD2E"].client("admin")

    far = admin.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    near = sides["SD2E"].as_caller().get("/metrics")

    assert _code(far) == "SD2E"
    assert "LOCAL" not in far.text
    assert all(f'tenant="{code}"' in near.text for code in CODES)
