"""A job of this machine's Slurm that would take the machine from everybody else."""

import pytest

from agave_local.services.jobs.order import Order
from agave_local.services.jobs.scenes import SLURM_HERE, Scene

pytestmark = pytest.mark.needs("slurm", "sshd", "bubblewrap")

CROWD = "The job started more processes than it may and was ended."
THREADS = """
cat >many.py <<'EOF'
import threading, time
threading.stack_size(1 << 16)
for _ in range(450):
    threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
time.sleep(WAIT)
EOF
for _ in $(seq COUNT); do python3 many.py & done; wait
"""


@pytest.mark.parametrize("way", [SLURM_HERE])
def test_processes_without_end(scene: Scene) -> None:
    """A job with too many processes is ended at once, and says so."""
    job_id = scene.submit("trap '' TERM; while :; do setsid sleep 100 & done")

    job = scene.wait(job_id)
    scene.wait_until_tidy(job_id)

    assert (job["status"], job["message"]) == ("FAILED", CROWD)


@pytest.mark.parametrize("way", [SLURM_HERE])
@pytest.mark.parametrize(
    ("count", "wait", "status"),
    [(4 * Order.processes // 450 + 1, 30, "FAILED"), (1, 2, "FINISHED")],
)
def test_threads(scene: Scene, count: int, wait: int, status: str) -> None:
    """A job may have many threads, and not as many as it likes."""
    script = THREADS.replace("COUNT", str(count)).replace("WAIT", str(wait))
    job = scene.wait(scene.submit(script))

    assert job["status"] == status, job
    assert (job.get("message") or CROWD) == CROWD
