"""The order of classes that have names."""


def by_number_or_name(name: str) -> tuple[int, int, str]:
    """What classes are sorted by: names of digits alone by their number, before the others, which sort as text."""
    is_number = name.isascii() and name.isdigit()
    return (0, int(name), name) if is_number else (1, 0, name)
