"""What a kind of noise takes beside labels and a rate: the catalogue alone says it."""

import pytest
import torch

from lsbench.data.dataset import load
from lsbench.data.describe import describe, of_catalogue
from lsbench.errors import DtypeError, InputError
from lsbench.names.catalogue import NOISE_INPUTS, NOISES, NoiseEntry, NoiseInput
from lsbench.noise import flip_labels
from lsbench.noise.inputs import inputs_of, require_inputs

INSTANCE = {"ref": "lsbench.noise.instance:instance", "summary": "", "source": ""}


def test_a_kind_added_to_the_table_is_given_what_its_entry_names(monkeypatch):
    monkeypatch.setitem(NOISES, "by-image", NoiseEntry(**INSTANCE, inputs=("images",)))
    data = load("blobs")
    assert inputs_of("by-image", describe("blobs"), data)["images"] is data.images


def test_an_entry_that_names_no_known_input_is_an_error(monkeypatch):
    monkeypatch.setitem(NOISES, "by-hearsay", NoiseEntry(**INSTANCE, inputs=("hearsay",)))
    with pytest.raises(InputError, match="unknown input of a noise 'hearsay'"):
        inputs_of("by-hearsay", describe("blobs"), load("blobs"))


def by_shape(labels, rate, num_classes, generator, *, shape):
    """A kind that needs something new: each label becomes the number of channels."""
    return torch.full_like(labels, shape[0])


def shape_of(_noise, description, _data):
    return description.shape


def test_an_input_added_to_the_table_needs_no_other_change_than_its_function(monkeypatch):
    monkeypatch.setitem(NOISE_INPUTS, "shape", NoiseInput(ref=f"{__name__}:shape_of", meaning="of an image"))
    monkeypatch.setitem(
        NOISES, "by-shape", NoiseEntry(ref=f"{__name__}:by_shape", summary="", source="", inputs=("shape",))
    )
    labels, generator = torch.zeros(3, dtype=torch.long), torch.Generator()
    inputs = inputs_of("by-shape", describe("blobs"), load("blobs"))
    assert flip_labels(labels, 1, 4, generator, "by-shape", **inputs).tolist() == [1, 1, 1]
    with pytest.raises(InputError, match="by-shape noise needs shape=, of an image; got None"):
        flip_labels(labels, 1, 4, generator, "by-shape")


def test_an_input_that_no_kind_takes_is_an_error_that_lists_those_there_are():
    with pytest.raises(DtypeError, match="flip_labels takes mapping, images, matrix, given by keyword; got 'map'"):
        flip_labels([0, 1], 0.5, 2, torch.Generator(), map={0: 1})


def test_a_map_that_a_data_set_lacks_is_noticed_before_its_files_are_read():
    require_inputs("asymmetric", of_catalogue("mnist"))
    with pytest.raises(InputError, match="'svhn' has no standard map for asymmetric noise"):
        require_inputs("asymmetric", of_catalogue("svhn"))
