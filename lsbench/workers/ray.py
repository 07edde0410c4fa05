"""Stacks on a Ray cluster: one task each."""

import sys
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from lsbench.errors import InputError
from lsbench.planning.stacks import Stack
from lsbench.spec import Place
from lsbench.version import __version__
from lsbench.workers.engines import TRAINER
from lsbench.workers.events import EpochDone, Event, FailedStack, StackDone, Waiting, divide, failure
from lsbench.workers.held_signals import held_signals
from lsbench.workers.queues import Stacks
from lsbench.workers.ray_options import RayOptions
from lsbench.workers.ray_session import first_line, session
from lsbench.workers.ray_task import Progress, Task, share_dataset, train_stack

Ref = Any  # ray.ObjectRef: what a task will give

POLL = 0.5  # seconds between two looks at the messages of running tasks
AHEAD = 2  # tasks under way for each that the cluster has room for: a node that is done has its next one there
FRESH = 2.0  # seconds for which the list of nodes is not asked for again
NODE = "ray.io/node-id"  # Ray's own label


@dataclass(frozen=True)
class Attempt:
    """One try at training a stack: which task it is, how often the stack was lost before, which node to avoid."""

    stack: Stack
    number: int = 0
    losses: int = 0
    avoid: str = ""  # the id of the node that it was lost on
    node: str = ""  # the id of the node that it has started on
    deadline: float | None = None
    overdue: bool = False


def run_all(
    stacks: Stacks,
    place: Place,
    options: RayOptions,
    *,
    trainer: str = TRAINER,
    out: Path | None = None,
    wanted: set[str] | None = None,
) -> Generator[Event]:
    """Train every stack on the cluster; yield events as they come, as `local.run_all` does.

    A stack whose worker or node died is tried again elsewhere, `options.retries` times; one that raises, or that has no
    tries left, is divided until the failing cell is alone and becomes a failed row. With `out`, a folder that all nodes
    share, workers write the rows of the `wanted` ids themselves. Leaving the iterator cancels what is under way.
    """
    with held_signals() as signals, session(options) as ray:
        signals.hold()  # again: Ray has put its own handler in place
        tasks = Tasks(ray, place, options, trainer, out, wanted or set())
        again: deque[Attempt] = deque()
        waited = False
        try:
            while True:
                signals.raise_pending()
                for _ in range(tasks.room()):
                    if attempt := again.popleft() if again else _next(stacks):
                        tasks.submit(attempt)
                if not (stacks or again or tasks.running):
                    return
                if stacks and not tasks.running and not waited:
                    waited = True
                    yield Waiting(len(stacks))
                yield from tasks.progress()
                for attempt, end in tasks.ended():
                    if isinstance(end, StackDone):
                        yield end
                        continue
                    yield EpochDone(attempt.stack, 0)
                    if not end.started and attempt.losses < options.retries:
                        again.append(replace(attempt, losses=attempt.losses + 1, avoid=attempt.node, overdue=False))
                    else:
                        again.extend(map(Attempt, divide(end)))
                        yield from failure(end)
        finally:
            tasks.cancel_all()


class Tasks:
    """The tasks under way on the cluster, one per stack."""

    def __init__(
        self, ray: Any, place: Place, options: RayOptions, trainer: str, out: Path | None, wanted: set[str]
    ) -> None:
        self.ray: Any = ray
        self.place: Place = _absolute(place)
        self.options: RayOptions = options
        self.trainer: str = trainer
        self.out: Path | None = out and out.resolve()
        self.wanted: set[str] = wanted
        here = {NODE: ray.get_runtime_context().get_node_id()}
        self.progress_actor: Any = ray.remote(num_cpus=0, label_selector=here)(Progress).remote()
        self.share_dataset: Any = ray.remote(num_cpus=0, label_selector=here)(share_dataset)  # where the files are
        takes = {"num_cpus": options.cpus, "num_gpus": options.gpus, "max_retries": 0}
        if options.gpus:
            takes["max_calls"] = 1  # a fresh process for each, so that the memory of a shared GPU is given back
        self.train_stack: Any = ray.remote(**takes)(train_stack)
        self.running: dict[Ref, Attempt] = {}
        self.datasets: dict[str, Ref] = {}  # shared data sets, which each node fetches once
        self.submitted: int = 0
        # when the nodes were asked for, and the answer
        self.nodes_at: tuple[float, list[dict[str, Any]]] = (-FRESH, [])
        self._require_room()

    def room(self) -> int:
        """How many more tasks may be under way."""
        most = self.options.jobs or max(1, AHEAD * sum(map(self._slots, self._nodes())))
        return most - len(self.running)

    def submit(self, attempt: Attempt) -> None:
        """Submit a stack's task."""
        self.submitted += 1
        attempt = replace(attempt, number=self.submitted, node="", deadline=None)
        name, threads = attempt.stack[0].dataset, self.options.threads
        if name not in self.datasets:
            self.datasets[name] = self.share_dataset.remote(name, self.place.data_dir, threads, Path.cwd())
        task = Task(
            number=attempt.number,
            stack=attempt.stack,
            place=self.place,
            threads=threads,
            trainer=self.trainer,
            out=self.out,
            wanted=tuple(cell.id for cell in attempt.stack if cell.id in self.wanted),
            version=__version__,
            command=sys.argv,
        )
        elsewhere = attempt.avoid and any(node["NodeID"] != attempt.avoid for node in self._nodes())
        selector = {"label_selector": {NODE: f"!in({attempt.avoid})"}} if elsewhere else {}
        train_stack = self.train_stack.options(**selector)
        self.running[train_stack.remote(task, self.progress_actor, self.datasets[name])] = attempt

    def progress(self) -> Iterator[EpochDone]:
        """The epochs that running tasks have finished since the last call; tasks that take too long are cancelled."""
        ref_of = {attempt.number: ref for ref, attempt in self.running.items()}
        for number, kind, content in self.ray.get(self.progress_actor.take_messages.remote()):
            if (ref := ref_of.get(number)) is None:
                continue
            attempt = self.running[ref]
            if kind == "epoch":
                yield EpochDone(attempt.stack, content)
            else:
                self.running[ref] = replace(attempt, node=content, deadline=self._deadline(attempt.stack))
        for ref, attempt in self.running.items():
            if attempt.deadline is not None and monotonic() > attempt.deadline and not attempt.overdue:
                self.running[ref] = replace(attempt, overdue=True)
                self._cancel(ref)

    def ended(self) -> list[tuple[Attempt, StackDone | FailedStack]]:
        """The tasks that have ended, after a short wait for the first."""
        if not self.running:
            sleep(POLL)
            return []
        self.ray.wait(list(self.running), num_returns=1, timeout=POLL)
        ended, _ = self.ray.wait(list(self.running), num_returns=len(self.running), timeout=0)
        return [(attempt := self.running.pop(ref), self._end_of(ref, attempt)) for ref in ended]

    def cancel_all(self) -> None:
        """Nothing goes on when nobody waits for it."""
        for ref in self.running:
            self._cancel(ref)

    def _deadline(self, stack: Stack) -> float | None:
        return None if self.options.timeout is None else monotonic() + self.options.timeout * len(stack)

    def _end_of(self, ref: Ref, attempt: Attempt) -> StackDone | FailedStack:
        errors = self.ray.exceptions
        try:
            kind, *content = self.ray.get(ref)
            return StackDone(attempt.stack, content[0]) if kind == "rows" else FailedStack(attempt.stack, *content)
        except errors.RuntimeEnvSetupError as error:
            raise InputError(f"Ray can't prepare its workers: {first_line(error)}") from error
        except errors.RayTaskError as error:  # before the training began: the package is not there, or another one
            return FailedStack(attempt.stack, first_line(error.cause), str(error))
        except errors.RayError as error:
            if attempt.overdue:
                return FailedStack(attempt.stack, "took longer than --timeout allows; raise it", overdue=True)
            sentence = f"lost {attempt.losses + 1} times: {first_line(error)}"
            return FailedStack(attempt.stack, sentence, str(error), started=False)

    def _cancel(self, ref: Ref) -> None:
        with suppress(self.ray.exceptions.RayError):
            self.ray.cancel(ref, force=True)

    def _nodes(self) -> list[dict]:
        """The nodes that live, as of a moment ago."""
        if monotonic() - self.nodes_at[0] > FRESH:
            self.nodes_at = monotonic(), [node for node in self.ray.nodes() if node["Alive"]]
        return self.nodes_at[1]

    def _slots(self, node: dict) -> int:
        has, asked = node["Resources"], {"CPU": self.options.cpus, "GPU": self.options.gpus}
        return int(min(has.get(kind, 0) / count for kind, count in asked.items() if count))

    def _require_room(self) -> None:
        if not any(map(self._slots, self._nodes())):
            most = {kind: max(n["Resources"].get(kind, 0) for n in self._nodes()) for kind in ("CPU", "GPU")}
            raise InputError(
                f"a stack asks for {self.options.cpus:g} CPUs and {self.options.gpus:g} GPUs, and no node has as many:"
                f" the most are {most['CPU']:g} and {most['GPU']:g}; lower --cpus-per-stack or --gpus-per-stack"
            )


def _next(stacks: Stacks) -> Attempt | None:
    stack = stacks.take()
    return Attempt(stack) if stack else None


def _absolute(place: Place) -> Place:
    """The same with whole paths: a worker's current folder is another one."""
    folders = {name: getattr(place, name) for name in ("data_dir", "models", "logits")}
    return replace(place, **{name: path and path.resolve() for name, path in folders.items()})
