"""One promise of a contract, and whether it is kept."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lsbench.errors import InputError

Checks = Mapping[str, Callable[[], str]]  # the promise as a sentence -> what says what is wrong, or ""


@dataclass(frozen=True)
class Outcome:
    """A promise, and what was found."""

    promise: str
    problem: str  # one sentence; "" where the promise is kept
    lines: tuple[str, ...] = ()  # what else there is to say

    @property
    def kept(self) -> bool:
        """Whether nothing was found."""
        return not self.problem


def run_checks(checks: Checks, basic: int = 0) -> Iterator[Outcome]:
    """The outcome of each check, in order; whatever the user's code raises is its problem.

    The first `basic` ones are what the others stand on: where one of these is broken, there are no others, as they
    would only say again what it says.
    """
    for number, (promise, find) in enumerate(checks.items()):
        problem = found_by(find)
        yield Outcome(promise, problem)
        if problem and number < basic:
            return


def found_by(find: Callable[[], str]) -> str:
    """What a check says, or what it raised."""
    try:
        return find()
    except InputError as error:
        return str(error)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's own code may raise anything
        return f"it raised {type(error).__name__}: {error}"
