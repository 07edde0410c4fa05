"""What of a grid can't be trained on a data set, from the description alone. No torch here, and no image is read."""

from collections.abc import Iterable
from pathlib import Path

from lsbench.data.augmentation import STEPS, Step, parse_augmentation
from lsbench.data.describe import Description
from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.catalogue import MODELS, NOISE_INPUTS
from lsbench.names.dataset_name import quoted
from lsbench.noise.files import base_kind, choice_of, file_input, file_of, has_file, needs_file
from lsbench.noise.inputs import require_inputs
from lsbench.planning.holding_out import counts_left
from lsbench.planning.models import PlannedModel
from lsbench.planning.sources import read_own_weights
from lsbench.spec import SAME, Grid, require_pairs


def require_noises(grid: Grid) -> None:
    """Raise an `InputError` for a kind of noise that there is not, or that lacks its file."""
    for name in dict.fromkeys((*grid.noises, *test_noises(grid))):
        resolve.noise(base_kind(name))
        if needs_file(name):
            file_of(name)
            choice_of(name)
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


def require_feasible(
    grid: Grid, data: Description, models: Iterable[PlannedModel], data_dir: Path | None = None
) -> None:
    """Raise an `InputError` for what of the data set does not go with the grid."""
    left = require_labels(grid, data, data_dir)
    if data.is_vectors:
        require_of_vectors(data.name, models)
    for model in models:
        _require_model(model, data, left)


def require_labels(grid: Grid, data: Description, data_dir: Path | None = None) -> list[int]:
    """The same of noise and of what is held out, which need no image; how many examples cells are trained on."""
    for name in grid.noises:
        if any(grid.noise_rates) or not has_file(name):
            require_inputs(name, data)
    for name in test_noises(grid):
        require_inputs(name, data.test_part)
    return counts_left(grid, data, data_dir)


def _require_model(model: PlannedModel, data: Description, left: Iterable[int]) -> None:
    if not data.is_vectors and min(data.shape[1:]) < model.entry.smallest:
        got, least = "x".join(map(str, data.shape[1:])), f"{model.entry.smallest}x{model.entry.smallest}"
        raise InputError(
            f"model {model.name!r} needs images of at least {least} pixels, those of {data.name!r} have {got};"
            " try 'mlp'"
        )
    if model.entry.pairs:
        for count in left:
            require_pairs(count, model.recipe.batch_size)
    for step in () if data.is_vectors else parse_augmentation(model.recipe.augment):
        _require_step(step, data)
    if model.recipe.weights_file:
        read_own_weights(model.recipe, data)


def require_of_vectors(data: str, models: Iterable[PlannedModel]) -> None:
    """Raise an `InputError` for layers and augmentations of images, which have no meaning for vectors."""
    why = f"images, and the examples of {quoted(data)} are vectors"
    for model in models:
        if model.entry.vector_recipe is None:
            names = " or ".join(repr(name) for name, entry in MODELS.items() if entry.vector_recipe is not None)
            raise InputError(f"model {model.name!r} needs {why}; try {names}")
        if model.recipe.augment:
            raise InputError(f"augmentation {model.recipe.augment!r} changes {why}; leave it out")


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
