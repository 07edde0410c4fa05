"""The standard maps of asymmetric noise, {data set: {class: the class it is mistaken for}}.

MNIST's and Fashion-MNIST's stand with their data sets. (Patrini et al., 2017; Zhang and Sabuncu, 2018, GCE)
"""

from collections.abc import Mapping

SUPER_CLASSES = (  # CIFAR-100's twenty, five fine labels each, in the order of their names
    (4, 30, 55, 72, 95),  # aquatic mammals
    (1, 32, 67, 73, 91),  # fish
    (54, 62, 70, 82, 92),  # flowers
    (9, 10, 16, 28, 61),  # food containers
    (0, 51, 53, 57, 83),  # fruit and vegetables
    (22, 39, 40, 86, 87),  # household electrical devices
    (5, 20, 25, 84, 94),  # household furniture
    (6, 7, 14, 18, 24),  # insects
    (3, 42, 43, 88, 97),  # large carnivores
    (12, 17, 37, 68, 76),  # large man-made outdoor things
    (23, 33, 49, 60, 71),  # large natural outdoor scenes
    (15, 19, 21, 31, 38),  # large omnivores and herbivores
    (34, 63, 64, 66, 75),  # medium-sized mammals
    (26, 45, 77, 79, 99),  # non-insect invertebrates
    (2, 11, 35, 46, 98),  # people
    (27, 29, 44, 78, 93),  # reptiles
    (36, 50, 65, 74, 80),  # small mammals
    (47, 52, 56, 59, 96),  # trees
    (8, 13, 48, 58, 90),  # vehicles 1
    (41, 69, 81, 85, 89),  # vehicles 2
)

# As the papers say it. Published code often takes the fine labels 0-4, 5-9, ... for super-classes, which they are not.
NEXT_IN_SUPER_CLASS = {
    mistaken: taken
    for classes in SUPER_CLASSES
    for mistaken, taken in zip(classes, (*classes[1:], classes[0]), strict=True)
}

MISTAKES: dict[str, Mapping[int, int]] = {
    # truck -> automobile, bird -> airplane, deer -> horse, cat <-> dog
    "cifar10": {9: 1, 2: 0, 4: 7, 3: 5, 5: 3},
    "cifar100": dict(sorted(NEXT_IN_SUPER_CLASS.items())),
}
