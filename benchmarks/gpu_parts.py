"""One part of `benchmarks/gpu.py`, in a process of its own: python benchmarks/gpu_parts.py PART FILE [--dry].

A part adds tables to the file as soon as it has them.
"""

import sys
from pathlib import Path

from gpu_bench import Bench
from gpu_convolutions import convolutions
from gpu_graph import graphs
from gpu_profile import profiled
from gpu_right import agreement, machine
from gpu_speed import losses, resnet, throughput
from gpu_tests import kernels, own_tests
from gpu_whole import command_line, survival

PARTS = {
    "machine": machine,
    "agreement": agreement,
    "tests": own_tests,
    "kernels": kernels,
    "losses": losses,
    "graphs": graphs,
    "throughput": throughput,
    "profile": profiled,
    "convolutions": convolutions,
    "resnet": resnet,
    "command": command_line,
    "survival": survival,
}

if __name__ == "__main__":
    name, file, *dry = sys.argv[1:]
    PARTS[name](Bench(bool(dry), Path(file)))
