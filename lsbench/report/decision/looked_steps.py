"""What to do next, after labels were looked at."""

from collections.abc import Hashable, Iterable

from lsbench.analysis.looked import LookedVerdict
from lsbench.analysis.looked.reaches import Reach
from lsbench.names.encoding import command_line
from lsbench.names.few import few
from lsbench.statistics.looks import MoreLooks

NAMED = 2  # arms in a sentence


def looked_steps(looked: LookedVerdict) -> tuple[str, ...]:
    """The most useful first: answers that are left out, more looks for what is undecided, more seeds."""
    steps = (
        _gap(looked),
        _more_looks(looked),
        _reach_further(looked),
        _second_person(looked),
    )
    return tuple(step for step in steps if step)


def verify_line(looked: LookedVerdict, *options: str) -> str:
    """The command that goes on with this design, and the answers that there are."""
    answers = [word for file in looked.verified.files for word in ("--verified", str(file))]
    return command_line(["lsbench", "verify", str(looked.verdict.folder), *options, *answers])


def _gap(looked: LookedVerdict) -> str:
    """What makes all answers count."""
    unused = looked.verified.unused
    if not unused:
        return ""
    answers = "1 answer that is" if unused == 1 else f"{unused:,} answers that are"
    return f"Answer what has no answer yet, so that the {answers} not used count, too: {verify_line(looked)}."


def _more_looks(looked: LookedVerdict) -> str:
    """How many more looks would decide what is undecided against ce: of the loss that led, or that takes the fewest."""
    told = {arm: more for arm, more in looked.more.items() if more.n is not None}
    if not looked.more:
        return ""
    if 2 * int((looked.verified.labels < 0).sum()) > looked.verified.n:
        return (
            "Most of the looks give no single class, so that more of them may decide nothing: let somebody look who can"
            " tell the classes, or ask whether these classes are the right ones."
        )
    if not told:
        names = few(_names(looked, looked.more), NAMED)
        return f"To tell {names} from ce here takes more looks: how many can't be said, or it is nearly all there are."
    arm = looked.named if looked.named in told else min(told, key=lambda one: told[one].n or 0)
    used = looked.against_baseline[arm].gap.n
    line = verify_line(looked, "--n", str(used + (told[arm].n or 0)))
    return (
        f"Look at about {more_text(told[arm], looked.verified.n - used)} more to tell {looked.verdict.arms[arm].name} "
        f"from ce on this test set: {line}."
    )


def more_text(more: MoreLooks, waiting: int) -> str:
    """`60 (20 to 180)`; of them some are there and wait for the next interval."""
    n, least, most = (None if one is None else max(1, one - waiting) for one in more)
    if least == n == most or least is None:
        return f"{n:,}"
    return f"{n:,} ({least:,} to {'nearly all' if most is None else f'{most:,}'})"


def _names(looked: LookedVerdict, arms: Iterable[Hashable]) -> list[str]:
    return [looked.verdict.arms[arm].name for arm in arms]


def _reach_further(looked: LookedVerdict) -> str:
    """What to do where the advice holds for these networks, or this test set, alone."""
    if looked.reach is Reach.NETWORKS:
        return "Train more seeds of each loss (--seeds) to learn of the loss itself; the looks stay of use."
    if looked.reach is Reach.LOSS:
        return "Test on more examples to learn of others than these."
    return ""


def _second_person(looked: LookedVerdict) -> str:
    if looked.verified.agreement is not None or not looked.may_claim:
        return ""
    return f"Let a second person answer some of the same examples: {verify_line(looked, '--second', '0.2')}."
