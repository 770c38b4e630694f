import signal
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from long_commands import LongCommand, from_position
from long_commands import commands as module


class Terminal(StringIO):
    def isatty(self):
        return True


class Command(LongCommand):
    """Go through people in batches of two; `act` is called after each batch."""

    act = staticmethod(lambda: None)

    def run(self, **options):
        for batch in self.batches(get_user_model().objects.all(), 2):
            self.counts["read"] += len(batch)
            self.act()

    def summary(self):
        return f"{self.counts['read']} read."


@pytest.fixture
def people(db):
    return [get_user_model().objects.create(username=f"person{number}") for number in range(3)]


def run(command, output=None, **options):
    output = output or StringIO()
    call_command(command, stdout=output, **options)
    return output.getvalue()


def test_command_prints_last_line_and_summary(people):
    progress, summary = run(Command()).splitlines()
    assert progress.endswith(f"3 of 3, up to {get_user_model()._meta.label}:{people[-1].pk}")
    assert summary == "3 read."


def test_command_is_quiet_at_verbosity_0(people):
    assert run(Command(), verbosity=0) == ""


def test_terminal_shows_a_bar(people):
    output = run(Command(), Terminal())
    assert f"[{'#' * 20:<30}] 2 of 3" in output
    assert f"[{'#' * 30}] 3 of 3\n" in output


def test_lines_are_printed_now_and_then(people, monkeypatch):
    monkeypatch.setattr(module, "PROGRESS_SECONDS", 0)
    assert "2 of 3" in run(Command())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_with_status_130(people, number):
    before = signal.getsignal(number)
    command, output = Command(), StringIO()
    command.act = lambda: signal.raise_signal(number)
    with pytest.raises(SystemExit) as stopped:
        run(command, output)
    assert stopped.value.code == 130
    assert output.getvalue() == "\nStopped. Start again to go on.\n2 read.\n"
    assert signal.getsignal(number) is before


def test_position_names_model_and_key(people):
    model = get_user_model()
    assert from_position([model], "") == [(model, None)]
    label = model._meta.label
    assert from_position([model], f"{label}:{people[1].pk}") == [(model, people[1].pk)]
    with pytest.raises(CommandError, match=f"Positions are: {label}:<key>"):
        from_position([model], f"{label}:x")
