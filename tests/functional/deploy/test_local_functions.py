"""Images of functions that are missing, on a real engine."""

import shutil
from pathlib import Path

import pytest

from agave_deploy.errors import ImageError
from agave_deploy.local_stack.local_functions import FunctionChoice

ROOT = Path(__file__).parents[3]
PARTS = (
    *("actors.yaml", "agave", "shared", "static_site"),
    *("pyproject.toml", "requirements.lock"),
)

pytestmark = pytest.mark.needs("podman")


def test_images_of_another_checkout_do_not_do(
    tmp_path: Path, container_engine: str
) -> None:
    """`up` names every function whose image is missing, and how it is built."""
    for part in PARTS:
        (tmp_path / part).symlink_to(ROOT / part)
    shutil.copytree(ROOT / "functions", tmp_path / "functions")
    (tmp_path / "functions/__init__.py").write_text('"""Others."""\n', "utf-8")

    with pytest.raises(ImageError) as caught:
        FunctionChoice(container_engine).check(tmp_path, has_hosts=True)

    assert "images of admin, auth-callback, culler, files" in str(caught.value)
    assert "./build.sh image functions" in str(caught.value)
