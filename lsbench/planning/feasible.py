"""What of a grid can't be trained on a data set, from the description alone. No torch here, and no image is read."""

from collections.abc import Iterable

from lsbench.data.augmentation import STEPS, Step, parse_augmentation
from lsbench.data.describe import Description
from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.catalogue import NOISE_INPUTS
from lsbench.noise.files import base_kind, file_input, file_of, has_file, needs_file
from lsbench.noise.inputs import require_inputs
from lsbench.planning.models import PlannedModel
from lsbench.spec import SAME, Grid, require_pairs


def require_noises(grid: Grid) -> None:
    """Raise an `InputError` for a kind of noise that there is not, or that lacks its file."""
    for name in dict.fromkeys((*grid.noises, *test_noises(grid))):
        resolve.noise(base_kind(name))
        if needs_file(name):
            file_of(name)
    if grid.noise_seed is not None and not any(grid.noise_rates):
        raise InputError(
            f"noise seed {grid.noise_seed} has no effect without wrong labels: leave it out, or add --noise"
        )
    if grid.test_noise is None and (of_examples := [name for name in test_noises(grid) if _is_of_examples(name)]):
        raise InputError(
            f"the test labels can't have the noise of {of_examples[0]}, a file of training labels; give one of test"
            " labels, --test-noise-kind human:FILE, or a kind without a file"
        )


def test_noises(grid: Grid) -> tuple[str, ...]:
    """The kinds of noise of the test labels; none where no test label is made wrong."""
    rates = grid.noise_rates if grid.test_noise_rate == SAME else (grid.test_noise_rate,)
    if not any(rates):
        return ()
    return grid.noises if grid.test_noise is None else (grid.test_noise,)


def _is_of_examples(noise: str) -> bool:
    """Whether the noise is a file that has a label for each example."""
    return has_file(noise) and not NOISE_INPUTS[file_input(noise)].from_description


def require_feasible(grid: Grid, data: Description, models: Iterable[PlannedModel]) -> None:
    """Raise an `InputError` for what of the data set does not go with the grid."""
    for name in grid.noises:
        if any(grid.noise_rates) or not has_file(name):
            require_inputs(name, data)
    for name in test_noises(grid):
        require_inputs(name, data.test_part)
    left = examples_left(data, grid.val, grid.train_size)
    for model in models:
        _require_model(model, data, left)


def held_out_count(data: Description, val: float) -> int:
    """How many examples are held out: the validation examples of the set's own, or the share `val`."""
    if data.val_examples:
        return data.val_examples if val else 0
    return int(val * data.train_examples)


def examples_left(data: Description, val: float, train_size: int | None) -> int:
    """How many examples are trained on, once the share `val` is held out; `InputError` for fewer than `train_size`."""
    total = data.train_examples
    left = total - (0 if data.val_examples else held_out_count(data, val))
    if train_size is not None and train_size > left:
        raise InputError(f"--train-size {train_size:,}: {data.name!r} has {left:,} training examples left")
    return left if train_size is None else train_size


def _require_model(model: PlannedModel, data: Description, left: int) -> None:
    if min(data.shape[1:]) < model.entry.smallest:
        got, least = "x".join(map(str, data.shape[1:])), f"{model.entry.smallest}x{model.entry.smallest}"
        raise InputError(
            f"model {model.name!r} needs images of at least {least} pixels, those of {data.name!r} have {got};"
            " try 'mlp'"
        )
    if model.entry.pairs:
        require_pairs(left, model.recipe.batch_size)
    for step in parse_augmentation(model.recipe.augment):
        _require_step(step, data)


def _require_step(step: Step, data: Description) -> None:
    """An augmentation leaves something of each image to be seen."""
    side = min(data.shape[1:])
    for meaning, value in (
        (number.meaning, value) for number, value in zip(STEPS[step.name], step.numbers, strict=True) if number.pixels
    ):
        if value >= side:
            raise InputError(
                f"augmentation '{step}': {meaning} must be less than the {side} pixels of the images of {data.name!r}"
            )
    if step.name == "randaugment" and data.shape[0] not in (1, 3):
        raise InputError(
            f"augmentation '{step}' needs images of 1 or 3 channels, those of {data.name!r} have {data.shape[0]}"
        )
