"""The main job without a browser, copied from the README by this test."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.needs("bubblewrap", "gcc"), pytest.mark.timeout(180)]
CONTAINERS = pytest.param(
    "container_functions",
    marks=[
        pytest.mark.needs("podman", "debootstrap", "sshd"),
        pytest.mark.timeout(600),
    ],
)

ROOT = Path(__file__).resolve().parents[2]
BLOCK = r"<!-- automation: {} (\d+) -->\n```\w+\n(.*?)```"


@pytest.fixture(name="product", params=["stack", CONTAINERS])
def _product(request: pytest.FixtureRequest) -> Any:
    """Give a product whose functions are programs, and one of containers alone."""
    return request.getfixturevalue(request.param)


def read_blocks(walk: str, page: str = "README.md") -> str:
    """Return a page's code blocks of one walk, in their order."""
    text = (ROOT / page).read_text("utf-8")
    blocks = re.findall(BLOCK.format(walk), text, re.DOTALL)
    assert [str(n + 1) for n in range(len(blocks))] == [n for n, _ in blocks]
    return "\n".join(code for _, code in blocks)


def walk(command: list[str], code: str, folder: Path, stack: Any, user: str) -> str:
    """Run the blocks as a stranger would, in a folder with the checkout's .venv.

    Nothing may be left there; the walk's own folder is the only one below `made`.
    """
    checkout, made = folder / "checkout", folder / "made"
    checkout.mkdir()
    made.mkdir()
    (checkout / ".venv").symlink_to(Path(sys.prefix))
    done = subprocess.run(
        command,
        input=code,
        cwd=checkout,
        env=os.environ
        | {
            "TENANT": stack.url,
            "IPT_USER": user,
            "IPT_PASSWORD": stack.passwords[user],
            "TMPDIR": str(made),
        },
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert [each.name for each in checkout.iterdir()] == [".venv"]
    return done.stdout


def read_result(folder: Path, name: str) -> str:
    """Return what the walk fetched: the one file in a folder that is ours alone."""
    (work,) = (each for each in (folder / "made").iterdir() if (each / name).exists())
    assert work.stat().st_mode & 0o077 == 0
    assert [each.name for each in work.iterdir()] == [name]
    return (work / name).read_text("utf-8")


def serial_output(source: Path, folder: Path) -> str:
    """What the serial program prints, compiled and run right here."""
    program = folder / "serial"
    subprocess.run(["gcc", "-O2", source, "-o", program, "-lm"], check=True)
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    return done.stdout


def test_the_readme_does_the_main_job_with_curl(product: Any, tmp_path: Path) -> None:
    """Every block runs, the run prints what the serial program prints."""
    printed = walk(
        ["bash", "-euo", "pipefail"], read_blocks("curl"), tmp_path, product, "ada"
    )

    samples = product.data / "storage" / "ipt.storage" / "ada" / "samples"
    assert printed.count("FINISHED\n") == 2
    assert "OMP_NUM_THREADS=2 ./heat\n" in printed
    assert serial_output(samples / "heat.c", tmp_path).strip() in printed
    assert "#pragma omp" in read_result(tmp_path, "heat_omp.c")
    assert '"STOPPED"' in printed


def test_the_readme_does_the_main_job_with_agavepy(
    product: Any, tmp_path: Path
) -> None:
    """Every block runs, the run prints what the serial program prints."""
    printed = walk(
        [sys.executable, "-"], read_blocks("agavepy"), tmp_path, product, "grace"
    )

    samples = product.data / "storage" / "ipt.storage" / "grace" / "samples"
    assert "FINISHED" in printed
    assert serial_output(samples / "primes.c", tmp_path).strip() in printed
    assert "#pragma omp" in read_result(tmp_path, "primes_omp.c")
