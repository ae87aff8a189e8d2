"""Where an interpreter and the packages that a terminal needs are.

The interpreter itself is asked, since it need not be the one that asks; nothing is
imported, so that iptweb knows neither the parallelizer nor the terminal server.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from iptweb.errors import LaunchFailed

PROBE_SECONDS = 20
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


def find_layout(python: Path) -> Layout:
    """Ask an interpreter.

    Raises:
        LaunchFailed: It does not run, or has no terminal server.
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
        found = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise LaunchFailed(
            "The interpreter that runs terminals does not work. "
            "Check the setting ipt_python.",
            error=str(error),
        ) from error
    packages: dict[str, list[str]] = found["packages"]
    if not packages["webterm"]:
        raise LaunchFailed(
            "The terminal server is not installed for the interpreter that runs "
            "terminals. Check the setting ipt_python."
        )
    # Of the functions a terminal has its own image's files, and no code.
    functions = packages.pop("functions")
    places = [Path(place) for group in packages.values() for place in group]
    roots = [Path(root) for root in found["roots"]]
    return Layout(
        python=Path(found["executable"]),
        folders=outermost([*roots, *places]),
        samples=first_folder(packages["ipt"], "samples"),
        image=first_folder(functions, "terminal/image"),
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
