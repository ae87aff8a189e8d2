"""Regular expressions without backtracking."""

import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agave_local.errors import BadRequest
from agave_local.services.meta.regex import Regex

_ATOMS = st.sampled_from(
    [
        *"abAB1_ -",
        ".",
        "^",
        "$",
        r"\d",
        r"\D",
        r"\w",
        r"\W",
        r"\s",
        r"\S",
        r"\b",
        r"\B",
        r"\.",
        r"\n",
        r"\t",
        "[ab]",
        "[^a]",
        "[a-b1]",
        r"[\d_]",
        r"[^\w]",
        r"[\W]",
        r"[\]a-]",
        "[]a]",
        r"\x41",
        r"[\x61-\u0062]",
        "{",
        "a{",
        "a{,b}",
    ]
)
_REPEATS = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}", "{,2}", "*?", "+?"])


def _grow(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = st.builds("({})".format, parts)
    return st.one_of(
        st.lists(parts, min_size=1, max_size=3).map("".join),
        st.builds("{}|{}".format, parts, parts),
        group,
        st.builds("(?:{})".format, parts),
        st.builds("(?={})".format, parts),
        st.builds("(?!{})".format, parts),
        st.builds("{}{}".format, group, _REPEATS),
        st.builds("{}{}".format, st.sampled_from(["a", ".", "[ab]", r"\d"]), _REPEATS),
    )


_PATTERNS = st.recursive(_ATOMS, _grow, max_leaves=8)
# Python 3.11 finds no `\B` in an empty text, unlike later ones and Perl.
_TEXTS = st.text(alphabet="abAB1_ -.\n{", min_size=1, max_size=12)
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}


@given(
    pattern=_PATTERNS,
    text=_TEXTS,
    options=st.sets(st.sampled_from("ims")).map("".join),
)
def test_agrees_with_python(pattern: str, text: str, options: str) -> None:
    """A pattern matches a text exactly where Python's engine finds a match."""
    flags = re.RegexFlag(0)
    for option in options:
        flags |= _FLAGS[option]
    # `{,2}` means "at most two" to Python as well as to us
    expected = re.compile(pattern, flags | re.ASCII).search(text) is not None

    assert expected is Regex(pattern, options).search(text)


@given(
    pattern=_PATTERNS,
    text=_TEXTS,
)
def test_a_whole_text(pattern: str, text: str) -> None:
    """A whole text matches exactly where Python's engine matches all of it."""
    expected = re.compile(pattern, re.ASCII).fullmatch(text) is not None

    assert expected is Regex(pattern, whole=True).search(text)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"^(?:(?!\$\{)[^\x00-\x1f\x7f])+(?![\s\S])", "a b$c", True),
        (r"^(?:(?!\$\{)[^\x00-\x1f\x7f])+(?![\s\S])", "a ${x}", False),
        (r"^(?:(?!\$\{)[^\x00-\x1f\x7f])+(?![\s\S])", "a\n", False),
        (r"^(?!\.{1,2}(?![\s\S]))[^/]+(?![\s\S])", "..", False),
        (r"^(?!\.{1,2}(?![\s\S]))[^/]+(?![\s\S])", "...", True),
        (r"^(?=.*\d)(?=.*[a-z]).{3,}$", "ab1", True),
        (r"^(?=.*\d)(?=.*[a-z]).{3,}$", "abc", False),
    ],
)
def test_look_ahead(pattern: str, text: str, matches: object) -> None:
    """A pattern may say what must follow and what must not."""
    assert matches is Regex(pattern, whole=True).search(text)


@pytest.mark.parametrize(
    "pattern",
    [
        "(?:(?=.*b)a)*$",
        "(?=(a+)+$)",
        "(?:(?!(?:a|aa)+$)a)*b",
        "(a+)+$",
        "(a|aa)+$",
        "(a*)*b",
        "(.*a){20}",
        "a?" * 28 + "a" * 28,
        "(x+x+)+y",
    ],
)
def test_no_pattern_is_catastrophic(pattern: str) -> None:
    """Patterns that are known to hang other engines are done in no time."""
    started = time.monotonic()

    Regex(pattern).search("a" * 5000 + "!")
    Regex(pattern).search("x" * 5000 + "!")

    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "an opening parenthesis has no closing one"),
        (")", "a closing parenthesis has no opening one"),
        ("[a", "a set has no closing bracket"),
        ("[b-a]", "a range ends before it begins"),
        ("[a-\\", "is not supported"),
        ("*", "nothing to repeat"),
        ("^*", "nothing to repeat"),
        ("a**", "a repetition of a repetition"),
        ("a{2}{3}", "a repetition of a repetition"),
        ("a{3,2}", "a repetition ends before it begins"),
        ("a{101}", "at most 100 repetitions"),
        ("(?<=a)", "look-behind, flags and named groups are not supported"),
        ("(?i)a", "look-behind, flags and named groups are not supported"),
        ("(?=a)*", "nothing to repeat"),
        (r"\x4", "a character's number has 2 hexadecimal digits"),
        (r"\u00zz", "a character's number has 4 hexadecimal digits"),
        ("((?=a{90}))" * 9, "the regular expression is too large"),
        (r"(a)\1", r"\1 is not supported"),
        ("\\", "is not supported"),
        ("(" * 21 + ")" * 21, "the groups are nested too deep"),
        ("x" * 301, "$regex has at most 300 characters"),
        ("(a{100}){100}", "the regular expression is too large"),
    ],
)
def test_refused_patterns(pattern: str, why: str) -> None:
    """A pattern that is malformed or too much is refused with the reason."""
    with pytest.raises(BadRequest, match=re.escape(why)):
        Regex(pattern)


def test_unknown_options() -> None:
    """Options other than i, m and s are refused."""
    with pytest.raises(BadRequest, match="made of i, m and s"):
        Regex("a", "x")


def test_a_budget_for_the_worst() -> None:
    """A search that would still take long is given up with the reason."""
    regex = Regex("(.{1,99}a){1,2}b{5}", budget=100_000)
    chance = random.Random(1)  # noqa: S311 - only to be hard to remember
    text = "".join(chance.choices("abcdefghij", k=20_000))

    with pytest.raises(BadRequest, match="takes too long"):
        regex.search(text)


def test_a_budget_for_much_text() -> None:
    """Many long texts are more than one query gets through, too."""
    regex = Regex("b", budget=50_000)
    regex.search("a" * 20_000)
    regex.search("a" * 20_000)

    with pytest.raises(BadRequest, match="takes too long"):
        regex.search("a" * 20_000)


def test_long_texts_are_cut() -> None:
    """Only the first 20,000 characters count."""
    assert not Regex("b").search("a" * 20_000 + "b")
    assert Regex("b").search("a" * 19_999 + "b")


def test_many_different_characters() -> None:
    """What is remembered between characters stays bounded."""
    text = "".join(chr(0x4E00 + n) for n in range(15_000))

    assert Regex(f"{text[-1]}$").search(text)
