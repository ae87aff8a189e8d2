"""Watches what the programs of a run see: environments, arguments, processes.

Each function is started through a small program that notes its environment as the
function has it, before the function takes it away.
"""

import json
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from agave_deploy.bundle.models import Function

Seen = tuple[str, dict[str, str], list[str]]
"""Name, environment and arguments of a function that was started."""

_PAUSE_S = 0.1
_SPY = """
import json, os, sys, time
from pathlib import Path
seen = Path({seen!r}) / f"{name}-{{time.monotonic_ns()}}-{{os.getpid()}}.json"
told = {{"environment": dict(os.environ), "arguments": sys.argv}}
seen.write_text(json.dumps(told), "utf-8")
from functions.{name}.app import app
from iptweb.runtime import main
main(app)
"""
_SPY_APP = "from functions.{name}.app import warm\n"

# The tenant, saying all that it can say, with the spies for its functions.
SERVE = """
import logging, sys
from agave_local.cli import main
spies = sys.argv.pop(1)
sys.path.insert(0, spies)
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
sys.argv[sys.argv.index("--images") + 1] = spies + "/images.json"
sys.exit(main(["serve", *sys.argv[1:]]))
"""


def write_spies(folder: Path, functions: Iterable[Function]) -> None:
    """Write a program for each function, and the table of images that has them."""
    (folder / "seen").mkdir(parents=True)
    images = {}
    for function in functions:
        name = function.package.rpartition(".")[2]
        place = folder / "spied" / name
        place.mkdir(parents=True)
        (place / "__init__.py").write_text("")
        (place / "app.py").write_text(_SPY_APP.format(name=name))
        spy = _SPY.format(name=name, seen=str(folder / "seen"))
        (place / "__main__.py").write_text(spy)
        images[function.image] = f"spied.{name}"
    (folder / "images.json").write_text(json.dumps(images))


def read_seen(folder: Path) -> list[Seen]:
    """Return what each function saw."""
    found = []
    for path in sorted((folder / "seen").iterdir()):
        told = json.loads(path.read_text("utf-8"))
        name = path.name.partition("-")[0].replace("_", "-")
        found.append((name, told["environment"], told["arguments"]))
    return found


class Sampler(threading.Thread):
    """Reads the command lines and environments of all processes, again and again.

    Attributes:
        seen: each text that was seen, by what it was.
    """

    def __init__(self) -> None:
        super().__init__(name="sampler")
        self.seen: dict[str, set[str]] = {"cmdline": set(), "environ": set()}
        self._end = threading.Event()

    def run(self) -> None:
        """Look until the end."""
        while not self._end.wait(_PAUSE_S):
            for process in Path("/proc").glob("[0-9]*"):
                for kind, seen in self.seen.items():
                    with suppress(OSError):
                        seen.add((process / kind).read_text("utf-8", "replace"))

    def stop(self) -> None:
        """End it."""
        self._end.set()
        self.join()
