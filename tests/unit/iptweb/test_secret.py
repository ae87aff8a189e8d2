"""Secrets don't show."""

import json
import pickle

import pytest

from iptweb.secret import Secret


def test_secret_is_masked_everywhere() -> None:
    """Neither repr, str nor formatting gives a secret away."""
    secret = Secret("hunter22")

    assert f"{secret!r} {secret} {[secret]}" == "*** *** [***]"
    assert secret.reveal() == "hunter22"


def test_secret_travels_in_neither_json_nor_pickle() -> None:
    """A secret can't be written by accident."""
    with pytest.raises(TypeError):
        json.dumps(Secret("hunter22"))
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Secret("hunter22"))


def test_secrets_compare_by_value() -> None:
    """Equal values are equal secrets; a text is none; an empty one is false."""
    assert {Secret("a")} == {Secret("a")}
    assert Secret("a") != "a"
    assert not Secret("")
