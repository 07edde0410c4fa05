"""The protocols of the package, and what a protocol's file may not say."""

import math
from dataclasses import replace

import pytest

from lsbench.errors import InputError
from lsbench.planning import plan
from lsbench.planning.study import as_values, grid_of
from lsbench.protocols import names, narrow, planned, read_protocol
from tests.in_turn import in_turn

WANTED = {
    "apl-cifar10",
    "cifar10n-worst",
    "fine-tune-folder",
    "guo-cifar10",
    "patrini-mnist",
    "pereyra-mnist",
    "sce-cifar10",
    "tutorial-mnist",
}
WHOLE = """
name = "t"
title = "a title"
source = { authors = "A", year = 2020, venue = "V" }
study = { loss = ["ce", "lsr"], eps = [0.1, 0.2], noise = [0.0, 0.4], epochs = 3 }
published = [{ loss = "ce", noise = 0.4, value = 90.0, sd = 1.0, runs = 3, provenance = "read" }]
"""


def grids_of(protocol):
    return [grid_of(as_values(study.options)) for study in protocol.studies]


def test_the_protocols_that_were_promised_are_there():
    assert set(names()) >= WANTED


@in_turn("name", names())
def test_a_shipped_protocol_makes_a_valid_grid_whose_published_numbers_are_of_one_arm_each(name):
    protocol = read_protocol(name)
    assert protocol.name == name
    grids = dict(zip([study.name for study in protocol.studies], grids_of(protocol), strict=True))
    for grid in grids.values():
        plan.check(grid)
        assert dict(grid.recipe)["epochs"] >= 1
    for one in protocol.published:
        alone = narrow(grids[one.study], one)
        assert len(plan.arms_of(alone)) == len(alone.models) == len(alone.noises) == len(alone.noise_rates) == 1
    assert len({(one.study, one.loss, one.eps, one.model, one.noise, one.quantity) for one in protocol.published}) == (
        len(protocol.published)
    )


@in_turn("name", names())
def test_shipped_text_names_no_machine_and_numbers_are_per_cent(name):
    protocol = read_protocol(name)
    for one in protocol.published:
        assert 0 <= one.value <= 100
        assert one.value != math.floor(one.value) or one.value > 1  # a share of 1 where per cent is meant
        assert protocol.margin_of(one) <= 5


def test_what_is_recalled_is_marked_so():
    assert {one.provenance for one in read_protocol("patrini-mnist").published} == {"recalled"}
    assert {one.provenance for one in read_protocol("apl-cifar10").published} == {"read"}


def test_the_active_passive_table_is_whole():
    protocol = read_protocol("apl-cifar10")
    assert len(protocol.published) == 6 * 5
    (found,) = [one for one in protocol.published if one.loss.startswith("nce-rce") and one.noise == 0.8]
    assert (found.value, found.sd, found.runs) == (55.28, 1.26, 3)
    (bare,) = [one for one in protocol.published if one.loss.startswith("focal") and one.noise == 0.2]
    assert (bare.value, bare.sd, bare.spread.sd) == (74.5, None, None)
    assert planned.count_cells(protocol) == 6 * 5 * 3


def test_a_number_of_runs_that_is_not_known_is_the_smallest_possible():
    pereyra = read_protocol("pereyra-mnist").published[0]
    assert (pereyra.sd, pereyra.runs) == (0.06, None)
    assert (pereyra.spread.sd, pereyra.spread.n) == (0.06, 2)
    tutorial = read_protocol("tutorial-mnist").published[0]
    assert (tutorial.spread.sd, tutorial.spread.n) == (None, 1)


def test_the_cifar10n_protocol_shows_both_rules_of_the_same_run():
    rules = {one.rule: one.value for one in read_protocol("cifar10n-worst").published if one.by}
    assert rules == {"best-test": 83.91, "last": 68.3}


def test_cells_without_noise_are_counted_once_for_all_kinds(tmp_path):
    file = tmp_path / "t.toml"
    file.write_text(
        WHOLE.replace("epochs", 'noise_kind = ["symmetric", "uniform"], seeds = 2, epochs').replace(
            'loss = "ce", noise', 'loss = "ce", noise_kind = "uniform", noise'
        )
    )
    protocol = read_protocol(str(file))
    assert (
        planned.count_cells(protocol)
        == 3 * (1 + 2) * 2
        == len(plan.expand(replace(grids_of(protocol)[0], datasets=("blobs",))))
    )


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('name = "t"', "", "name must be text"),
        ('name = "t"', "name = 3", "name must be text"),
        ('title = "a title"', 'titel = "x"', "unknown key 'titel'; did you mean title"),
        ("year = 2020", 'year = "2020"', "year must be a whole number"),
        ("year = 2020, ", "pages = 3, ", "unknown part of the source 'pages'"),
        ("epochs = 3", "epoch = 3", "unknown option 'epoch'; did you mean epochs"),
        ("epochs = 3", "val = 0.1", "must say its losses and epochs"),
        ('loss = ["ce", "lsr"], ', "", "must say its losses and epochs"),
        ("study = {", "study = [{ name = 'a', loss = 'ce', epochs = 1}]\n#", "unknown study ''"),
        ("study = {", "#", "a protocol needs a [study] table"),
        ("study = {", "study = [{loss = 'ce', epochs = 1}, {loss = 'ce', epochs = 2}]\n#", "needs a name of its own"),
        ('loss = "ce"', 'loss = "gce"', "is of loss gce, its study has ['ce', 'lsr']"),
        ("noise = 0.4", "noise = 0.2", "is of noise 0.2, its study has [0.0, 0.4]"),
        ("noise = 0.4, ", "", "must say its noise: [0.0, 0.4]"),
        ("value = 90.0", "valu = 90.0", "unknown part of a published number 'valu'"),
        ("value = 90.0, ", "", "needs value"),
        ("value = 90.0", "value = nan", "a published value must be a finite number"),
        ("value = 90.0", "value = '90'", "a published value must be a number"),
        ("sd = 1.0", "sd = -1.0", "a published sd must be"),
        ("runs = 3", "runs = 0", "published runs must be"),
        ('provenance = "read"', 'provenance = "hearsay"', "provenance must be one of read, recalled"),
        (', provenance = "read"', "", "needs provenance"),
        ("runs = 3", 'metric = "acuracy"', "unknown metric 'acuracy'; did you mean accuracy"),
        ("runs = 3", 'rule = "best"', "unknown rule 'best'; did you mean best-test"),
        ("runs = 3", 'temperature = "warm"', "unknown temperature 'warm'"),
        ("runs = 3", 'rule = "best-test", temperature = "noisy"', "there is only the last epoch"),
        ("study =", "margin = 0\nstudy =", "margin must be"),
        ("study =", "notes = 'one'\nstudy =", "notes must be a list of texts"),
        ("study =", "every = 3\nstudy =", "a table was expected"),
        ("published = [{", "published = [3, {", "a table was expected"),
        ("published = [{", "published = 3 # ", "a list was expected"),
        ("source = {", "source = 3 # ", "a table was expected"),
        ('name = "t"', "name = ", "Invalid value"),
    ],
    ids=lambda text: text[:30],
)
def test_a_file_that_makes_no_sense_is_refused_in_one_sentence(tmp_path, old, new, sentence):
    assert old in WHOLE
    file = tmp_path / "t.toml"
    file.write_text(WHOLE.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        read_protocol(str(file))
    assert sentence in str(error.value)
    assert str(file) in str(error.value)


def test_an_unknown_name_suggests_near_ones_and_a_missing_file_says_so(tmp_path):
    with pytest.raises(InputError, match="unknown protocol 'apl-cifar'; did you mean apl-cifar10"):
        read_protocol("apl-cifar")
    with pytest.raises(InputError, match="No such file"):
        read_protocol(str(tmp_path / "none.toml"))


def test_several_values_of_eps_leave_the_arm_open(tmp_path):
    file = tmp_path / "t.toml"
    file.write_text(WHOLE.replace('loss = "ce", noise', 'loss = "lsr", noise'))
    protocol = read_protocol(str(file))
    with pytest.raises(InputError, match="must say its eps: 2 arms"):
        narrow(grids_of(protocol)[0], protocol.published[0])
