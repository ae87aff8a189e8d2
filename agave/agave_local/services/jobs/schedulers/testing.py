"""What tests of schedulers share: a run, and a real Slurm.

The Slurm has munge, a controller and one machine, in a folder of its own.  It uses free
ports and sockets of that folder alone, so that it meets no other.
"""

import getpass
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agave_local.services.jobs.schedulers.base import Run

# MessageTimeout: who asks a controller that hangs shall not wait for long.
_SETTINGS = """\
ClusterName=test
SlurmctldHost=localhost
SlurmctldPort={controller_port}
SlurmdPort={machine_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
CredType=cred/munge
SlurmUser={user}
SlurmdUser={user}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=pmix
MailProg=/bin/true
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmdParameters=config_overrides
EnforcePartLimits=ALL
MessageTimeout=2
KillWait=5
MinJobAge=600
MaxJobCount=20000
SchedulerParameters=batch_sched_delay=0,sched_min_interval=1000,bf_interval=1,default_queue_depth=1000
NodeName=localhost CPUs={processors} RealMemory=2000
PartitionName=normal Nodes=ALL Default=YES MaxTime=60 State=UP
PartitionName=debug Nodes=ALL MaxTime=1 MaxNodes=1 State=UP
PartitionName=shared Nodes=ALL MaxTime=60 OverSubscribe=FORCE:16 State=UP
PartitionName=closed Nodes=ALL State=DOWN
"""
_PATIENCE_S = 20.0
_COMMAND_SECONDS = 60.0
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def make_run(folder: Path, program: str, job_id: str = "job-1", **more: Any) -> Run:
    """Return a run of a shell script, with folders like those of a system.

    Args:
        folder: of the system.
        program: the script, in words of bash.
        job_id: of the job.
        more: of `Run`.
    """
    work = folder / "work of" / job_id
    work.mkdir(parents=True)
    own = folder / ".jobs"
    for path in (own / job_id, own / "events"):
        path.mkdir(parents=True, exist_ok=True)
    given = {"argv": ("/bin/bash", "-c", program), "slug": "out put", **more}
    return Run(job_id, str(work), str(own / job_id), str(own / "events"), **given)


class SlurmCluster:
    """A Slurm of one machine.

    Its queues are `normal`, `debug` for one minute and one node, `shared` for many
    jobs at once, and `closed`.

    Args:
        folder: that everybody may pass through, short enough for a socket's path.
        processors: that the machine offers.

    Attributes:
        conf: path of its `slurm.conf`.
        env: what a command of Slurm needs in its environment.
    """

    def __init__(self, folder: Path, processors: int = 2) -> None:
        self._folder = folder
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}
        self.conf = folder / "slurm.conf"
        self.env = {"SLURM_CONF": str(self.conf)}
        for name in ("state", "spool"):
            (folder / name).mkdir()
        key = folder / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o600)
        controller_port, machine_port = _free_ports(2)
        settings = _SETTINGS.format(
            folder=folder,
            user=getpass.getuser(),
            processors=processors,
            controller_port=controller_port,
            machine_port=machine_port,
        )
        self.conf.write_text(settings, "utf-8")

    def start(self) -> None:
        """Start munge, the controller and the machine; wait until it takes jobs."""
        files = [
            f"--{name}={self._folder / file}"
            for name, file in (
                ("socket", "munge.sock"),
                ("key-file", "munge.key"),
                ("pid-file", "munged.pid"),
                ("log-file", "munged.log"),
                ("seed-file", "munged.seed"),
            )
        ]
        self._start("munged", ["--foreground", "--force", *files])
        socket_file = self._folder / "munge.sock"
        _wait(socket_file.exists, self._describe)
        self._start("slurmd", ["-D", "-N", "localhost", "-f", str(self.conf)])
        self.start_controller()

    def start_controller(self) -> None:
        """Start the controller, with what it knew when it ended; wait for it."""
        self._start("slurmctld", ["-D", "-f", str(self.conf)])
        _wait(self._has_machine, self._describe)

    def stop_controller(self) -> None:
        """End the controller; killed, it would give the numbers of jobs again."""
        self._end("slurmctld")

    def pause_controller(self) -> None:
        """Let the controller hang: it takes connections and answers none."""
        self._daemons["slurmctld"].send_signal(signal.SIGSTOP)

    def wake_controller(self) -> None:
        """Let a controller that hangs go on."""
        self._daemons["slurmctld"].send_signal(signal.SIGCONT)

    def drain(self) -> None:
        """Let the machine take no further jobs."""
        self._update_machine("State=DRAIN", "Reason=test")

    def resume(self) -> None:
        """Let the machine take jobs again."""
        self._update_machine("State=RESUME")

    def run(self, *command: str) -> str:
        """Run a command of Slurm; return what it prints.

        Raises:
            subprocess.CalledProcessError: it fails.
        """
        done = subprocess.run(
            command,
            cwd=self._folder,
            env={**self.env, "PATH": _PATH},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=True,
        )
        return done.stdout.strip()

    def clear(self) -> None:
        """End all jobs; wait until none is left."""
        self.run("scancel", "--user", getpass.getuser())
        _wait(lambda: self._try("squeue", "-h", "-o", "%i") == "", self._describe)

    def close(self) -> None:
        """End all jobs, and what was started."""
        try:
            if "slurmctld" in self._daemons:
                self.wake_controller()
                self.clear()
        finally:
            for name in ("slurmd", "slurmctld", "munged"):
                self._end(name)

    def _has_machine(self) -> bool:
        said = self._try("scontrol", "--oneliner", "show", "node")
        return said is not None and not re.search(
            r" State=\S*(UNKNOWN|NOT_RESPONDING)", said
        )

    def _update_machine(self, *what: str) -> None:
        self.run("scontrol", "update", "NodeName=localhost", *what)

    def _try(self, *command: str) -> str | None:
        try:
            return self.run(*command)
        except subprocess.SubprocessError:
            return None

    def _start(self, name: str, arguments: Sequence[str]) -> None:
        with (self._folder / f"{name}.out").open("ab") as log:
            self._daemons[name] = subprocess.Popen(
                [shutil.which(name, path=_PATH) or name, *arguments],
                cwd=self._folder,
                env={**self.env, "PATH": _PATH},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _end(self, name: str) -> None:
        daemon = self._daemons.pop(name, None)
        if daemon is None:
            return
        daemon.terminate()
        try:
            daemon.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()

    def _describe(self) -> str:
        return "\n".join(
            f"== {path.name}\n{path.read_text('utf-8', 'replace')[-2000:]}"
            for path in sorted(self._folder.glob("*.out"))
        )


@contextmanager
def slurm_cluster(processors: int = 2) -> Iterator[SlurmCluster]:
    """Run a Slurm of a test's own.

    Args:
        processors: that its machine offers.

    Raises:
        RuntimeError: it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder:
        # Munge wants its socket where everybody may go.
        os.chmod(folder, 0o711)  # noqa: PTH101, S103 - a folder of a test
        cluster = SlurmCluster(Path(folder), processors)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.close()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for found in sockets:
            found.bind(("127.0.0.1", 0))
        return [found.getsockname()[1] for found in sockets]
    finally:
        for found in sockets:
            found.close()


def _wait(done: Callable[[], bool], describe: Callable[[], str]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not done():
        if time.monotonic() > until:
            raise RuntimeError(describe())
        time.sleep(0.02)
