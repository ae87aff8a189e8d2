"""The runner of `mock_agave`."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agave_local.services.actors.runner.base import Task
from agave_local.services.actors.runner.images import Program
from agave_local.services.actors.runner.inline import InlineOutcome, InlineRunner
from agave_local.services.actors.runner.steering import IMAGE_DEFAULTS

MakePackage = Callable[..., str]


@pytest.fixture(name="run")
def _run(recorder: Any) -> Iterator[Callable[..., Any]]:
    """Return what runs one execution of an image to its end."""
    runners: list[InlineRunner] = []

    def run(runner: InlineRunner, image: str = "i") -> Any:
        runners.append(runner)
        runner.start(recorder)
        runner.prepare(image)
        runner.run(Task("a", image, {"A": "b"}))
        runner.stop()
        return recorder.endings["a"]

    yield run
    for runner in runners:
        runner.stop()


def test_registered_function(recorder: Any, run: Any) -> None:
    """A registered function gets the environment and answers for the image."""
    seen: list[dict[str, str]] = []

    def act(environment: dict[str, str]) -> InlineOutcome:
        seen.append(environment)
        return InlineOutcome(3, "said", [b"one", b"x" * 140_000])

    runner = InlineRunner({})
    runner.register("i", act)

    ending = run(runner)

    assert seen == [{**IMAGE_DEFAULTS, "A": "b"}]
    assert (ending.exit_code, ending.log) == (3, "said")
    assert recorder.frames["a"] == [b"one", b"x" * 131_072]
    assert recorder.prepared == [("i", None)]


def test_function_that_fails(run: Any) -> None:
    """A function that raises fails its execution, and the log says why."""

    def act(environment: dict[str, str]) -> InlineOutcome:
        raise KeyError(environment["A"])

    runner = InlineRunner({})
    runner.register("i", act)

    ending = run(runner)

    assert ending.exit_code == 1
    assert ending.log.endswith("KeyError: 'b'\n")


@pytest.mark.parametrize(("code", "exit_code"), [(4, 4), ("text", 1)])
def test_function_that_exits(run: Any, code: object, exit_code: int) -> None:
    """A function that exits ends its own execution only."""

    def act(_environment: dict[str, str]) -> InlineOutcome:
        sys.exit(code)  # type: ignore[arg-type]

    runner = InlineRunner({})
    runner.register("i", act)

    assert run(runner).exit_code == exit_code


def test_package(recorder: Any, run: Any, make_package: MakePackage) -> None:
    """A package runs by its `run_inline`."""
    app = """
        def run_inline(environment, send):
            send(environment["A"].encode())
    """

    ending = run(InlineRunner({"i": make_package("inlined", app)}))

    assert (ending.exit_code, recorder.frames["a"]) == (0, [b"b"])


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        ("", "Image i cannot run inside the tenant's own process."),
        ("raise ValueError('no')", "ValueError: no"),
    ],
)
def test_package_that_cannot(
    recorder: Any, run: Any, make_package: MakePackage, app: str, reason: str
) -> None:
    """A package without that, or that cannot be imported, is refused."""
    name = f"uninlined{len(app)}"

    ending = run(InlineRunner({"i": make_package(name, app)}))

    assert (ending.exit_code, ending.error) == (137, reason)
    assert recorder.prepared == [("i", reason)]


def test_command(recorder: Any, run: Any) -> None:
    """A command of the table cannot run in a thread of the tenant."""
    ending = run(InlineRunner({"i": Program(command=("true",))}))

    reason = "Image i cannot run inside the tenant's own process."
    assert (ending.exit_code, ending.error) == (137, reason)
    assert recorder.prepared == [("i", reason)]


def test_unknown_image(run: Any) -> None:
    """An unknown image is refused as by any runner."""
    ending = run(InlineRunner({}), "other")

    assert ending.error == "Image other was not found on the public registry."


def test_what_a_thread_cannot(recorder: Any) -> None:
    """A thread cannot be ended by force, and its log comes at the end."""
    runner = InlineRunner({})
    runner.start(recorder)

    runner.kill("a")

    assert runner.log("a") == ""
