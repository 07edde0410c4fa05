import re
from pathlib import Path

import lsbench
from lsbench.names.bins import DEFAULT_BINS
from lsbench.names.catalogue import METRICS

PACKAGE = Path(lsbench.__file__).parent
SIZES_THAT_FIT = "rows/sketch.py"  # names several numbers of bins, and none as the default
NEAR = rf"(?i)bins?\b\W*(\w+\W+){{0,2}}\b{DEFAULT_BINS}\b|\b{DEFAULT_BINS}\b\W*([\w-]+\W+){{0,2}}bins?\b"


def without_examples(path):
    """The text of a file, less the lines of examples in docstrings, which give a number of bins of their own."""
    return re.sub(r"(?m)^ *>>> .*$", "", path.read_text(encoding="utf-8"))


def test_how_many_bins_there_are_by_default_is_written_in_one_file():
    texts = {path.relative_to(PACKAGE).as_posix(): without_examples(path) for path in PACKAGE.rglob("*.py")}
    written = {name for name, text in texts.items() if re.search(NEAR, text)} - {SIZES_THAT_FIT}
    assert written == {"names/bins.py"}


def test_the_catalogue_says_how_many():
    assert f"{DEFAULT_BINS} equal-width bins" in METRICS["ece"].summary
