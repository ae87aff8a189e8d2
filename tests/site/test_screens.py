"""Every page in light, dark and narrow: nothing overflows, and a picture of each."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium")

SCREENS = Path(__file__).resolve().parents[2] / "test-output" / "screens"
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
        "compare.html#serial=heat.c&parallel=rose_heat_OpenMP.c&repeats=3",
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
}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"scheme": "light", "width": 1280},
    "dark": {"scheme": "dark", "width": 1280},
    "narrow": {"scheme": "light", "width": 360},
    # A window of 1280 pixels at 200 %.
    "large": {"scheme": "light", "width": 640},
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
OVERFLOW = "() => document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture(name="home")
def _home(tenant: Any, make_job: Any) -> None:
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
    tenant.diagnostics = {"diagnostics": DIAGNOSTICS, "truncated": False}
    tenant.comparison = {"done": True, "mode": "threads", "message": "", "runs": RUNS}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", PAGES)
def test_page_fits_and_is_kept_as_a_picture(site: Any, name: str) -> None:
    """In every look a page has one first heading and does not scroll sideways."""
    address, place, text = PAGES[name]
    if name == "index":
        site.open(address)
    else:
        site.sign_in(address)
    expect(site.page.locator(place)).to_contain_text(text)
    expect(site.page.get_by_role("heading", level=1)).to_have_count(1)
    SCREENS.mkdir(parents=True, exist_ok=True)

    overflow = {}
    for look, settings in LOOKS.items():
        site.page.emulate_media(color_scheme=settings["scheme"])
        site.page.set_viewport_size({"width": settings["width"], "height": 900})
        overflow[look] = site.page.evaluate(OVERFLOW)
        path = SCREENS / f"{name}-{look}.png"
        site.page.screenshot(path=path, full_page=True, animations="disabled")

    assert {look: over for look, over in overflow.items() if over > 0} == {}
