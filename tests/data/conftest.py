import pytest


@pytest.fixture
def cache(tmp_path_factory, monkeypatch):
    """An empty folder for what is kept of images that were decoded."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("LSBENCH_DATA", str(folder))
    return folder
