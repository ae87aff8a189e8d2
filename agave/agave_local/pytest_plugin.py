"""Fixtures for the tests of programs that call Agave or Abaco.

`mocked_agave` answers inside the test's own process; `served_agave` over HTTP, for
programs in other processes or other languages.
"""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agave_local.handle import LocalAgave


@pytest.fixture(name="mocked_agave")
def _mocked_agave() -> "Iterator[LocalAgave]":
    """Yield a new tenant at https://agave.test; no other host can be reached."""
    # Imported here, so that a test-suite without this fixture pays nothing for it.
    from agave_local.mock import mock_agave  # noqa: PLC0415 - see above

    with mock_agave() as agave:
        yield agave


@pytest.fixture(name="served_agave")
def _served_agave(tmp_path: "Path") -> "Iterator[LocalAgave]":
    """Yield a new tenant behind HTTP on a free port of this machine."""
    from agave_local.clock import MovableClock  # noqa: PLC0415 - see above
    from agave_local.testing import served_agave  # noqa: PLC0415 - see above

    with served_agave(tmp_path / "agave", clock=MovableClock()) as agave:
        yield agave
