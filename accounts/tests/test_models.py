from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Block
from accounts.tests.factories import (
    PASSWORD,
    SuspendedUserFactory,
    UnconfirmedUserFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
Person = get_user_model()


@pytest.mark.parametrize("username", ["", "1ana", ".ana", "a na", "ana@example.com", "a" * 65, "é"])
def test_a_username_outside_the_rule_is_refused(username):
    with pytest.raises(ValidationError):
        Person(username=username, email="ana@example.com", password="x").full_clean()


@pytest.mark.parametrize("username", ["a", "A_b.9", "a" * 64])
def test_a_username_within_the_rule_is_accepted(username):
    Person(username=username, email="ana@example.com", password="x").full_clean()


@pytest.mark.parametrize("field", [{"username": "ANA"}, {"email": "ANA@example.com"}])
def test_the_database_refuses_what_differs_only_in_case(ana, field):
    with pytest.raises(IntegrityError):
        Person.objects.create(**{"username": "other", "email": "o@example.com", **field})


def test_case_variant_is_invalid(ana):
    with pytest.raises(ValidationError, match="This username is taken"):
        Person(username="ANA", email="other@example.com", password="x").full_clean()


def test_many_people_may_have_no_address():
    Person.objects.create(username="one")
    Person.objects.create(username="two")


def test_visible_excludes_unconfirmed_and_suspended(ana):
    UnconfirmedUserFactory()
    SuspendedUserFactory()
    UserFactory(is_active=False)
    over = SuspendedUserFactory(suspended_until=timezone.now() - timedelta(minutes=1))
    assert set(Person.objects.visible()) == {ana, over}
    assert over.is_visible


def test_people_are_found_by_name_in_any_case(ana):
    assert Person.objects.named("ANA").get() == ana
    assert not Person.objects.named("an\x00a").exists()


def test_a_suspension_needs_a_start():
    with pytest.raises(IntegrityError):
        Person.objects.create(username="ana", suspended_until=timezone.now())


def test_createsuperuser_makes_a_confirmed_person_like_any_other(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    options = {"username": "Root", "email": "Root@Example.com", "interactive": False}
    call_command("createsuperuser", verbosity=0, **options)
    root = Person.objects.get(username="Root")
    assert root.email == "root@example.com"
    assert (root.is_superuser, root.is_staff, root.is_confirmed) == (True, True, True)
    assert root.groups.filter(name="Members").exists()
    assert root.emailaddress_set.get().verified
    assert root.check_password(PASSWORD)


@pytest.mark.parametrize(
    "options",
    [
        {"username": "ANA", "email": "root@example.com"},
        {"username": "root", "email": "ANA@example.com"},
        {"username": "1root", "email": "root@example.com"},
        {"username": "root", "email": ""},
    ],
)
def test_createsuperuser_says_what_is_wrong(ana, options, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    with pytest.raises(CommandError):
        call_command("createsuperuser", interactive=False, verbosity=0, **options)
    assert Person.objects.count() == 1


def test_the_database_keeps_blocks_unique_and_of_others():
    ana, ben = UserFactory(), UserFactory()
    Block.objects.create(blocker=ana, blocked=ben)
    for pair in ({"blocker": ana, "blocked": ben}, {"blocker": ana, "blocked": ana}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Block.objects.create(**pair)


def test_a_block_stands_between_two_whoever_made_it():
    ana, ben, cleo = UserFactory(), UserFactory(), UserFactory()
    Block.objects.create(blocker=ana, blocked=ben)
    assert Block.objects.between(ana, ben).exists()
    assert Block.objects.between(ben, ana).exists()
    assert not Block.objects.between(ana, cleo).exists()
    assert Block.objects.counterpart_ids(ana) == {ben.pk}
    assert Block.objects.counterpart_ids(ben) == {ana.pk}
    assert Block.objects.counterpart_ids(cleo) == set()
