"""The forms of jobs: what their tests do with a form, and a system with queues."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Locator, Page

SCREENS: Final = Path(__file__).resolve().parents[3] / "test-output" / "screens"
LOOKS: Final = (
    ("light", "light", 1280),
    ("dark", "dark", 1280),
    ("narrow", "light", 360),
)


@dataclass
class Form:
    """Somebody at a form."""

    site: Any
    tenant: Any
    mpirun: str = "mpirun -np {ranks}"

    @property
    def page(self) -> Page:
        """The page that the form is on."""
        page: Page = self.site.page
        return page

    def open(self, address: str) -> None:
        """Sign in and go to a form."""
        self.site.sign_in(address)

    def field(self, label: str) -> Locator:
        """Return the control of a label."""
        return self.page.get_by_label(label, exact=True)

    def button(self, name: str) -> Locator:
        """Return the button of a name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def chip(self, group: str, name: str) -> Locator:
        """Return a button of a group of chips."""
        chips = self.page.get_by_role("group", name=group, exact=True)
        return chips.get_by_role("button", name=name, exact=True)

    def fault(self, name: str) -> Locator:
        """Return the place where the fault of a field is told."""
        return self.page.locator(f"#fault-{name}")

    def send(self, action: str) -> None:
        """Press the button of the form and wait until the page of the job is there."""
        self.page.locator("form").get_by_role("button", name=action, exact=True).click()
        self.wait_for_job()

    def wait_for_job(self) -> None:
        """Wait until the page of the job is there."""
        self.page.wait_for_url("**/history.html#job=*")

    def sent(self) -> dict[str, Any]:
        """Return what was sent last, without its id."""
        body: dict[str, Any] = dict(self.tenant.requests("/jobs")[-1]["body"])
        assert len(body.pop("request_id")) == 12
        return body

    def picture(self, name: str) -> None:
        """Keep a picture of the page in both schemes, and narrow."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        for look, scheme, width in LOOKS:
            self.page.emulate_media(
                color_scheme="dark" if scheme == "dark" else "light"
            )
            self.page.set_viewport_size({"width": width, "height": 900})
            path = SCREENS / f"form-{name}-{look}.png"
            self.page.screenshot(path=path, full_page=True, animations="disabled")
        self.page.set_viewport_size({"width": 1280, "height": 900})
        self.page.emulate_media(color_scheme="light")


@pytest.fixture(name="form")
def _form(site: Any, tenant: Any) -> Form:
    """Give a form to somebody who will sign in."""
    return Form(site, tenant)


@pytest.fixture(name="system")
def _system(tenant: Any) -> dict[str, Any]:
    """Return the system that there is without more ado."""
    system: dict[str, Any] = tenant.systems[0]
    return system


@pytest.fixture(name="cluster")
def _cluster(system: dict[str, Any]) -> dict[str, Any]:
    """Return a system with a scheduler, modules, and queues of different sizes."""
    return system | {
        "name": "cluster",
        "label": "Slurm cluster",
        "description": "Jobs wait in the queues of Slurm.",
        "scheduler": "SLURM",
        "modules": True,
        "suggested_modules": [
            {"name": "gcc/13.2", "label": "GCC 13.2"},
            {"name": "openmpi/4.1", "label": "Open MPI 4.1"},
        ],
        "compilers": [
            {"label": "C, MPI", "command": "icc -mpi", "for": "mpi", "language": "c"}
        ],
        "launchers": ["", "ibrun -n {ranks}"],
        "presets": [
            {
                "name": "mpi",
                "label": "MPI",
                "compile": "icc -mpi",
                "launcher": "ibrun -n {ranks}",
                "ranks": 16,
                "nodes": 2,
            }
        ],
        "queues": [
            {
                "name": "normal",
                "description": "The usual one.",
                "default": True,
                "max_nodes": 4,
                "max_processors": 16,
                "max_run_time": "48:00:00",
                "max_memory": "64GB",
            },
            {
                "name": "debug",
                "max_nodes": 1,
                "max_processors": 4,
                "max_run_time": "00:20:00",
            },
        ],
    }
