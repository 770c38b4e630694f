import pytest
from django.contrib.auth.models import Group, Permission

from accounts import roles
from accounts.tests.factories import ModeratorFactory, SuperuserFactory, UserFactory

pytestmark = pytest.mark.django_db


def held(role):
    return {f"{p.content_type.app_label}.{p.codename}" for p in role.permissions.all()}


def test_role_has_permissions_of_settings(settings):
    role = roles.group(roles.MEMBERS)
    role.permissions.add(Permission.objects.get(codename="delete_user"))
    settings.ROLE_PERMISSIONS = {"Members": ["accounts.view_user"], "Moderators": []}
    roles.sync_roles()
    assert held(role) == {"accounts.view_user"}
    assert Group.objects.filter(name="Moderators").exists()


def test_a_missing_role_is_made_with_its_permissions(settings):
    Group.objects.all().delete()
    assert held(roles.group(roles.MODERATORS)) == set(settings.ROLE_PERMISSIONS["Moderators"])


def test_moderators_are_staff_as_long_as_they_moderate():
    person = ModeratorFactory()
    assert person.is_staff
    person.groups.remove(roles.group(roles.MODERATORS))
    assert not person.is_staff


@pytest.mark.parametrize("leave", ["remove", "clear", "set"])
def test_group_side_changes_sync_staff(leave, ana):
    moderators = roles.group(roles.MODERATORS)
    moderators.user_set.add(ana)
    ana.refresh_from_db()
    assert ana.is_staff
    {
        "remove": lambda: moderators.user_set.remove(ana),
        "clear": moderators.user_set.clear,
        "set": lambda: moderators.user_set.set([]),
    }[leave]()
    ana.refresh_from_db()
    assert not ana.is_staff


def test_superusers_stay_staff_without_any_group():
    person = SuperuserFactory()
    person.groups.clear()
    person.refresh_from_db()
    assert person.is_staff


def test_sync_removes_stray_staff_access():
    person = UserFactory()
    type(person).objects.filter(pk=person.pk).update(is_staff=True)
    roles.sync_roles()
    person.refresh_from_db()
    assert not person.is_staff
