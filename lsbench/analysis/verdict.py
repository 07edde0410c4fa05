"""What is decided of one setting's rows by one criterion: the values; they are made in `lsbench.analysis.decide`."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lsbench.analysis.criteria import CRITERIA
from lsbench.analysis.held_out import Told
from lsbench.analysis.summary import ArmResults, Setting, Sizes, no_better, sizes_of
from lsbench.analysis.summary.provenance import warnings_of
from lsbench.analysis.would_change import WouldChange, contrasts_of, if_symmetric, pair_change
from lsbench.spec import is_oracle
from lsbench.statistics import Choice, Claim, Difference


@dataclass(frozen=True)
class Tradeoff:
    """By another criterion, the suggested arm beside the one with the best mean: numbers, and no claim."""

    criterion: str
    metric: str
    best: ArmResults  # the best mean; the suggested arm itself where that is its
    difference: Difference | None  # the suggested arm's number minus that of the best; joint with those of all pairs


@dataclass(frozen=True)
class Verdict:
    """The answer of one setting's rows, by one criterion."""

    setting: Setting
    criterion: str
    metric: str  # as `value_of` takes it
    better: str  # higher, lower, or zero: the smaller |number|
    temperature: str  # the way of temperature scaling before the numbers were taken, or none
    tolerance: float  # in the metric's own units, not per cent
    arms: Mapping[Hashable, ArmResults]  # one per function, by key
    same: Mapping[Hashable, tuple[ArmResults, ...]]  # those that are the same function as one of these, by its key
    choice: Choice  # over the keys: for new seeds and new test examples where these are kept, else for this test set
    on_test_set: Choice  # the same, with this test set taken as all there is
    noise_known: float | None  # realised share of wrong labels, where it was injected
    held_out: Told  # what held-out predictions say of the training labels as given
    suggested: ArmResults | None = None  # None: all lost seeds, or `may_claim` is false
    elsewhere: tuple[Tradeoff, ...] = ()
    warnings: tuple[str, ...] = ()  # files that could not be read
    differs: tuple[str, ...] = ()  # the words that tell its setting from the settings of the other verdicts
    folder: Path | None = None  # of the rows, with what each test example got
    grouped: bool = False  # whether intervals are over groups of test examples
    oracles: tuple[str, ...] = ()  # arms that are handed the true noise and are left out, as nobody has it

    @property
    def unknown_noise(self) -> bool:
        """Whether noise that was added is taken for unknown."""
        return not self.setting.noise_is_known

    @property
    def on(self) -> str:
        """What the intervals hold for: this test set, new examples, or new groups of examples."""
        return "new groups" if self.grouped and self.choice.on != self.on_test_set.on else self.choice.on

    @property
    def labels(self) -> str:
        """Who vouches for the test labels: published, given or trusted; see `lsbench.rows.status`."""
        return self.setting.test_labels

    @property
    def may_claim(self) -> bool:
        """Whether the criterion compares losses on these labels; against given ones only accuracies do."""
        return not self.setting.tests_on_given or (
            self.criterion in CRITERIA and CRITERIA[self.criterion].holds_on_given
        )

    @cached_property
    def would_change(self) -> WouldChange | None:
        """What wrong test labels could do to it; None where somebody vouches for them."""
        if not self.setting.tests_on_given:
            return None
        if not self.may_claim:
            return WouldChange((), if_symmetric(self.compared, self.metric, self.num_classes, self.folder))
        pairs = contrasts_of(self.choice, self.arms, self.suggested, self.metric)
        matrix = self.held_out.matrix if self.held_out else None  # none where the estimate is refused
        made = [pair_change(p, self.metric, self.choice, self.num_classes, matrix, self.folder) for p in pairs]
        return WouldChange(tuple(one for one in made if one), {})

    @property
    def num_classes(self) -> int | None:
        """K; None where no row says it."""
        if self.sizes is not None:
            return len(self.sizes.classes)
        return len(self.held_out.matrix) if self.held_out and self.held_out.matrix else None

    @property
    def doubts(self) -> tuple[str, ...]:
        """Problems with the data or the code that were noticed before training: its numbers are doubtful."""
        return warnings_of(row for arm in self.arms.values() for row in (*arm.rows, *arm.lost))

    @cached_property
    def all_arms(self) -> tuple[ArmResults, ...]:
        """The arms, one per function, lost ones included."""
        return tuple(self.arms.values())

    @property
    def lost(self) -> tuple[ArmResults, ...]:
        """The arms of which seeds failed or diverged."""
        return tuple(arm for arm in self.arms.values() if arm.lost)

    @cached_property
    def compared(self) -> tuple[ArmResults, ...]:
        """The arms that are compared: those with the deciding number at all of their seeds."""
        return tuple(arm for arm in self.arms.values() if arm.compared(self.metric))

    @cached_property
    def claim_of_suggested(self) -> Claim | None:
        """What is shown of the suggested arm against plain cross-entropy."""
        return self.choice.against_baseline.get(self.suggested.key) if self.suggested else None

    @cached_property
    def sizes(self) -> Sizes | None:
        """How many examples there are; None where no row says it."""
        return sizes_of(row for arm in self.arms.values() for row in arm.rows)

    @property
    def annotators(self) -> dict[str, Any]:
        """How far the people disagree whose labels were trained on, as a row has it; {} of one label each."""
        rows = (row for arm in self.arms.values() for row in arm.rows)
        return next((dict(people) for row in rows if (people := row.data.get("annotators"))), {})

    @cached_property
    def no_better(self) -> tuple[ArmResults, ...]:
        """The arms that are not shown to be more accurate than always answering the majority class."""
        return tuple(no_better(self.arms.values(), self.sizes))

    def is_oracle(self, arm: ArmResults) -> bool:
        """Whether an arm was given the true noise matrix of labels that were made wrong."""
        return bool(self.setting.noise_rate) and is_oracle(arm.key)
