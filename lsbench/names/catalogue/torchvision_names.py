"""Which classification models torchvision has. No torch: its source is read, and not imported."""

import ast
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path


@lru_cache(maxsize=1)
def torchvision_names() -> tuple[str, ...]:
    """The names that torchvision registers for classification, sorted."""
    spec = find_spec("torchvision")
    folders = (spec.submodule_search_locations or []) if spec else []
    files = [file for folder in folders for file in Path(folder, "models").glob("*.py")]
    return tuple(sorted(name for file in files for name in _registered(file)))


def _registered(file: Path) -> list[str]:
    """The functions of a source file that `@register_model` decorates, by the name it gives or else their own."""
    functions = [node for node in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)]
    calls = [(f.name, d) for f in functions for d in f.decorator_list if isinstance(d, ast.Call)]
    return [
        ast.literal_eval(call.args[0]) if call.args else own
        for own, call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "register_model"
    ]
