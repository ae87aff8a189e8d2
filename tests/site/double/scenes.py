"""Every page with something on it, to be looked at and to be checked."""

from collections.abc import Callable
from typing import Any

from .admin import furnish_admin

# Each page with where it is, and what is the last to appear on it.
PAGES = {
    "index": ("index.html", "ipt-sign-in", "Sign in"),
    "compile": ("compile.html#source=heat.c", "#preview", "heat.c"),
    "build-run": (
        "compile.html#kind=build-run&source=heat.c&ranks=9&launcher=mpirun -np {ranks}",
        "#preview",
        "Waiting for: Ranks",
    ),
    "run": ("run.html#binary=jobs/2026-11-20/compile-local-7/heat", "#preview", "heat"),
    "compare": (
        "compare.html#serial=heat.c&parallel=heat_omp.c&repeats=3",
        "#preview",
        "heat.c",
    ),
    "history": ("history.html", "#jobs", "Compile heat"),
    "job": ("history.html#job=7", "ipt-output[stream=out]", "step   39"),
    "failed": ("history.html#job=8", "ipt-diagnostics", "2 errors"),
    "waiting": ("history.html#job=10", "#standing", "3 jobs are ahead"),
    "comparison": ("history.html#job=11", "ipt-comparison", "First differences"),
    "files": ("files.html", "#listing", "matrix.c"),
    "help": ("help.html", "ipt-presets", "C, OpenMP"),
    "terminal": ("terminal.html", "ipt-status", "STOPPED"),
    "admin": ("admin.html", "#table", "charles"),
    "admin-hosts": ("admin.html#view=hosts", "#table", "cluster-2"),
}
UNDECIDED: dict[str, Any] = {"started": "", "ended": "", "can_cancel": True}
WAITING = UNDECIDED | {
    "status": "QUEUED",
    "kind": "run",
    "history": [
        {"status": "PENDING", "description": "", "created": "2026-11-20T10:00:00Z"},
        {
            "status": "QUEUED",
            "description": "Accepted by Slurm as 1742.",
            "created": "2026-11-20T10:00:04Z",
        },
    ],
    "queue": {
        "ahead": 3,
        "expected_start": "2036-11-20T10:30:00Z",
        "reason": "Resources",
        "as_of": "2026-11-20T10:10:00Z",
    },
}
PLACE = {"file": "heat.c", "path": "src/heat.c", "line": 12, "column": 5, "option": ""}
DIAGNOSTICS: list[dict[str, Any]] = [
    PLACE
    | {
        "severity": "warning",
        "message": "unused variable 'previous_temperature_of_the_neighbour'",
        "option": "-Wunused-variable",
        "notes": [],
    },
    PLACE
    | {
        "severity": "error",
        "message": "expected ';' before 'return'",
        "notes": [PLACE | {"message": "to match this '{'"}],
    },
    {
        "file": "",
        "path": "",
        "line": None,
        "column": None,
        "severity": "error",
        "message": "undefined reference to 'sqrt'",
        "option": "",
        "notes": [],
    },
]
DIFFERENCE = {
    "line": 12,
    "word": 3,
    "serial": "0.12500000",
    "parallel": "0.12509999",
    "relative": 0.0007994,
    "serial_lines": 40,
    "parallel_lines": 40,
}
RUNS = [
    {
        "label": str(count) if count else "serial",
        "count": count,
        "repeat": 1,
        "exit_code": 0,
        "seconds": seconds,
        "speed_up": 8.1 / seconds,
        "efficiency": 8.1 / seconds / max(count, 1),
        "same": None if count == 0 else count < 8,
        "difference": DIFFERENCE if count == 8 else None,
    }
    for count, seconds in ((0, 8.1), (1, 8.4), (2, 4.3), (4, 2.4), (8, 1.6))
]


def furnish(tenant: Any, make_job: Callable[..., dict[str, Any]]) -> None:
    """Give Ada some files and jobs to look at."""
    tenant.files = {
        "heat.c": b"x" * 2310,
        "a-file-with-a-rather-long-name-that-must-wrap-somewhere.txt": b"x" * 1_300_000,
        "matrix.c": b"x" * 900,
    }
    tenant.folders = {"jobs", "samples"}
    tenant.texts = {
        "out": "".join(f"step {n:4d}  heat {n * 0.37:.6f}\n" for n in range(40)),
        "err": "",
    }
    tenant.jobs = {
        "7": make_job("7"),
        "8": make_job(
            "8",
            status="FAILED",
            exit_code=1,
            message="The command ended with 1.",
            diagnostics_available=True,
        ),
        "9": make_job("9", status="RUNNING", ended="", can_cancel=True, kind="run"),
        "10": make_job("10", **WAITING),
        "11": make_job("11", kind="compare"),
        "12": make_job("12", status="STAGING_INPUTS", **UNDECIDED),
    }
    furnish_admin(tenant)
    tenant.diagnostics = {"diagnostics": DIAGNOSTICS, "truncated": False}
    tenant.comparison = {"done": True, "mode": "threads", "message": "", "runs": RUNS}
