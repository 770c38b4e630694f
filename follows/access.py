"""Access to people and collections that may be followed; Http404 otherwise."""

from django.contrib.auth import get_user_model
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from collections_app.access import readable_collection


class MayFollowMixin:
    """Gives the reason in the 403 for signed-in people without `permission_required`."""

    def get_permission_denied_message(self):
        if not self.request.user.is_confirmed:
            return _("Confirm your e-mail address first: then you can follow people.")
        return _("Your account may not follow people or collections.")


def followable_person(user, username):
    """Return another person; `Follow.objects.follow` refuses people who cannot be contacted."""
    person = get_object_or_404(get_user_model().objects.named(username))
    if person == user or not person.is_confirmed or not person.is_active:
        raise Http404
    return person


def followable_collection(user, pk):
    """Return another person's collection that everyone may see."""
    collection = readable_collection(user, pk)
    if collection.author == user or not collection.activity_is_public:
        raise Http404
    return collection
