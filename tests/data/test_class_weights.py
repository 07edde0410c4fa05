"""A file of class weights: the forms that are read, and what is refused."""

import pytest

from lsbench.data.class_weights import read_class_weights
from lsbench.errors import InputError
from tests.in_turn import in_turn

PETS = ("cat", "dog", "3")
NUMBERS = ("0", "1", "2")


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "w.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@in_turn(
    ("text", "class_names"),
    [
        ("class,weight\ndog,2\n3,0\ncat,1\n", PETS),
        ("dog;2\n\n3;0\ncat;1", PETS),
        ("\ufeffClass\tWeight\ncat\t1\ndog\t2\n3\t0e0\n", PETS),
        ('"dog", 2\n"3",0\n cat ,1\n', PETS),
        ("1\n2\n0\n", PETS),
        ("1,2,0\n", PETS),
        ("2,0\n0,1\n1,2\n", NUMBERS),
        ("2,0\n0,1\n1,2\n", ("cat", "dog", "mouse")),
    ],
)
def test_weights_are_read_in_the_order_of_the_classes(written, text, class_names):
    assert read_class_weights(written(text), class_names).tolist() == [1.0, 2.0, 0.0]


def test_two_classes_may_stand_in_one_line_or_in_two(written):
    for text in ("0.25,4", "0.25\n4", "0,0.25\n1,4", "class,weight\n1,4\n0,0.25"):
        assert read_class_weights(written(text), ("0", "1")).tolist() == [0.25, 4.0]


@in_turn(
    ("text", "said"),
    [
        ("", "holds no class weights; write a line CLASS,WEIGHT for each class"),
        ("class,weight\n", "holds no class weights"),
        ("1\n2\n", "must hold a weight for each of 3 classes, got 2"),
        ("1,2,3,4\n", "must hold a weight for each of 3 classes, got 4"),
        ("cat,1\ndog,2\n", "has no weight for '3'"),
        ("cat,1\ndog,2\nmouse,1\n", "line 3: no class 'mouse'; the classes are 'cat', 'dog', '3'"),
        ("cat,1\ndog,2\n3,1\ndog,2\n", "line 4: class 'dog' has two weights"),
        ("0,1\n1,1\n2,1\n", "line 1: no class '0'"),  # a class is called 3, so that numbers are names
        ("cat,1\ndog,heavy\n3,1\n", "line 2: a weight must be a finite number of at least 0, got 'heavy'"),
        ("cat,1\ndog,-1\n3,1\n", "got '-1'"),
        ("1\nnan\n1\n", "line 2: a weight must be a finite number of at least 0, got 'nan'"),
        ("1\ninf\n1\n", "got 'inf'"),
        ("cat,1\ndog,2,3\n3,1\n", "line 2: a class and a weight are expected, got 3"),
        ("cat,1\ndog\n3,1\n", "line 2: a class and a weight are expected, got 1"),
        ("cat,\ndog,1\n3,1\n", "line 1: a weight must be a finite number of at least 0, got ''"),
        ("0\n0\n0\n", "the weight of every class is 0; at least one must be above 0"),
        (b"\x00\xff\xfe\x93NUMPY", "a weight must be a finite number"),
        ('cat,"1\n2\n', "has no class weights|must be|expected"),
    ],
)
def test_what_is_no_weight_for_each_class_is_refused_in_a_sentence(written, text, said):
    with pytest.raises(InputError, match=said):
        read_class_weights(written(text), PETS)


def test_a_file_that_is_not_there_is_said_before_anything_is_trained(lsbench):
    ask = ("plan", "--dataset", "blobs", "--model", "linear", "--class-weights")
    assert lsbench(*ask, "balanced")[0] == 0
    for word in ("balancd", ".", ""):
        code, _, err = lsbench(*ask, word)
        assert code == 2
        assert len(err.strip().splitlines()) == 1, err
        assert ("class weights are none or balanced, or a file of one per class" in err) or word == ""
