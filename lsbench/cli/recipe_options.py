"""The options of a recipe, made of its fields."""

from dataclasses import dataclass, make_dataclass
from typing import TYPE_CHECKING, Annotated, Any

from lsbench.cli.option import HOW, option
from lsbench.names.catalogue.allowed import Choice, WordOrFile
from lsbench.planning.axes import may_be_several
from lsbench.spec import RECIPE_SETTINGS, Recipe, Setting

Words = list[str] | None


def _recipe_option(name: str, setting: Setting) -> Any:
    """The option of one field of a recipe, made from what is known of the field."""
    recipe_field = Recipe.__dataclass_fields__[name]
    default = "none" if recipe_field.default in ("", None) else str(recipe_field.default)
    words = setting.allowed.words if isinstance(setting.allowed, Choice | WordOrFile) else ()
    made = option(HOW, setting.meaning, default if setting.later else "the model's", words)
    return Annotated[Words if may_be_several(name) else str | None, made]


if TYPE_CHECKING:

    @dataclass(frozen=True, kw_only=True)
    class RecipeOptions:
        """The options of a recipe, as the next lines make them of its fields; a type checker sees none of them."""

else:
    RecipeOptions = make_dataclass(
        "RecipeOptions",
        [(name, _recipe_option(name, setting), None) for name, setting in RECIPE_SETTINGS.items()],
        frozen=True,
        kw_only=True,
    )
