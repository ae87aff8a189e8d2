"""The image of `parallelize` does its work as Abaco starts it, on a real engine."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ipt.service import EngineRequest, serve_in_child

ROOT = Path(__file__).parents[3]
StartImage = Callable[[str, Mapping[str, Any]], tuple[Any, str]]
SAMPLE = ROOT / "shared/ipt/samples/heat.c"

pytestmark = [pytest.mark.needs("podman", "debootstrap"), pytest.mark.timeout(300)]


def test_sample_in_a_container(
    start_image: StartImage, function_images: Mapping[str, str]
) -> None:
    """A sample comes out as it does here, and no file of the image is shown."""
    source = SAMPLE.read_text("utf-8")
    expected = serve_in_child(EngineRequest("auto"), {"heat.c": source.encode()})
    image = function_images["parallelize"]
    sources = [{"heat.c": source}, {"a.c": '#include "/etc/passwd"\n'}]
    done, hostile = (
        start_image(
            image, {"method": "POST", "path": "/parallelize", "body": {"sources": each}}
        )[0]
        for each in sources
    )

    assert done["status"] == 200, done
    assert done["body"]["sources"] == expected["sources"]
    assert hostile["status"] == 422
    assert "'/etc/passwd' file not found" in hostile["body"]["error"]["message"]
