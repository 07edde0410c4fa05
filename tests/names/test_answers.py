"""How a person's answer is written, and read back."""

import random
from itertools import combinations

import pytest

from lsbench.errors import InputError
from lsbench.names.answers import Answer, read_answer, spell
from tests.in_turn import in_turn

HOSTILE = [
    "cat",
    "?",
    "?can't tell",
    "\\",
    "\\cat",
    "a|b",
    "a\\|b",
    "=1+1",
    "-1",
    "7",
    "Cat",
    "caf\udce9",
    'x,"y"',
    "ü",
]


def test_every_answer_is_read_back_as_it_was_meant():
    answers = [Answer(some) for k in (0, 1, 2, 3) for some in combinations(range(len(HOSTILE)), k)]
    assert [read_answer(spell(one, HOSTILE), HOSTILE) for one in answers] == answers
    cannot_tell = Answer(tuple(range(len(HOSTILE))), cannot_tell=True)
    assert read_answer(spell(cannot_tell, HOSTILE), HOSTILE) == cannot_tell


def test_made_names_are_read_back_too():
    draw = random.Random(0)
    for _ in range(200):
        names = list({"".join(draw.choices("aA?\\|=;", k=draw.randint(1, 4))) for _ in range(6)})
        answers = [Answer((k,)) for k in range(len(names))] + [Answer((0, 1))] * (len(names) > 1)
        assert [read_answer(spell(one, names), names) for one in answers] == answers


@in_turn(
    "text, classes",
    [
        ("dog", (1,)),
        (" DOG ", (1,)),
        ("3.0", (2,)),
        ("?", (0, 1, 2)),
        ("?can’t tell", (0, 1, 2)),
        ("?Cannot tell", (0, 1, 2)),
        ("?none of these", ()),
        ("?more than one:3| dog", (1, 2)),
    ],
)
def test_what_people_and_spreadsheets_make_of_it_is_understood(text, classes):
    assert read_answer(text, ["cat", "dog", "3"]).classes == classes


@in_turn(
    "text, said",
    [
        ("dgo", "did you mean 'dog'"),
        ("42", "the classes are 'cat', 'dog', 'DOG'"),
        ("unsure", "other answers are \"?can't tell\", '?none of these' and '?more than one:A|B'"),
        ("Dog", "is no class"),  # there are dog and DOG
        ("?more than one:cat", "names 1 class"),
        ("?maybe", "begin with ?"),
    ],
)
def test_what_is_no_class_is_refused(text, said):
    with pytest.raises(InputError) as error:
        read_answer(text, ["cat", "dog", "DOG"])
    assert said in str(error.value)


def test_an_answer_is_a_label_where_it_is_one_class():
    assert [one.label for one in (Answer((2,)), Answer((0, 1)), Answer(()), Answer((0,), cannot_tell=True))] == [
        2,
        None,
        None,
        None,
    ]
