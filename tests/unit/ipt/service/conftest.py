"""What the tests of the service share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from ipt.service import EngineRequest
from ipt.service.engine import serve
from ipt.service.files import sources_of, write_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Serve(Protocol):
    """Does a request on some files, in this process."""

    def __call__(
        self, files: Mapping[str, str | bytes], action: str = "auto", **fields: Any
    ) -> dict[str, Any]:
        """Return what the engine answers."""


@pytest.fixture(name="engine")
def _engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Return the engine, in a folder of its own for every call."""
    calls = 0

    def call(
        files: Mapping[str, str | bytes], action: str = "auto", **fields: Any
    ) -> dict[str, Any]:
        nonlocal calls
        calls += 1
        folder = tmp_path / f"call-{calls}" / "program"
        folder.mkdir(parents=True)
        data = {k: v.encode() if isinstance(v, str) else v for k, v in files.items()}
        write_files(data, folder)
        monkeypatch.chdir(folder)
        return serve(EngineRequest(action, **fields), sources_of(data))

    return call
