"""What the client makes of a tenant's refusals and silences."""

import pytest
import requests
import responses

from agave_deploy.errors import TenantRefused, TenantUnreachable
from agave_deploy.tenant.client import TenantClient

BASE = "https://api.example.org"
SECRET = "correct horse"


@pytest.fixture
def client() -> TenantClient:
    """Return a client of a tenant that is faked."""
    return TenantClient(BASE, "ipt", SECRET)


@responses.activate
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"status": "error", "message": "No."}', "No."),
        ('{"fault": {"code": 900901, "message": "Invalid"}}', "Invalid"),
        ('{"error": "invalid_grant", "error_description": "Wrong"}', "Wrong"),
        ("[]", "no reason given"),
        ("{}", "no reason given"),
        ("<html>", "Forbidden"),
    ],
)
def test_refusal(client: TenantClient, body: str, reason: str) -> None:
    """A refusal names the operation, the status and the tenant's own reason."""
    responses.get(f"{BASE}/actors/v2", body=body, status=403)

    with pytest.raises(TenantRefused) as caught:
        client.actors()

    assert caught.value.status == 403
    assert str(caught.value) == f"The tenant refused GET /actors/v2 (403): {reason}"


@responses.activate
def test_no_answer(client: TenantClient) -> None:
    """Silence is told apart from a refusal, and holds no secret."""
    responses.get(f"{BASE}/actors/v2", body=requests.ConnectionError("refused"))

    with pytest.raises(TenantUnreachable, match="is it running") as caught:
        client.actors()

    assert SECRET not in str(caught.value)


@responses.activate
@pytest.mark.parametrize("body", ["", "{}", '{"result": 7}', '{"result": {}}'])
def test_answer_without_list(client: TenantClient, body: str) -> None:
    """An answer of another shape is a refusal, not a crash."""
    responses.get(f"{BASE}/actors/v2", body=body)

    with pytest.raises(TenantRefused, match="the answer is no list"):
        client.actors()


@responses.activate
@pytest.mark.parametrize("body", ["<html>", "[]"])
def test_answer_without_json(client: TenantClient, body: str) -> None:
    """An answer that is no JSON object is a refusal, not a crash."""
    responses.get(f"{BASE}/systems/v2/x", body=body)

    with pytest.raises(TenantRefused, match="the answer is not JSON"):
        client.find_system("x")


@responses.activate
def test_answer_without_object(client: TenantClient) -> None:
    """A record that is no object is a refusal, not a crash."""
    responses.get(f"{BASE}/systems/v2/x", body='{"result": []}')

    with pytest.raises(TenantRefused, match="the answer is no object"):
        client.find_system("x")


@responses.activate
def test_find_refused(client: TenantClient) -> None:
    """Only a 404 means that there is none."""
    responses.get(f"{BASE}/systems/v2/x", json={}, status=404)
    responses.get(f"{BASE}/systems/v2/y", json={}, status=500)
    responses.get(f"{BASE}/files/v2/media/system/x/a", json={}, status=404)
    responses.get(f"{BASE}/files/v2/media/system/x/b", json={}, status=403)

    assert client.find_system("x") is None
    assert client.read_file("x", "a") is None
    with pytest.raises(TenantRefused):
        client.find_system("y")
    with pytest.raises(TenantRefused):
        client.read_file("x", "b")


@responses.activate
def test_sign_in_without_token(client: TenantClient) -> None:
    """An answer without a token is a refusal."""
    responses.post(f"{BASE}/token", json={"access_token": ""})

    with pytest.raises(TenantRefused, match="no token came back"):
        client.sign_in("key", "secret")


@responses.activate
def test_redirect_is_not_followed(client: TenantClient) -> None:
    """A redirect could carry a password elsewhere, so it is a refusal."""
    responses.get(
        f"{BASE}/actors/v2", status=302, headers={"Location": "https://evil.example"}
    )

    with pytest.raises(TenantRefused, match="302"):
        client.actors()


@responses.activate
def test_names_are_quoted(client: TenantClient) -> None:
    """A name can't lead to another address."""
    responses.get(f"{BASE}/systems/v2/..%2Fx%3Fy", json={"result": {"id": "z"}})

    assert client.find_system("../x?y") == {"id": "z"}
