"""How what held-out predictions say of the labels is worded, listed and drawn up."""

import json
from dataclasses import replace

from lsbench.names.encoding import json_text
from lsbench.noise.pooled import PooledNoise, Refused
from lsbench.report.contradicted import contradicted_json, contradicted_table, contradicted_text

TOLD = PooledNoise(
    contradicted=0.213, low=0.201, high=0.2394, count=6000, accuracy=0.779, majority=0.6, surest=0.2,
    matrix=((0.8, 0.2), (0.25, 0.75)), joint=((3200.0, 500.0), (800.0, 1500.0)), arms=("gce",), trainings=5,
)  # fmt: skip
REFUSED = Refused("the reason", 800, 0.431, 0.4)
FORBIDDEN = ("wrong labels at", "labels are wrong.", "bound", "at most", "at least")


def test_the_share_has_its_interval_its_number_and_the_models_accuracy_beside_it():
    assert contradicted_text(TOLD) == (
        "Held-out predictions contradict 21.3 % [20.1, 23.9] of 6,000 training labels and 20.0 % of those that they are"
        " surest of: wrong labels and the model's own mistakes together; wrong labels that a model can learn are not "
        "among them. Their accuracy against the given labels is 77.9 %."
    )


def test_a_weak_model_has_no_share_and_a_reason():
    assert contradicted_text(REFUSED) == (
        "How many training labels are wrong can't be told from held-out predictions (800 labels; accuracy against the "
        "given labels 43.1 %): the reason."
    )
    values = contradicted_json(REFUSED)
    assert (values["rate"], values["refused"], values["accuracy"]) == (None, "the reason", 0.431)


def test_no_text_calls_it_the_share_of_wrong_labels_or_a_bound():
    texts = [contradicted_text(told) for told in (TOLD, REFUSED, replace(TOLD, is_pooled=False))]
    assert not [word for text in texts for word in FORBIDDEN if word in text]


def test_classes_that_are_left_out_have_their_names():
    some = replace(TOLD, left_out=((1, 3),))
    assert "Classes with fewer than 10 held-out examples are left out: dog (3)." in contradicted_text(
        some, ("cat", "dog")
    )
    assert "left out: 1 (3)." in contradicted_text(some, ("cat", "dog", "a third that no matrix has"))


def test_what_rows_said_one_by_one_is_said_to_be_a_mean():
    text = contradicted_text(replace(TOLD, is_pooled=False, surest=None, joint=None))
    assert "mean of what 5 trainings said one by one" in text
    assert "surest" not in text


def test_the_matrix_has_class_names_and_counts():
    table = contradicted_table(TOLD, ("cat", "dog"))
    assert table.header == ("believed", "labels believed", "cat", "dog")
    assert [[entry.text for entry in line] for line in table.lines] == [
        ["cat", "4,000", "80.0", "20.0"],
        ["dog", "2,000", "25.0", "75.0"],
    ]
    without = contradicted_table(replace(TOLD, joint=None), ("cat", "dog"))
    assert without.header == ("believed", "cat", "dog")


def test_of_many_classes_the_largest_confusions_are_shown():
    line = [0.5, 0.5, *[0.0] * 11]
    many = replace(TOLD, matrix=tuple(tuple(line[-i:] + line[:-i]) for i in range(13)), joint=None)
    table = contradicted_table(many)
    assert len(table.lines) == 20
    assert table.header == ("believed", "given", "%")


def test_the_json_has_the_same_names_for_a_share_and_for_none():
    told, refused = (json.loads(json_text([contradicted_json(one)]))[0] for one in (TOLD, REFUSED))
    assert told.keys() == refused.keys()
    assert (told["rate"], told["low"], told["high"], told["refused"]) == (0.213, 0.201, 0.2394, None)
