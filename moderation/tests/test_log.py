from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.services import delete_person
from accounts.staff import StaffAction, log_action
from accounts.tests.factories import SuperuserFactory
from moderation import log
from moderation.models import LogHead, LogRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def five(ana, mo):
    """Log five staff actions of a moderator."""
    for number in range(5):
        log_action(by=mo, target=ana, action=StaffAction.EDITED, reason=f"Reason {number}.")


def problems():
    return [str(problem) for problem in log.check()]


def test_record_has_all_fields(ana, mo):
    changes = {"name": ["Ana", "Anna"]}
    log_action(by=mo, target=ana, action=StaffAction.EDITED, reason="A typo.", changes=changes)
    record = LogRecord.objects.get()
    assert (record.staff_id, record.staff_name, record.act) == (mo.pk, "mo", "edited")
    assert (record.thing_type, record.thing_id) == ("accounts.user", str(ana.pk))
    assert (record.changes, record.reason) == (changes, "A typo.")


def test_admin_entries_are_logged(client):
    client.force_login(SuperuserFactory())
    client.post("/admin/auth/group/add/", {"name": "Gardeners"})
    assert Group.objects.filter(name="Gardeners").exists()
    record = LogRecord.objects.get()
    assert (record.act, record.thing_text) == ("added", "Gardeners")


def test_record_outlives_staff_and_target(five, ana, mo):
    delete_person(ana)
    delete_person(mo)
    assert not LogEntry.objects.exists()
    assert LogRecord.objects.filter(staff_name="mo").count() == 5
    assert problems() == []


def test_an_untouched_log_has_no_problems(five):
    assert problems() == []


def test_an_empty_log_has_none_either(db):
    assert problems() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("staff_name", "somebody"),
        ("staff_id", 0),
        ("act", "hidden"),
        ("reason", "Another."),
        ("thing_id", "0"),
        ("thing_text", "else"),
        ("changes", {"name": ["", "x"]}),
        ("hash", "0" * 64),
        ("previous_hash", "0" * 64),
    ],
)
def test_a_changed_record_is_found(five, field, value):
    LogRecord.objects.filter(position=3).update(**{field: value})
    assert "record 3 is changed" in problems()


@pytest.mark.parametrize("position", [1, 3, 5])
def test_a_missing_record_is_found(five, position):
    LogRecord.objects.filter(position=position).delete()
    assert f"record {position} is missing" in problems()


def test_missing_records_are_one_problem(five):
    LogRecord.objects.filter(position__in=[2, 3, 4]).delete()
    assert "records 2 to 4 are missing" in problems()


def test_an_emptied_log_is_found(five):
    LogRecord.objects.all().delete()
    assert problems() == ["records 1 to 5 are missing"]


def test_its_end_lost_nobody_is_kept_from_acting(five, ana, mo):
    LogHead.objects.all().delete()
    log_action(by=mo, target=ana, action=StaffAction.EDITED, reason="After.")
    assert LogRecord.objects.count() == LogHead.objects.get().position == 6
    assert problems() == []


@pytest.mark.parametrize("position", [6, 10**15])
def test_record_inserted_at_end_is_found(five, position):
    record = LogRecord.objects.get(position=5)
    record.pk = position
    record.save(force_insert=True)
    assert problems() == [f"record {position} is inserted"]


def test_replaced_record_is_found(five):
    record = LogRecord.objects.get(position=2)
    LogRecord.objects.filter(position=3).delete()
    record.pk = 3
    record.save(force_insert=True)
    assert "record 3 is changed" in problems()


def test_records_that_change_places_are_found(five):
    one, two = LogRecord.objects.get(position=2), LogRecord.objects.get(position=3)
    LogRecord.objects.filter(position__in=[2, 3]).delete()
    one.pk, two.pk = 3, 2
    one.save(force_insert=True)
    two.save(force_insert=True)
    assert {"record 2 is changed", "record 3 is changed"} <= set(problems())


def test_restored_log_needs_expected_hash(five):
    noted = LogHead.objects.get().hash
    before = LogRecord.objects.get(position=4).hash
    LogRecord.objects.filter(position=5).delete()
    LogHead.objects.update(position=4, hash=before)
    assert problems() == []
    with pytest.raises(CommandError):
        call_command("check_moderation_log", expect=noted, stderr=StringIO(), verbosity=0)


def test_an_earlier_secret_still_fits(five, settings):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new secret"
    assert problems() == []
    settings.SECRET_KEY_FALLBACKS = []
    assert len(problems()) == 5


@given(
    texts=st.lists(
        st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40),
        min_size=1,
        max_size=5,
    )
)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.slow
def test_any_values_keep_valid_hash(ana, mo, texts):
    for text in texts:
        log_action(
            by=mo,
            target=ana,
            action=StaffAction.EDITED,
            reason=text,
            changes={"name": [text, text]},
        )
    assert problems() == []


class TestCommand:
    def test_command_prints_count_and_hash(self, five):
        output = StringIO()
        call_command("check_moderation_log", stdout=output)
        assert "5 records were read; all fit." in output.getvalue()
        assert LogHead.objects.get().hash in output.getvalue()

    def test_it_fails_and_names_what_does_not_fit(self, five):
        LogRecord.objects.filter(position=3).update(reason="Another.")
        errors = StringIO()
        with pytest.raises(CommandError, match="5 records were read; 1 problem"):
            call_command("check_moderation_log", stderr=errors)
        assert "record 3 is changed." in errors.getvalue()
