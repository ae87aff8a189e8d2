"""Reading the registrations of a checkout."""

import json
from pathlib import Path

import pytest

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.bundle.models import Manifest
from agave_deploy.errors import ManifestError

ROOT = Path(__file__).parents[3]


def test_read_manifest_functions(manifest: Manifest) -> None:
    """Everything about a function follows from its name."""
    function = manifest.functions[1]

    assert function.package == "functions.job_submit"
    assert function.image == "ipt/job-submit"
    assert function.alias("prod") == "prod-job-submit"
    assert function.actor("prod") == {
        "name": "ipt-prod-job-submit",
        "description": "Submits jobs.",
        "image": "ipt/job-submit",
        "stateless": True,
        "token": True,
        "hints": ["sync"],
        "defaultEnvironment": {},
        "cronOn": False,
    }


def test_read_manifest_images(manifest: Manifest) -> None:
    """The tenant's runner is told the package of each image."""
    assert manifest.images == {
        "ipt/auth-callback": "functions.auth_callback",
        "ipt/job-submit": "functions.job_submit",
    }


def test_read_manifest_systems(manifest: Manifest) -> None:
    """Whether a system is public is an action of its own, not part of its document."""
    found = {
        system.id: (system.public, system.runs_jobs) for system in manifest.systems
    }

    assert found == {"ipt.storage": (True, False)}
    assert all("public" not in system.document for system in manifest.systems)


def test_read_manifest_templates(manifest: Manifest, checkout: Path) -> None:
    """The apps of all systems are made of what lies in the folders of apps."""
    template = manifest.templates["ipt-run"]

    assert sorted(manifest.templates) == [
        "ipt-build",
        "ipt-build-run",
        "ipt-compare",
        "ipt-run",
    ]
    assert template.document["deploymentPath"] == "apps/ipt-run"
    assert template.shared == (checkout / "agave/apps/ipt-lib.sh",)
    assert manifest.apps == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": "other"}, "the id must be the name of the file"),
        ({"type": "TAPE"}, "type must be STORAGE or EXECUTION"),
        ({"public": "yes"}, "public must be true or false"),
    ],
)
def test_read_manifest_bad_system(
    checkout: Path, change: dict[str, object], reason: str
) -> None:
    """A wrong system is refused with the file and the field."""
    path = checkout / "agave/systems/ipt.storage.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change), "utf-8")

    with pytest.raises(ManifestError, match=f"ipt.storage.json: {reason}"):
        read_manifest(checkout)


@pytest.mark.parametrize("text", ["{", "[]"])
def test_read_manifest_system_not_json(checkout: Path, text: str) -> None:
    """A system that is no JSON object is refused."""
    (checkout / "agave/systems/ipt.storage.json").write_text(text, "utf-8")

    with pytest.raises(ManifestError, match=r"ipt\.storage\.json"):
        read_manifest(checkout)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"deploymentSystem": ""}, "deploymentSystem is missing"),
        ({"deploymentPath": None}, "deploymentPath is missing"),
        ({"templatePath": "no.sh"}, "templatePath names no file: no.sh"),
    ],
)
def test_read_manifest_bad_app(
    checkout: Path, change: dict[str, object], reason: str
) -> None:
    """A wrong app is refused with the file and the field."""
    path = checkout / "agave/apps/ipt-run/app.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change), "utf-8")

    with pytest.raises(ManifestError, match=f"ipt-run/app.json: {reason}"):
        read_manifest(checkout)


def test_own_systems() -> None:
    """The checkout's own systems are those that the architecture names."""
    systems = {system.id for system in read_manifest(ROOT).systems}

    assert systems == {"ipt.apps", "ipt.site", "ipt.storage"}
