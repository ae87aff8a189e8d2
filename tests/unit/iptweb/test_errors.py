"""The tree of errors."""

import inspect

import pytest

from iptweb import errors
from iptweb.errors import AgaveRefused, BadRequest, IptwebError, MethodNotAllowed
from iptweb.http.response import to_error_response

ALL = [c for _, c in inspect.getmembers(errors, inspect.isclass)]


def test_all_lists_every_error() -> None:
    """`__all__` holds every class of the module and nothing else."""
    assert sorted(c.__name__ for c in ALL) == sorted(errors.__all__)


@pytest.mark.parametrize("error", ALL)
def test_tree_in_docstring_shows_every_error(error: type[IptwebError]) -> None:
    """The drawn tree has a line for every class, with its status if it sets one."""
    lines = [ln for ln in (errors.__doc__ or "").splitlines() if error.__name__ in ln]

    assert lines
    if "status" in vars(error) and error is not IptwebError:
        assert any(str(error.status) in line for line in lines) or error.__name__ in {
            "UpstreamError",
            "TerminalError",
        }


@pytest.mark.parametrize("error", ALL)
def test_every_error_is_ours_and_has_a_code(error: type[IptwebError]) -> None:
    """Every class belongs to the tree and has a status and a code for machines."""
    assert issubclass(error, IptwebError)
    assert 400 <= error.status <= 599
    assert error.code.replace("_", "").isalpha()


def test_answer_names_the_field() -> None:
    """A bad field is named in the details of the answer."""
    response = to_error_response(BadRequest("No.", field="path"), "e-1")

    assert response.status == 400
    assert response.body == {
        "error": {
            "code": "bad_request",
            "message": "No.",
            "details": {"field": "path"},
            "request_id": "e-1",
        }
    }


def test_answer_tells_allowed_methods() -> None:
    """A wrong method is answered with the header that names the right ones."""
    error = MethodNotAllowed("No.", allowed=("GET", "POST"))

    assert to_error_response(error, "").headers == {"Allow": "GET, POST"}


def test_context_stays_inside() -> None:
    """What was noted for the log does not reach the caller."""
    error = AgaveRefused("No.", service="meta", cause="secret")

    assert "secret" not in str(to_error_response(error, "").body)
