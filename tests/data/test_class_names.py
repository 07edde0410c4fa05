from lsbench.data.class_names import class_name_doubts


def test_classes_that_are_one_but_for_how_they_are_written_are_doubted():
    (told,) = class_name_doubts(["Cat", "cat", " t shirt", "T  Shirt", "dog"])
    assert told.startswith("classes 'Cat' and 'cat', ' t shirt' and 'T  Shirt' differ by capitals or spaces alone")
    assert class_name_doubts(["-1", "1", "1.5", "15", "café", "cafe", "t-shirt", "t shirt"]) == ()


def test_classes_that_are_no_label_are_doubted():
    (told,) = class_name_doubts(["cat", "NaN", "null"])
    assert told == "classes 'NaN', 'null' may stand for missing labels; if they do, leave these examples out"
    assert class_name_doubts(["none", "unknown", "nano"]) == ()  # classes of many data sets
