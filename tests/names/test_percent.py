"""One way of writing a percentage, wherever people read it: 27.4 %."""

import ast
import re
from pathlib import Path

from lsbench.names.percent import percent

ROOT = Path(__file__).parents[2]
CODE = [path for folder in ("lsbench", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "results").rglob("*.md"))]
WITHOUT_SPACE = re.compile(r"\d%(?![\w{}])")


def test_a_share_is_written_with_a_space_before_the_sign():
    assert (percent(0.274), percent(0.274, 0), percent(1.0, 2)) == ("27.4 %", "27 %", "100.00 %")


def test_no_code_formats_a_percentage_in_a_way_of_its_own():
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for text in spec_of(node):
                assert not text.endswith("%"), f"{path.name}, line {node.lineno}: lsbench.names.percent writes shares"


def spec_of(node):
    """The format that a value of an f-string is given, if it is one."""
    spec = node.format_spec if isinstance(node, ast.FormattedValue) else None
    return [part.value for part in (spec.values if spec else ()) if isinstance(part, ast.Constant)]


def test_no_sentence_of_the_code_or_the_docs_writes_a_percentage_without_the_space():
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not WITHOUT_SPACE.search(node.value), f"{path.name}, line {node.lineno}: {node.value!r}"
    for path in TEXTS:
        assert not (wrong := WITHOUT_SPACE.findall(path.read_text(encoding="utf-8"))), f"{path}: {wrong}"
