"""What to do next, after labels were looked at."""

from collections.abc import Hashable, Iterable

from lsbench.analysis.looked import LookedVerdict
from lsbench.analysis.looked.reaches import Reach
from lsbench.names.encoding import command_line
from lsbench.statistics.looks import MoreLooks

NAMED = 2  # arms in a sentence


def looked_steps(looked: LookedVerdict) -> tuple[str, ...]:
    """The most useful first: more looks for what is undecided, more seeds or examples for what is shown here alone."""
    steps = (
        _more_looks(looked),
        _shown_for_no_more(looked, Reach.NETWORKS, "Train more seeds of each loss (--seeds); the looks stay of use"),
        _shown_for_no_more(looked, Reach.LOSS, "Test on more examples"),
        _second_person(looked),
    )
    return tuple(step for step in steps if step)


def verify_line(looked: LookedVerdict, *options: str) -> str:
    """The command that goes on with this design."""
    return command_line(["lsbench", "verify", str(looked.verdict.folder), *options])


def _more_looks(looked: LookedVerdict) -> str:
    """How many more looks would decide what is undecided against ce: of the loss that led, or that takes the fewest."""
    told = {arm: more for arm, more in looked.more.items() if more.n is not None}
    if not looked.more:
        return ""
    if not told:
        return f"Of {_listed(_names(looked, looked.more))} not even a look at each test example may tell it from ce."
    arm = looked.named if looked.named in told else min(told, key=lambda one: told[one].n or 0)
    total = looked.verified.n + (told[arm].n or 0)
    return (
        f"Look at about {more_text(told[arm])} more to tell {looked.verdict.arms[arm].name} from ce on this test set: "
        f"{verify_line(looked, '--n', str(total))}."
    )


def more_text(more: MoreLooks) -> str:
    """`60 (20 to 180)`."""
    most = "no number" if more.most is None else f"{more.most:,}"
    return f"{more.n:,} ({more.least:,} to {most})" if more.least is not None else f"{more.n:,}"


def _names(looked: LookedVerdict, arms: Iterable[Hashable]) -> list[str]:
    return [looked.verdict.arms[arm].name for arm in arms]


def _shown_for_no_more(looked: LookedVerdict, reach: Reach, what: str) -> str:
    """What to do where something is shown for this reach and no wider one that could be had."""
    claims = looked.baseline_claims or looked.pair_claims
    names = _names(looked, [one.arm for one in claims if one.reach is reach])
    if not names:
        return ""
    return f"{what}: what is shown of {_listed(names)} is shown for no more than {LIMITS[reach]}."


LIMITS = {Reach.NETWORKS: "these networks on this test set", Reach.LOSS: "this test set"}


def _second_person(looked: LookedVerdict) -> str:
    if looked.verified.agreement is not None:
        return ""
    return f"Let a second person answer some of the same examples: {verify_line(looked, '--second', '0.2')}."


def _listed(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
