"""One thread per process, set before torch is imported: processes of several threads each slow each other down."""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import torch

torch.set_num_threads(1)
