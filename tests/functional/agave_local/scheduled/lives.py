"""Serves a tenant again and again, each time until it is killed at a given moment.

    python lives.py <data> <system> < orders

Each line of orders is a status and either a number of seconds, which a tenant lives
from the moment at which its only job has that status, or `end`: then it dies as the
next status is being written, with all the work of this one done.  The first tenant
submits the job.  After each death a line has its exit code.
"""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from agave_local.events import Event
from agave_local.services.jobs.scenes import Scene, scenes
from agave_local.services.jobs.states import Status

# Of a job that nothing goes wrong with.
ORDER: list[Status] = [one for one in Status if one is not Status.ARCHIVING_FAILED]
END = "end"
MOST_SECONDS = 30.0
LOOK_SECONDS = 0.0005


def live(data: Path, system: dict[str, Any], wanted: Status, delay: str) -> None:
    """Serve until the job has come so far, then die without a word."""
    reached = threading.Event()

    def hear(event: Event) -> None:
        if delay == END and event.name == ORDER[ORDER.index(wanted) + 1]:
            os.kill(os.getpid(), signal.SIGKILL)
        elif event.name == wanted:
            reached.set()

    def submit(scene: Scene) -> None:
        scene.submit(system["script"])

    with scenes(data, {system["name"]: system["fields"]}, hear=hear) as found:
        scene = found[system["name"]]
        if not scene.agave.tenant.store.find("job"):
            threading.Thread(target=submit, args=(scene,), daemon=True).start()
        elif is_there(scene, wanted):
            reached.set()
            if delay == END and not is_there(scene, wanted, exactly=True):
                # The life before this one saw the end.
                os.kill(os.getpid(), signal.SIGKILL)
        if delay == END or not reached.wait(MOST_SECONDS):
            time.sleep(MOST_SECONDS)
            os._exit(3)
        while not is_there(scene, wanted):
            # It is told before it is written down.
            time.sleep(LOOK_SECONDS)
        time.sleep(float(delay))
        os.kill(os.getpid(), signal.SIGKILL)


def is_there(scene: Scene, wanted: Status, *, exactly: bool = False) -> bool:
    """Tell whether the job has come so far, or just so far."""
    jobs = scene.agave.tenant.store.find("job")
    beyond = [ORDER.index(job["status"]) - ORDER.index(wanted) for job in jobs]
    return any(steps == 0 if exactly else steps >= 0 for steps in beyond)


def main() -> None:
    """Follow the orders."""
    data, system = Path(sys.argv[1]), json.loads(sys.argv[2])
    for line in sys.stdin:
        status, delay = line.split()
        child = os.fork()
        if not child:
            live(data, system, Status(status), delay)
        _, code = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(code)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
