import pytest
from django.db import OperationalError, connection, transaction

from transactions import atomically


class Deadlock(Exception):
    sqlstate = "40P01"


class Failing:
    """A function that raises `errors`, one for each call, before it returns."""

    def __init__(self, *errors):
        self.errors, self.calls = list(errors), 0

    def __call__(self):
        self.calls += 1
        assert connection.in_atomic_block
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def deadlock():
    error = OperationalError("deadlock detected")
    error.__cause__ = Deadlock()
    return error


def run(function):
    return atomically(lambda: function())()


@pytest.mark.django_db(transaction=True)
def test_deadlock_is_repeated():
    function = Failing(deadlock(), deadlock())
    assert run(function) == "done"
    assert function.calls == 3


@pytest.mark.django_db(transaction=True)
def test_fifth_deadlock_is_raised():
    function = Failing(*(deadlock() for _ in range(9)))
    with pytest.raises(OperationalError):
        run(function)
    assert function.calls == 5


@pytest.mark.django_db(transaction=True)
def test_other_errors_are_raised_at_once():
    function = Failing(OperationalError("disk I/O error"))
    with pytest.raises(OperationalError):
        run(function)
    assert function.calls == 1


@pytest.mark.django_db(transaction=True)
def test_callers_transaction_is_not_repeated():
    function = Failing(deadlock())
    with pytest.raises(OperationalError), transaction.atomic():
        run(function)
    assert function.calls == 1
