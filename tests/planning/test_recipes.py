import pytest

from lsbench.errors import InputError
from lsbench.planning import recipes
from lsbench.spec import Recipe


@pytest.mark.parametrize("name", recipes.names())
def test_every_recipe_of_the_package_is_one(name):
    recipe = Recipe(**recipes.read_recipe(name))
    assert recipe.epochs > 0
    assert recipes.names()[name]


def test_an_unknown_recipe_suggests_a_near_one():
    with pytest.raises(InputError, match="did you mean tutorial"):
        recipes.read_recipe("tutorail")
