"""What the Triton kernels are compiled to for an H100: registers, spills, width of loads and stores. Needs no GPU.

    python benchmarks/kernel_report.py [--write results/kernel.md] [--json] [--only CASE ...]

Each case is compiled by the launch that would run it. What is counted are instructions of the machine code, as
cuobjdump, which comes with Triton, shows them.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import triton
from convolution_cases import Convolution, convolutions, digest
from triton import knobs
from triton.backends.compiler import GPUTarget
from triton.runtime.driver import driver

from lsbench.kernels.in_triton.launch import Call, beside, prepare
from lsbench.kernels.in_triton.sizes import Chip
from lsbench.kernels.rows import Rows, compute_dtype

ROWS = 256
H100 = Chip(132, 227 << 10)
REGISTERS, THREADS, SHARED = 1 << 16, 2048, 228 << 10  # of one processor
INSTRUCTION = re.compile(r"^\s+/\*[0-9a-f]{4,5}\*/\s+(?:@!?U?P\w+\s+)?([A-Z][\w.]*)", re.MULTILINE)
WIDTHS = {"128": 16, "64": 8, "U16": 2, "S16": 2, "U8": 1, "S8": 1}  # bytes, by a modifier of an instruction
PRODUCTS = {"HMMA", "HGMMA"}  # of tensor cores; a group of four warps shares the second
ACCESS = re.compile(r"^(LDGSTS|LDG|STG)\.E(?:\.\w+)*")


@dataclass(frozen=True)
class Case:
    """One launch that is compiled."""

    num_classes: int
    dtype: torch.dtype
    options: str = ""  # any of: weight, targets, loss alone, again (for what stands above), padded (to 64 classes)

    @property
    def name(self) -> str:
        """For example "50257 bfloat16, weight"."""
        options = f", {self.options}" if self.options else ""
        return f"{self.num_classes} {str(self.dtype).removeprefix('torch.')}{options}"


BF16, FP32, FP64 = torch.bfloat16, torch.float32, torch.float64
CASES = {
    case.name: case
    for case in (
        *(Case(k, dtype) for k in (10, 1000, 31999, 32000, 50257, 131072) for dtype in (BF16, FP32)),
        Case(8000, BF16),
        Case(16000, BF16),
        Case(32000, torch.float16),
        Case(32000, BF16, "loss alone"),
        Case(32000, BF16, "again"),
        Case(16000, BF16, "weight"),
        Case(16000, BF16, "targets"),
        Case(8000, BF16, "weight, targets"),
        Case(32000, BF16, "weight"),
        Case(32000, BF16, "targets"),
        Case(50257, BF16, "loss alone"),
        Case(50257, BF16, "padded"),
        Case(50257, BF16, "weight, targets"),
        Case(8000, FP64),
        Case(32000, FP64),
    )
}


class Compiler:
    """Stands for a GPU that Triton compiles for."""

    def get_current_target(self) -> GPUTarget:
        """An H100."""
        return GPUTarget("cuda", 90, 32)

    def get_current_device(self) -> int:
        """The only one."""
        return 0

    def get_current_stream(self, device: int) -> int:  # noqa: ARG002  Triton's signature
        """None: nothing runs."""
        return 0


def main() -> None:
    """Compile the cases, and print or write their table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--json", action="store_true")
    cases = CASES | {case.name: case for case in convolutions()}
    parser.add_argument("--only", nargs="+", choices=list(cases), default=list(cases), metavar="CASE")
    asked = parser.parse_args()
    for tool in (knobs.nvidia.ptxas, knobs.nvidia.cuobjdump):
        if not Path(tool.path).exists():
            sys.exit(f"LACKING: {tool.path}, which Triton compiles with")
    os.environ.pop("TRITON_INTERPRET", None)
    driver.set_active(Compiler())  # pyright: ignore[reportArgumentType]  the part of a driver that compiling needs
    rows = [report(cases[name]) for name in asked.only]
    text = json.dumps(rows) if asked.json else page(rows)
    if asked.write:
        asked.write.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


def report(case: Case | Convolution) -> dict[str, object]:
    """What a case is compiled to."""
    if isinstance(case, Convolution):
        call = case.launch()
        tile = " x ".join(str(call.arguments[side]) for side in ("PLACES", "OUTS", "TAPS"))
        return {"convolution": case.name, "tile": tile, **compiled(call.kernel, call.grid, call.arguments)}
    call = launch_of(case)
    return {
        "case": case.name,
        "kernel": "short" if "ROWS" in call.arguments else "long",
        "rows": call.arguments.get("ROWS", 1),
        "classes at once": call.arguments["BLOCK"],
        **compiled(call.kernel, (call.programs,), call.arguments),
    }


def compiled(source: Any, grid: tuple[int, ...], arguments: dict[str, Any]) -> dict[str, object]:
    """What a launch is compiled to."""
    kernel = source.warmup(grid=grid, **arguments)
    usage, code = dumps(kernel.asm["cubin"])
    registers, stack = (int(re.search(rf"{name}:(\d+)", usage)[1]) for name in ("REG", "STACK"))  # pyright: ignore[reportOptionalSubscript]
    instructions = INSTRUCTION.findall(code)
    reads, writes = widths(instructions, ("LDG", "LDGSTS")), widths(instructions, ("STG",))
    warps, shared = arguments["num_warps"], kernel.metadata.shared
    products = {name.partition(".")[0] for name in instructions} & PRODUCTS
    return {
        "warps": warps,
        "registers": registers,
        "spilled bytes": stack,
        "spill instructions": sum(name.startswith(("LDL", "STL")) for name in instructions),
        "shared bytes": shared,
        "programs per processor": programs_at_once(registers, warps, shared),
        "reads of 16 bytes": reads[16],
        "narrower reads": reads.total() - reads[16],
        "writes of 16 bytes": writes[16],
        "narrower writes": writes.total() - writes[16],
        "instructions": len(instructions),
        **({"tensor cores": " ".join(sorted(products)) or "no"} if "TAPS" in arguments else {}),
    }


def launch_of(case: Case) -> Call:
    """The launch for ROWS rows; memory is asked for and not touched."""
    dtype, options = compute_dtype(case.dtype), case.options.split(", ")
    width = -(-case.num_classes // 64) * 64 if "padded" in options else case.num_classes
    logits = torch.empty(ROWS, width, dtype=case.dtype)[:, : case.num_classes]
    targets = torch.empty_like(logits) if "targets" in options else None
    labels = torch.zeros(ROWS, dtype=torch.int64) if targets is None else None
    weight = torch.ones(case.num_classes, dtype=dtype) if "weight" in options else None
    above = torch.ones((), dtype=dtype) if "again" in options else None
    scale = torch.ones((), dtype=dtype)  # as a mean over labels has it, some of which may be ignored
    losses = torch.empty(ROWS, dtype=dtype) if above is None else None
    gradient = None if "loss alone" in options else beside(logits)
    return prepare(Rows(logits, labels, targets, 0.1, scale, weight, -100, 0.0), losses, gradient, above, H100)


def dumps(cubin: bytes) -> tuple[str, str]:
    """What cuobjdump says of the resources, and the machine code."""
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        tool = knobs.nvidia.cuobjdump.path
        texts = [
            subprocess.run([tool, option, file.name], capture_output=True, text=True, check=True).stdout
            for option in ("-res-usage", "-sass")
        ]
    return texts[0], texts[1]


def widths(instructions: list[str], names: tuple[str, ...]) -> Counter[int]:
    """How many instructions of those names read or write so many bytes."""
    accesses = [access for name in instructions if (access := ACCESS.match(name)) and access[1] in names]
    modifiers = [access[0].split(".") for access in accesses]
    return Counter(next((width for word, width in WIDTHS.items() if word in words), 4) for words in modifiers)


def programs_at_once(registers: int, warps: int, shared: int) -> int:
    """How many programs one processor of an H100 holds."""
    threads = 32 * warps
    by_registers = REGISTERS // (-(-registers // 8) * 8 * threads)
    return min(by_registers, THREADS // threads, SHARED // (shared + 1024), 32)


def page(rows: list[dict[str, object]]) -> str:
    """The page of results, whose numbers are all from here."""
    versions = {"triton": triton.__version__, "ptxas": knobs.nvidia.ptxas.version, "digest": digest()}
    parts = [(HEAD, [row for row in rows if "case" in row]), (MIDDLE, [row for row in rows if "case" not in row])]
    return "\n".join(head.format(**versions) + table(own) for head, own in parts if own)


def table(rows: list[dict[str, object]]) -> str:
    """A line for each case."""
    names = list(rows[0])
    lines = [f"| {' | '.join(names)} |", "|---" + "|---:" * (len(names) - 1) + "|"]
    lines += ["| " + " | ".join(map(shown, row.values())) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def shown(value: object) -> str:
    """A number with its thousands apart."""
    return f"{value:,}" if isinstance(value, int) else str(value)


HEAD = """# The kernels, compiled for an H100

<!-- made by: python benchmarks/kernel_report.py --write results/kernel.md -->

Compiled ahead of time for sm_90 by Triton {triton} with ptxas {ptxas}. **No GPU was there: nothing here is a time.**
Each launch has one set of sizes; none is searched for by timing.

## The rows of the loss

- *case*: classes, the logits' dtype, and what is asked beside the loss and its gradient for labels: class weights,
  targets, the loss alone, or the gradient once more, times what stands above the loss (again); padded:
  rows are a part of wider ones, of a multiple of 64.
- *kernel*: short reads each row once, long twice. *rows*: rows that a program holds at once.
- *registers* of a thread. *spilled bytes*: of a thread, to memory, where its registers do not suffice.
- *programs per processor*: how many one processor holds at once, by registers, threads and shared memory.
- *reads*, *writes*: instructions of the machine code, by how many bytes a thread moves with one. Narrower ones move
  labels, the label's logit, losses, numbers per row, the ends of rows that begin between two groups of 16 bytes, and
  targets and class weights of such rows.

"""

MIDDLE = """## The direct convolution of a stack

All launches of a step of `cnn` and `resnet8`, of 16 cells. Sources: {digest}.

- *convolution*: channels, kernel, images; what is made: the values, their gradient in the images, or that in the
  weights and biases; what is multiplied (sums are float32).
- *tile*: places of the filter x output channels x taps that a program holds at once.
- *narrower reads* gather patches from the images, in float32 4 bytes for each thread.
- *tensor cores*: the instruction that multiplies on them; float32 is multiplied by the other ones.

"""

if __name__ == "__main__":
    main()
