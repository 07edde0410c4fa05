"""A look at every operation of a block, in programs that are not compiled."""

from torch.utils._python_dispatch import TorchDispatchMode


class EagerDispatchMode(TorchDispatchMode):
    """A `TorchDispatchMode` that torch's compiler is not told about: that would import it, 1.2 s on one core."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False
