import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_a_wheel_holds_the_data_and_runs_from_an_empty_folder(tmp_path):
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", tmp_path]
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "lsbench", source / "lsbench")
    subprocess.run([*build, source], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    assert sum(name.startswith("lsbench/data/mnist/") for name in names) == 5
    templates = {f"lsbench/report/templates/{path.name}" for path in (ROOT / "lsbench/report/templates").iterdir()}
    assert templates <= set(names)
    assert "lsbench/kernels/kernel.cpp" in names
    assert not any(name.startswith(("tests", "benchmarks", "results")) for name in names)
    empty = tmp_path / "empty"
    empty.mkdir()
    line = ["run", "--loss", "ce", "--seeds", "1", "--model", "linear", "--epochs", "1", "--train-size", "500"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    subprocess.run([sys.executable, "-m", "lsbench", *line], cwd=empty, env=environment, check=True)
    where = "import lsbench; print(lsbench.__file__)"
    found = subprocess.run([sys.executable, "-c", where], cwd=empty, env=environment, capture_output=True, text=True)
    assert found.stdout.startswith(str(tmp_path / "site"))
    assert len(list(empty.rglob("*.json"))) == 1
