"""`mock_agave`: a whole tenant inside a test, for code that calls Agave or Abaco.

```python
with mock_agave() as agave:
    agave.agavepy("anna").meta.addMetadata(body={"name": "note", "value": 1})
```
"""

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast, overload

from agave_local.clock import Clock, Ids, MovableClock
from agave_local.handle import LocalAgave
from agave_local.transports.in_process import SWITCHBOARD, connected

BASE_URL = "https://agave.test"
# Accounts of tests need no slow passwords.
_CHEAP = 2**4

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


class MockAgave:
    """A tenant while a block, a function or the tests of a class run.

    Args:
        base_url: the tenant's address, without a trailing slash.
        data: folder of the tenant; a new one that is removed, where None.
        at: where the tenant's clock stands still, in seconds since the epoch; it
            goes on by itself where None. `LocalAgave.move` moves it either way.
        seed: of all identifiers and tokens, for tests that compare whole answers.
        clock: a clock of the test's own, instead of `at`.
        settings: further fields of `TenantSettings`, such as `case="snake"`.
    """

    def __init__(
        self,
        base_url: str = BASE_URL,
        *,
        data: Path | None = None,
        at: float | None = None,
        seed: int | None = None,
        clock: Clock | None = None,
        **settings: Any,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._data = data
        self._at = at
        self._seed = seed
        self._clock = clock
        self._settings = {"password_cost": _CHEAP, **settings}
        self._entered: list[AbstractContextManager[LocalAgave]] = []

    def __enter__(self) -> LocalAgave:
        """Begin; inside another mock of the same address, join it.

        Raises:
            DataInUse: where another tenant has the folder.
        """
        outer = SWITCHBOARD.find(self._base_url)
        is_same = self._data is None or (
            outer is not None and self._data == outer.tenant.settings.data
        )
        entered = (
            connected(
                self._data,
                self._base_url,
                clock=self._clock or MovableClock(self._at),
                ids=Ids(self._seed),
                **self._settings,
            )
            if outer is None or not is_same
            else nullcontext(outer)
        )
        agave = entered.__enter__()
        self._entered.append(entered)
        return agave

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; what the tenant kept in a folder of its own is gone."""
        self._entered.pop().__exit__(kind, error, trace)

    def __call__(self, decorated: _Decorated) -> _Decorated:
        """Decorate a function, a coroutine function, or a class of tests.

        Each call, and each test of a class, has a tenant of its own.
        """
        if inspect.isclass(decorated):
            for name, member in list(vars(decorated).items()):
                if name.startswith("test") and inspect.isfunction(member):
                    setattr(decorated, name, self(member))
            return decorated
        wrapper = self._around(decorated)
        return cast("_Decorated", functools.wraps(decorated)(wrapper))

    def _around(self, decorated: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(decorated):

            async def wait(*arguments: Any, **named: Any) -> Any:
                with self:
                    return await decorated(*arguments, **named)

            return wait

        def call(*arguments: Any, **named: Any) -> Any:
            with self:
                return decorated(*arguments, **named)

        return call


@overload
def mock_agave(function: _Decorated, /) -> _Decorated: ...


@overload
def mock_agave(base_url: str = BASE_URL, /, **options: Any) -> MockAgave: ...


def mock_agave(
    function: Callable[..., Any] | str = BASE_URL, /, **options: Any
) -> Callable[..., Any] | MockAgave:
    """Answer every request to a tenant's address by a tenant in this process.

    Requests to any other host fail: nothing reaches a real network.
    Usable as `with mock_agave() as agave:`, as `@mock_agave` and as `@mock_agave(…)`.

    Args:
        function: what `@mock_agave` decorates; or the tenant's address.
        options: as of `MockAgave`.
    """
    if isinstance(function, str):
        return MockAgave(options.pop("base_url", function), **options)
    return MockAgave()(function)


def current_agave(base_url: str = BASE_URL) -> LocalAgave:
    """Return the tenant that answers at an address, for use in a decorated function.

    Raises:
        LookupError: where there is none.
    """
    agave = SWITCHBOARD.find(base_url)
    if agave is None:
        raise LookupError(f"no tenant answers at {base_url}: use mock_agave")
    return agave
