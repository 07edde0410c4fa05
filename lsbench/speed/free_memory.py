"""Whether the tensors of a measurement fit into the free memory, said before any of them is allocated."""

import os
from pathlib import Path

import torch

MARGIN = 1.25  # of the estimates, which were measured on a CPU
WORK = 64 * 2**20  # bytes: the exact gradient, a few rows at a time, and small tensors
GROUPS = (  # a container's limit, what it uses, and its statistics: cgroup 2, then 1
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat", "total_inactive_file"),
)
CONTAINER = Path("/sys/fs/cgroup")
MEMINFO = Path("/proc/meminfo")


def too_large(needed: float, device: torch.device) -> str:
    """Why so many bytes more can't be had; empty if they can."""
    needed, free = MARGIN * needed + WORK, free_bytes(device)
    return "" if needed <= free else f"would need about {needed / 1e9:,.1f} GB, and {free / 1e9:,.1f} GB are free"


def free_bytes(device: torch.device) -> float:
    """Bytes that can be allocated; on a CPU what neither the machine nor its container would kill the process for."""
    if device.type == "cuda":
        cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + cached
    return max(0, min(_of_machine(), _of_container()))


def _of_machine() -> float:
    try:
        lines = MEMINFO.read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):  # not Linux: half of what there is
        names = getattr(os, "sysconf_names", {})
        has_names = "SC_PHYS_PAGES" in names and "SC_PAGE_SIZE" in names
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2 if has_names else 2e9


def _of_container() -> float:
    for limit, used, statistics, droppable in GROUPS:
        try:
            most, now = (int((CONTAINER / name).read_text()) for name in (limit, used))
            lines = (CONTAINER / statistics).read_text().splitlines()
        except (OSError, ValueError):  # no such group, or no limit: "max"
            continue
        return most - now + sum(int(line.split()[1]) for line in lines if line.split()[0] == droppable)
    return float("inf")
