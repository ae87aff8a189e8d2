"""What `build.sh` prepares before it hands over."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_PREPARED = """
cksum pyproject.toml requirements.lock | cksum >.venv/.ipt-stamp
printf '%s' "$PWD" >.venv/.ipt-place
"""


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path) -> Path:
    """Return a checkout with Python's packages, and without the site's modules."""
    root = tmp_path / "checkout"
    programs = root / ".venv/bin"
    programs.mkdir(parents=True)
    for name in ("python", "agave-deploy", "node", "npm"):
        said = "exit 1" if name == "npm" else 'echo "$*"'
        (programs / name).write_text(f"#!/bin/sh\n{said}\n", "utf-8")
        (programs / name).chmod(0o700)
    for name in ("pyproject.toml", "requirements.lock"):
        (root / name).write_text("", "utf-8")
    (root / "static_site/scripts").mkdir(parents=True)
    for name in ("package-lock.json", "scripts/vendor.js"):
        (root / "static_site" / name).write_text("", "utf-8")
    shutil.copy(ROOT / "build.sh", root)
    subprocess.run(["bash", "-c", _PREPARED], cwd=root, check=True)
    return root


def _build(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    path = f"{checkout}/.venv/bin:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", str(checkout / "build.sh"), *words],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_up_help(checkout: Path, word: str) -> None:
    """Who asks what `up` takes waits for no modules of the site."""
    done = _build(checkout, "up", word)

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f" up {word}\n")


def test_up_without_the_modules(checkout: Path) -> None:
    """Who starts the stack gets the modules first, and is told where that fails."""
    done = _build(checkout, "up", "--detach")

    assert done.returncode == 1
    assert "The site's modules could not be installed" in done.stderr
    assert done.stdout == ""


def test_install_by_digests(checkout: Path) -> None:
    """Packages come by the lock's digests, and tools only where they are wanted."""
    entries = [f"{name}==1 \\\n    --hash=sha256:00" for name in ("pip", "six", "uv")]
    (checkout / "requirements.lock").write_text("# made\n" + "\n".join(entries) + "\n")

    done = _build(checkout, "down")

    installs = [line for line in done.stdout.splitlines() if " install " in line]
    locked = "--require-hashes --no-deps --no-build-isolation -r .venv/.ipt-entries"
    assert [locked in line for line in installs] == [True, True, False]
    assert installs[-1].endswith("--no-deps --no-build-isolation --editable .")
    assert (checkout / ".venv/.ipt-entries").read_text() == "\n".join(
        entries[:2]
    ) + "\n"


def test_tools_by_digests(checkout: Path) -> None:
    """A tool of the lock is installed alone, by its digest."""
    entries = [f"{name}==1 \\\n    --hash=sha256:00" for name in ("six", "uv")]
    (checkout / "requirements.lock").write_text("\n".join(entries) + "\n")
    (checkout / ".venv/bin/uv").write_text('#!/bin/sh\necho "uv $*"\n')
    (checkout / ".venv/bin/uv").chmod(0o700)

    done = _build(checkout, "lock", "--upgrade")

    assert (checkout / ".venv/.ipt-entries").read_text() == entries[1] + "\n"
    (made,) = [line for line in done.stdout.splitlines() if line.startswith("uv ")]
    assert "--generate-hashes" in made
    assert made.endswith(" --upgrade")
