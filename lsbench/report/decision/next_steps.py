"""What to do next, where nobody vouches for the test labels: sentences that the state of the verdict chooses."""

from lsbench.analysis.looked.verdict import can_be_looked_at
from lsbench.analysis.verdict import Verdict
from lsbench.analysis.would_change import PairChange
from lsbench.names.encoding import command_line
from lsbench.noise.pooled import Refused
from lsbench.report.decision.given import may_be_trusted
from lsbench.report.decision.seeds import needed_text

FEW = 3  # with fewer seeds no number of seeds to decide can be told
LOOKS = 100  # that are suggested


def next_steps(verdict: Verdict) -> tuple[str, ...]:
    """The most useful first; none where somebody vouches for the test labels."""
    if verdict.would_change is None:
        return ()
    main = verdict.would_change.pairs[0] if verdict.would_change.pairs else None
    steps = (
        _by_accuracy(verdict),
        _seeds(verdict, main),
        _look(verdict),
        _keep(main),
        _trust(verdict),
        _hold_out(verdict),
        _weak(verdict),
    )
    return tuple(step for step in steps if step)


def _line(verdict: Verdict, command: str, *options: str) -> str:
    """A command on the folder of these rows, to be typed as it stands."""
    folder = [] if verdict.folder is None else [str(verdict.folder)]
    return command_line(["lsbench", command, *folder, *options])


def _by_accuracy(verdict: Verdict) -> str:
    return "" if verdict.may_claim else f"Decide by accuracy: {_line(verdict, 'decide', '--by', 'accuracy')}."


def _trust(verdict: Verdict) -> str:
    if not may_be_trusted(verdict):
        return ""
    return f"If somebody has checked the test labels, say so: {_line(verdict, 'decide', '--trust', 'test')}."


def _seeds(verdict: Verdict, main: PairChange | None) -> str:
    """More seeds, where they could show what is not shown."""
    if main is None or verdict.choice.winner is not None:
        return ""
    if min(main.leads.n, main.other.n) < FEW:
        return f"Train at least {FEW} seeds of each loss (--seeds)."
    if main.finding != "undecided":
        return ""
    claims = verdict.choice.against_baseline
    claim = claims.get(main.leads.key) or claims.get(main.other.key)
    needed = needed_text(verdict.choice, claim)
    if not needed:
        return ""
    return f"Train more seeds (--seeds): {needed} would tell {main.leads.name} from {main.other.name}."


def _look(verdict: Verdict) -> str:
    """At some labels, by which losses can then be compared."""
    if not can_be_looked_at(verdict):
        return ""
    total = verdict.sizes.total["test"] if verdict.sizes else LOOKS
    line = _line(verdict, "verify", "--n", str(min(LOOKS, total)))
    which = (
        f"the {total:,} test examples"
        if total <= LOOKS
        else f"{LOOKS} test examples that are chosen for this comparison"
    )
    return f"Look at {which}, and decide by what you see: {line}."


def _keep(main: PairChange | None) -> str:
    if main is None or main.answers:
        return ""
    return "Train without --no-per-example, so that it can be told which test labels matter."


def _hold_out(verdict: Verdict) -> str:
    """Held-out examples, where wrong labels could not be counted without them."""
    setting = verdict.setting
    if verdict.held_out is not None or not setting.trains_on_given or setting.val or setting.folds:
        return ""
    return "Hold out training examples (--folds 5): what the networks say of them tells of wrong labels."


def _weak(verdict: Verdict) -> str:
    """More examples, or a better model, where nothing is told of the training labels."""
    if not verdict.setting.trains_on_given or not isinstance(verdict.held_out, Refused):
        return ""
    if verdict.held_out.accuracy is None:
        return "Label more examples, and train as many seeds as there are folds: too few of each class were held out."
    return (
        "Train a better model, or longer (--model, --epochs): this one can't tell how many training labels are wrong."
    )
