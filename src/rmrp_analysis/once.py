"""What is computed once for an object, and kept with it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

Result = TypeVar("Result")


class Once:
    """Keeps results by a key, for as long as the object lives."""

    @cached_property
    def _results(self) -> dict[tuple[object, ...], Any]:
        return {}

    def once(self, key: tuple[object, ...], compute: Callable[[], Result]) -> Result:
        """What was computed for a key before, or is computed now."""
        if key not in self._results:
            self._results[key] = compute()
        result: Result = self._results[key]
        return result
