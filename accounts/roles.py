"""Roles: groups with exactly the permissions in `ROLE_PERMISSIONS`."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

MEMBERS = "Members"
MODERATORS = "Moderators"


def group(name):
    """Return the group of the role `name`; create it with its permissions if missing."""
    role, created = Group.objects.get_or_create(name=name)
    if created:
        _give_permissions(role)
    return role


@transaction.atomic
def sync_roles():
    """Set the permissions of each role, and staff access for moderators only."""
    for name in settings.ROLE_PERMISSIONS:
        role, _created = Group.objects.get_or_create(name=name)
        _give_permissions(role)
    sync_staff(get_user_model().objects.all())


def sync_staff(people):
    """Set `is_staff` of `people` by membership in Moderators; superusers stay staff."""
    through = get_user_model().groups.through
    moderates = Exists(through.objects.filter(user=OuterRef("pk"), group__name=MODERATORS))
    staff = Q(is_superuser=True) | Q(moderates)
    people.filter(staff, is_staff=False).update(is_staff=True)
    people.filter(~staff, is_staff=True).update(is_staff=False)


def _give_permissions(role):
    granted = Q(pk__in=[])
    for permission in settings.ROLE_PERMISSIONS.get(role.name, ()):
        app_label, codename = permission.split(".")
        granted |= Q(content_type__app_label=app_label, codename=codename)
    role.permissions.set(Permission.objects.filter(granted))
