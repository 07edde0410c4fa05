"""New examples, without labels: what a trained network is asked about.

They are read in the form that the network was trained on: images decoded to its size, or features of them, rows by the
names of their columns. Nothing of a data set that is trained on is made here.
"""

from lsbench.data.new.examples import new_examples, require_there
from lsbench.data.new.forms import NewExamples, Wanted

__all__ = ["NewExamples", "Wanted", "new_examples", "require_there"]
