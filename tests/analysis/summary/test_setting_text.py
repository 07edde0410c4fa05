"""A setting in words: every field of it and of its recipe is told, and no two settings are called the same."""

from dataclasses import fields, replace

import pytest

from lsbench.analysis import sequential
from lsbench.analysis.decide import decide
from lsbench.analysis.summary import Setting, by_setting, changes_since, summarise
from lsbench.analysis.summary.setting_text import PHRASES, distinguishing_words, head_text, recipe_text
from lsbench.report.build import Report, ReportOptions
from lsbench.report.decision import decision_table, paragraph
from lsbench.report.fields import short_title_of
from lsbench.report.figures import draw
from lsbench.report.pictures import prepare_all
from lsbench.report.pictures.reliability import Reliability
from lsbench.rows.status import trust
from lsbench.spec import NO_NOISE, Recipe
from tests.analysis.summary.handmade import a_row
from tests.in_turn import in_turn

BASE = replace(Setting.of(a_row().cell), test_noise="symmetric", test_noise_rate=0.1)
OTHERS = {  # of every field another value
    "dataset": "mnist", "fingerprint": "g", "model": "mlp", "noise": "pairflip", "noise_rate": 0.2000001, "val": 0.125,
    "train_size": 1000, "protocol": 2, "sources": (("model", "0123456789abcdef"),),
    "folds": 5, "noise_seed": 0, "test_noise": "pairflip", "test_noise_rate": 0.2, "test_noise_seed": 1,
    "recipe.optimizer": "adam", "recipe.lr": 0.010000001, "recipe.momentum": 0.95, "recipe.weight_decay": 1e-4,
    "recipe.batch_size": 128, "recipe.epochs": 6, "recipe.schedule": "cosine", "recipe.precision": "bf16",
    "recipe.clip": 1.0, "recipe.augment": "crop-4,flip", "recipe.mixup": 0.2, "recipe.ema": 0.99,
    "recipe.head_epochs": 1, "recipe.body_scale": 0.1, "recipe.class_weights": "balanced",
    "recipe.sampler": "balanced",
}  # fmt: skip
NAMES = [
    *(f.name for f in fields(Setting) if f.compare and f.name != "recipe"),
    *(f"recipe.{f.name}" for f in fields(Recipe)),
]


def changed(name):
    where, _, what = name.rpartition(".")
    if where:
        return replace(BASE, recipe=replace(BASE.recipe, **{what: OTHERS[name]}))
    return replace(BASE, **{name: OTHERS[name]})


def rows_of(*settings):
    """Two arms, three seeds of each setting."""
    arms = (("ce", None, 0.0), ("lsr", 0.1, 0.03))
    return [
        replace(row, cell=replace(row.cell, **{f.name: getattr(s, f.name) for f in fields(Setting) if f.compare}))
        for s in settings
        for loss, eps, gap in arms
        for seed in range(3)
        for row in [a_row(loss, seed, 0.7 + gap * (1 + seed / 9), eps=eps, parts={"scaled": scaled()})]
    ]


def scaled():
    bins = {"count": [0] * 14 + [40], "confidence": [0] * 14 + [36.0], "correct": [0] * 14 + [35]}
    return {"known": {"temperature": 1.5, "status": "ok", "metrics": {"ece": 0.025}, "bins": bins}}


def test_the_words_are_of_every_field_of_a_setting_and_a_recipe_once():
    assert sorted(field for phrase in PHRASES for field in phrase.fields) == sorted(NAMES)


@in_turn("name", NAMES)
def test_settings_that_differ_in_one_field_alone_have_different_titles_wherever_they_are_shown(name):
    pair = (BASE, changed(name))
    rows = rows_of(*pair)
    titles = {
        "table": [table.title for table in Report(rows, [], ReportOptions(tables=("main",))).tables],
        "section": [short_title_of(summary) for summary in summarise(rows)],
        "verdict": [decision_table(verdict).title for verdict in decide(rows)],
        "paragraph": [paragraph(verdict).split(": ")[0] for verdict in decide(rows)],
        "unknown noise": [decision_table(verdict).title for verdict in decide(rows, unknown_noise=True)],
        "picture": [of.title for of in prepare_all(rows) if type(of.data) is Reliability],
        "baseline": [table.title for table in Report(rows, rows, ReportOptions(tables=())).tables],
    }
    for where, found in titles.items():
        assert len(set(found)) == len(found) == 2, where


@pytest.mark.parametrize("name", ["recipe.mixup", "val"])
def test_what_an_adaptive_comparison_keeps_and_a_drawn_title_tell_settings_apart(name, tmp_path):
    rows = rows_of(BASE, changed(name))
    cells = [row.cell for row in rows]
    rule = sequential.make_rule(cells)
    sequential.write(rule, cells, sequential.progress_of(rule, cells, rows), tmp_path)
    (kept,) = sequential.read(tmp_path)
    assert len({one["recipe"] for one in kept["comparisons"]}) == 2
    drawn = [draw(of).get_suptitle() for of in prepare_all(rows) if type(of.data) is Reliability]
    assert len(set(drawn)) == 2


def test_a_setting_alone_is_called_by_its_data_model_and_noise_and_says_nothing_of_what_is_usual():
    plain = replace(BASE, test_noise="none", test_noise_rate=0.0)
    noisier, mixed = replace(plain, noise_rate=0.4), replace(plain, recipe=replace(plain.recipe, mixup=0.2))
    assert distinguishing_words([plain, noisier]) == {plain: (), noisier: ()}
    assert recipe_text(plain) == "5 epochs, batch 64, sgd 0.01, momentum 0.9, one-cycle, 10 % held out"
    assert distinguishing_words([plain, mixed])[plain] == ("no mixup",)


def test_a_table_tells_in_its_title_what_goes_without_saying_only_where_another_differs_in_it():
    titles = [
        summary_table.title
        for summary_table in Report(rows_of(BASE, changed("fingerprint")), [], ReportOptions()).tables
    ]
    assert [title.rsplit(", ", 1)[1] for title in titles] == ["data f", "data g"]


def test_changes_are_told_apart_by_the_newer_folders_settings():
    rows = rows_of(BASE, changed("recipe.clip"))
    assert {of.differs for of in changes_since(rows, rows[:6])} == {("no clip",)}


def labelled(train, test, rate=0.0, **changes):
    noise = ("symmetric", rate) if rate else (NO_NOISE, 0.0)
    status = {"train_labels": train, "test_labels": test}
    setting = replace(BASE, dataset="./photos", model="cnn", noise=noise[0], noise_rate=noise[1], **status, **changes)
    return head_text(setting).removeprefix("./photos, cnn, ")


def test_a_title_says_who_vouches_for_the_labels_and_what_noise_was_added():
    assert labelled("published", "published") == "no noise"
    assert labelled("published", "published", 0.2) == "symmetric noise 0.2"
    assert labelled("published", "given") == "no noise in training, test labels as given"
    assert labelled("published", "given", 0.2) == "symmetric noise 0.2, test labels as given"
    assert labelled("given", "given") == "labels as given"
    assert labelled("given", "given", 0.2) == "labels as given, symmetric noise 0.2 added"
    assert labelled("given", "trusted", 0.2) == (
        "training labels as given, test labels trusted, symmetric noise 0.2 added"
    )
    assert labelled("trusted", "trusted") == "labels trusted"
    assert labelled("given", "published", 0.2, noise_is_known=False) == (
        "training labels as given, test labels published"
    )


def test_rows_that_differ_in_trust_alone_are_one_setting_of_given_labels():
    own = [replace(row, cell=replace(row.cell, dataset="./photos")) for row in rows_of(BASE)]
    mixed = [*trust(own[:3], ["train", "test"]), *own[3:]]
    (setting,) = by_setting(mixed)
    assert (setting.train_labels, setting.test_labels) == ("given", "given")
    lost = replace(own[0], status="failed", labels={})
    (setting,) = by_setting([*trust(own[1:], ["train"]), lost])
    assert setting.train_labels == "trusted"
