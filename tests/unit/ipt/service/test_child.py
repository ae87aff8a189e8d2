"""The process that the engine works in: limits, and what comes of them."""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import TYPE_CHECKING, NoReturn

import pytest

from ipt.errors import ServiceRefused
from ipt.service import EngineRequest, Limits, serve_in_child
from ipt.service.process import main, set_limits, to_text

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = {
    "a.c": b"int a[9000];\nvoid f(void) {\n"
    b"for (int i = 0; i < 9000; i++)\na[i] = i;\n}\n"
}


OUT_OF_MEMORY = """\
import json
told = {"reason": "memory", "message": "", "question": ""}
print(json.dumps({"refused": told}))
"""


def child(code: str) -> tuple[str, ...]:
    """Return a command that takes the place of the engine."""
    return (sys.executable, "-I", "-c", code)


def refusal(code: str, limits: Limits | None = None) -> ServiceRefused:
    """Return what comes of a process that does something else than it should."""
    with pytest.raises(ServiceRefused) as caught:
        serve_in_child(EngineRequest("auto"), WHOLE, limits, child(code))
    return caught.value


def test_program_is_made_parallel() -> None:
    """The whole way: files out, JSON back."""
    found = serve_in_child(EngineRequest("auto"), WHOLE)

    assert found["status"] == "parallelized"
    assert "#pragma omp parallel for" in found["sources"][0]["text"]


def test_refusals_come_back() -> None:
    """What the engine refuses in its process is raised here."""
    with pytest.raises(ServiceRefused, match="file not found") as caught:
        serve_in_child(EngineRequest("auto"), {"a.c": b'#include "nowhere.h"\n'})

    assert caught.value.reason == "source"


def test_files_are_checked_first() -> None:
    """Nothing is started for what cannot be read anyway."""
    with pytest.raises(ServiceRefused, match="must be plain"):
        serve_in_child(EngineRequest("auto"), {"../a.c": b""}, command=("no such",))


def test_it_is_stopped_in_time() -> None:
    """Who takes too long is killed, and the sentence says what to do."""
    found = refusal("import time; time.sleep(600)", Limits(seconds=0.2))

    assert found.reason == "time"
    assert "after 0.2 seconds" in found.message
    assert "split long functions" in found.message


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "time"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "memory"),
        ("import os; os.abort()", "memory"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crash"),
        ("raise SystemExit(1)", "crash"),
        ("print('no JSON')", "crash"),
        (OUT_OF_MEMORY, "memory"),
    ],
)
def test_its_end_has_a_reason(code: str, reason: str) -> None:
    """However the process ends, the caller learns what it may be."""
    assert refusal(code).reason == reason


def test_it_gets_nothing_of_ours() -> None:
    """Its environment is clean, its folder has the program alone."""
    code = (
        "import json, os, sys; print(json.dumps({'environment': sorted(os.environ),"
        " 'files': os.listdir(), 'order': json.load(sys.stdin)}))"
    )

    found = serve_in_child(
        EngineRequest("ask", answers={"model": "openmp"}), WHOLE, command=child(code)
    )

    assert {"LC_ALL", "PATH"} >= set(found["environment"]) - {"LC_CTYPE"}
    assert found["files"] == ["a.c"]
    assert found["order"]["sources"] == ["a.c"]
    request = EngineRequest.from_json(found["order"]["request"])
    assert request == EngineRequest("ask", answers={"model": "openmp"})


def test_no_room_is_said_to_be_no_room(tmp_path: Path) -> None:
    """Nothing of the machine is shown then either."""
    with pytest.raises(ServiceRefused, match="no room here") as caught:
        serve_in_child(EngineRequest("auto"), WHOLE, temporary=tmp_path / "nowhere")

    assert caught.value.reason == "internal"
    assert "nowhere" not in caught.value.message


def test_memory_is_limited() -> None:
    """Macros that grow without end meet the limit, and not the machine's."""
    lines = [f"#define A{i} " + f"A{i - 1} " * 10 for i in range(1, 12)]
    text = "\n".join(["#define A0 1 +", *lines, "int x = A11 1;\n"])

    with pytest.raises(ServiceRefused) as caught:
        serve_in_child(
            EngineRequest("auto"),
            {"a.c": text.encode()},
            Limits(memory=160 << 20, seconds=100),
        )

    assert caught.value.reason in ("crash", "memory")
    assert "160 MiB" in caught.value.message


def test_a_breakdown_of_clang_stays_in_its_process() -> None:
    """A sum that is too long for its recursion costs one answer, and no more."""
    text = "int x = " + "1+" * 40_000 + "1;\n"

    with pytest.raises(ServiceRefused) as caught:
        serve_in_child(EngineRequest("auto"), {"a.c": text.encode()})

    assert caught.value.reason == "crash"


def test_what_is_said_is_limited() -> None:
    """A long line comes with each of its questions, and not into our memory."""
    loops = "for (int i = 0; i < 9000; i++) a[i] = i; " * 10
    text = f"int a[9000];\nvoid f(void) {{ {loops} /* {'x' * 300_000} */ }}\n"

    with pytest.raises(ServiceRefused, match="more than 1 MiB") as caught:
        serve_in_child(
            EngineRequest("ask", answers={"model": "", "function": ""}),
            {"a.c": text.encode()},
            Limits(answer_size=1 << 20),
        )

    assert caught.value.reason == "size"


class Endless(dict[str, int]):
    """What takes more memory to write down than there is."""

    def items(self) -> NoReturn:
        """Give up, as where memory is gone."""
        raise MemoryError


def test_no_memory_for_the_answer() -> None:
    """Where it is there but can't be written down, that is said."""
    told = json.loads(to_text(Endless(a=1), 1 << 20))

    assert told["refused"]["reason"] == "memory"


def test_no_more_is_read_of_what_heeds_no_limit() -> None:
    """A process that went wrong does not fill the memory of ours."""
    said = "{}" + " " * 99

    found = refusal(f"print({said!r} + 'no JSON')")
    cut = serve_in_child(
        EngineRequest("auto"),
        WHOLE,
        Limits(answer_size=50),
        child(f"print({said!r} + 'no JSON')"),
    )

    assert found.reason == "crash"
    assert cut == {}


def limits_set(hard: int) -> dict[int, tuple[int, int]]:
    """Return the limits that a process sets itself."""
    found: dict[int, tuple[int, int]] = {}
    limits = {"memory": hard, "seconds": 7, "answer": 1 << 20}
    set_limits(limits, found.__setitem__)
    return found


def test_limits_are_set_for_good() -> None:
    """Soft and hard limit are the same, and there is no core file."""
    found = limits_set(1 << 30)

    assert found[resource.RLIMIT_CORE] == (0, 0)
    assert found[resource.RLIMIT_CPU][0] <= 8
    assert all(soft == hard for soft, hard in found.values())
    assert resource.RLIMIT_AS in found


def test_limits_are_never_raised() -> None:
    """What the process is limited to already stays."""
    _, largest = resource.getrlimit(resource.RLIMIT_AS)
    bound, _ = limits_set(1 << 62)[resource.RLIMIT_AS]

    assert bound == (1 << 62 if largest == resource.RLIM_INFINITY else largest)


def order(request: EngineRequest, sources: list[str], memory: float = 1e9) -> str:
    """Return an order as the process reads it."""
    limits = {"memory": memory, "seconds": 5, "answer": 1 << 20}
    return json.dumps(
        {"request": request.to_json(), "sources": sources, "limits": limits}
    )


@pytest.mark.parametrize(
    ("request_", "text", "reason"),
    [
        (EngineRequest("auto"), "int x = ;", "source"),
        (EngineRequest("auto", model="mpi"), "int x;", "request"),
        (EngineRequest("auto", standard="c45"), "int x;", "crash"),
        (EngineRequest("ask", answers={"model": "cuda"}), "int x;", "answer"),
        (EngineRequest("analyze", functions=("f",)), "int x;", "request"),
    ],
)
def test_refusals_are_answers(
    request_: EngineRequest,
    text: str,
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The process never fails for what a caller did; it says what is wrong."""
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "a.c").write_text(text)
    monkeypatch.chdir(folder)
    stdout = io.StringIO()

    main(io.StringIO(order(request_, ["a.c"])), stdout, lambda *_: None)

    refused = json.loads(stdout.getvalue())["refused"]
    assert refused["reason"] == reason
    assert refused["message"]
    assert refused["question"] == ("model" if reason == "answer" else "")
