"""A setting in words: in full, and in the fewest that tell it from the others that are shown with it."""

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from lsbench.analysis.summary.setting import Setting
from lsbench.names.catalogue import NO_WEIGHTS, SHUFFLE
from lsbench.names.dataset_name import is_of_catalogue, shown_dataset
from lsbench.names.encoding import exact
from lsbench.noise.files import has_file
from lsbench.rows.status import GIVEN, PUBLISHED, TRUSTED
from lsbench.spec import PROTOCOL, Recipe


def noise_text(kind: str, rate: float) -> str:
    """A kind of noise and its rate; no rate for a file of labels or of a matrix that is used as it is."""
    if not rate:
        return "no noise"
    whole_file = has_file(kind) and rate == 1
    return f"{kind} noise" + ("" if whole_file else f" {exact(rate)}")


SAID = {PUBLISHED: "published", GIVEN: "as given", TRUSTED: "trusted"}  # of labels, by their status


def status_text(setting: Setting) -> str:
    """Who vouches for the labels; nothing where all are published."""
    train, test = setting.train_labels, setting.test_labels
    if train == PUBLISHED:
        return "" if test == PUBLISHED else f"test labels {SAID[test]}"
    return f"labels {SAID[train]}" if train == test else f"training labels {SAID[train]}, test labels {SAID[test]}"


def labels_text(setting: Setting, of_noise: str = "") -> str:
    """What is known of the labels: the noise of published ones; of others who vouches for them, and added noise.

    `labels as given`; `labels as given, symmetric noise 0.2 added`; `no noise`. `of_noise` follows the noise's words.
    """
    status = status_text(setting)
    noise = noise_text(setting.noise, setting.noise_rate) + of_noise
    if not status:
        return noise
    if setting.train_labels == PUBLISHED:
        return f"{noise if setting.noise_rate else 'no noise in training'}, {status}"
    if not (setting.noise_rate and setting.noise_is_known):
        return status
    return f"{status}, {noise} added"


def labels_of_cells(dataset: str, noise: str, rate: float) -> str:
    """The same of cells for whose labels nobody vouches, if they are the user's own."""
    if is_of_catalogue(dataset):
        return noise_text(noise, rate)
    return f"labels {SAID[GIVEN]}" + (f", {noise_text(noise, rate)} added" if rate else "")


def head_text(setting: Setting, noise: str = "") -> str:
    """Data set, model and labels: what a title begins with. `noise` replaces the words for the labels."""
    return f"{shown_dataset(setting.dataset)}, {setting.model}, {noise or labels_text(setting)}"


@dataclass(frozen=True)
class Phrase:
    """Some fields of a setting in words."""

    fields: tuple[str, ...]  # of `Setting`, or "recipe." and one of `Recipe`
    say: Callable[[Setting], str]
    usual: Callable[[Setting], bool] = lambda _: False  # whether it is left out unless it tells settings apart


def _of_recipe(name: str, say: Callable[[Recipe], str], usual: Callable[[Recipe], bool] = lambda _: False) -> Phrase:
    return Phrase((f"recipe.{name}",), lambda s: say(s.recipe), lambda s: usual(s.recipe))


def _percent(share: float) -> str:
    return f"{(Decimal(repr(float(share))) * 100).normalize():f} %"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


HEAD = (
    Phrase(("dataset",), lambda s: shown_dataset(s.dataset)),
    Phrase(("model",), lambda s: s.model),
    Phrase(("noise", "noise_rate"), labels_text),
)
REST = (
    _of_recipe("epochs", lambda r: _count(r.epochs, "epoch")),
    _of_recipe("batch_size", lambda r: f"batch {r.batch_size}"),
    Phrase(("recipe.optimizer", "recipe.lr"), lambda s: f"{s.recipe.optimizer} {exact(s.recipe.lr)}"),
    _of_recipe("momentum", lambda r: f"momentum {exact(r.momentum)}"),
    _of_recipe("schedule", lambda r: r.schedule),
    _of_recipe("weight_decay", lambda r: f"weight decay {exact(r.weight_decay)}", lambda r: not r.weight_decay),
    _of_recipe("clip", lambda r: "no clip" if r.clip is None else f"clip {exact(r.clip)}", lambda r: r.clip is None),
    _of_recipe("augment", lambda r: r.augment.replace(",", " + ") or "no augmentation", lambda r: not r.augment),
    _of_recipe(
        "mixup", lambda r: "no mixup" if r.mixup is None else f"mixup {exact(r.mixup)}", lambda r: r.mixup is None
    ),
    _of_recipe(
        "ema",
        lambda r: "weights not averaged" if r.ema is None else f"weights averaged by {exact(r.ema)}",
        lambda r: r.ema is None,
    ),
    _of_recipe(
        "head_epochs", lambda r: f"{_count(r.head_epochs, 'epoch')} of the head first", lambda r: not r.head_epochs
    ),
    _of_recipe("body_scale", lambda r: f"body at {exact(r.body_scale)} of the rate", lambda r: r.body_scale == 1),
    _of_recipe(
        "class_weights",
        lambda r: "no class weights" if r.class_weights == NO_WEIGHTS else f"class weights {r.class_weights}",
        lambda r: r.class_weights == NO_WEIGHTS,
    ),
    _of_recipe(
        "sampler",
        lambda r: "shuffled" if r.sampler == SHUFFLE else f"{r.sampler} sampler",
        lambda r: r.sampler == SHUFFLE,
    ),
    _of_recipe("precision", lambda r: f"precision {r.precision}", lambda r: r.precision == "highest"),
    Phrase(
        ("train_size",),
        lambda s: "all training examples" if s.train_size is None else _count(s.train_size, "training example"),
        lambda s: s.train_size is None,
    ),
    Phrase(("val",), lambda s: f"{_percent(s.val)} held out", lambda s: s.folds is not None),
    Phrase(("folds",), lambda s: f"{s.folds} folds" if s.folds else "no folds", lambda s: s.folds is None),
    Phrase(
        ("noise_seed",),
        lambda s: "noise by each seed" if s.noise_seed is None else f"noise seed {s.noise_seed}",
        lambda s: s.noise_seed is None or not s.noise_is_known,
    ),
    Phrase(
        ("test_noise", "test_noise_rate"),
        lambda s: f"test labels with {noise_text(s.test_noise, s.test_noise_rate)}",
        lambda s: not s.test_noise_rate or not s.noise_is_known,
    ),
    Phrase(
        ("test_noise_seed",),
        lambda s: f"test noise seed {s.test_noise_seed}",
        lambda s: not s.test_noise_seed or not s.noise_is_known,
    ),
    Phrase(("fingerprint",), lambda s: f"data {s.fingerprint}", lambda _: True),
    Phrase(("sources",), lambda s: _sources_text(s.sources), lambda _: True),
    Phrase(("protocol",), lambda s: f"protocol {s.protocol}", lambda s: s.protocol == PROTOCOL),
)
PHRASES = HEAD + REST
ADDED_NOISE = ("noise", "noise_rate", "noise_seed", "test_noise", "test_noise_rate", "test_noise_seed")  # fields


def _sources_text(sources: Iterable[tuple[str, str]]) -> str:
    return " + ".join(f"your {role} @{digest[:12]}" for role, digest in sources) or "no code of yours"


def recipe_text(setting: Setting, differs: Collection[str] = ()) -> str:
    """All but the head. What is usual is left out, unless it is among the words by which the setting `differs`."""
    texts = ((phrase, phrase.say(setting)) for phrase in REST)
    return ", ".join(text for phrase, text in texts if text in differs or not phrase.usual(setting))


def distinguishing_words(
    settings: Iterable[Setting], head: Callable[[Setting], Hashable] = head_text, unsaid: Collection[str] = ()
) -> dict[Setting, tuple[str, ...]]:
    """Per setting the words that tell it from others of the same head; none where no other has that head.

    Fields that are `unsaid` are left out. Settings that differ in them alone are numbered, and it is said why.
    """
    groups: dict[Hashable, list[Setting]] = {}
    for setting in dict.fromkeys(settings):
        groups.setdefault(head(setting), []).append(setting)
    phrases = [phrase for phrase in PHRASES if not set(phrase.fields) & set(unsaid)]
    return {setting: words for group in groups.values() for setting, words in _apart(group, phrases).items()}


def _apart(group: list[Setting], phrases: list[Phrase]) -> dict[Setting, tuple[str, ...]]:
    texts_of = {setting: [phrase.say(setting) for phrase in phrases] for setting in group}
    differing = [i for i in range(len(phrases)) if len({texts[i] for texts in texts_of.values()}) > 1]
    words_of = {setting: tuple(texts[i] for i in differing) for setting, texts in texts_of.items()}
    if len(set(words_of.values())) == len(group):
        return words_of
    why = f"of {len(group)} that differ in noise taken for unknown"
    return {setting: (*words, f"{i} {why}") for i, (setting, words) in enumerate(words_of.items(), 1)}


def titled(head: str, differs: Collection[str]) -> str:
    """A short title: the head, and in brackets the words that tell it from others."""
    if not differs:
        return head
    return f"{head[:-1]}; {', '.join(differs)})" if head.endswith(")") else f"{head} ({', '.join(differs)})"
