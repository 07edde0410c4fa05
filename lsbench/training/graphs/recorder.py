"""What records a step, so that it can be taken again without Python: a CUDA graph."""

from collections.abc import Callable, Iterable
from typing import Protocol

import torch

Run = Callable[[], None]  # takes one step, on tensors whose memory stays the same


class Recorder(Protocol):
    """Runs a step, and records it."""

    takes_a_step: bool  # whether recording a step takes it, too

    def warm(self, run: Run) -> None:
        """Take a step as it is, where the recorded ones will be taken."""
        ...

    def record(self, run: Run, generators: Iterable[torch.Generator]) -> Run:
        """What takes the same step on what then stands in the same memory; generators: what it draws from.

        Raises whatever the step raises where it can't be recorded.
        """
        ...


class CudaRecorder:
    """Records what a stream of a GPU is given. Nothing is computed meanwhile."""

    takes_a_step: bool = False

    def __init__(self) -> None:
        self._side: torch.cuda.Stream | None = None  # recording is not possible on the default stream
        self._first: torch.cuda.CUDAGraph | None = None  # kept, as all have its memory: it is gone with its last graph

    def warm(self, run: Run) -> None:
        """As `Recorder.warm`: libraries choose their kernels here, which they can't while they are recorded."""
        side, present = self._stream(), torch.cuda.current_stream()
        side.wait_stream(present)
        with torch.cuda.stream(side):
            run()
        present.wait_stream(side)

    def record(self, run: Run, generators: Iterable[torch.Generator]) -> Run:
        """As `Recorder.record`. A registered generator is where it would be without the graph after each replay."""
        graph = torch.cuda.CUDAGraph()
        for generator in generators:
            graph.register_generator_state(generator)
        # other threads of the process may use the GPU meanwhile
        pool = None if self._first is None else self._first.pool()  # replays take turns, and leave nothing for another
        with torch.cuda.graph(graph, pool, self._stream(), capture_error_mode="thread_local"):
            run()
        self._first = self._first or graph
        return graph.replay

    def _stream(self) -> torch.cuda.Stream:
        self._side = self._side or torch.cuda.Stream()
        return self._side
