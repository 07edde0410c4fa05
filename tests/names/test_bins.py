import re
from pathlib import Path

import lsbench
from lsbench.names.bins import DEFAULT_BINS
from lsbench.names.catalogue import METRICS

PACKAGE = Path(lsbench.__file__).parent
NEAR = rf"(?i)bins?\b\W*(\w+\W+){{0,2}}\b{DEFAULT_BINS}\b|\b{DEFAULT_BINS}\b\W*([\w-]+\W+){{0,2}}bins?\b"


def test_how_many_bins_there_are_by_default_is_written_in_one_file():
    texts = {path.relative_to(PACKAGE).as_posix(): path.read_text() for path in PACKAGE.rglob("*.py")}
    assert [name for name, text in texts.items() if re.search(NEAR, text)] == ["names/bins.py"]


def test_the_catalogue_says_how_many():
    assert f"{DEFAULT_BINS} equal-width bins" in METRICS["ece"].summary
