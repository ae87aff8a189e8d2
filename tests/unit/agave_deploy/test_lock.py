"""The lock is read, and what a few packages need follows from it."""

from pathlib import Path

import pytest

from agave_deploy.errors import ImageError
from agave_deploy.supply.lock import LOCK, Lock, Pinned, normalize

_A, _B, _C = ("a" * 64, "b" * 64, "c" * 64)
_GOOD = f"""# This file was made.
#    by a command
requests==2.34.2 \\
    --hash=sha256:{_A} \\
    --hash=sha256:{_B}
    # via
    #   agave.py
    #   ours (pyproject.toml)
    #   ours (pyproject.toml:dev)

agave-py==0.9.5 ; platform_python_implementation != 'PyPy' \\
    --hash=sha256:{_C}
    # via ours (pyproject.toml)
pytest==9.2.0 \\
    --hash=sha256:{_C}
    # via agave-py
"""


def _read(folder: Path, text: str) -> Lock:
    (folder / LOCK).write_text(text, "utf-8")
    return Lock.read(folder)


def test_read(tmp_path: Path) -> None:
    """Version, digests, marker, and who needs it are read of each entry."""
    lock = _read(tmp_path, _GOOD)

    assert lock.packages["requests"] == Pinned(
        name="requests",
        version="2.34.2",
        hashes=(f"sha256:{_A}", f"sha256:{_B}"),
        needed_by=frozenset({"agave-py"}),
        groups=frozenset({"", "dev"}),
    )
    marker = lock.packages["agave-py"].marker
    assert marker == "platform_python_implementation != 'PyPy'"


def test_entry_reads_as_itself(tmp_path: Path) -> None:
    """What an entry gives pip is what was read."""
    lock = _read(tmp_path, _GOOD)
    entries = "\n".join(one.entry for one in lock.packages.values())

    again = _read(tmp_path, entries)

    told = [(one.name, one.version, one.hashes, one.marker) for one in again]
    assert told == [(one.name, one.version, one.hashes, one.marker) for one in lock]


def test_closure(tmp_path: Path) -> None:
    """What a requirement needs comes with it, but for what is of no use there."""
    lock = _read(tmp_path, _GOOD)

    everything = [one.name for one in lock.closure(["agave_py>=0.9"], {})]
    useful = lock.closure(["agave_py>=0.9"], {"agave-py": frozenset({"pytest"})})

    assert everything == ["agave-py", "pytest", "requests"]
    assert [one.name for one in useful] == ["agave-py", "requests"]


def test_closure_of_a_circle() -> None:
    """Two packages that need each other come together."""
    lock = Lock(
        [
            Pinned("one", "1", ("sha256:1",), needed_by=frozenset({"two"})),
            Pinned("two", "2", ("sha256:2",), needed_by=frozenset({"one"})),
        ]
    )

    assert [one.name for one in lock.closure(["one"])] == ["one", "two"]


def test_closure_not_locked(tmp_path: Path) -> None:
    """A requirement that the lock has not is named, with the way out."""
    with pytest.raises(ImageError, match=r"has no flask: .* \./build\.sh lock"):
        _read(tmp_path, _GOOD).closure(["Flask>=3"])


def test_closure_no_requirement(tmp_path: Path) -> None:
    """What is no requirement at all is refused."""
    with pytest.raises(ImageError, match=r"'-e \.' is no requirement"):
        _read(tmp_path, _GOOD).closure(["-e ."])


def test_read_missing(tmp_path: Path) -> None:
    """A checkout without a lock is refused."""
    with pytest.raises(ImageError, match=r"requirements\.lock can't be read"):
        Lock.read(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"pytest==9.2.0 --hash=sha256:{_C}\n", r"line 1, can't be read"),
        ("https://example.org/a.whl\n", r"line 1, can't be read"),
        ("--index-url https://example.org\n", r"line 1, can't be read"),
        ("requests>=2\n", r"line 1, can't be read"),
        (f"a==1 \\\n    --hash=md5:{_A}\n", r"line 2, can't be read"),
        ("a==1\n    # via b\n", r"has no digest for a"),
    ],
    ids=["one line", "address", "registry", "not pinned", "weak digest", "no digest"],
)
def test_read_refused(tmp_path: Path, text: str, message: str) -> None:
    """A line that pins nothing by a digest is refused by its number."""
    with pytest.raises(ImageError, match=message):
        _read(tmp_path, text)


def test_normalize() -> None:
    """Names that a registry takes for one compare as one."""
    assert normalize("Backports.SSL_match--hostname") == "backports-ssl-match-hostname"
