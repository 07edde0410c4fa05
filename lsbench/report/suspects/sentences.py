"""What a list of suspicious labels is, and how it may be wrong, in sentences."""

from lsbench.analysis.suspects import TEST, TRAIN, Suspects
from lsbench.names.dataset_name import shown_dataset
from lsbench.names.percent import percent
from lsbench.report.decision import training_text
from lsbench.report.suspects.listing import Listing

WHAT_IT_IS = (
    "Suspicious is not wrong: hard examples stand among the first, too, and wrong labels that a model can learn do not."
)
SUSPICION = (
    "suspicion: 1 minus the mean probability of the given label, from 0 to 1 (one minus cleanlab's self-confidence)."
)
MARGIN = "margin: the probability of the given label minus the largest of another class; below 0 that one is suggested."
DISAGREE = "disagree: share of the networks that predicted the example without having seen it whose answer is another."
SEEDS = "seeds: by how many seeds' networks it was predicted."
PLANTED = (
    "Recall of labels that the run itself made wrong at random. Real mistakes are harder: the recall of these is lower"
    " (.37 where it was .53, in one trial). No precision follows from it."
)
NOT_KNOWN = (
    "What share of the list is wrong is not known; look at some with: lsbench verify {folder} --part train --n 100"
)


def paragraphs(listing: Listing, folder: str) -> list[str]:
    """Whose predictions these are, how many labels they contradict, and what is known of how right the list is."""
    suspects = listing.suspects
    head = f"{shown_dataset(suspects.dataset)}, {suspects.model}: {_whose(suspects)}"
    share = NOT_KNOWN.format(folder=folder) if listing.looked is None else training_text(listing.looked)
    return [f"{head} {_counts(listing)} {WHAT_IT_IS}", share]


def _whose(suspects: Suspects) -> str:
    arms = ", ".join(suspects.arms)
    if suspects.accuracy is None:
        return (
            f"no training example was held out; of test examples, the mean of {suspects.trainings} networks ({arms})."
        )
    return (
        f"predictions of {suspects.trainings} networks that have not seen the example, of the losses that predict"
        f" held-out given labels best ({arms}; {percent(suspects.accuracy)} of these labels)."
    )


def _counts(listing: Listing) -> str:
    """How many labels of each part are contradicted."""
    parts = {part: listing.suspects.rankings(part) for part in listing.by_part}
    told = [
        f"{one.suggesting:,} of {len(one):,} {'test' if part == TEST else 'training'} examples"
        for part, rankings in parts.items()
        for one in rankings
    ]
    return f"Another label is suggested for {' and '.join(told)}.{_never_held_out(listing)}"


def _never_held_out(listing: Listing) -> str:
    """How many training examples have no place on the list, where some are asked for."""
    train, data = listing.suspects.train, listing.description
    missing = data.train_examples + data.val_examples - len(train) if train and TRAIN in listing.by_part else 0
    return f" {missing:,} training examples are on no list, as no network held them out." if missing else ""
