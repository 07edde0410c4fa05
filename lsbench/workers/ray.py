"""A Ray cluster, or one that is started here for the run: one task per stack."""

import os
import sys
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from socket import create_connection
from time import monotonic, sleep
from typing import Any

from lsbench.errors import InputError
from lsbench.planning.plan import Stack
from lsbench.spec import Place
from lsbench.version import __version__
from lsbench.workers.crew import RayOptions
from lsbench.workers.events import EpochDone, Event, Lost, StackDone, Stacks, Waiting, divide, failure
from lsbench.workers.interrupts import deferred
from lsbench.workers.local import THREADS, born_with
from lsbench.workers.luggage import packed
from lsbench.workers.task import TRAINER, Mailbox, Order, shelve, train_stack

Ref = Any  # ray.ObjectRef: what a task will give

LOCAL = "local"  # Ray's word for a cluster of this machine alone, which ends with the process
POLL = 0.5  # seconds between two looks at the letters of running tasks
AHEAD = 2  # tasks under way for each that the cluster has room for: a node that is done has its next one there
FRESH = 2.0  # seconds that what is known of the nodes is good for
NODE = "ray.io/node-id"  # Ray's own label


@dataclass(frozen=True)
class Flight:
    """A stack on its way: which task it is, how often it was lost, where it shall not go again."""

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
    threads: int = THREADS,
    timeout: float | None = None,
    trainer: str = TRAINER,
    out: Path | None = None,
    wanted: set[str] | None = None,
) -> Generator[Event]:
    """Train every stack on the cluster; yield events as they come, as `local.run_all` does.

    A stack whose worker or node died is tried again elsewhere, `options.retries` times; one that raises, or that has no
    tries left, is divided until the guilty cell is alone and becomes a failed row. With `out`, a folder that all nodes
    share, workers write the rows of the `wanted` ids themselves. Leaving the iterator cancels what is under way.
    """
    with deferred() as interrupts, _session(options, threads) as ray:
        interrupts.hold()  # again: Ray has put its own handler in place
        pilot = Pilot(ray, place, options, threads, trainer, out, wanted or set())
        again: deque[Flight] = deque()
        waited = False
        try:
            while True:
                interrupts.raise_pending()
                for _ in range(pilot.room()):
                    if flight := again.popleft() if again else _next(stacks):
                        pilot.launch(flight)
                if not (stacks or again or pilot.flying):
                    return
                if stacks and not pilot.flying and not waited:
                    waited = True
                    yield Waiting(len(stacks))
                yield from pilot.letters(timeout)
                for flight, landed in pilot.landed():
                    if isinstance(landed, StackDone):
                        yield landed
                        continue
                    yield EpochDone(flight.stack, 0)
                    if not landed.started and flight.losses < options.retries:
                        again.append(replace(flight, losses=flight.losses + 1, avoid=flight.node, overdue=False))
                    else:
                        again.extend(map(Flight, divide(landed)))
                        yield from failure(landed)
        finally:
            pilot.cancel_all()


class Pilot:
    """The tasks under way, and what becomes of them."""

    def __init__(
        self,
        ray: Any,
        place: Place,
        options: RayOptions,
        threads: int,
        trainer: str,
        out: Path | None,
        wanted: set[str],
    ) -> None:
        self.ray, self.place, self.options = ray, _absolute(place), options
        self.threads, self.trainer, self.out, self.wanted = threads, trainer, out and out.resolve(), wanted
        here = {NODE: ray.get_runtime_context().get_node_id()}
        self.mailbox = ray.remote(num_cpus=0, label_selector=here)(Mailbox).remote()
        self.shelve = ray.remote(num_cpus=0, label_selector=here)(shelve)  # where the files are
        takes = {"num_cpus": options.cpus, "num_gpus": options.gpus, "max_retries": 0}
        if options.gpus:
            takes["max_calls"] = 1  # a fresh process for each, so that the memory of a shared GPU is given back
        self.task = ray.remote(**takes)(train_stack)
        self.flying: dict[Ref, Flight] = {}
        self.shelves: dict[str, Ref] = {}  # data sets, which each node fetches once
        self.launched = 0
        self.seen: tuple[float, list[dict]] = (-FRESH, [])
        self._require_room()

    def room(self) -> int:
        """How many more tasks may be under way."""
        return (self.options.jobs or max(1, AHEAD * sum(map(self._slots, self._nodes())))) - len(self.flying)

    def launch(self, flight: Flight) -> None:
        """Submit a stack's task."""
        self.launched += 1
        flight = replace(flight, number=self.launched, node="", deadline=None)
        cell = flight.stack[0]
        if cell.dataset not in self.shelves:
            self.shelves[cell.dataset] = self.shelve.remote(cell.dataset, self.place.data_dir, self.threads, Path.cwd())
        wanted = tuple(c.id for c in flight.stack if c.id in self.wanted)
        order = Order(
            flight.number, flight.stack, self.place, self.threads, self.trainer, self.out, wanted, __version__, sys.argv
        )
        elsewhere = flight.avoid and any(node["NodeID"] != flight.avoid for node in self._nodes())
        task = self.task.options(label_selector={NODE: f"!in({flight.avoid})"}) if elsewhere else self.task
        self.flying[task.remote(order, self.mailbox, self.shelves[cell.dataset])] = flight

    def letters(self, timeout: float | None) -> Iterator[EpochDone]:
        """What running tasks have told; those that take too long are cancelled."""
        of = {flight.number: ref for ref, flight in self.flying.items()}
        for number, kind, content in self.ray.get(self.mailbox.empty.remote()):
            if (ref := of.get(number)) is None:
                continue
            flight = self.flying[ref]
            if kind == "epoch":
                yield EpochDone(flight.stack, content)
            else:
                limit = None if timeout is None else monotonic() + timeout * len(flight.stack)
                self.flying[ref] = replace(flight, node=content, deadline=limit)
        for ref, flight in self.flying.items():
            if flight.deadline is not None and monotonic() > flight.deadline and not flight.overdue:
                self.flying[ref] = replace(flight, overdue=True)
                self._cancel(ref)

    def landed(self) -> list[tuple[Flight, StackDone | Lost]]:
        """The tasks that have ended, after a short wait for the first."""
        if not self.flying:
            sleep(POLL)
            return []
        self.ray.wait(list(self.flying), num_returns=1, timeout=POLL)
        ended, _ = self.ray.wait(list(self.flying), num_returns=len(self.flying), timeout=0)
        return [(flight := self.flying.pop(ref), self._outcome(ref, flight)) for ref in ended]

    def cancel_all(self) -> None:
        """Nothing goes on when nobody waits for it."""
        for ref in self.flying:
            self._cancel(ref)

    def _outcome(self, ref: Ref, flight: Flight) -> StackDone | Lost:
        errors = self.ray.exceptions
        try:
            kind, *content = self.ray.get(ref)
            return StackDone(flight.stack, content[0]) if kind == "rows" else Lost(flight.stack, *content)
        except errors.RuntimeEnvSetupError as error:
            raise InputError(f"Ray can't prepare its workers: {_sentence(error)}") from error
        except errors.RayTaskError as error:  # before the training began: the package is not there, or another one
            return Lost(flight.stack, _sentence(error.cause), str(error))
        except errors.RayError as error:
            if flight.overdue:
                return Lost(flight.stack, "took longer than --timeout allows; raise it", overdue=True)
            return Lost(flight.stack, f"lost {flight.losses + 1} times: {_sentence(error)}", str(error), started=False)

    def _cancel(self, ref: Ref) -> None:
        with suppress(self.ray.exceptions.RayError):
            self.ray.cancel(ref, force=True)

    def _nodes(self) -> list[dict]:
        """The nodes that live, as of a moment ago."""
        if monotonic() - self.seen[0] > FRESH:
            self.seen = monotonic(), [node for node in self.ray.nodes() if node["Alive"]]
        return self.seen[1]

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


def require_ray() -> Any:
    """Ray itself; an `InputError` where it is not installed."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    os.environ.setdefault("RAY_worker_niceness", "0")  # as the local pool's; Ray's own 15 starves beside anything else
    try:
        import_module("ray.exceptions")
        return import_module("ray")
    except ImportError as error:
        raise InputError("--workers ray needs Ray: pip install 'lsbench[ray]'") from error


@contextmanager
def _session(options: RayOptions, threads: int) -> Iterator[Any]:
    """Ray, connected; what was started here is ended, a cluster that was there before is left."""
    ray = require_ray()
    environment: dict[str, Any] = {"env_vars": {**born_with(threads), **({} if options.gpus else NO_GPU)}}
    started = {"num_cpus": options.jobs, "include_dashboard": False} if options.address is None else {}
    _require_there(options.address)
    with packed(options.luggage) as folder:
        if options.luggage:
            environment["working_dir"] = str(folder)
        try:
            ray.init(
                address=options.address or LOCAL,
                runtime_env=environment,
                log_to_driver=False,
                logging_level="ERROR",
                **started,
            )
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise InputError(f"no Ray cluster at {options.address or LOCAL}: {_sentence(error)}") from error
        try:
            yield ray
        finally:
            ray.shutdown()


NO_GPU = {"CUDA_VISIBLE_DEVICES": ""}


def _require_there(address: str | None) -> None:
    """Raise an `InputError` where nobody listens, which Ray itself finds out in minutes."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        create_connection((host, int(port)), timeout=10).close()
    except OSError as error:
        raise InputError(f"no Ray cluster at {address}: {error.strerror or error}; see `ray status` there") from error


def _next(stacks: Stacks) -> Flight | None:
    stack = stacks.take()
    return Flight(stack) if stack else None


def _absolute(place: Place) -> Place:
    """The same with whole paths: a worker's current folder is another one."""
    folders = {name: getattr(place, name) for name in ("data_dir", "models", "logits")}
    return replace(place, **{name: path and path.resolve() for name, path in folders.items()})


def _sentence(error: object) -> str:
    """The first line of an error."""
    lines: Sequence[str] = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
