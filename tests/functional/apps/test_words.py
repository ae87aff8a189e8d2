"""What is typed into `args` reaches the program as a shell's words, unexpanded."""

import subprocess
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
# Here a shell has nothing to expand, so that it can be asked itself.
PLAIN = st.text(st.sampled_from("ab äß日\u00a0\t'\"\\-=%.,:/@+^"), max_size=24)
WORD = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("$`'\"\\ ;*~#!{("),
    max_size=12,
)
STYLES = st.sampled_from(["single", "double", "backslash"])


@pytest.fixture(autouse=True)
def _staged(recorded: None) -> None:
    del recorded


def _quote(word: str, style: str) -> str:
    if style == "single":
        return "'" + word.replace("'", "'\\''") + "'"
    if style == "double":
        for letter in '\\"$`':
            word = word.replace(letter, "\\" + letter)
        return f'"{word}"'
    return "".join("\\" + letter for letter in word) or "''"


def _ask_shell(text: str) -> list[str] | None:
    script = f"for word in {text}\ndo printf '%s\\0' \"$word\"; done"
    done = subprocess.run(["dash", "-c", script], capture_output=True, check=False)
    return None if done.returncode else done.stdout.decode().split("\0")[:-1]


def _seen(run_app: Any, bench: Any, text: str) -> list[str] | None:
    (bench.folder / "seen").unlink(missing_ok=True)
    before = {path.name for path in bench.folder.parent.rglob("*")}
    ended = run_app("ipt-run", {"binary": "recorder", "args": text})
    after = {path.name for path in bench.folder.parent.rglob("*")}
    own = {"seen", "IPT_EXIT_CODE", "IPT_TIME", "ipt-lib.sh", "wrapper.sh"}
    assert after - before <= own | {"job.out", "job.err", "job.ipcexe"}
    if ended.code:
        assert (ended.code, "The value of 'args'" in ended.err) == (64, True)
        return None
    assert (ended.out, ended.err) == ("", "")
    return ended.words("seen") or []


@SHARED
@given(text=PLAIN)
@example("a\\")
@example("'' \"\"")
@example('\'a"b\' "c\'d" \\\'e\\" f\\\\g "\\\\h\\i"')
def test_words_are_those_of_a_shell(run_app: Any, bench: Any, text: str) -> None:
    """A text without expansions gives the words that a real shell makes of it."""
    expected = None if _ends_in_escape(text) else _ask_shell(text)

    assert _seen(run_app, bench, text) == expected


def _ends_in_escape(text: str) -> bool:
    """Tell whether a backslash has nothing behind it, which shells read differently."""
    quote, escaped = "", False
    for letter in text:
        if escaped:
            escaped = False
        elif letter == "\\" and quote != "'":
            escaped = True
        elif letter in "'\"" and quote in {"", letter}:
            quote = "" if quote else letter
    return escaped and not quote


@SHARED
@given(
    words=st.lists(st.tuples(WORD, STYLES), max_size=6), blank=st.sampled_from(" \t")
)
@example([("$(touch owned)", "double"), ("`touch owned`", "backslash")], " ")
@example([("", "double"), ("", "single")], " ")
def test_quoted_words_arrive(
    run_app: Any, bench: Any, words: list[tuple[str, str]], blank: str
) -> None:
    """Whatever is quoted, in whichever way, is one word to the letter."""
    text = blank.join(_quote(word, style) for word, style in words)

    assert _seen(run_app, bench, text) == [word for word, _ in words]


@SHARED
@given(text=st.text(st.sampled_from("ab $`;|&<>()*?~#!{}[]$(id)"), max_size=30))
@example("$(touch owned) `touch owned` ; touch owned & > owned | # ~ * ${args}")
@example("${HOME} and {x}")
def test_nothing_expands(run_app: Any, bench: Any, text: str) -> None:
    """Without quotes and backslashes, blanks part the words, and nothing else."""
    assert _seen(run_app, bench, text) == text.split()


def test_many_long_words(run_app: Any, bench: Any) -> None:
    """A line of sixteen thousand letters is split within the time of a job's start."""
    words = [f"'word {number}'" for number in range(1300)]

    assert _seen(run_app, bench, " ".join(words)) == [word[1:-1] for word in words]
