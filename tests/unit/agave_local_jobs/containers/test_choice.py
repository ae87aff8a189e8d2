"""Choosing between containers and sandboxes, for each job once."""

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from agave_local.configuration.values import BadValue
from agave_local.services.jobs.containers.choice import (
    Either,
    NoContainers,
    Sandboxes,
    choose_launcher,
)
from agave_local.services.jobs.containers.note import Note, write_note
from agave_local.services.jobs.containers.options import READERS, add_job_options
from agave_local.services.jobs.order import Exit, Order, register
from agave_local.services.jobs.testing import FakeLauncher
from agave_local.settings import TenantSettings

SETTINGS = TenantSettings(Path("/none"), "http://t")
WITH_ENGINE = replace(SETTINGS, job_engine="unix:///none.sock", job_image="image")


@pytest.fixture(name="containers")
def _containers() -> FakeLauncher:
    return FakeLauncher()


@pytest.fixture(name="fork")
def _fork() -> FakeLauncher:
    return FakeLauncher()


@pytest.fixture(name="either")
def _either(containers: FakeLauncher, fork: FakeLauncher) -> Either:
    return Either(containers, fork, falls_back=True)


def test_choose(root: Path) -> None:
    """Containers need an engine and an image; sandboxes need nothing."""
    actors = replace(SETTINGS, docker="unix:///none.sock", job_image="image")
    kinds = {
        Sandboxes: [SETTINGS, replace(WITH_ENGINE, jobs="sandbox")],
        NoContainers: [replace(SETTINGS, jobs="container")],
        Either: [WITH_ENGINE, actors, replace(WITH_ENGINE, jobs="container")],
    }
    for kind, cases in kinds.items():
        for settings in cases:
            assert type(choose_launcher(settings, root)) is kind, settings


def test_containers_come_first(
    either: Either,
    containers: FakeLauncher,
    fork: FakeLauncher,
    control: Path,
    order: Order,
) -> None:
    """A job goes into a container where it can, and is looked after there."""
    assert either.refusal("anna", ()) is None
    either.launch(control, order)
    write_note(control, Note("c", "unix:///none.sock"))
    containers.why_not = "away"
    either.launch(control, order)
    either.end(control)

    assert list(containers.orders) == ["job-1"]
    assert fork.orders == {}
    assert either.look(control) == Exit("ended", 143)


def test_fall_back(
    either: Either,
    containers: FakeLauncher,
    fork: FakeLauncher,
    control: Path,
    order: Order,
) -> None:
    """Without containers a job goes into a sandbox, and stays there."""
    containers.why_not = "no image"
    assert either.refusal("anna", ()) is None
    fork.why_not = "no bwrap"
    assert either.refusal("anna", ()) == "no bwrap"
    either.launch(control, order)
    assert register(control, {"pid": os.getpid(), "started": ""})
    containers.why_not = None
    either.launch(control, order)
    either.end(control)

    assert list(fork.orders) == ["job-1"]
    assert containers.orders == {}
    assert either.look(control) == Exit("ended", 143)
    either.tidy()
    assert not either.is_confined()


def test_no_fall_back(
    containers: FakeLauncher, fork: FakeLauncher, control: Path, order: Order
) -> None:
    """Who asks for containers gets nothing else."""
    either = Either(containers, fork, falls_back=False)
    containers.why_not = "no image"

    assert either.refusal("anna", ()) == "no image"
    either.launch(control, order)

    assert fork.orders == {}


def test_nothing_to_make_containers_with() -> None:
    """The refusal says what is missing."""
    assert "no container engine and image" in NoContainers().refusal("anna", ())


def test_container_of_an_earlier_choice(control: Path, order: Order) -> None:
    """What ran in a container is not run again in a sandbox."""
    write_note(control, Note("c", "unix:///none.sock"))
    sandboxes = Sandboxes(lambda: "no bwrap")
    sandboxes.tidy()

    sandboxes.launch(control, order)

    assert sandboxes.look(control) == Exit("lost")
    assert not (control / "launch.json").exists()


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("jobs", "vm", "one of auto, container, sandbox"),
        ("job_engine", "ssh://a@b", "an engine of this machine"),
        ("job_image", "a b", "the name of an image"),
        ("job_image", 1, "a text"),
    ],
)
def test_wrong_options(key: str, value: object, words: str) -> None:
    """A value that cannot be is refused, saying what can."""
    with pytest.raises(BadValue, match=words):
        READERS[key](value, Path())


def test_options() -> None:
    """The options are the keys of the file."""
    parser = argparse.ArgumentParser()
    add_job_options(parser)
    given = {
        "jobs": "container",
        "job_engine": "unix:///run/docker.sock",
        "job_image": "ipt/terminal-session:latest",
    }
    words = [f"--{key.replace('_', '-')}={value}" for key, value in given.items()]

    options = vars(parser.parse_args(words))

    assert options == given
    assert {key: READERS[key](value, Path()) for key, value in given.items()} == given
    assert json.dumps(vars(parser.parse_args([]))).count("null") == 3
