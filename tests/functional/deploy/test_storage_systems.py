"""Homes on another machine than the tenant's: a profile's `storage`."""

from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from agave_deploy.bundle.models import Manifest
from agave_deploy.profiles.profile import Profile
from agave_deploy.profiles.storage import Storage, place_storage
from agave_deploy.profiles.vault import Vault
from agave_deploy.upkeep.deployment import Deployment
from agave_local.testing import LocalAgave

Deploy = Callable[..., Deployment]
HOMES = Storage(
    host="data.example.org",
    user="ipt",
    root="/srv/homes",
    host_key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",  # noqa: E501 - one key
    credential="data",
)


def write_key(vault: Vault) -> str:
    """Put a new private key into the folder of secrets; return it."""
    key = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    vault.write("data", key.decode())
    return key.decode()


def test_homes_elsewhere(
    agave: LocalAgave,
    deploy: Deploy,
    manifest: Manifest,
    profile: Profile,
    vault: Vault,
) -> None:
    """Homes are registered where the profile says; a new key is sent once more."""
    changed = replace(profile, storage={"ipt.storage": HOMES})
    placed = place_storage(
        manifest, changed.storage, homes="ipt.storage", site="ipt.site"
    )
    key = write_key(vault)

    deploy(None, placed, changed).apply(lambda _line: None)

    found = agave.client("ada").get("/systems/v2/ipt.storage").json()["result"]
    storage = found["storage"]
    assert (storage["protocol"], storage["host"]) == ("SFTP", "data.example.org")
    assert storage["rootDir"] == "/srv/homes"
    assert key.splitlines()[1] not in str(found)
    assert str(deploy(None, placed, changed).plan()) == "nothing to do"
    write_key(vault)
    assert "~ system ipt.storage" in str(deploy(None, placed, changed).plan())
    assert key.splitlines()[1] not in (profile.secrets / "applied").read_text("utf-8")
