"""What the Triton kernels are compiled to for an H100, which needs Triton and its tools, and no GPU."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from tests.kernels.kernel_cases import INTERPRETED
from tests.pages import ROOT

CASES = ["1000 float32", "31999 bfloat16", "32000 bfloat16", "32000 float32", "50257 bfloat16", "50257 float32"]
CONVOLUTIONS = [
    "resnet8 64-64 3x3 of 8x8, values, float32",
    "resnet8 64-64 3x3 of 8x8, images, bfloat16",
    "resnet8 64-64 3x3 of 8x8, weights, TF32",
]
PAGE = ROOT / "results" / "kernel.md"


@pytest.fixture(scope="module")
def compiled():
    if importlib.util.find_spec("triton") is None:
        pytest.skip("triton is not installed")
    script = ROOT / "benchmarks" / "kernel_report.py"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("TRITON_INTERPRET", None)
    line = [sys.executable, str(script), "--json", "--only", *CASES, *CONVOLUTIONS]
    done = subprocess.run(line, env=environment, capture_output=True, text=True)
    if "LACKING" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr[-3000:]
    return {row.get("case") or row["convolution"]: row for row in json.loads(done.stdout)}


def on_page():
    """The rows of the page whose first word is a model."""
    head, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith(("| convolution", "| cnn", "| resnet8"))
    )
    return [dict(zip(head, row, strict=True)) for row in rows]


pytestmark = pytest.mark.skipif(INTERPRETED, reason="the interpreter compiles nothing")


def test_nothing_is_spilled(compiled):
    spilled = {case: (row["spilled bytes"], row["spill instructions"]) for case, row in compiled.items()}
    assert spilled == dict.fromkeys([*CASES, *CONVOLUTIONS], (0, 0))


def test_rows_are_read_and_written_16_bytes_at_once_though_they_begin_between(compiled):
    for case in CASES:
        row = compiled[case]
        assert row["reads of 16 bytes"] >= 4, case
        assert row["writes of 16 bytes"] >= 2, case
        assert row["narrower writes"] <= 2, case  # losses, and the ends of rows
    assert compiled["50257 bfloat16"]["narrower reads"] <= 5  # labels, numbers per row, ends of rows


def test_a_processor_holds_a_short_row_in_its_registers_and_some_programs_of_long_rows(compiled):
    assert {compiled[case]["registers"] for case in CASES[1:4]} == {64}
    assert compiled["50257 bfloat16"]["programs per processor"] >= 3
    assert compiled["50257 float32"]["programs per processor"] >= 2


def test_the_page_of_results_says_the_same(compiled):
    page = PAGE.read_text(encoding="utf-8")
    import triton

    if f"Triton {triton.__version__} " not in page:
        pytest.skip("the page is of another version of Triton")
    for case, row in compiled.items():
        cells = [f"{value:,}" if isinstance(value, int) else value for value in row.values()]
        assert f"| {' | '.join(cells)} |" in page, case


def test_tensor_cores_multiply_what_is_not_float32_and_wide_writes_store_convolutions(compiled):
    assert [compiled[case]["tensor cores"] for case in CONVOLUTIONS] == ["no", "HGMMA", "HGMMA"]
    for case in CONVOLUTIONS:
        assert compiled[case]["writes of 16 bytes"] >= 8, case
        assert compiled[case]["narrower writes"] == 0, case


def test_the_page_has_all_convolutions_of_cnn_and_resnet8_as_the_sources_are_now_and_none_spills(monkeypatch):
    pytest.importorskip("triton")
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import convolution_cases

    remedy = "python benchmarks/kernel_report.py --write results/kernel.md"
    assert f"Sources: {convolution_cases.digest()}." in PAGE.read_text(encoding="utf-8"), remedy
    assert [row["convolution"] for row in on_page()] == [case.name for case in convolution_cases.convolutions()]
    assert {(row["spilled bytes"], row["spill instructions"]) for row in on_page()} == {("0", "0")}
