"""Cases of one property as one test: thousands that pytest collects one by one cost it half a minute."""

import functools
import inspect


def in_turn(names, values):
    """As `pytest.mark.parametrize`, but the cases are run in turn, in one test; the first that fails is named.

    For cases that are quick and share no fixture which they change.
    """
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    values = list(values)

    def mark(test):
        @functools.wraps(test)
        def in_each_case(**others):
            for value in values:
                case = dict(zip(names, value if len(names) > 1 else [value], strict=True))
                try:
                    test(**others, **case)
                except BaseException as error:
                    error.add_note(f"the case: {', '.join(f'{name} = {value!r}' for name, value in case.items())}")
                    raise

        signature = inspect.signature(test)
        left = [parameter for name, parameter in signature.parameters.items() if name not in names]
        in_each_case.__signature__ = signature.replace(parameters=left)
        return in_each_case

    return mark
