"""The examples of docs/local-tenant.md, run as a stranger would run them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "local-tenant.md"
_EXAMPLE = re.compile(r"<!-- example: ([\w ]+) -->\n```python\n(.*?)```", re.DOTALL)


def _examples() -> dict[str, str]:
    return dict(_EXAMPLE.findall(PAGE.read_text("utf-8")))


def test_there_are_three() -> None:
    """The page has an example of each way to have a tenant in a test."""
    assert list(_examples()) == ["context manager", "decorator", "fixtures"]


@pytest.mark.parametrize("name", ["context manager", "decorator", "fixtures"])
def test_example_runs_as_it_stands(name: str, tmp_path: Path) -> None:
    """An example that is pasted into an empty folder passes under a plain pytest."""
    (tmp_path / "test_example.py").write_text(_examples()[name], "utf-8")

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 0, run.stdout
