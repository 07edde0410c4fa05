"""One promise of a contract, and whether it is kept."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

Check = tuple[str, Callable[[], str]]  # the promise as a sentence; a function that says what is wrong, or ""


@dataclass(frozen=True)
class Outcome:
    """A promise, and what was found."""

    promise: str
    problem: str  # one sentence; "" where the promise is kept

    @property
    def kept(self) -> bool:
        """Whether nothing was found."""
        return not self.problem


def run_checks(checks: Iterable[Check]) -> Iterator[Outcome]:
    """The outcome of each check; whatever the user's code raises is its problem."""
    for promise, find in checks:
        try:
            problem = find()
        except Exception as error:  # noqa: BLE001 - the user's own code may raise anything
            problem = f"it raised {type(error).__name__}: {error}"
        yield Outcome(promise, problem)
