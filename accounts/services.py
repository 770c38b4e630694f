"""Confirming, suspending, blocking and deleting people."""

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from stream_django.feed_manager import feed_manager

from accounts import roles
from accounts.models import Block
from accounts.signals import (
    collecting_lock_targets,
    person_blocked,
    person_suspended,
    person_unsuspended,
)
from accounts.staff import StaffAction, log_action, to_text
from transactions import atomically, lock_rows


@transaction.atomic
def confirm(user):
    """Confirm `user`, whose e-mail address the caller vouches for; later calls change nothing.

    They become a member, get a Stream user, and staff access if ADMIN_EMAILS has their address.
    """
    locked = get_user_model().objects.select_for_update().get(pk=user.pk)
    if locked.is_confirmed:
        user.confirmed_at = locked.confirmed_at
        return user
    address = verify_address(locked)
    user.confirmed_at = timezone.now()
    if address and address.email.lower() in settings.ADMIN_EMAILS:
        user.is_staff = user.is_superuser = True
    user.save(update_fields=["confirmed_at", "is_staff", "is_superuser"])
    user.groups.add(roles.group(roles.MEMBERS))
    create_stream_user(user)
    return user


@transaction.atomic
def create_stream_user(person):
    """Queue the Stream user of a person who never had one."""
    get_user_model().objects.filter(pk=person.pk).update(was_published=True)
    feed_manager.set_user(person)


def verify_address(person):
    """Return the verified primary address of `person`, created from `email` if missing."""
    if not person.email:
        return None
    address, _created = EmailAddress.objects.update_or_create(
        user=person, email=person.email.lower(), defaults={"verified": True, "primary": True}
    )
    return address


@transaction.atomic
def change_email(*, person, email):
    """Replace the addresses of `person` with one that staff vouch for."""
    EmailAddress.objects.filter(user=person).delete()
    person.email = email.lower()
    person.save(update_fields=["email"])
    verify_address(person)


def check_may_suspend(*, by, person):
    """Raise PermissionDenied, with the reason, unless `by` may suspend `person`."""
    if not by.has_perm("accounts.suspend_user"):
        raise PermissionDenied(_("Only moderators may suspend people."))
    if person == by:
        raise PermissionDenied(_("You cannot suspend yourself."))
    if person.is_staff and not by.is_superuser:
        raise PermissionDenied(_("Moderators cannot suspend staff."))


@atomically
def suspend(*, person, by, reason, until=None):
    """Suspend `person` until `until`, or for good; again, it changes the reason and the date."""
    person = lock_affected(person)
    check_may_suspend(by=by, person=person)
    if until and until <= timezone.now():
        raise ValidationError(_("The date must be in the future."))
    was_suspended, old = person.suspended_at is not None, _describe_suspension(person)
    person.suspended_at = person.suspended_at or timezone.now()
    person.suspended_until = until
    person.suspension_reason = reason
    person.save(update_fields=["suspended_at", "suspended_until", "suspension_reason"])
    end_sessions(person)
    if not was_suspended:
        person_suspended.send(sender=type(person), person=person)
        feed_manager.delete_user(person)
    changes = {"suspension": [old, _describe_suspension(person)]}
    log_action(by=by, target=person, action=StaffAction.SUSPENDED, reason=reason, changes=changes)
    return person


@atomically
def unsuspend(*, person, by=None, reason=""):
    """End the suspension of `person`, by a member of staff or, without `by`, because it expired."""
    person = lock_affected(person)
    if by:
        check_may_suspend(by=by, person=person)
    if person.suspended_at is None:
        return person
    old = _describe_suspension(person)
    person.suspended_at = person.suspended_until = None
    person.suspension_reason = ""
    person.save(update_fields=["suspended_at", "suspended_until", "suspension_reason"])
    feed_manager.set_user(person)
    person_unsuspended.send(sender=type(person), person=person)
    if by:
        changes = {"suspension": [old, _describe_suspension(person)]}
        log_action(by=by, target=person, action=StaffAction.LIFTED, reason=reason, changes=changes)
    return person


def _describe_suspension(person):
    """Return the end and the reason of a suspension as the log shows them, "" for none."""
    if person.suspended_at is None:
        return ""
    until = to_text(person.suspended_until) or _("for good")
    return f"{until}: {person.suspension_reason}"


def lock_people(*people):
    """Lock the rows of `people`, in the order of locks that `transactions` states.

    Return the current rows by primary key, without people who are gone. The rules between two
    people, such as that a block prevents follows, hold because both are locked.
    """
    return _lock({person.pk for person in people})


def lock_affected(person):
    """Lock `person` and all whose rows change with theirs; return the current row of `person`.

    Raises DoesNotExist if they are gone.
    """
    try:
        return lock_all_affected([person])[person.pk]
    except KeyError:
        raise type(person).DoesNotExist(f"{person} is gone.")


def lock_all_affected(people):
    """Lock `people` and all whose rows change with theirs in one query, which avoids deadlocks."""
    keys = {person.pk for person in people}
    for person in people:
        responses = collecting_lock_targets.send(sender=type(person), person=person)
        keys.update(pk for _receiver, affected in responses for pk in affected)
    return _lock(keys)


def _lock(keys):
    return lock_rows(get_user_model().objects.filter(pk__in=keys), no_key=True)


def check_may_contact(*, by, person):
    """Raise PermissionDenied if either has blocked the other, or `person` is suspended.

    The text is the same for each case, so that it does not reveal a block.
    """
    if person.is_suspended or Block.objects.between(by, person).exists():
        raise PermissionDenied(_("This person cannot be contacted."))


@atomically
def block(*, blocker, blocked):
    """Block `blocked` for `blocker`; return whether the block is new.

    Raises DoesNotExist if either is gone.
    """
    if blocker == blocked:
        raise ValidationError(_("You cannot block yourself."))
    people = lock_people(blocker, blocked)
    if len(people) < 2:
        raise get_user_model().DoesNotExist(f"{blocker} or {blocked} is gone.")
    # Use the locked rows: `request.user` is a lazy object of another class.
    blocker, blocked = people[blocker.pk], people[blocked.pk]
    _row, created = Block.objects.get_or_create(blocker=blocker, blocked=blocked)
    if created:
        person_blocked.send(sender=type(blocker), blocker=blocker, blocked=blocked)
    return created


def unblock(*, blocker, blocked):
    """End a block, without restoring what it ended; return whether there was one."""
    return bool(Block.objects.filter(blocker=blocker, blocked=blocked).delete()[0])


def unsuspend_expired():
    """End every suspension that has expired; return their number."""
    expired = get_user_model().objects.suspension_expired()
    return sum(unsuspend_if_expired(pk) for pk in list(expired.values_list("pk", flat=True)))


@atomically
def unsuspend_if_expired(pk):
    """End an expired suspension unless staff have changed or ended it meanwhile."""
    try:
        person = lock_affected(get_user_model()(pk=pk))
    except get_user_model().DoesNotExist:
        return False
    if not get_user_model().objects.suspension_expired().filter(pk=pk).exists():
        return False
    unsuspend(person=person)
    return True


def end_sessions(person):
    for session in UserSession.objects.filter(user=person):
        session.end()


def check_may_leave(person):
    """Raise PermissionDenied if `person` is the only superuser."""
    others = get_user_model().objects.filter(is_superuser=True, is_active=True)
    if person.is_superuser and not others.exclude(pk=person.pk).exists():
        text = _("You are the only administrator. Make somebody else one first.")
        raise PermissionDenied(text)


@atomically
def delete_person(person):
    """Delete `person` and all their rows; do nothing if they are gone already."""
    try:
        person = lock_affected(person)
    except get_user_model().DoesNotExist:
        return
    end_sessions(person)
    person.delete()
