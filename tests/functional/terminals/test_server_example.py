"""The example in the protocol's page, run as it stands."""

import re
from pathlib import Path

import pytest

from webterm.testing import run_server

PAGE = Path(__file__).parents[3] / "docs/terminal-protocol.md"


def test_example_of_the_documentation_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reader who copies the example gets what it says."""
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    with run_server(tmp_path) as server:
        names = {"url": server.url, "ticket": server.ticket()}
        exec(example, names)  # noqa: S102 - our own page

    assert capsys.readouterr().out == "0 42\n\n3 exit\n"
