"""Launchers of the registry, and the numbers in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.errors import BadRequest
from iptweb.jobs import Registry
from iptweb.jobs.launch import find_template, read_launcher, read_open_launcher
from iptweb.testing.settings import SYSTEM

LAUNCHERS = [
    "",
    "mpirun --oversubscribe -np {ranks}",
    "mpirun -np {processors} --bind-to none",
    "srun -N {nodes} -n {ranks}",
    "srun -n {ranks} --cpus {ranks}",
    "ibrun",
]
CLUSTER = Registry([SYSTEM | {"launchers": LAUNCHERS}]).find("local")


@given(st.sampled_from(LAUNCHERS[1:]), st.integers(1, 999), st.integers(1, 99))
def test_a_launcher_is_filled_in_and_found_again(
    template: str, ranks: int, nodes: int
) -> None:
    """What a template becomes is accepted as well, and tells its template and ranks."""
    command = read_launcher(template, CLUSTER, ranks=ranks, nodes=nodes)

    assert "{" not in command
    assert read_launcher(command, CLUSTER, ranks=ranks, nodes=nodes) == command
    told = 0 if template == "ibrun" else ranks
    assert find_template(command, CLUSTER, nodes=nodes) == (template, told)


@pytest.mark.parametrize(
    "command", ["srun", "mpirun -np 0", "mpirun -np 2; id", "srun -n 2 --cpus 3"]
)
def test_other_commands_are_no_launchers(command: str) -> None:
    """Only what a template of the registry becomes is a launcher."""
    assert find_template(command, CLUSTER, nodes=1) == ("", 0)
    with pytest.raises(BadRequest, match="no such launcher") as caught:
        read_launcher(command, CLUSTER, ranks=2, nodes=1)
    assert caught.value.details == {"field": "launcher"}


@pytest.mark.parametrize("launcher", ["mpirun -np 3", "ibrun -n 2"])
def test_a_launcher_with_other_numbers_is_refused(launcher: str) -> None:
    """A launcher may not start another number of ranks than the job has room for."""
    with pytest.raises(BadRequest, match="no such launcher"):
        read_launcher(launcher, CLUSTER, ranks=2, nodes=1)


@pytest.mark.parametrize(
    ("launcher", "opened"),
    [
        ("", ""),
        ("mpirun -np {processors} --bind-to none", "mpirun -np {ranks} --bind-to none"),
        ("mpirun -np {ranks} --bind-to none", "mpirun -np {ranks} --bind-to none"),
        ("srun -N {nodes} -n {ranks}", "srun -N 2 -n {ranks}"),
        ("srun -N 2 -n {ranks}", "srun -N 2 -n {ranks}"),
    ],
)
def test_a_comparison_fills_in_the_ranks_itself(launcher: str, opened: str) -> None:
    """All numbers are filled in but the one that is counted."""
    assert read_open_launcher(launcher, CLUSTER, nodes=2) == opened


@pytest.mark.parametrize("launcher", ["ibrun", "srun", "mpirun -np 2"])
def test_a_comparison_needs_a_launcher_that_can_be_told(launcher: str) -> None:
    """A launcher that always starts all ranks can't be compared with fewer."""
    with pytest.raises(BadRequest) as caught:
        read_open_launcher(launcher, CLUSTER, nodes=1)
    assert caught.value.details == {"field": "launcher"}
