"""The sample job of each app, held against the app's description."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.values import read_values

APPS = Path(__file__).parents[3] / "agave" / "apps"
NAMES = sorted(path.parent.name for path in APPS.glob("*/app.json"))
FIELDS = {
    "name",
    "appId",
    "nodeCount",
    "processorsPerNode",
    "maxRunTime",
    "inputs",
    "parameters",
    "archive",
    "archiveSystem",
    "archivePath",
}


def _read(app: str, name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((APPS / app / name).read_text("utf-8"))
    return document


@pytest.mark.parametrize("app", NAMES)
def test_sample_fits_the_app(app: str) -> None:
    """What the sample gives is what the app takes, by number and by rule."""
    description, sample = _read(app, "app.json"), _read(app, "job.json")

    inputs = read_values(description["inputs"], sample["inputs"], "inputs")
    parameters = read_values(
        description["parameters"], sample["parameters"], "parameters"
    )

    assert inputs == sample["inputs"]
    assert parameters.keys() >= sample["parameters"].keys()


@pytest.mark.parametrize("app", NAMES)
def test_sample_is_a_whole_job(app: str) -> None:
    """The sample is for this app, and its outputs go where the platform puts them."""
    sample = _read(app, "job.json")

    assert sample.keys() == FIELDS
    assert re.fullmatch(rf"{app}-local-\d+\.\d+\.\d+", sample["appId"])
    assert re.fullmatch(r"\d\d:[0-5]\d:[0-5]\d", sample["maxRunTime"])
    assert sample["maxRunTime"] <= _read(app, "app.json")["defaultMaxRunTime"]
    kind = app.removeprefix("ipt-").replace("build-", "b-").replace("build", "compile")
    assert sample["name"].startswith(f"ipt-{kind.replace('b-', 'build-')}-")
    assert sample["archivePath"].endswith("-local-${JOB_ID}")
    assert sample["archive"] is True
