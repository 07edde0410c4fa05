"""Text from a results folder is data: nothing in it may steer a terminal or a spreadsheet."""

FORMULA = ("=", "+", "-", "@")  # how a spreadsheet knows one


def printable(text: str) -> str:
    """The text with control characters written out."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def plain_field(value: object) -> object:
    """A CSV field that no spreadsheet takes for a formula; anything but text is left alone."""
    if not isinstance(value, str):
        return value
    return "'" + printable(value) if value.startswith(FORMULA) else printable(value)
