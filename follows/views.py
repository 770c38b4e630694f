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


class FollowActView(access.MayFollowMixin, PermissionRequiredMixin, View):
    """Follow or unfollow what the address names.

    Answers a browser's script with what has changed on its page, and a form with the page it was
    sent from.
    """

    http_method_names = ["post", "options"]

    def dispatch(self, request, *args, **kwargs):
        if request.method != "POST":  # before anybody is sent to sign in, and back here by a GET
            return View.dispatch(self, request, *args, **kwargs)
        return super().dispatch(request, *args, **kwargs)

    def handle_no_permission(self):
        """Send who must sign in first to the page they came from, where the button is."""
        if self.request.user.is_authenticated:
            return super().handle_no_permission()
        return redirect_to_login(self.came_from() or self.page())

    def post(self, request, *args, **kwargs):
        try:
            thing = self.find()
            self.act(request.user, thing)
            thing.refresh_from_db(fields=["follower_count"])
        except (get_user_model().DoesNotExist, Collection.DoesNotExist):
            raise Http404
        if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
            return self.answer_script(thing)
        messages.success(request, self.message(thing))
        return HttpResponseRedirect(self.came_from() or thing.get_absolute_url())

    def answer_script(self, thing):
        """Return what the button and the count shall be now."""
        now = button(thing, is_following=self.follows)
        texts = {"count": follower_count(thing), "message": self.message(thing)}
        answer = {"following": self.follows, **now, **texts}
        return JsonResponse(answer, headers={"Cache-Control": "private, no-store"})

    def came_from(self):
        address = self.request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(
            address,
            allowed_hosts={self.request.get_host()},
            require_https=self.request.is_secure(),
        )
        return address if safe else ""

    def message(self, thing):
        return self.sentence % {"name": getattr(thing, "display_name", str(thing))}


class PersonMixin:
    permission_required = "follows.add_follow"
    objects = Follow.objects

    def page(self):
        return reverse("profile", args=[self.kwargs["username"]])

    def find(self):
        return access.followable_person(self.request.user, self.kwargs["username"])


class CollectionMixin:
    permission_required = "follows.add_collectionfollow"
    objects = CollectionFollow.objects

    def page(self):
        return reverse("collections:detail", args=[self.kwargs["pk"]])

    def find(self):
        return access.followable_collection(self.request.user, self.kwargs["pk"])


class BeginMixin:
    follows = True

    def act(self, user, thing):
        self.objects.follow(user, thing)


class EndMixin:
    follows = False

    def act(self, user, thing):
        self.objects.unfollow(user, thing)


class FollowPersonView(PersonMixin, BeginMixin, FollowActView):
    sentence = gettext_lazy("You follow %(name)s. What they add will appear on your home page.")


class UnfollowPersonView(PersonMixin, EndMixin, FollowActView):
    sentence = gettext_lazy("You no longer follow %(name)s.")


class FollowCollectionView(CollectionMixin, BeginMixin, FollowActView):
    sentence = gettext_lazy("You follow %(name)s. New links in it will appear on your home page.")


class UnfollowCollectionView(CollectionMixin, EndMixin, FollowActView):
    sentence = pgettext_lazy("collection", "You no longer follow %(name)s.")


class FollowListView(ListView):
    """Numbered rows of who or what, since when, newest first.

    `other` leads from a row to the person it shows; two with a block between them show each other
    in none.
    """

    context_object_name = "follows"

    def get_queryset(self):
        findable = may_find(self.request.user, self.other)
        return self.get_rows().filter(findable).newest_first()

    def get_paginate_by(self, queryset):
        return settings.RESULTS_PER_PAGE


def rows(follows, other):
    """Return the people at the `other` end of `follows`, and each with their follow."""
    people = [getattr(row, other) for row in follows]
    return {"people": people, "rows": list(zip(people, follows, strict=True))}


class OfPersonMixin:
    """A list that the person in the address has; `tab` is its name among them."""

    @cached_property
    def person(self):
        return visible_person(self.request.user, self.kwargs["username"])

    def get_context_data(self, **kwargs):
        return super().get_context_data(person=self.person, tab=self.tab, **kwargs)


class PersonListView(OfPersonMixin, FollowListView):
    template_name = "follows/person_list.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return {**context, **rows(context["follows"], self.other)}


class FollowersView(PersonListView):
    """Who follows a person."""

    tab, other = "followers", "follower"

    def get_rows(self):
        rows = Follow.objects.by_visible_people().filter(followed=self.person)
        return rows.select_related("follower")


class FollowingView(PersonListView):
    """Whom a person follows."""

    tab, other = "following", "followed"

    def get_rows(self):
        rows = Follow.objects.of_visible_people().filter(follower=self.person)
        return rows.select_related("followed")


class FollowingCollectionsView(OfPersonMixin, FollowListView):
    """Which collections a person follows."""

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
    """Who follows a collection."""

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
        return {**context, **rows(context["follows"], self.other)}
