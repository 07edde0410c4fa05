"""Small networks for features, which say what they see."""

import os
from time import sleep

import torch
from torch import nn

LOG = "FEATURES_SEEN"  # the environment variable with the file in which each image that a network sees is written
LIMIT = "FEATURES_LIMIT"  # that with how many it may see
seen = []  # the same, for this process


def reset():
    seen.clear()
    return seen


class Tiny(nn.Module):
    """Two convolutions, each with a batch norm that does something."""

    size, mean, sd = 8, (0.4, 0.5, 0.6), 0.25

    def __init__(self, width=5, pause=0.0):
        super().__init__()
        self.pause = pause
        self.layers = nn.Sequential(
            *(nn.Conv2d(3, 7, 3, stride=2, bias=False), nn.BatchNorm2d(7), nn.ReLU()),
            *(nn.Conv2d(7, width, 3, padding=1), nn.BatchNorm2d(width), nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        )
        for norm in (self.layers[1], self.layers[4]):
            for tensor in (norm.running_mean, norm.running_var, norm.weight.data, norm.bias.data):
                tensor.copy_(0.5 + torch.rand(len(tensor)))

    def forward(self, x):
        note(x)
        if self.pause:
            sleep(self.pause * len(x))
        return self.layers(x)


def note(x):
    """The red of each image that is of one colour: those of noise, on which a network is tried, are not."""
    if isinstance(x, torch.Tensor):
        pixels = x[:, 0] * 0.25 + 0.4
        flat = pixels.amax((1, 2)) - pixels.amin((1, 2)) < 1e-3
        reds = (pixels[flat].mean((1, 2)) * 255).round().int().tolist()
        seen.extend(reds)
        if file := os.environ.get(LOG):
            with open(file, "a") as stream:
                stream.write("".join(f"{red}\n" for red in reds))
            while reds and len(seen) > int(os.environ[LIMIT]):
                sleep(0.01)


class Odd(Tiny):
    """A network that is none, in one way."""

    def __init__(self, how):
        super().__init__()
        self.how = how
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        features = self.layers(x)
        return {
            "maps": lambda: features[:, :, None, None],
            "tuple": lambda: (features,),
            "one": lambda: features[:1],
            "empty": lambda: features[:, :0],
            "no_number": lambda: features / 0 * 0,
            "draws": lambda: features + self.calls,
            "batch": lambda: features - features.mean(0),
            "raises": lambda: features @ features,
            "dark": lambda: features / (x.amax((1, 2, 3))[:, None] > -1.3),  # an image that is all black
        }[self.how]()


def unsized(width=5):
    return Tiny(width).layers


def no_module():
    return 3


def unseeded():
    import random

    network = Tiny()
    network.layers[0].weight.data[0] += random.random()
    return network


tiny = Tiny
ready_made = Tiny()
odd = Odd
