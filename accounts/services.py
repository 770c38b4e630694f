"""What happens to people: confirmed, suspended, lifted, deleted."""

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
    person_blocked,
    person_concerned,
    person_lifted,
    person_suspended,
)
from accounts.staff import StaffAction, as_text, log_action
from transactions import atomically, lock_rows


@transaction.atomic
def confirm(user):
    """Make `user` a confirmed person, whose e-mail address the caller vouches for; once.

    They become a member, get a Stream user, and staff access if ADMIN_EMAILS names their address.
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
    publish(user)
    return user


@transaction.atomic
def publish(person):
    """Queue the Stream user of somebody who never had one."""
    get_user_model().objects.filter(pk=person.pk).update(was_published=True)
    feed_manager.set_user(person)


def verify_address(person):
    """Return the verified primary address of `person`, made from `email` where there is none."""
    if not person.email:
        return None
    address, _created = EmailAddress.objects.update_or_create(
        user=person, email=person.email.lower(), defaults={"verified": True, "primary": True}
    )
    return address


@transaction.atomic
def change_email(*, person, email):
    """Give `person` another address that staff vouch for; the old ones are gone."""
    EmailAddress.objects.filter(user=person).delete()
    person.email = email.lower()
    person.save(update_fields=["email"])
    verify_address(person)


def check_may_suspend(*, by, person):
    """Raise PermissionDenied, with the sentence that says why, unless `by` may act on `person`."""
    if not by.has_perm("accounts.suspend_user"):
        raise PermissionDenied(_("Only moderators may suspend people."))
    if person == by:
        raise PermissionDenied(_("You cannot suspend yourself."))
    if person.is_staff and not by.is_superuser:
        raise PermissionDenied(_("Moderators cannot suspend staff."))


@atomically
def suspend(*, person, by, reason, until=None):
    """Shut `person` out until `until`, or for good; suspended again, reason and date change."""
    person = lock_with_others(person)
    check_may_suspend(by=by, person=person)
    if until and until <= timezone.now():
        raise ValidationError(_("The date must be in the future."))
    was_suspended, old = person.suspended_at is not None, _suspension(person)
    person.suspended_at = person.suspended_at or timezone.now()
    person.suspended_until = until
    person.suspension_reason = reason
    person.save(update_fields=["suspended_at", "suspended_until", "suspension_reason"])
    end_sessions(person)
    if not was_suspended:
        person_suspended.send(sender=type(person), person=person)
        feed_manager.delete_user(person)
    changes = {"suspension": [old, _suspension(person)]}
    log_action(by=by, target=person, action=StaffAction.SUSPENDED, reason=reason, changes=changes)
    return person


@atomically
def lift(*, person, by=None, reason=""):
    """Let `person` back in; without `by` because the suspension is over."""
    person = lock_with_others(person)
    if by:
        check_may_suspend(by=by, person=person)
    if person.suspended_at is None:
        return person
    old = _suspension(person)
    person.suspended_at = person.suspended_until = None
    person.suspension_reason = ""
    person.save(update_fields=["suspended_at", "suspended_until", "suspension_reason"])
    feed_manager.set_user(person)
    person_lifted.send(sender=type(person), person=person)
    if by:
        changes = {"suspension": [old, _suspension(person)]}
        log_action(by=by, target=person, action=StaffAction.LIFTED, reason=reason, changes=changes)
    return person


def _suspension(person):
    """Return what the record says of a suspension: until when and why, "" for none."""
    if person.suspended_at is None:
        return ""
    until = as_text(person.suspended_until) or _("for good")
    return f"{until}: {person.suspension_reason}"


def lock_people(*people):
    """Lock the rows of `people` in the order of their keys; return them by key, as they are now.

    What must hold between two people (a block ends follows, and prevents them) is decided here,
    one at a time. Who is gone is missing.
    """
    return _lock({person.pk for person in people})


def lock_with_others(person):
    """Lock `person` and everyone whose rows change with what is done to them; return `person`.

    Raises DoesNotExist for who is gone.
    """
    try:
        return lock_all_with_others([person])[person.pk]
    except KeyError:
        raise type(person).DoesNotExist(f"{person} is gone.")


def lock_all_with_others(people):
    """Lock everyone whom one act on `people` concerns, at once: one by one two acts could meet."""
    keys = {person.pk for person in people}
    for person in people:
        answers = person_concerned.send(sender=type(person), person=person)
        keys.update(pk for _receiver, concerned in answers for pk in concerned)
    return _lock(keys)


def _lock(keys):
    return lock_rows(get_user_model().objects.filter(pk__in=keys), no_key=True)


def check_may_contact(*, by, person):
    """Raise PermissionDenied where either has blocked the other, or `person` is suspended.

    The sentence is the same, so that nobody learns who blocked whom.
    """
    if person.is_suspended or Block.objects.between(by, person).exists():
        raise PermissionDenied(_("This person cannot be contacted."))


@atomically
def block(*, blocker, blocked):
    """Let `blocker` have nothing to do with `blocked`; return whether that is new.

    Raises DoesNotExist for who is gone.
    """
    if blocker == blocked:
        raise ValidationError(_("You cannot block yourself."))
    people = lock_people(blocker, blocked)
    if len(people) < 2:
        raise get_user_model().DoesNotExist(f"{blocker} or {blocked} is gone.")
    # The rows as they were locked: a request's person is a lazy object, of another class.
    blocker, blocked = people[blocker.pk], people[blocked.pk]
    _row, created = Block.objects.get_or_create(blocker=blocker, blocked=blocked)
    if created:
        person_blocked.send(sender=type(blocker), blocker=blocker, blocked=blocked)
    return created


def unblock(*, blocker, blocked):
    """End a block; what it ended does not come back. Return whether there was one."""
    return bool(Block.objects.filter(blocker=blocker, blocked=blocked).delete()[0])


def lift_due():
    """Lift every suspension that is over; return how many."""
    due = get_user_model().objects.due_to_be_lifted()
    return sum(lift_if_due(pk) for pk in list(due.values_list("pk", flat=True)))


@atomically
def lift_if_due(pk):
    """Lift one suspension unless staff have prolonged or lifted it meanwhile."""
    try:
        person = lock_with_others(get_user_model()(pk=pk))
    except get_user_model().DoesNotExist:
        return False
    if not get_user_model().objects.due_to_be_lifted().filter(pk=pk).exists():
        return False
    lift(person=person)
    return True


def end_sessions(person):
    for session in UserSession.objects.filter(user=person):
        session.end()


def check_may_leave(person):
    """Raise PermissionDenied for the only superuser: nobody could run the site any more."""
    others = get_user_model().objects.filter(is_superuser=True, is_active=True)
    if person.is_superuser and not others.exclude(pk=person.pk).exists():
        text = _("You are the only administrator. Make somebody else one first.")
        raise PermissionDenied(text)


@atomically
def delete_person(person):
    """Delete `person` and all that is theirs; nothing happens if they are gone already."""
    try:
        person = lock_with_others(person)
    except get_user_model().DoesNotExist:
        return
    end_sessions(person)
    person.delete()
