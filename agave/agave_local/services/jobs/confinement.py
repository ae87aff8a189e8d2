"""The sandbox of a job: no network, nobody else's files, one folder to write in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agave_local.services.jobs.order import Order
from sandbox import Bind, Limits, Sandbox, make_filter, system_mounts, write_etc

HOME = Path("/job")


def to_environment(order: Order) -> dict[str, str]:
    """Return the whole environment of a job's program."""
    home = str(HOME) if order.confined else order.work
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": home,
        "PWD": home,
        "TMPDIR": "/tmp",  # noqa: S108 - the sandbox's own
        "USER": order.user,
        "LOGNAME": order.user,
    }


@contextmanager
def open_filter() -> Iterator[tuple[int, ...]]:
    """Lend the descriptor of a filter of system calls; none for some processors."""
    content = make_filter()
    if not content:
        yield ()
        return
    with os.fdopen(os.memfd_create("filter"), "wb", buffering=0) as file:
        file.write(content)
        file.seek(0)
        yield (file.fileno(),)


def to_command(
    order: Order,
    control: Path,
    filter_fd: int | None = None,
    *,
    limits_memory: bool = True,
) -> list[str]:
    """Return the command line that runs a job's program.

    Args:
        order: what to run.
        control: folder for what the sandbox needs; the job does not see it.
        filter_fd: inherited descriptor of what filters its system calls.
        limits_memory: whether each process may have no more than the whole job; false
            where something else sees to the whole job.
    """
    if not order.confined:
        return list(order.argv)
    etc = write_etc(control / "etc", user=order.user, home=str(HOME))
    box = Sandbox(
        mounts=(
            *system_mounts(),
            *etc,
            Bind(Path(order.work), HOME, writable=True),
        ),
        env=to_environment(order),
        cwd=HOME,
        limits=Limits(
            file_bytes=order.total_bytes,
            processes=order.processes,
            memory_bytes=order.memory_bytes if limits_memory else None,
            cpu_seconds=None,
        ),
        die_with_parent=True,
        new_session=False,
        seccomp_fd=filter_fd,
    )
    return box.command(order.argv)
