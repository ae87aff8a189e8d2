"""A system and a job as the functions answer them."""

from typing import Any, Final

MPIRUN: Final = "mpirun -np {ranks}"
SYSTEM: Final[dict[str, Any]] = {
    "name": "local",
    "label": "This machine",
    "description": "Jobs start at once, on the machine of the platform.",
    "scheduler": "FORK",
    "build_app": "ipt-build-local-0.2.0",
    "run_app": "ipt-run-local-0.2.0",
    "build_run_app": "ipt-build-run-local-0.2.0",
    "compare_app": "ipt-compare-local-0.2.0",
    "compilers": [
        {"label": label, "command": command, "for": purpose, "language": language}
        for label, command, purpose, language in (
            ("C, serial", "gcc -O2", "serial", "c"),
            ("C++, serial", "g++ -O2", "serial", "c++"),
            ("C, OpenMP", "gcc -O2 -fopenmp", "openmp", "c"),
            ("C++, OpenMP", "g++ -O2 -fopenmp", "openmp", "c++"),
            ("C, MPI", "mpicc -O2", "mpi", "c"),
        )
    ],
    "launchers": ["", MPIRUN],
    "presets": [
        {"name": "serial", "label": "Serial", "compile": "gcc -O2"},
        {
            "name": "openmp",
            "label": "OpenMP",
            "compile": "gcc -O2 -fopenmp",
            "threads": 4,
        },
        {
            "name": "mpi",
            "label": "MPI",
            "compile": "mpicc -O2",
            "launcher": MPIRUN,
            "ranks": 4,
        },
    ],
    "modules": False,
    "queues": [
        {
            "name": "default",
            "default": True,
            "max_nodes": 1,
            "max_processors": 8,
            "max_run_time": "04:00:00",
            "max_memory": "16GB",
        }
    ],
}


def example_job(job: str, **changes: Any) -> dict[str, Any]:
    """Return a finished compile job as `GET /jobs/<id>` answers it."""
    archive = f"jobs/2026-11-20/compile-local-{job}"
    kind = changes.get("kind", "compile")
    return {
        "id": job,
        "name": f"ipt-{kind}-heat-{job[-12:].zfill(12)}",
        "kind": "compile",
        "status": "FINISHED",
        "system": "local",
        "command_line": "gcc -O2 -fopenmp heat.c -o heat -lm",
        "created": "2026-11-20T10:00:00.000Z",
        "started": "2026-11-20T10:00:02.000Z",
        "ended": "2026-11-20T10:00:05.000Z",
        "exit_code": 0,
        "archive_path": archive,
        "can_cancel": False,
        "history": [
            {"status": status, "description": "", "created": f"2026-11-20T10:00:0{n}Z"}
            for n, status in enumerate(["PENDING", "QUEUED", "RUNNING", "FINISHED"])
        ],
        "inputs": {},
        "parameters": {"output": "heat"},
        "message": "",
        "run_seconds": None,
        "request": {
            "kind": "compile",
            "system": "local",
            "command": "gcc -O2 -fopenmp",
            "source": "src/heat.c",
            "output": "heat",
            "args": "-lm",
            "files": ["src/grid.h"],
            "modules": [],
        },
        "outputs": [
            {"name": "heat", "path": f"{archive}/heat", "type": "file", "size": 16984},
        ],
    } | changes
