"""Staff actions on people, from the list and from a person's page in the admin."""

from allauth.mfa.models import Authenticator
from django.db import router
from django.db.models.deletion import Collector
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import services
from accounts.forms import SuspendForm
from accounts.staff import MAX_NAMES, ReasonedAction, StaffAction, list_names, log_action


def describe(people):
    """Return the number of `people` and the first of their names, as a sentence."""
    count = people.count()
    names = [str(person) for person in people.order_by("username")[:MAX_NAMES]]
    text = ngettext("%(count)d person: %(who)s.", "%(count)d people: %(who)s.", count)
    return text % {"count": count, "who": list_names(names, count)}


def describe_deletion(people):
    """Return whom the deletion affects, and the number of their rows that it deletes."""
    collector = Collector(using=router.db_for_write(people.model))
    collector.collect(people)
    counts = {model: len(rows) for model, rows in collector.data.items()}
    for rows in collector.fast_deletes:
        counts[rows.model] = counts.get(rows.model, 0) + rows.count()
    counts.pop(people.model)
    parts = [
        f"{count} {model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural}"
        for model, count in counts.items()
        if count
    ]
    if not parts:
        return describe(people)
    rows = _("With them go: %(parts)s.") % {"parts": get_text_list(parts, _("and"))}
    return f"{describe(people)} {rows}"


def for_each(function):
    """Return a function that calls `function` for each of a queryset of people and counts them."""

    def perform(people, *, by, **answers):
        people = list(people)
        services.lock_all_affected(people)
        for person in people:
            function(person=person, by=by, **answers)
        return len(people)

    return perform


def confirm(*, person, by, reason):
    services.verify_address(person)
    services.confirm(person)
    log_action(by=by, target=person, action=StaffAction.CONFIRMED, reason=reason)


def remove_second_factor(*, person, by, reason):
    Authenticator.objects.filter(user=person).delete()
    log_action(by=by, target=person, action=StaffAction.FACTOR_REMOVED, reason=reason)


def delete(*, person, by, reason):
    log_action(by=by, target=person, action=StaffAction.DELETED, reason=reason)
    services.delete_person(person)


USER_ACTIONS = [
    ReasonedAction(
        name="suspend",
        label=gettext_lazy("Suspend…"),
        permission="accounts.suspend_user",
        perform=for_each(services.suspend),
        describe=describe,
        form_class=SuspendForm,
        applies_to=lambda person: not person.is_suspended,
    ),
    ReasonedAction(
        name="lift",
        label=gettext_lazy("Lift suspension…"),
        permission="accounts.suspend_user",
        perform=for_each(services.unsuspend),
        describe=describe,
        applies_to=lambda person: person.suspended_at is not None,
    ),
    ReasonedAction(
        name="confirm",
        label=gettext_lazy("Confirm e-mail address…"),
        permission="account.change_emailaddress",
        perform=for_each(confirm),
        describe=describe,
        applies_to=lambda person: not person.is_confirmed,
    ),
    ReasonedAction(
        name="remove_second_factor",
        label=gettext_lazy("Remove second factor…"),
        permission="mfa.delete_authenticator",
        perform=for_each(remove_second_factor),
        describe=describe,
    ),
    ReasonedAction(
        name="delete",
        label=gettext_lazy("Delete…"),
        permission="accounts.delete_user",
        perform=for_each(delete),
        describe=describe_deletion,
    ),
]
