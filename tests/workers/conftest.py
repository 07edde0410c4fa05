import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def without_torch():
    """Processes of the pool that train nothing import a stand-in for torch; the folder on the path that holds it."""
    folder = str(Path(__file__).parent / "without_torch")
    sys.path.insert(0, folder)  # a process that is spawned begins with this path
    yield folder
    sys.path.remove(folder)
