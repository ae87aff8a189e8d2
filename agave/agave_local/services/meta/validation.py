"""Checking values against JSON Schemas that anybody may have written.

The package jsonschema does the work, kept from three things: it fetches nothing
(`$ref` reaches only what is in the schema itself), patterns never backtrack, and each
check may take only so many steps.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from jsonschema import FormatChecker, ValidationError, validators
from jsonschema.exceptions import SchemaError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

from agave_local.errors import BadRequest
from agave_local.records.store import Document
from agave_local.services.meta.regex import Regex

_MOST_STEPS = 50_000
_LONGEST_REASON = 300
_MOST_DEPTH = 60

_DRAFTS: tuple[Any, ...] = (
    validators.Draft202012Validator,
    validators.Draft201909Validator,
    validators.Draft7Validator,
    validators.Draft6Validator,
    validators.Draft4Validator,
    validators.Draft3Validator,
)
_Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


class Schema:
    """A JSON Schema, of the draft that it names.

    Args:
        document: the schema.

    Raises:
        BadRequest: where it is none, or of a draft that is not known.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        if _depth(document) > _MOST_DEPTH:
            raise BadRequest("The schema is nested too deep.")
        self._kind = _kind_of(document.get("$schema"))
        try:
            self._kind.check_schema(document, format_checker=FormatChecker(()))
        except SchemaError as error:
            raise BadRequest(f"The schema is not right: {_reason(error)}") from error
        for pattern in _patterns(document):
            _read_pattern(pattern)

    def check(self, value: object) -> None:
        """Refuse a value that does not follow the schema.

        Raises:
            BadRequest: saying what is wrong, and where.
        """
        if _depth(value) > _MOST_DEPTH:
            raise BadRequest("value is nested too deep to be checked by its schema.")
        try:
            checker = _Budget().bounded(self._kind)(
                self._document, registry=Registry(), format_checker=None
            )
            error = best_match(checker.iter_errors(value))
        except Unresolvable as unknown:
            raise BadRequest(
                "The schema names another document by `$ref`; only what is in the "
                "schema itself can be named."
            ) from unknown
        except RecursionError as endless:
            raise BadRequest("The schema names itself without an end.") from endless
        if error is not None:
            raise BadRequest(f"value does not follow its schema: {_reason(error)}")


def _kind_of(named: object) -> Any:
    """Return the validator of the draft that a schema names; the newest by default."""
    if named is None:
        return _DRAFTS[0]
    for kind in _DRAFTS:
        known = kind.META_SCHEMA["$schema"]
        if isinstance(named, str) and named.rstrip("#") == known.rstrip("#"):
            return kind
    raise BadRequest("The draft that `$schema` names is not known here.")


class _Budget:
    """Counts the steps of one check."""

    def __init__(self) -> None:
        self._left = _MOST_STEPS
        self._patterns: dict[str, Regex] = {}

    def bounded(self, kind: Any) -> Any:
        """Return a validator whose every keyword costs a step."""
        replaced: dict[str, _Keyword] = {
            "pattern": self._pattern,
            "patternProperties": self._pattern_properties,
            "additionalProperties": self._additional_properties,
            "uniqueItems": _unique_items,
        }
        keywords = {
            word: partial(self._counted, replaced.get(word, keyword))
            for word, keyword in kind.VALIDATORS.items()
        }
        return validators.extend(kind, keywords)  # type: ignore[no-untyped-call]

    def _counted(
        self, keyword: _Keyword, validator: Any, wanted: Any, value: Any, schema: Any
    ) -> Iterator[ValidationError]:
        self._left -= 1
        if self._left < 0:
            raise BadRequest("Checking value by its schema takes too long.")
        yield from keyword(validator, wanted, value, schema) or ()

    def _has(self, pattern: str, text: str) -> bool:
        found = self._patterns.get(pattern)
        if found is None:
            found = self._patterns[pattern] = _read_pattern(pattern)
        return found.search(text)

    def _pattern(
        self, validator: Any, pattern: Any, value: Any, _schema: Any
    ) -> Iterator[ValidationError]:
        if validator.is_type(value, "string") and not self._has(pattern, value):
            yield ValidationError(f"{value!r} does not match {pattern!r}")

    def _pattern_properties(
        self, validator: Any, patterns: Any, value: Any, _schema: Any
    ) -> Iterator[ValidationError]:
        if not validator.is_type(value, "object"):
            return
        for pattern, inner in patterns.items():
            for name, held in value.items():
                if self._has(pattern, name):
                    yield from validator.descend(
                        held, inner, path=name, schema_path=pattern
                    )

    def _additional_properties(
        self, validator: Any, wanted: Any, value: Any, schema: Any
    ) -> Iterator[ValidationError]:
        if not validator.is_type(value, "object"):
            return
        patterns = schema.get("patternProperties", {})
        extras = [
            name
            for name in value
            if name not in schema.get("properties", {})
            and not any(self._has(pattern, name) for pattern in patterns)
        ]
        if validator.is_type(wanted, "object"):
            for name in extras:
                yield from validator.descend(value[name], wanted, path=name)
        elif not wanted and extras:
            yield ValidationError(f"{extras[0]!r} is not expected")


def _unique_items(
    validator: Any, wanted: Any, value: Any, _schema: Any
) -> Iterator[ValidationError]:
    """Compare what the elements look like; each with each would take too long."""
    if not wanted or not validator.is_type(value, "array"):
        return
    if len({_canonical(one) for one in value}) != len(value):
        yield ValidationError("two elements are the same")


def _canonical(value: Any) -> str:
    return json.dumps(_whole(value), sort_keys=True)


def _whole(value: Any) -> Any:
    """Write 1.0 as 1: they are one number in JSON Schema."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {name: _whole(one) for name, one in value.items()}
    return value


def _read_pattern(pattern: object) -> Regex:
    try:
        return Regex(str(pattern))
    except BadRequest as error:
        reason = error.message.removeprefix("q: ")
        raise BadRequest(f"A pattern of the schema can't be used: {reason}") from error


def _patterns(schema: Any) -> Iterator[object]:
    """Yield every pattern, wherever it is in a schema."""
    if isinstance(schema, list):
        for one in schema:
            yield from _patterns(one)
    elif isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        if isinstance(schema.get("patternProperties"), dict):
            yield from schema["patternProperties"]
        for one in schema.values():
            yield from _patterns(one)


def _depth(value: Any) -> int:
    """Return how deep a value is nested, without being nested as deep."""
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth


def _reason(error: ValidationError | SchemaError) -> str:
    message = error.message
    if len(message) > _LONGEST_REASON:
        message = f"{message[:_LONGEST_REASON]}…"
    path = ".".join(str(step) for step in error.absolute_path)
    return f"{message} (at {path})." if path else f"{message}."
