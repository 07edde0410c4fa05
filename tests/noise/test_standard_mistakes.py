"""The standard maps against the class names, whose alphabetical order is CIFAR-100's numbering."""

import torch
from torch import Generator

from lsbench.names.catalogue.mistakes import MISTAKES
from lsbench.noise import flip_labels

CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
CIFAR100 = """
beaver dolphin otter seal whale
aquarium_fish flatfish ray shark trout
orchid poppy rose sunflower tulip
bottle bowl can cup plate
apple mushroom orange pear sweet_pepper
clock keyboard lamp telephone television
bed chair couch table wardrobe
bee beetle butterfly caterpillar cockroach
bear leopard lion tiger wolf
bridge castle house road skyscraper
cloud forest mountain plain sea
camel cattle chimpanzee elephant kangaroo
fox porcupine possum raccoon skunk
crab lobster snail spider worm
baby boy girl man woman
crocodile dinosaur lizard snake turtle
hamster mouse rabbit shrew squirrel
maple_tree oak_tree palm_tree pine_tree willow_tree
bicycle bus motorcycle pickup_truck train
lawn_mower rocket streetcar tank tractor
"""


def test_cifar_10_mistakes_truck_bird_deer_cat_and_dog() -> None:
    named = {CIFAR10[true]: CIFAR10[taken] for true, taken in MISTAKES["cifar10"].items()}
    assert named == {"truck": "automobile", "bird": "airplane", "deer": "horse", "cat": "dog", "dog": "cat"}


def test_cifar_100_mistakes_each_class_for_the_next_of_its_super_class() -> None:
    names = sorted(CIFAR100.split())
    assert len(names) == 100
    for super_class in CIFAR100.split("\n")[1:-1]:
        five = super_class.split()
        for i in range(5):
            assert MISTAKES["cifar100"][names.index(five[i])] == names.index(five[(i + 1) % 5])
    assert sorted(MISTAKES["cifar100"]) == sorted(MISTAKES["cifar100"].values()) == list(range(100))


def test_the_maps_are_ones_that_asymmetric_noise_takes() -> None:
    for name, mapping in MISTAKES.items():
        labels = torch.arange(100 if name == "cifar100" else 10)
        noisy = flip_labels(labels, 1, len(labels), Generator(), "asymmetric", mapping=mapping)
        assert noisy.tolist() == [mapping.get(i, i) for i in labels.tolist()]
