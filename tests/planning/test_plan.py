from collections import Counter
from dataclasses import replace

import pytest

from lsbench.data.dataset import load
from lsbench.errors import InputError
from lsbench.models.sharing import runs_of
from lsbench.names.catalogue import DATASETS, MODELS
from lsbench.planning import plan, stacks
from lsbench.planning.stacks import make_stacks, unfinished
from lsbench.spec import Grid
from tests.cpu_time import cpu_time

BLOBS = {"datasets": ("blobs",), "models": ("linear",)}


def ids(cells):
    return [cell.id for cell in cells]


def test_losses_without_eps_appear_once_and_the_others_once_per_eps():
    cells = plan.expand(Grid(**BLOBS, eps=(0.05, 0.1), seeds=(0,)))
    assert Counter(cell.loss for cell in cells) == {"ce": 1, "lsr": 2, "fused": 2}
    assert {cell.eps for cell in cells if cell.loss == "lsr"} == {0.05, 0.1}


def test_a_clean_cell_is_trained_once_whatever_kinds_of_noise_are_asked_for():
    cells = plan.expand(Grid(**BLOBS, losses=("ce",), noises=("symmetric", "pairflip"), noise_rates=(0, 0.2)))
    assert Counter((cell.noise, cell.noise_rate) for cell in cells) == {
        ("none", 0.0): 5,
        ("symmetric", 0.2): 5,
        ("pairflip", 0.2): 5,
    }


def test_no_cell_comes_twice():
    cells = plan.expand(Grid(**BLOBS, eps=(0.1, 0.1), seeds=(0, 0), noise_rates=(0, 0.0)))
    assert len(set(ids(cells))) == len(cells) == 3


def test_a_hyperparameter_that_came_later_is_part_of_a_cell_only_where_it_is_not_the_default():
    written = ("focal", "focal:gamma=2", "focal:detach=0", "focal:detach=1")
    cells = {text: plan.expand(Grid(**BLOBS, losses=(text,), seeds=(0,)))[0] for text in written}
    assert [cell.hyper for cell in cells.values()] == [(("gamma", 2.0),)] * 3 + [(("gamma", 2.0), ("detach", 1.0))]
    assert len(set(ids(cells.values()))) == 2


@pytest.mark.parametrize(
    ("axis", "name", "hint"),
    [
        ("losses", "lsrr", "did you mean lsr"),
        ("models", "resnet", "unknown model"),
        ("datasets", "mnsit", "did you mean mnist"),
        ("noises", "asymetric", "did you mean asymmetric"),
    ],
)
def test_an_unknown_name_is_an_error_with_a_hint(axis, name, hint):
    with pytest.raises(InputError, match=hint):
        plan.expand(Grid(**{**BLOBS, axis: (name,)}))


def test_the_recipe_is_the_models_own_but_for_what_was_asked():
    (cell,) = plan.expand(Grid(**BLOBS, losses=("ce",), seeds=(0,), recipe={"epochs": 3}))
    assert (cell.recipe.epochs, cell.recipe.schedule) == (3, "cosine")


def test_stacks_hold_each_cell_once_and_share_data_model_and_recipe():
    cells = plan.expand(
        Grid(datasets=("blobs",), models=("linear", "mlp"), noise_rates=(0, 0.2), seeds=tuple(range(9)))
    )
    stacks = make_stacks(cells)
    assert sorted(ids(cell for stack in stacks for cell in stack)) == sorted(ids(cells))
    assert all(len({(cell.dataset, cell.model, cell.recipe) for cell in stack}) == 1 for stack in stacks)
    linear = [stack for stack in stacks if stack[0].model == "linear"]
    sizes = [len(stack) for stack in linear]
    assert 1 < max(sizes) <= MODELS["linear"].most_cpu
    assert max(sizes) - min(sizes) <= 1
    for stack in linear:  # cells of one seed are neighbours, cells of one loss are in few stacks
        assert len(runs_of(cell.seed for cell in stack)) == len({cell.seed for cell in stack})
    assert sum(len({cell.arm for cell in stack}) for stack in linear) < len({c.arm for c in cells}) + len(linear)


def test_stacks_are_as_large_as_is_quick_where_every_core_has_one_all_the_same(monkeypatch):
    for cores, cells, sizes in ((2, 125, [62, 63]), (4, 125, [31, 31, 31, 32]), (2, 40, [20, 20]), (2, 20, [20])):
        monkeypatch.setattr(stacks, "usable_cores", lambda cores=cores: cores)
        made = make_stacks(plan.expand(Grid(**BLOBS, losses=("ce",), seeds=tuple(range(cells)))))
        assert sorted(map(len, made)) == sizes, (cores, cells)
        assert all(stacks.in_own_stacks(stack, "cpu") == [stack] for stack in made)  # and are trained as one program


def test_the_cost_of_expanding_grows_as_the_number_of_cells_does():
    def expand(values):
        grid = Grid(**BLOBS, eps=tuple(i / 100 for i in range(1, values + 1)), noise_rates=(0, 0.2), seeds=range(20))
        assert len(make_stacks(plan.expand(grid))) > 1

    assert cpu_time(lambda: expand(50)) < 30 * cpu_time(lambda: expand(5))  # 10 times the cells, not 100 times the work


def test_finished_stacks_drop_out_and_the_others_stay_as_they_were():
    stacks = make_stacks(plan.expand(Grid(**BLOBS, seeds=tuple(range(12)))))
    done = {cell.id: ids(stacks[0]) for cell in stacks[0]}
    assert unfinished(stacks, done) == stacks[1:]


def test_a_stack_cut_short_is_trained_again_with_its_finished_mates():
    (stack,) = make_stacks(plan.expand(Grid(**BLOBS, seeds=(0, 1))))
    assert unfinished([stack], {stack[0].id: ids(stack)}) == [stack]


def test_a_grown_grid_trains_only_what_is_new():
    small = make_stacks(plan.expand(Grid(**BLOBS, seeds=(0, 1))))
    done = {cell.id: ids(stack) for stack in small for cell in stack}
    grown = plan.expand(Grid(**BLOBS, seeds=(0, 1, 2)))
    left = [cell for stack in unfinished(make_stacks(grown), done) for cell in stack]
    assert {cell.seed for cell in left} == {2}


def test_adam_has_a_learning_rate_of_its_own_unless_one_is_asked_for():
    for recipe, lr in (((("optimizer", "adam"),), 1e-3), ((("optimizer", "adamw"), ("lr", 0.5)), 0.5), ((), 0.02)):
        (cell,) = plan.expand(Grid(**BLOBS, losses=("ce",), seeds=(0,), recipe=recipe))
        assert cell.recipe.lr == lr


def test_more_training_examples_than_there_are_is_an_error():
    plan.check(Grid(**BLOBS, train_size=1800))
    with pytest.raises(InputError, match="'blobs' has 1,800 training examples left"):
        plan.check(Grid(**BLOBS, train_size=1801))


def test_a_grid_that_nobody_could_train_is_refused_at_once():
    with pytest.raises(InputError, match="the most is 1,000,000"):
        plan.check(Grid(**BLOBS, seeds=tuple(range(10_000)), eps=tuple(i / 1000 for i in range(1000))))


@pytest.mark.parametrize("name", ["mnist", "blobs"])
def test_the_catalogue_knows_the_size_of_its_data_sets(name):
    data = load(name)
    assert (len(data.labels), len(data.test_labels)) == (DATASETS[name].train_examples, DATASETS[name].test_examples)


def arms(cells, rate=0.0):
    return [cell.arm.name for cell in cells if cell.noise_rate == rate]


def test_losses_that_are_one_function_are_trained_once_and_the_default_three_always():
    losses = ("linear", "ce", "lsr", "fused", "gce:q=0", "reid", "sce:alpha=1:beta=0", "mae")
    grid = Grid(datasets=("blobs",), losses=losses, seeds=(0,))
    assert arms(plan.expand(grid)) == ["ce", "lsr 0.1", "fused 0.1", "mae"]
    found = {arm.name: other.name for arm, other in plan.check(grid).same_functions(clean=True).items()}
    assert found == {
        "linear 0.1": "lsr 0.1",
        "reid 0.1": "lsr 0.1",
        "gce q=0": "ce",
        "sce alpha=1 beta=0": "ce",
    }
    assert len(plan.expand(replace(grid, dedupe=False))) == len(losses)


def test_corrections_are_trained_where_there_is_noise_to_correct():
    known = ("forward:matrix=known", "backward:matrix=known")
    grid = Grid(datasets=("blobs",), losses=("ce", "forward", *known), noise_rates=(0.0, 0.2), seeds=(0,))
    cells = plan.expand(grid)
    assert arms(cells) == ["ce", "forward"]  # whose estimate is not the identity
    assert arms(cells, 0.2) == ["ce", "forward", "forward matrix=known", "backward matrix=known"]
