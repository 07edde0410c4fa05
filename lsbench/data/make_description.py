"""Makes the description of a data set, of what was read of it. No torch here."""

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsbench.data.description import Description
from lsbench.data.origin import CATALOGUE, Origin
from lsbench.data.published_files import fingerprint
from lsbench.names.catalogue import DATASETS
from lsbench.names.dataset_name import quoted

if TYPE_CHECKING:  # numpy and Pillow are for those who read
    from lsbench.data.folder.read import FolderSet
    from lsbench.data.groups import Groups
    from lsbench.data.splits import Splits


def of_catalogue(name: str, fingerprint: str = "") -> Description:
    """What is known of a data set of the catalogue before its files are looked at."""
    entry = DATASETS[name]
    return Description(
        name=name,
        num_classes=entry.num_classes,
        train_examples=entry.train_examples,
        val_examples=0,
        test_examples=entry.test_examples,
        shape=entry.shape,
        fingerprint=fingerprint,
        asymmetric=entry.asymmetric,
        class_names=entry.classes or tuple(map(str, range(entry.num_classes))),
    )


def of_folder(origin: Origin, folder: "FolderSet", splits: "Splits") -> Description:
    """What is known of a folder of images; splits: with the labels that files change."""
    from lsbench.data.folder.listing import TRAIN, VAL
    from lsbench.data.splits import with_labels

    return Description(
        name=origin.text,
        num_classes=len(folder.images.classes),
        train_examples=folder.count(TRAIN),
        val_examples=folder.count(VAL),
        test_examples=len(splits.test_labels),
        shape=tuple(folder.images.images.shape[1:]),
        fingerprint=with_labels(folder.fingerprint, splits) if origin.changes else folder.fingerprint,
        class_names=folder.images.classes,
        counts=_counts(splits),
        notes=_told(origin, *folder.notes, *splits.notes, *_group_notes(folder.groups())),
        paths=folder.paths(),
        left_out=tuple(broken.name for broken in folder.images.broken),
        groups=groups.digest if (groups := folder.groups()) else "",
    )


def of_splits(origin: Origin, splits: "Splits", groups: "Groups | None", data_dir: Path | None) -> Description:
    """What is known of a data set that is no folder."""
    if origin.kind == CATALOGUE:
        hashed = DATASETS[origin.target].hash_arrays
        return of_catalogue(origin.target, hash_of(splits) if hashed else fingerprint(origin.target, data_dir))
    return Description(
        name=origin.text,
        num_classes=len(splits.classes),
        train_examples=len(splits.train_labels),
        val_examples=0 if splits.val_labels is None else len(splits.val_labels),
        test_examples=len(splits.test_labels),
        shape=tuple(splits.train_images.shape[1:]),
        fingerprint=hash_of(splits),
        class_names=splits.classes,
        counts=_counts(splits),
        label_map=splits.label_map,
        notes=_notes(origin, splits, groups),
        annotators=_annotators(splits),
        paths=splits.names,
        groups=groups.digest if groups else "",
    )


def _counts(splits: "Splits") -> dict[str, tuple[int, ...]]:
    from lsbench.data.splits import count_labels

    parts = {"train": splits.train_labels, "held_out": splits.val_labels, "test": splits.test_labels}
    return {part: count_labels(labels, len(splits.classes)) for part, labels in parts.items()}


def hash_of(splits: "Splits") -> str:
    """16 hex digits of images and labels, and of what the labels stand for."""
    from lsbench.data.splits import hash_splits

    digest = hash_splits(splits)
    if splits.label_map:  # the same numbers stand for something else
        digest = sha256(f"{digest} {splits.label_map!r}".encode()).hexdigest()[:16]
    return digest


def _notes(origin: Origin, splits: "Splits", groups: "Groups | None") -> tuple[str, ...]:
    from lsbench.data.labels import describe_map

    notes = [describe_map(quoted(origin.text), splits.label_map)] if splits.label_map else []
    if splits.train_votes is not None:
        from lsbench.data.votes import disagreement_text

        notes.append(disagreement_text(quoted(origin.text), splits.train_votes.how, _annotators(splits)))
    return *notes, *_told(origin, *splits.notes, *_group_notes(groups))


def _told(origin: Origin, *notes: str) -> tuple[str, ...]:
    return tuple(f"data set {quoted(origin.text)}: {note}" for note in notes)


def _annotators(splits: "Splits") -> dict[str, Any]:
    if splits.train_votes is None:
        return {}
    from lsbench.data.votes import disagreement_of

    return disagreement_of(splits.train_votes)


def _group_notes(groups: "Groups | None") -> tuple[str, ...]:
    return (groups.told(),) if groups else ()
