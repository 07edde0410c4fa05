"""What held-out predictions contradict, of a verdict: nothing where it is known how many labels were made wrong."""

from lsbench.analysis.verdict import Verdict
from lsbench.noise.pooled import PooledNoise
from lsbench.report.contradicted import contradicted_table
from lsbench.report.tables import Table


def noise_tables(verdict: Verdict) -> list[Table]:
    """The matrix, where the noise is not known and held-out predictions tell something of it."""
    if not isinstance(verdict.held_out, PooledNoise) or verdict.noise_known is not None:
        return []
    return [contradicted_table(verdict.held_out, verdict.sizes.classes if verdict.sizes else ())]
