"""What is said of losses that are one and the same function: they are one arm, and what rounding alone did is shown."""

from collections.abc import Mapping

from lsbench.analysis.summary import ArmResults, Folded
from lsbench.report.fields import seeds_text
from lsbench.spec import Arm
from lsbench.statistics import spread


def same_notes(folded: Folded) -> list[str]:
    """A note per arm that is left out, with what rounding alone did to its accuracy: a control, which is not tested."""
    standing = folded.standing
    return [_note(arm, standing[arm.key]) for others in folded.same.values() for arm in others]


def _note(arm: ArmResults, standing: ArmResults) -> str:
    ours, theirs = arm.by_seed("accuracy"), standing.by_seed("accuracy")
    gaps = spread([ours[seed] - theirs[seed] for seed in sorted(ours.keys() & theirs.keys())])
    same = f"same function: {arm.name} is {standing.name}, and no arm of its own"
    if gaps is None:
        return same
    return f"{same}; rounding alone made {_size(gaps.mean)} over {seeds_text(gaps.n)}"


def _size(gap: float) -> str:
    """Of a difference in accuracy: `a difference of +0.02 points`, or that there is none that is shown."""
    if gap == 0:
        return "no difference in mean accuracy"
    points = f"{gap * 100:+.2f}"
    return f"a difference of {'less than 0.01' if float(points) == 0 else points} points"


def same_text(stands: Mapping[Arm, Arm]) -> str:
    """Which arms are left out, as a sentence that can follow others; `stands` is the arm that stands for each."""
    texts = "; ".join(f"{arm.name} is {standing.name}" for arm, standing in stands.items() if arm != standing)
    return f" One function is shown once: {texts}." if texts else ""
