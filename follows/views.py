from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import ListView, View

from accounts.access import visible_person
from accounts.managers import may_find
from collections_app.access import readable_collection
from collections_app.models import Collection
from follows import access
from follows.buttons import button, follower_count
from follows.models import CollectionFollow, Follow


class ChangeFollowView(access.MayFollowMixin, PermissionRequiredMixin, View):
    """Follow or unfollow the target in the URL.

    A script gets the changed parts of its page as JSON, a form is redirected to its page.
    """

    http_method_names = ["post", "options"]

    def dispatch(self, request, *args, **kwargs):
        if request.method != "POST":  # before the login redirect, which would come back by GET
            return View.dispatch(self, request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    def handle_no_permission(self):
        """Redirect through login to the page with the button."""
        if self.request.user.is_authenticated:
            return super().handle_no_permission()
        return redirect_to_login(self.previous_page() or self.page())

    def post(self, request, *args, **kwargs):
        try:
            target = self.get_target()
            self.change(request.user, target)
            target.refresh_from_db(fields=["follower_count"])
        except (get_user_model().DoesNotExist, Collection.DoesNotExist):
            raise Http404
        if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
            return self.json_response(target)
        messages.success(request, self.message(target))
        return HttpResponseRedirect(self.previous_page() or target.get_absolute_url())

    def json_response(self, target):
        """Return the new state of the button and the count."""
        changes = button(target, is_following=self.follows)
        texts = {"count": follower_count(target), "message": self.message(target)}
        data = {"following": self.follows, **changes, **texts}
        return JsonResponse(data, headers={"Cache-Control": "private, no-store"})

    def previous_page(self):
        address = self.request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(
            address,
            allowed_hosts={self.request.get_host()},
            require_https=self.request.is_secure(),
        )
        return address if safe else ""

    def message(self, target):
        return self.success_message % {"name": getattr(target, "display_name", str(target))}


class PersonMixin:
    permission_required = "follows.add_follow"
    objects = Follow.objects

    def page(self):
        return reverse("profile", args=[self.kwargs["username"]])

    def get_target(self):
        return access.followable_person(self.request.user, self.kwargs["username"])


class CollectionMixin:
    permission_required = "follows.add_collectionfollow"
    objects = CollectionFollow.objects

    def page(self):
        return reverse("collections:detail", args=[self.kwargs["pk"]])

    def get_target(self):
        return access.followable_collection(self.request.user, self.kwargs["pk"])


class StartMixin:
    follows = True

    def change(self, user, target):
        self.objects.follow(user, target)


class StopMixin:
    follows = False

    def change(self, user, target):
        self.objects.unfollow(user, target)


class FollowPersonView(PersonMixin, StartMixin, ChangeFollowView):
    success_message = gettext_lazy(
        "You follow %(name)s. What they add will appear on your home page."
    )


class UnfollowPersonView(PersonMixin, StopMixin, ChangeFollowView):
    success_message = gettext_lazy("You no longer follow %(name)s.")


class FollowCollectionView(CollectionMixin, StartMixin, ChangeFollowView):
    success_message = gettext_lazy(
        "You follow %(name)s. New links in it will appear on your home page."
    )


class UnfollowCollectionView(CollectionMixin, StopMixin, ChangeFollowView):
    success_message = pgettext_lazy("collection", "You no longer follow %(name)s.")


class FollowListView(ListView):
    """A paginated list of follows, newest first.

    `other` leads from a follow to the person it shows; people with a block between them and the
    reader are left out.
    """

    context_object_name = "follows"

    def get_queryset(self):
        findable = may_find(self.request.user, self.other)
        return self.get_rows().filter(findable).newest_first()

    def get_paginate_by(self, queryset):
        return settings.RESULTS_PER_PAGE


def people_context(follows, other):
    """Return the context of `_rows.html`: people at the `other` end, also with their follows."""
    people = [getattr(row, other) for row in follows]
    return {"people": people, "rows": list(zip(people, follows, strict=True))}


class ProfileTabMixin:
    """A list on the profile of the person in the URL, called `tab`."""

    @cached_property
    def person(self):
        return visible_person(self.request.user, self.kwargs["username"])

    def get_context_data(self, **kwargs):
        return super().get_context_data(person=self.person, tab=self.tab, **kwargs)


class PersonListView(ProfileTabMixin, FollowListView):
    template_name = "follows/person_list.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return {**context, **people_context(context["follows"], self.other)}


class FollowersView(PersonListView):
    """The followers of a person."""

    tab, other = "followers", "follower"

    def get_rows(self):
        rows = Follow.objects.by_visible_people().filter(followed=self.person)
        return rows.select_related("follower")


class FollowingView(PersonListView):
    """The people a person follows."""

    tab, other = "following", "followed"

    def get_rows(self):
        rows = Follow.objects.of_visible_people().filter(follower=self.person)
        return rows.select_related("followed")


class FollowingCollectionsView(ProfileTabMixin, FollowListView):
    """The collections a person follows."""

    template_name = "follows/followed_collection_list.html"
    tab, other = "collections", "collection__author"

    def get_rows(self):
        return CollectionFollow.objects.of_visible_collections().filter(follower=self.person)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        ids = [row.collection_id for row in context["follows"]]
        by_id = Collection.objects.for_cards().in_bulk(ids)
        return {**context, "collections": [by_id[pk] for pk in ids if pk in by_id]}


class CollectionFollowersView(FollowListView):
    """The followers of a collection."""

    template_name = "follows/collection_follower_list.html"
    other = "follower"

    @cached_property
    def collection(self):
        return readable_collection(self.request.user, self.kwargs["pk"])

    def get_rows(self):
        rows = CollectionFollow.objects.by_visible_people().filter(collection=self.collection)
        return rows.select_related("follower")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(collection=self.collection, **kwargs)
        return {**context, **people_context(context["follows"], self.other)}
