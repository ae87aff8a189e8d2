"""What runs the functions of the local stack."""

from pathlib import Path

import pytest

from agave_deploy.errors import StackError
from agave_deploy.local_stack.local_functions import FunctionChoice, choose_functions

ENGINE = "unix:///run/engine.sock"


def test_programs_need_nothing(tmp_path: Path) -> None:
    """By default the tenant runs functions itself, and gets no further options."""
    choice = choose_functions("programs", None)

    choice.check(tmp_path, has_hosts=False)

    assert choice == FunctionChoice()
    assert choice.tenant_options == []
    assert choice.prefix == ""


def test_containers_run_on_the_engine_that_is_named() -> None:
    """The tenant is told of it; containers reach the tenant over the machine's net."""
    choice = choose_functions("containers", ENGINE)

    assert choice.tenant_options == ["--docker", ENGINE, "--docker-network", "host"]
    assert choice.prefix == "ipt/"


@pytest.mark.parametrize("engine", ["ssh://ada@far", "tcp://far:2375"])
def test_engine_of_another_machine_is_refused(engine: str) -> None:
    """The tenant hands its socket to a container, so both are on one machine."""
    with pytest.raises(StackError, match="on this machine"):
        choose_functions("containers", engine)


def test_containers_without_a_way_to_terminals_are_refused(tmp_path: Path) -> None:
    """A container has no engine's socket; the way out is told."""
    with pytest.raises(StackError, match="terminal_hosts"):
        FunctionChoice(ENGINE).check(tmp_path, has_hosts=False)
