import numpy as np
import pytest
import torch

from lsbench.data.augment import Augmentation
from lsbench.training.batches import Batch, Examples, Mixture
from lsbench.training.epoch_draws import ahead


def examples(seeds=(0, 1, 0), augment=None):
    images = torch.arange(40.0).reshape(20, 1, 1, 2)
    indices = torch.stack([torch.arange(20).roll(seed)[:12] for seed in seeds])
    return Examples(images, torch.arange(20).repeat(len(seeds), 1), indices, seeds, augment)


class Noisy:
    def draw(self, shape, generator):
        return torch.rand(shape[0], 1, generator=generator)

    def apply(self, images, drawn):
        return images + drawn.view(-1, 1, 1, 1)


noisy = Augmentation((Noisy(),))


def epoch(data, size=5, mixup=None):
    return list(map(data.batch, next(data.epochs(size, mixup)).batches(size)))


def test_a_batch_holds_images_labels_and_their_numbers():
    data = examples()
    batches = epoch(data)
    assert [batch.labels.shape for batch in batches] == [(3, 5), (3, 5), (3, 2)]
    for batch in batches:
        assert torch.equal(batch.images, data.images[batch.index])
        assert torch.equal(batch.labels, batch.index)


def test_neighbours_of_one_seed_share_their_images():
    for data in (examples((2, 2, 0)), examples((2, 2, 0), noisy)):
        apart = epoch(examples((2, 0, 2), data.augment))
        for batch, other in zip(epoch(data), apart, strict=True):
            assert (batch.runs, other.runs) == ((2, 1), (1, 1, 1))
            assert torch.equal(batch.images, other.images[:2])


def test_cells_of_one_seed_see_the_same_augmented_images():
    for batch in epoch(examples(augment=noisy)):
        assert torch.equal(batch.images[0], batch.images[2])
        assert not torch.equal(batch.images[0] - batch.index[0].view(-1, 1, 1, 1) * 2, batch.images[1])


def test_a_cell_sees_the_same_augmented_images_alone_and_in_a_stack():
    together, alone = epoch(examples((3, 1), noisy)), epoch(examples((1,), noisy))
    for both, one in zip(together, alone, strict=True):
        assert torch.equal(both.images[1], one.images[0])


def test_augmentation_goes_on_from_epoch_to_epoch():
    first, second = (draws.augment[0].sort(1).values for draws in examples((0,), noisy).epochs(12, count=2))
    assert not torch.equal(first, second)


def batch(cells=2, size=6):
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(cells, size, 1, 2, 2, generator=generator)
    labels = torch.randint(3, (cells, size), generator=generator)
    return Batch(images, labels, labels)


def test_a_mixture_is_a_share_of_each_image_and_of_its_partner():
    mixed_batch = epoch(examples((0, 1)), mixup=0.4)[1]
    mixture = mixed_batch.mixture
    mixed = mixture.images(mixed_batch.images)
    for cell in range(2):
        for i, partner in enumerate(mixture.partner[cell].tolist()):
            share = mixture.share[cell]
            expected = share * mixed_batch.images[cell, i] + (1 - share) * mixed_batch.images[cell, partner]
            torch.testing.assert_close(mixed[cell, i], expected)


def test_a_mixed_loss_is_that_of_both_labels():
    plain = batch()
    mixture = Mixture(torch.tensor([[0.25], [1.0]]), torch.tensor([[1, 0, 2, 3, 4, 5]] * 2))
    losses = mixture.losses(lambda labels: labels.float(), plain.labels)
    first = plain.labels[0].float()
    torch.testing.assert_close(
        losses[0, :2], torch.stack([0.25 * first[0] + 0.75 * first[1], 0.25 * first[1] + 0.75 * first[0]])
    )
    assert torch.equal(losses[1], plain.labels[1].float())


@pytest.mark.parametrize("alpha", [0.2, 1.0, 8.0])
def test_shares_have_the_beta_distributions_moments(alpha):
    shares = np.concatenate([draws.share[0] for draws in examples((0,)).epochs(1, alpha, 170)])  # 2,040 of them
    sd = np.sqrt(1 / (4 * (2 * alpha + 1)))
    assert abs(shares.mean() - 0.5) < 4 * sd / np.sqrt(len(shares))
    assert abs(shares.std() - sd) < 0.1 * sd


def test_a_batch_has_one_share_and_partners_of_its_own():
    for first, second in zip(*(epoch(examples((0, 1, 0)), mixup=0.4) for _ in range(2)), strict=True):
        share, partner = first.mixture
        assert share.shape == (3, 1)
        assert torch.equal(partner.sort(1).values, torch.arange(first.index.shape[1]).expand(3, -1))
        assert torch.equal(share[0], share[2])
        assert torch.equal(partner[0], partner[2])
        assert torch.equal(share, second.mixture.share)
        assert torch.equal(partner, second.mixture.partner)


def test_what_a_thread_draws_ahead_is_what_is_drawn_in_turn():
    def failing():
        yield 1
        raise KeyError("in the thread")

    assert list(ahead(iter(range(5)))) == list(range(5))
    items = ahead(failing())
    assert next(items) == 1
    with pytest.raises(KeyError, match="in the thread"):
        next(items)


def test_columns_of_an_epoch_are_cut_by_numbers_or_by_places():
    draws = next(examples((2, 2, 0), noisy).epochs(5, 0.4))
    assert draws.tensors()[0] is draws.order
    for cut, taken in zip(draws.between(3, 7).tensors(), draws.at(torch.arange(3, 7)).tensors(), strict=True):
        assert torch.equal(cut, taken)
