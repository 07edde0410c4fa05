"""What of a grid can't be trained on a data set, from the description alone. No torch here, and no image is read."""

from lsbench.data.augmentation import STEPS, Step, parse_augmentation
from lsbench.data.describe import Description
from lsbench.errors import InputError
from lsbench.names import resolve
from lsbench.names.reference import parse
from lsbench.noise.files import base_kind, file_of, has_file, needs_file
from lsbench.noise.inputs import require_inputs
from lsbench.spec import Grid, Recipe, require_pairs


def require_noises(grid: Grid) -> None:
    """Raise an `InputError` for a kind of noise that there is not, or that lacks its file."""
    for name in grid.noises:
        resolve.noise(base_kind(name))
        if needs_file(name):
            file_of(name)


def require_feasible(grid: Grid, known: Description, recipes: dict[str, Recipe]) -> None:
    """Raise an `InputError` for what of the data set does not go with the grid; recipes: by the model's name."""
    for name in grid.noises:
        if any(grid.noise_rates) or not has_file(name):
            require_inputs(name, known)
    left = examples_left(known, grid.val, grid.train_size)
    for name, recipe in recipes.items():
        _require_model(name, recipe, known, left)


def examples_left(known: Description, val: float, train_size: int | None) -> int:
    """How many examples are trained on, once the share `val` is held out; `InputError` for fewer than `train_size`."""
    total = known.train_examples
    left = total - (0 if known.val_examples else int(val * total))
    if train_size is not None and train_size > left:
        raise InputError(f"--train-size {train_size:,}: {known.name!r} has {left:,} training examples left")
    return left if train_size is None else train_size


def _require_model(name: str, recipe: Recipe, known: Description, left: int) -> None:
    own_name = parse(resolve.model_text(name)).name
    model = resolve.model(own_name)
    if min(known.shape[1:]) < model.smallest:
        got, least = "x".join(map(str, known.shape[1:])), f"{model.smallest}x{model.smallest}"
        raise InputError(
            f"model {own_name!r} needs images of at least {least} pixels, those of {known.name!r} have {got}; try 'mlp'"
        )
    if model.pairs:
        require_pairs(left, recipe.batch_size)
    for step in parse_augmentation(recipe.augment):
        _require_step(step, known)


def _require_step(step: Step, known: Description) -> None:
    """An augmentation leaves something of each image to be seen."""
    side = min(known.shape[1:])
    for meaning, value in (
        (of.meaning, value) for of, value in zip(STEPS[step.name], step.numbers, strict=True) if of.pixels
    ):
        if value >= side:
            raise InputError(
                f"augmentation '{step}': {meaning} must be less than the {side} pixels of the images of {known.name!r}"
            )
    if step.name == "randaugment" and known.shape[0] not in (1, 3):
        raise InputError(
            f"augmentation '{step}' needs images of 1 or 3 channels, those of {known.name!r} have {known.shape[0]}"
        )
