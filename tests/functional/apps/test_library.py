"""What the wrappers share, where a whole job does not show it."""

import subprocess
import time
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[3] / "agave" / "apps" / "ipt-lib.sh"


def _run(folder: Path, script: str, path: str = "/usr/bin:/bin") -> str:
    start = f"tell_failure() {{ :; }}; . '{LIBRARY}'; "
    done = subprocess.run(
        ["bash", "-c", start + script],
        cwd=folder,
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("unset", ["", "unset EPOCHREALTIME; "])
def test_clock(tmp_path: Path, unset: str) -> None:
    """Milliseconds come from the shell, or from `date` where the shell is old."""
    before = int(time.time() * 1000)

    now = int(_run(tmp_path, f'{unset}now; echo "$now"'))

    assert before <= now <= int(time.time() * 1000)


@pytest.mark.parametrize(
    ("prints", "milliseconds"),
    [("1700000000N", "1700000000000"), ("1700000000", "1700000000000")],
)
def test_clock_of_whole_seconds(tmp_path: Path, prints: str, milliseconds: str) -> None:
    """A `date` that knows no fractions gives whole seconds."""
    (tmp_path / "date").write_text(f"#!/bin/sh\necho {prints}\n", "utf-8")
    (tmp_path / "date").chmod(0o755)
    script = 'unset EPOCHREALTIME; now; echo "$now"'

    assert _run(tmp_path, script, f"{tmp_path}:/usr/bin:/bin") == f"{milliseconds}\n"


def test_clock_that_is_set_back(tmp_path: Path) -> None:
    """Nothing took less than no time."""
    script = (
        'now; began=$((now + 5000)); measure_time; to_seconds "$took"; echo "$seconds"'
    )

    assert _run(tmp_path, script) == "0.000\n"


@pytest.mark.parametrize(
    ("milliseconds", "text"), [("0", "0.000"), ("7", "0.007"), ("61020", "61.020")]
)
def test_seconds(tmp_path: Path, milliseconds: str, text: str) -> None:
    """A time is written in seconds, with its milliseconds."""
    script = f'to_seconds {milliseconds}; echo "$seconds"'

    assert _run(tmp_path, script) == f"{text}\n"


def test_read_twice_is_harmless(tmp_path: Path) -> None:
    """Reading the library does nothing but define."""
    assert _run(tmp_path, f". '{LIBRARY}'") == ""
    assert list(tmp_path.iterdir()) == []
