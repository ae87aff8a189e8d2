"""What is asked again, and what is asked only once."""

import pytest
import requests
import responses

from agave_deploy.errors import TenantRefused, TenantUnreachable
from agave_deploy.profiles.profile import Profile
from agave_deploy.tenant.client import TenantClient
from agave_deploy.upkeep.deployment import connect

BASE = "https://api.example.org"
SILENCE = requests.ConnectionError("refused")


class Patient:
    """A client that notes how long it would have waited."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        self.client = TenantClient(
            BASE, "ipt", "secret", pauses=(1.0, 2.0), sleep=self.waited.append
        )


@pytest.fixture(name="patient")
def _patient() -> Patient:
    return Patient()


@responses.activate
@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_busy_tenant_is_asked_again(patient: Patient, status: int) -> None:
    """Who has no time for a moment is asked again, what changes nothing more."""
    responses.get(f"{BASE}/actors/v2", status=status)
    responses.get(f"{BASE}/actors/v2", body=SILENCE)
    responses.get(f"{BASE}/actors/v2", json={"result": []})

    assert patient.client.actors() == []
    assert patient.waited == [1.0, 2.0]


@responses.activate
def test_silent_tenant_is_given_up(patient: Patient) -> None:
    """After the last pause it is said that there is no answer."""
    responses.get(f"{BASE}/actors/v2", body=SILENCE)

    with pytest.raises(TenantUnreachable):
        patient.client.actors()

    assert patient.waited == [1.0, 2.0]


@responses.activate
def test_refusal_is_not_asked_again(patient: Patient) -> None:
    """A refusal stays one."""
    responses.get(f"{BASE}/actors/v2", status=403)

    with pytest.raises(TenantRefused):
        patient.client.actors()

    assert patient.waited == []


@responses.activate
def test_what_makes_something_is_sent_once(patient: Patient) -> None:
    """Nobody knows whether it was heard, so it is not sent twice."""
    responses.post(f"{BASE}/actors/v2", body=SILENCE)
    responses.put(f"{BASE}/actors/v2/a", body=SILENCE)

    for force in (None, "a"):
        with pytest.raises(TenantUnreachable):
            patient.client.put_actor({}, force, force=True)

    assert patient.waited == []


@responses.activate
def test_update_is_sent_again(patient: Patient) -> None:
    """An update that sets what it says may come twice."""
    responses.put(f"{BASE}/actors/v2/a", status=503)
    responses.put(f"{BASE}/actors/v2/a", json={"result": {}})

    assert patient.client.put_actor({"image": "x"}, "a") == "a"
    assert patient.waited == [1.0]


@responses.activate
def test_delete_twice(patient: Patient) -> None:
    """What is gone already is no error; what can't be deleted is one."""
    responses.delete(f"{BASE}/actors/v2/a", status=503)
    responses.delete(f"{BASE}/actors/v2/a", status=404)
    responses.delete(f"{BASE}/actors/v2/b", status=403)

    assert not patient.client.delete_actor("a")
    with pytest.raises(TenantRefused):
        patient.client.delete_actor("b")


@responses.activate
def test_unknown_certificate(patient: Patient) -> None:
    """A certificate that nobody vouches for is told apart from silence."""
    error = requests.exceptions.SSLError("self-signed")
    responses.get(f"{BASE}/actors/v2", body=error)

    with pytest.raises(TenantUnreachable, match="ca_bundle"):
        patient.client.actors()


@responses.activate
def test_pages_of_documents(patient: Patient) -> None:
    """All pages are read, and what belongs to others is left out."""
    own = {"owner": "ipt", "created": "2026", "name": "x"}
    first = [{**own, "uuid": f"{number:03}"} for number in range(99, -1, -1)]
    second = [{**own, "uuid": "100", "owner": "eve"}, {**own, "uuid": "101"}]
    responses.get(f"{BASE}/meta/v2/data", json={"result": first})
    responses.get(f"{BASE}/meta/v2/data", json={"result": second})

    found = patient.client.documents({"name": "x"})

    assert [each["uuid"] for each in found] == [
        *(f"{number:03}" for number in range(100)),
        "101",
    ]


@responses.activate
def test_folder_that_can_not_be_listed(patient: Patient) -> None:
    """A folder that is not there is empty; one that is closed is a refusal."""
    responses.get(f"{BASE}/files/v2/listings/system/s/a", status=404)
    responses.get(f"{BASE}/files/v2/listings/system/s/b", status=403)

    assert patient.client.list_folder("s", "a") == []
    with pytest.raises(TenantRefused):
        patient.client.list_folder("s", "b")


def test_connect_as_the_profile_says(profile: Profile) -> None:
    """Nobody is signed in before they sign in."""
    client = connect(profile, "secret")

    assert (client.username, client.token) == ("ipt", "")
