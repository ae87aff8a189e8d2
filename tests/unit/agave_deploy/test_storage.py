"""Storage systems on other machines than the tenant's."""

from pathlib import Path
from typing import Any

import pytest

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.bundle.models import Manifest
from agave_deploy.errors import ProfileError
from agave_deploy.profiles.profile import to_profile
from agave_deploy.profiles.storage import Storage, place_storage, read_storage
from agave_deploy.profiles.vault import Vault
from agave_deploy.systems.credentials import Credentials, auth_digest, with_key
from agave_deploy.upkeep.deployment import read_registrations

ROOT = Path(__file__).parents[3]
ENTRY: dict[str, Any] = {
    "host": "data.example.org",
    "user": "ipt",
    "root": "/srv/ipt/homes",
    "host_key": "ssh-ed25519 AAAAC3Nza",
    "credential": "data",
}


@pytest.fixture(name="own")
def _own() -> Manifest:
    """Return this checkout's registrations."""
    return read_manifest(ROOT)


def place(own: Manifest, storage: Any, homes: str = "ipt.storage") -> dict[str, Any]:
    """Return the placed systems' documents, by id."""
    placed = place_storage(own, read_storage(storage), homes=homes, site="ipt.site")
    return {system.id: system.document for system in placed.systems}


def test_read_storage() -> None:
    """Where homes lie is read, with SSH's own port where none is named."""
    assert read_storage({"ipt.storage": ENTRY}) == {
        "ipt.storage": Storage(**ENTRY, port=22)
    }
    assert read_storage({"a": {**ENTRY, "port": 2222}})["a"].port == 2222


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ([], "storage must be a mapping"),
        ({7: ENTRY}, "storage: 7 is no id of a system"),
        ({"a b": ENTRY}, "'a b' is no id of a system"),
        ({"a": "b"}, "storage: a must be a mapping with host, user, root"),
        ({"a": {**ENTRY, "key": "k"}}, "storage: a has no key key"),
        ({"a": {**ENTRY, "host": ""}}, "storage: a: host must be a name"),
        ({"a": {**ENTRY, "user": "-x"}}, "storage: a: user must be an account"),
        ({"a": {**ENTRY, "root": "srv"}}, "storage: a: root must be a whole path"),
        ({"a": {**ENTRY, "root": "/a/../b"}}, "storage: a: root must be a whole path"),
        ({"a": {**ENTRY, "host_key": "AAAA"}}, "storage: a: host_key must be the host"),
        ({"a": {**ENTRY, "credential": "A/b"}}, "a: credential must be the name of a"),
        ({"a": {**ENTRY, "port": 0}}, "storage: a: port must be a number"),
        ({"a": {**ENTRY, "port": True}}, "storage: a: port must be a number"),
        ({"a": {k: v for k, v in ENTRY.items() if k != "user"}}, "user must be an acc"),
    ],
)
def test_read_storage_refused(raw: Any, reason: str) -> None:
    """A wrong field is refused with its place and what is right."""
    with pytest.raises(ProfileError, match=reason):
        read_storage(raw)


def test_place_nothing(own: Manifest) -> None:
    """Without any entry all systems are as the checkout has them."""
    assert place(own, {}) == {system.id: system.document for system in own.systems}


def test_place(own: Manifest) -> None:
    """What is described is reached by SFTP; all else of it, and others, stay."""
    systems = place(own, {"ipt.storage": ENTRY})

    assert systems["ipt.storage"]["name"] == "IPT homes"
    assert systems["ipt.storage"]["storage"] == {
        "host": "data.example.org",
        "port": 22,
        "protocol": "SFTP",
        "rootDir": "/srv/ipt/homes",
        "homeDir": "/",
        "hostKey": "ssh-ed25519 AAAAC3Nza",
        "auth": {"type": "SSHKEYS"},
    }
    assert systems["ipt.apps"]["storage"]["protocol"] == "LOCAL"


def test_place_homes_that_are_there(own: Manifest) -> None:
    """A system of homes that is not described is somebody else's and left alone."""
    assert place(own, {}, "dev.ipt.cloud.storage").keys() == {"ipt.apps", "ipt.site"}


def test_place_homes_of_another_name(own: Manifest) -> None:
    """A system of homes that is described is registered under the profile's name."""
    systems = place(own, {"homes": ENTRY}, "homes")

    assert systems.keys() == {"ipt.apps", "ipt.site", "homes"}
    assert systems["homes"]["id"] == "homes"


def test_place_refused(own: Manifest) -> None:
    """A system that nobody uses is refused, and a site that lies nowhere."""
    with pytest.raises(ProfileError, match=r"nothing uses a system ipt\.stores"):
        place(own, {"ipt.stores": ENTRY})
    with pytest.raises(ProfileError, match="must say where the site's system other"):
        place_storage(own, {}, homes="ipt.storage", site="other")


def test_profile_places(profile_fields: dict[str, Any], tmp_path: Path) -> None:
    """A profile's storage arrives in what is registered; homes are public still."""
    profile = to_profile(
        {**profile_fields, "storage": {"ipt.storage": ENTRY}}, tmp_path
    )

    systems = {each.id: each for each in read_registrations(ROOT, profile, {}).systems}

    homes = systems["ipt.storage"]
    assert (homes.user, homes.credential, homes.public) == ("ipt", "data", True)
    assert homes.document["storage"]["host"] == "data.example.org"


def test_key_of_a_storage_system(own: Manifest, vault: Vault) -> None:
    """The key arrives in the document that is sent, and its fingerprint is known."""
    placed = place_storage(
        own,
        read_storage({"ipt.apps": {**ENTRY, "credential": "ticket-copy"}}),
        homes="ipt.storage",
        site="ipt.site",
    )
    apps = next(system for system in placed.systems if system.id == "ipt.apps")
    vault.write("ticket-copy", vault.ticket_key())

    document = with_key(apps, Credentials(vault, {})).document

    assert document["storage"]["auth"]["username"] == "ipt"
    assert "PRIVATE KEY" in document["storage"]["auth"]["privateKey"]
    assert auth_digest(document) != ""
    assert auth_digest(apps.document) == ""
    assert "login" not in document
