"""One promise of a contract, and whether it is kept."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lsbench.errors import InputError

Checks = Mapping[str, Callable[[], str]]  # the promise as a sentence -> a function that says what is wrong, or ""


@dataclass(frozen=True)
class CheckResult:
    """A promise, and what is wrong with it."""

    promise: str
    problem: str  # one sentence; "" where the promise is kept
    lines: tuple[str, ...] = ()  # what else is shown

    @property
    def kept(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problem


def run_checks(checks: Checks, basic: int = 0) -> Iterator[CheckResult]:
    """The result of each check, in order; whatever the user's code raises is its problem.

    The others need what the first `basic` ones promise: where one of these is broken, there are no others, as they
    would only repeat its problem.
    """
    for number, (promise, find) in enumerate(checks.items()):
        problem = problem_of(find)
        yield CheckResult(promise, problem)
        if problem and number < basic:
            return


def problem_of(find: Callable[[], str]) -> str:
    """What a check says, or what it raised."""
    try:
        return find()
    except InputError as error:
        return str(error)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's own code may raise anything
        return f"it raised {type(error).__name__}: {error}"
