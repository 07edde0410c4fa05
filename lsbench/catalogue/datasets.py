"""The data sets."""

from lsbench.catalogue.entries import Dataset

DATASETS: dict[str, Dataset] = {
    "mnist": Dataset(
        ref="lsbench.data.idx:read_splits",
        summary="60,000 + 10,000 handwritten digits, 28x28 grey; embedded in the package",
        source="LeCun, Cortes and Burges, 1998",
        num_classes=10,
        train_examples=60_000,
        asymmetric={7: 1, 2: 7, 3: 8, 5: 6, 6: 5},
        files=(
            "train-images-idx3-ubyte",
            "train-labels-idx1-ubyte",
            "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte",
        ),
        fingerprint="e9914cff2ade526d",
        embedded="mnist",
    ),
    "fashion-mnist": Dataset(
        ref="lsbench.data.idx:read_splits",
        summary="60,000 + 10,000 photographs of clothes, 28x28 grey",
        source="Xiao, Rasul and Vollgraf, 2017",
        num_classes=10,
        train_examples=60_000,
        asymmetric={9: 7, 7: 5, 2: 6, 4: 3, 3: 4},
        files=(
            "train-images-idx3-ubyte",
            "train-labels-idx1-ubyte",
            "t10k-images-idx3-ubyte",
            "t10k-labels-idx1-ubyte",
        ),
        folder="FashionMNIST/raw",
        system_folder="/usr/share/datasets/fashion-mnist",
        system_package="dataset-fashion-mnist",
        torchvision_class="FashionMNIST",
    ),
    "blobs": Dataset(
        ref="lsbench.data.blobs:make_splits",
        summary="2,000 + 1,000 noisy copies of 10 random 16x16 patterns; a toy set that trains in an instant",
        source="lsbench",
        num_classes=10,
        train_examples=2000,
        fingerprint="blobs-1",
        asymmetric={9: 8, 7: 6, 5: 4, 3: 2, 1: 0},
    ),
}
