import signal
import threading

import pytest

from lsbench.workers.held_signals import held_signals


class Told(BaseException):
    pass


@pytest.fixture
def tells():
    """Handlers as the command line has them: they raise."""

    def tell(number, _):
        raise Told(number)

    before = {number: signal.signal(number, tell) for number in (signal.SIGINT, signal.SIGTERM)}
    yield tell
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_until_it_may_be_raised(tells, number):
    with held_signals() as signals:
        signals.raise_pending()
        signal.raise_signal(number)
        with pytest.raises(Told) as caught:
            signals.raise_pending()
    assert caught.value.args == (number,)
    assert signal.getsignal(number) is tells


def test_somebody_elses_handler_in_between_is_put_aside(tells):
    with held_signals() as signals:
        signal.signal(signal.SIGTERM, lambda *_: pytest.fail("Ray's own"))
        signals.hold()
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(Told):
            signals.raise_pending()
    assert signal.getsignal(signal.SIGTERM) is tells


def test_a_second_signal_is_not_held_back(tells):
    with held_signals() as signals:
        signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
        with pytest.raises(Told):
            signals.raise_pending()


def test_other_threads_have_no_signals_to_hold(tells):
    found = []

    def run():
        with held_signals() as signals:
            signals.raise_pending()
        found.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [True]
