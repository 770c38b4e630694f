"""Roles: groups that hold exactly the permissions that `ROLE_PERMISSIONS` gives them."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

MEMBERS = "Members"
MODERATORS = "Moderators"


def group(name):
    """Return the group of the role `name`, made and given its permissions where missing."""
    role, created = Group.objects.get_or_create(name=name)
    if created:
        _give_permissions(role)
    return role


@transaction.atomic
def sync_roles():
    """Give each role exactly its permissions, and staff access to moderators alone."""
    for name in settings.ROLE_PERMISSIONS:
        role, _created = Group.objects.get_or_create(name=name)
        _give_permissions(role)
    sync_staff(get_user_model().objects.all())


def sync_staff(people):
    """Bring `is_staff` of `people` in step with the Moderators group; superusers stay staff."""
    through = get_user_model().groups.through
    moderates = Exists(through.objects.filter(user=OuterRef("pk"), group__name=MODERATORS))
    staff = Q(is_superuser=True) | Q(moderates)
    people.filter(staff, is_staff=False).update(is_staff=True)
    people.filter(~staff, is_staff=True).update(is_staff=False)


def _give_permissions(role):
    wanted = Q(pk__in=[])
    for permission in settings.ROLE_PERMISSIONS.get(role.name, ()):
        app_label, codename = permission.split(".")
        wanted |= Q(content_type__app_label=app_label, codename=codename)
    role.permissions.set(Permission.objects.filter(wanted))
