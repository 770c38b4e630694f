"""Pages of collections."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from django.views.generic import CreateView, ListView, TemplateView, UpdateView

from accounts.managers import may_find
from collections_app import access
from collections_app.forms import CollectionForm
from collections_app.models import Collection, CollectionQuerySet
from collections_app.views.base import DeleteView
from feeds.readers import read_page


class ExploreView(ListView):
    """All visible collections in one of three orders, except across a block."""

    template_name = "collections/collection_list.html"
    context_object_name = "collections"
    orders = {
        "newest": (gettext_lazy("Newest"), CollectionQuerySet.newest_first),
        "followed": (gettext_lazy("Most followed"), CollectionQuerySet.most_followed),
        "active": (gettext_lazy("Lately added to"), CollectionQuerySet.recently_updated),
    }

    @cached_property
    def sort(self):
        sort = self.request.GET.get("sort")
        return sort if sort in self.orders else "newest"

    def get_queryset(self):
        _label, order = self.orders[self.sort]
        findable = may_find(self.request.user, "author")
        return order(Collection.objects.visible().filter(findable).for_cards())

    def get_paginate_by(self, queryset):
        return settings.RESULTS_PER_PAGE

    def get_context_data(self, **kwargs):
        tabs = [(sort, label) for sort, (label, _order) in self.orders.items()]
        return super().get_context_data(sort=self.sort, tabs=tabs, **kwargs)


class CollectionPageMixin:
    """A page about the collection that the URL names."""

    @cached_property
    def collection(self):
        return access.readable_collection(self.request.user, self.kwargs["pk"])

    def get_context_data(self, **kwargs):
        permissions = access.collection_permissions(self.request.user, self.collection)
        return super().get_context_data(collection=self.collection, **permissions, **kwargs)


class DetailView(CollectionPageMixin, ListView):
    """A collection and its links, numbered."""

    template_name = "collections/collection_detail.html"
    context_object_name = "links"

    def get(self, request, *args, **kwargs):
        key = access.parse_key(request.GET.get("link", ""))
        return self.redirect_to_page_with(key) if key else super().get(request, *args, **kwargs)

    def redirect_to_page_with(self, key):
        """Redirect to the page that has this link, or to the first if the link is gone."""
        links, url = self.get_queryset(), self.collection.get_absolute_url()
        if link := links.filter(pk=key).first():
            number = links.newer_than(link).count() // settings.RESULTS_PER_PAGE + 1
            url += f"?page={number}#link-{link.pk}"
        return HttpResponseRedirect(url)

    def get_queryset(self):
        return access.readable_links(self.request.user, self.collection)

    def get_paginate_by(self, queryset):
        return settings.RESULTS_PER_PAGE


class ActivityView(CollectionPageMixin, TemplateView):
    """A collection and its Stream feed."""

    template_name = "collections/collection_activity.html"

    def get_context_data(self, **kwargs):
        feed = read_page(self.request, "collection", str(self.collection.pk))
        return super().get_context_data(feed=feed, **kwargs)


class CollectionFormMixin:
    http_method_names = access.FORM_METHODS
    model = Collection
    form_class = CollectionForm
    template_name = "collections/collection_form.html"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "by": self.request.user}

    def form_valid(self, form):
        collection = form.save()
        if collection is None:
            raise Http404
        messages.success(self.request, self.success_message)
        return HttpResponseRedirect(collection.get_absolute_url())


class CreateCollectionView(access.MayAddMixin, CollectionFormMixin, CreateView):
    permission_required = "collections_app.add_collection"
    success_message = gettext_lazy("Your collection has been created.")


class EditCollectionView(LoginRequiredMixin, CollectionFormMixin, UpdateView):
    success_message = gettext_lazy("The collection has been updated.")

    def get_object(self):
        return access.changeable_collection(self.request.user, self.kwargs["pk"])


class DeleteCollectionView(DeleteView):
    template_name = "collections/collection_confirm_delete.html"
    get_target = access.changeable_collection
    success_message = gettext_lazy("The collection has been deleted.")

    def get_context_data(self, **kwargs):
        return super().get_context_data(link_count=self.target.contents.count(), **kwargs)

    def get_success_url(self):
        return self.target.author.get_absolute_url()
