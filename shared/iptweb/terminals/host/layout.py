"""Where an interpreter and the packages that a terminal needs are.

The interpreter itself is asked, since it need not be the one that asks; nothing is
imported, so that iptweb knows neither the parallelizer nor the terminal server.
"""

import contextlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iptweb.errors import LaunchFailed

PROBE_SECONDS = 20
FUNCTIONS = "functions"
PROBE = """
import importlib.util, json, os, sys
def find(name):
    spec = importlib.util.find_spec(name)
    return list(spec.submodule_search_locations or []) if spec else []
names = ["webterm", "ipt", "functions", "websockets", "cryptography", "clang", "islpy"]
real = os.path.realpath(sys.executable)
print(json.dumps({
    "executable": sys.executable,
    "roots": [sys.prefix, sys.base_prefix, os.path.dirname(os.path.dirname(real))],
    "packages": {name: find(name) for name in names},
    "watched": [real, os.path.join(sys.prefix, "pyvenv.cfg"), *sys.path],
}))
"""
SYSTEM_FOLDERS = (Path("/usr"), Path("/bin"), Path("/lib"))


@dataclass(frozen=True)
class Layout:
    """What was found.

    Attributes:
        python: The interpreter.
        folders: Folders to show in a sandbox, none inside another, none of them
            the operating system's.
        samples: The parallelizer's sample programs, if it is installed.
        image: The files of a terminal (`profile`, `bashrc`), if they are there.
    """

    python: Path
    folders: tuple[Path, ...]
    samples: Path | None
    image: Path | None


def read_layout(python: Path, kept: Path) -> Layout:
    """Return what an interpreter answered before, or ask it.

    Args:
        python: The interpreter.
        kept: Where answers are kept, in a folder of our own.  One counts while
            the interpreter and the folders of its packages are as they were.

    Raises:
        LaunchFailed: It does not run, or has no terminal server.
    """
    found = read_answer(python, kept)
    if found is None:
        found = ask(python)
        keep_answer(python, kept, found)
    return to_layout(found)


def read_answer(python: Path, kept: Path) -> dict[str, Any] | None:
    """Return the answer that is kept, None if there is none that still counts."""
    try:
        values = json.loads(kept.read_text(encoding="utf-8"))
        found: dict[str, Any] = values["found"]
        asked = (values["python"], values["stamps"])
        same = asked == (str(python), read_stamps(found["watched"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if same else None


def keep_answer(python: Path, kept: Path, found: dict[str, Any]) -> None:
    """Keep an answer for the next process; without it that one asks again."""
    stamps = read_stamps(found["watched"])
    text = json.dumps({"python": str(python), "stamps": stamps, "found": found})
    draft = kept.with_name(f"{kept.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        draft.write_text(text, encoding="utf-8")
        draft.replace(kept)


def read_stamps(places: list[str]) -> list[list[int]]:
    """Return what changes where something is installed; nothing of what is missing."""
    stamps = []
    for place in places:
        with contextlib.suppress(OSError):
            found = Path(place).stat()
            stamps.append([found.st_ino, found.st_size, found.st_mtime_ns])
    return stamps


def find_layout(python: Path) -> Layout:
    """Ask an interpreter.

    Raises:
        LaunchFailed: It does not run, or has no terminal server.
    """
    return to_layout(ask(python))


def ask(python: Path) -> dict[str, Any]:
    """Return what an interpreter says of itself.

    Raises:
        LaunchFailed: It does not run.
    """
    try:
        answer = subprocess.run(
            [str(python), "-I", "-c", PROBE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            check=True,
            env={"PATH": "/usr/bin:/bin"},
        )
        found: dict[str, Any] = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise LaunchFailed(
            "The interpreter that runs terminals does not work. "
            "Check the setting ipt_python.",
            error=str(error),
        ) from error
    return found


def to_layout(found: dict[str, Any]) -> Layout:
    """Return the layout that an interpreter described.

    Raises:
        LaunchFailed: It has no terminal server.
    """
    packages: dict[str, list[str]] = found["packages"]
    if not packages["webterm"]:
        raise LaunchFailed(
            "The terminal server is not installed for the interpreter that runs "
            "terminals. Check the setting ipt_python."
        )
    # Of the functions a terminal has its own image's files, and no code.
    places = [
        Path(place)
        for name, group in packages.items()
        for place in group
        if name != FUNCTIONS
    ]
    roots = [Path(root) for root in found["roots"]]
    return Layout(
        python=Path(found["executable"]),
        folders=outermost([*roots, *places]),
        samples=first_folder(packages["ipt"], "samples"),
        image=first_folder(packages[FUNCTIONS], "terminal/image"),
    )


def outermost(folders: list[Path]) -> tuple[Path, ...]:
    """Return the folders without those that lie in another or in the system's."""
    kept: list[Path] = []
    for folder in sorted(set(folders), key=lambda folder: len(folder.parts)):
        covers = (*SYSTEM_FOLDERS, *kept)
        root = folder == Path(folder.anchor)
        if not root and not any(folder.is_relative_to(cover) for cover in covers):
            kept.append(folder)
    return tuple(kept)


def first_folder(places: list[str], name: str) -> Path | None:
    """Return a folder inside a package, or None."""
    folders = (Path(place) / name for place in places)
    return next((folder for folder in folders if folder.is_dir()), None)
