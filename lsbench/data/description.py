"""What is known of a data set without its examples."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from lsbench.names.catalogue import FEATURES, IMAGES, TABLE
from lsbench.names.dataset_name import features_of


@dataclass(frozen=True, kw_only=True)
class Description:
    """A data set without its images."""

    name: str  # with its options, written in one way
    num_classes: int
    train_examples: int  # that may be trained on or held out; without the set's own validation examples
    val_examples: int  # of its own validation split, 0 where it has none
    test_examples: int
    shape: tuple[int, ...]  # of an image: channels, height, width; of a vector (d,)
    fingerprint: str  # 16 hex digits of the content, or a name that stands for it
    asymmetric: Mapping[int, int] = field(default_factory=dict)  # class -> the class it is mistaken for
    class_names: tuple[str, ...]  # (K,); their numbers where they have no names
    label_map: tuple[int | float | str, ...] = ()  # what each class was called; () where labels were 0..K-1 already
    counts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # part -> examples per class; {}: catalogue
    annotators: Mapping[str, Any] = field(default_factory=dict)  # how far people disagree, of several people's labels
    notes: tuple[str, ...] = ()  # what was left out or is called otherwise here, a sentence each
    paths: tuple[str, ...] = ()  # of a folder's images, or names of a table's rows: training, validation, test
    left_out: tuple[str, ...] = ()  # paths of its images that can't be read
    groups: str = ""  # 16 hex digits of which examples share a group, "" where none is given
    first_number: int = 0  # of its examples; above 0 in the description of a test set alone, see `test_part`

    @property
    def is_vectors(self) -> bool:
        """Whether its examples are vectors, of features or of a table's columns, and no images."""
        return len(self.shape) == 1

    @property
    def kind(self) -> str:
        """One of `lsbench.names.catalogue.KINDS`: what decides the model and the recipe that are usual."""
        if not self.is_vectors:
            return IMAGES
        return FEATURES if features_of(self.name) else TABLE

    @property
    def noun(self) -> str:
        """What its examples are called in a sentence."""
        return "examples" if self.is_vectors else "images"

    @cached_property
    def test_part(self) -> "Description":
        """The test set alone, as if its examples were the training examples: for what makes its labels wrong."""
        before = self.train_examples + self.val_examples
        return replace(
            self,
            train_examples=self.test_examples,
            val_examples=0,
            paths=self.paths[before:],
            left_out=(*self.paths[:before], *self.left_out),
            first_number=before,
        )
