"""One training, and its id."""

import hashlib
import json
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any

import orjson

from lsbench.errors import InputError, require_number, require_whole, shown
from lsbench.spec.arm import Arm, Hyper, eps_of
from lsbench.spec.recipe import RECIPE_SETTINGS, Recipe

PROTOCOL = 1  # grows when the same cell would train to another result, other than by rounding: that is the version's
NO_NOISE = "none"  # the kind of every noise at rate 0, so that a clean cell is trained once
CLASS_WEIGHTS = "class weights"  # the role of the file of the recipe's class weights
GROUPS = "groups"  # the role, among a cell's sources, of the file that says which examples stay together
TEST_NOISE = "test noise"  # the role of its code or file among a cell's sources, and the name of its stream
LARGEST = 1e300  # in magnitude, of a stored number
HIGHEST_SEED = 2**32 - 1


def _later(meaning: str, default: Any) -> Any:
    """A field that is newer than the first ids: at its default it is not hashed, and older rows have the default."""
    return field(default=default, metadata={"later": meaning})


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One training; the id hashes every field, so equal cells are one cell."""

    dataset: str
    fingerprint: str  # of the data's bytes
    model: str
    loss: str
    hyper: Hyper = ()  # resolved: what the loss takes, nothing else, in its order
    noise: str = NO_NOISE
    noise_rate: float = 0.0
    seed: int = 0
    val: float = 0.1  # fraction of the training set held out
    train_size: int | None = None  # None takes all that is left
    recipe: Recipe = field(default_factory=Recipe)
    sources: tuple[tuple[str, str], ...] = ()  # "loss", "model", "noise", TEST_NOISE, GROUPS, CLASS_WEIGHTS -> a hash
    protocol: int = PROTOCOL
    folds: int | None = _later("folds of which each seed holds out one, in place of val", None)
    noise_seed: int | None = _later("of the wrong training labels, in place of seed", None)
    test_noise: str = _later("kind of the wrong test labels", NO_NOISE)
    test_noise_rate: float = _later("their rate", 0.0)
    test_noise_seed: int = _later("their seed, the same for all cells of a study", 0)

    @cached_property
    def id(self) -> str:
        """16 hex digits: the start of sha256 over the canonical JSON of all fields.

        The texts are sorted, which sorts their names: the mark that ends a name comes before all that names are of.
        """
        plain = map(_hashed_text, PLAIN, _plain_values(self))
        texts = filter(None, (*plain, _hashed_tuple("hyper", self.hyper), _hashed_tuple("sources", self.sources)))
        return hashlib.sha256(f"{{{', '.join(sorted(texts))}}}".encode()).hexdigest()[:16]

    @property
    def eps(self) -> float | None:
        """The smoothing mass, or None for a loss that has none."""
        return eps_of(self.hyper)

    @property
    def label_seed(self) -> int:
        """The seed of the wrong training labels."""
        return self.seed if self.noise_seed is None else self.noise_seed

    @property
    def without_test_noise(self) -> "Cell":
        """The same training, measured against the test labels as they were before wrong ones were drawn."""
        sources = tuple(source for source in self.sources if source[0] != TEST_NOISE)
        return replace(self, test_noise=NO_NOISE, test_noise_rate=0.0, test_noise_seed=0, sources=sources)

    @cached_property
    def arm(self) -> Arm:
        """The arm that the cell belongs to."""
        return Arm(self.loss, self.hyper, dict(self.sources).get("loss", ""))

    @property
    def fit(self) -> "Fit | None":
        """The networks that are trained before its own; None of most."""
        if (cross_fit := self.arm.cross_fit) is None:
            return None
        first = replace(self.without_test_noise, loss=cross_fit.first.loss, hyper=cross_fit.first.hyper)
        return Fit(first, cross_fit.folds)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Cell":
        """The cell that `dataclasses.asdict` and JSON made this from; `InputError` where they did not."""
        try:
            values = {name: value[name] for name in HASHED if name not in USUAL or (name in LATER and name in value)}
            recipe = _recipe(orjson.dumps(values.pop("recipe")))
            hyper = tuple((name, number) for name, number in values.pop("hyper"))
            sources = tuple((role, digest) for role, digest in value.get("sources", ()))
            cell = cls(**values, recipe=recipe, hyper=hyper, sources=sources)
            cell._check()
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"not a cell: {error}") from error
        return cell

    def _check(self) -> None:
        own = (self.dataset, self.fingerprint, self.model, self.loss, self.noise, self.test_noise)
        texts = (*own, *(name for name, _ in self.hyper), *chain.from_iterable(self.sources))
        if not {str}.issuperset(map(type, texts)):
            other = next(text for text in texts if type(text) is not str)
            raise InputError(f"a name must be text, got {shown(other)}")
        numbers = [(name, value) for name, value in self.hyper if not isinstance(value, str)]
        rates = (("noise rate", self.noise_rate), ("test noise rate", self.test_noise_rate), ("val", self.val))
        for name, number in (*numbers, *rates):
            _require_number(name, number, -LARGEST, LARGEST)
        seeds = (("seed", self.seed), ("noise seed", self.noise_seed), ("test noise seed", self.test_noise_seed))
        for name, seed in seeds:
            if seed is not None:
                _require_whole(name, seed, 0, HIGHEST_SEED)
        if self.folds is not None:
            _require_whole("folds", self.folds, 2, 10**6)
        _require_whole("protocol", self.protocol, 0, 10**6)
        if self.train_size is not None:
            _require_whole("train size", self.train_size, 1, 10**12)


@dataclass(frozen=True)
class Fit:
    """Networks that cells of a stack share: each is trained as this cell is, on all folds but the one it predicts."""

    cell: Cell
    folds: int


# thousands of rows share a few numbers
_require_number = lru_cache(maxsize=4096, typed=True)(require_number)
_require_whole = lru_cache(maxsize=4096, typed=True)(require_whole)
HASHED = tuple(f.name for f in fields(Cell))
PLAIN = tuple(name for name in HASHED if name not in ("hyper", "sources"))
_plain_values = attrgetter(*PLAIN)
LATER = {f.name: f.metadata["later"] for f in fields(Cell) if "later" in f.metadata}
USUAL = {f.name: f.default for f in fields(Cell) if f.name in LATER or f.name == "sources"}  # not hashed, at that value


def _is_usual(name: str, value: Any) -> bool:
    """Whether the field is newer than the first ids and has its default: then it is not hashed."""
    return name in USUAL and value == USUAL[name]


@lru_cache(maxsize=256)
def _recipe(text: bytes) -> Recipe:
    """The recipe of that JSON; thousands of rows share a few."""
    return Recipe(**orjson.loads(text))


@lru_cache(maxsize=4096, typed=True)
def _hashed_text(name: str, value: Any) -> str:
    """`"name": value` as canonical JSON; nothing for what is not hashed. Thousands of cells share a few values."""
    if _is_usual(name, value):
        return ""
    return f'"{name}": {_recipe_text(value) if isinstance(value, Recipe) else json.dumps(canonical(value))}'


def _hashed_tuple(name: str, value: tuple[Any, ...]) -> str:
    """The same of a tuple. It is not remembered, as (1,) equals (True,)."""
    return "" if _is_usual(name, value) else f'"{name}": {json.dumps(canonical(value))}'


def _recipe_text(recipe: Recipe) -> str:
    """Without the newer fields that have their default, so that older ids stay as they are."""
    hashed = {name: getattr(recipe, name) for name in RECIPE_SETTINGS if not _is_left_out(recipe, name)}
    return json.dumps(canonical(hashed), sort_keys=True)


def _is_left_out(recipe: Recipe, name: str) -> bool:
    default = Recipe.__dataclass_fields__[name].default
    return RECIPE_SETTINGS[name].later and getattr(recipe, name) == default


def canonical(value: Any) -> Any:
    """The same value with every number that Python calls equal in one form: 0, 0.0 and -0.0 are 0.0."""
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) + 0.0
    return value
