"""Print the lowest supported version of each dependency as pip constraints: torch>=2.11 becomes torch==2.11.

python .ci/lowest.py [EXTRA ...] > lowest.txt && pip install --constraint lowest.txt .
"""

import re
import sys
import tomllib
from pathlib import Path

BOUND = re.compile(r"([A-Za-z0-9._-]+)(?:\[.*\])?>=([0-9.]+)")


def lowest(extras: list[str]) -> list[str]:
    """The constraints of the package's own dependencies, and of those of its extras; each must have a lower bound."""
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(text for e in extras for text in project["optional-dependencies"][e])]
    found = {text: BOUND.fullmatch(text.replace(" ", "")) for text in wanted}
    if without := [text for text, match in found.items() if match is None]:
        sys.exit(f"no lower bound in pyproject.toml: {', '.join(without)}")
    return [f"{match[1]}=={match[2]}" for match in found.values() if match]


if __name__ == "__main__":
    print("\n".join(lowest(sys.argv[1:])))
