from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Prefetch, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.counters import CounterModel, count_subquery
from accounts.managers import is_visible
from collections_app.links import (
    MAX_HOST_LENGTH,
    host_of,
    url_key,
    validate_link,
    with_lower_scheme,
)
from feeds.published import ACTIVITIES, Published
from previews.models import Picture, picture_url

LINKS_PER_CARD = 3


class Hideable(models.Model):
    """A row with texts by its author, which a moderator can hide with a reason.

    `text_fields` is the only list of these texts: forms, services, reports, exports
    and the search index read it. `logged_fields` are those that the log of staff actions compares.
    """

    text_fields = logged_fields = ()

    hidden_at = models.DateTimeField(_("hidden"), null=True, blank=True, editable=False)
    hidden_reason = models.CharField(
        _("reason for hiding"), max_length=500, blank=True, editable=False
    )

    class Meta:
        abstract = True

    @property
    def is_hidden(self):
        return self.hidden_at is not None

    @property
    def texts(self):
        """Return the texts by field."""
        return {name: getattr(self, name) for name in self.text_fields}


def hidden_index(name):
    """Return an index of the hidden rows, newest first: staff look for these few."""
    return models.Index(
        fields=["-created_at", "-id"], name=name, condition=Q(hidden_at__isnull=False)
    )


def texts_within(**lengths):
    """Return a condition that texts are no longer than this; SQLite enforces no lengths itself."""
    return Q(*(LessThanOrEqual(Length(field), limit) for field, limit in lengths.items()))


class CollectionQuerySet(models.QuerySet):
    def visible(self):
        """Return the collections that everyone may see."""
        return self.filter(is_visible("author__"), hidden_at=None)

    def with_link_count(self):
        return self.select_related("author").annotate(link_count=visible_link_count())

    def for_cards(self):
        """Load the author, `link_count` and `latest_links`, without hidden links."""
        latest = Content.objects.not_hidden().newest_first()[:LINKS_PER_CARD]
        prefetch = Prefetch("contents", queryset=latest, to_attr="latest_links")
        return self.with_link_count().prefetch_related(prefetch)

    def newest_first(self):
        return self.order_by("-created_at", "-id")

    def most_followed(self):
        return self.order_by("-follower_count", "-id")

    def recently_updated(self):
        return self.order_by("-last_added_at", "-id")


def visible_link_count():
    """Return an expression for the number of links that are not hidden."""
    return count_subquery(Content.objects.not_hidden(), "collection")


class Collection(Published, CounterModel, Hideable):
    """A public, named group of links by one author."""

    text_fields = logged_fields = ("name", "description")

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="collections",
        verbose_name=_("author"),
    )
    name = models.CharField(_("name"), max_length=64)
    description = models.CharField(_("description"), max_length=256)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    # When its newest link was added; its own creation until then.
    last_added_at = models.DateTimeField(_("last added to"), default=timezone.now, editable=False)
    follower_count = models.PositiveIntegerField(_("followers"), default=0, editable=False)
    stream_id = models.CharField(max_length=64, blank=True, editable=False)

    objects = CollectionQuerySet.as_manager()
    query_updated_fields = frozenset({"follower_count", "last_added_at", "stream_id"})

    verb = "create"
    counts = ACTIVITIES
    actor_path = "author"
    feed_paths = {"user": "author"}
    extra_fields = ("name", "description")
    stream_object_collection = "collections"
    stream_object_feed = "collection"

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        permissions = [("moderate_collection", "Can edit, hide and restore anyone's collections")]
        constraints = [
            models.CheckConstraint(
                name="collection_has_name_and_description",
                condition=~Q(name="") & ~Q(description=""),
            ),
            models.CheckConstraint(
                name="collection_texts_fit", condition=texts_within(name=64, description=256)
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="collection_newest"),
            models.Index(fields=["-follower_count", "-id"], name="collection_most_followed"),
            models.Index(fields=["-last_added_at", "-id"], name="collection_lately_added_to"),
            models.Index(fields=["author", "-created_at", "-id"], name="collection_by_author"),
            hidden_index("collection_hidden"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("collections:detail", args=[self.pk])

    @property
    def activity_is_public(self):
        return not self.is_hidden and self.author.is_visible

    @property
    def stream_object_data(self):
        """Return the data of this collection's Stream object, or None when it has none."""
        return self.extra_activity_data if self.activity_is_public else None


class ContentQuerySet(models.QuerySet):
    def not_hidden(self):
        """Return links that are not hidden themselves; their collection may be."""
        return self.filter(hidden_at=None)

    def visible(self):
        """Return the links that everyone may see."""
        return self.filter(
            is_visible("collection__author__"), hidden_at=None, collection__hidden_at=None
        )

    def newest_first(self):
        return self.order_by("-created_at", "-id")

    def newer_than(self, link):
        """Return the links before `link` in the order of `newest_first`."""
        same_time = Q(created_at=link.created_at, pk__gt=link.pk)
        return self.filter(Q(created_at__gt=link.created_at) | same_time)


def duplicate_error():
    return ValidationError(_("That link is already in this collection."), code="duplicate")


class Content(Published, Hideable):
    """One link in a collection."""

    text_fields = ("url", "title", "description")
    logged_fields = (*text_fields, "image")

    collection = models.ForeignKey(
        Collection,
        on_delete=models.CASCADE,
        related_name="contents",
        verbose_name=_("collection"),
    )
    url = models.CharField(_("link"), max_length=2048, validators=[validate_link])
    url_key = models.CharField(max_length=64, editable=False)
    # The host of `url` for display, by which staff search.
    host = models.CharField(_("host"), max_length=MAX_HOST_LENGTH, blank=True, editable=False)
    title = models.CharField(_("title"), max_length=128)
    description = models.CharField(_("description"), max_length=256, blank=True)
    picture = models.ForeignKey(
        Picture, on_delete=models.SET_NULL, null=True, editable=False, related_name="links"
    )
    # The person whose link was copied.
    via = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
    )
    # When a picture was last looked for, or declined by the author.
    previewed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    stream_id = models.CharField(max_length=64, blank=True, editable=False)

    objects = ContentQuerySet.as_manager()

    verb = "post"
    counts = ACTIVITIES
    actor_path = "collection__author"
    object_path = "collection"
    feed_paths = {"collection": "collection", "links": "collection__author"}
    extra_fields = ("title", "url", "description", "image")

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        permissions = [("moderate_content", "Can edit, hide and restore anyone's links")]
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "url_key"], name="content_link_once_per_collection"
            ),
            models.CheckConstraint(name="content_has_title", condition=~Q(title="")),
            models.CheckConstraint(
                name="content_texts_fit",
                condition=texts_within(url=2048, title=128, description=256),
            ),
            models.CheckConstraint(
                name="content_link_is_http",
                condition=Q(url__istartswith="http://") | Q(url__istartswith="https://"),
            ),
        ]
        indexes = [
            models.Index(fields=["collection", "-created_at", "-id"], name="content_by_collection"),
            models.Index(fields=["-created_at", "-id"], name="content_newest"),
            models.Index(fields=["host", "-created_at", "-id"], name="content_by_host"),
            hidden_index("content_hidden"),
            # Find the collections that have a link, while it is being added to another.
            models.Index(fields=["url_key"], name="content_by_address"),
            models.Index(fields=["via"], name="content_via", condition=Q(via__isnull=False)),
        ]

    def __str__(self):
        return self.title

    def save(self, **kwargs):
        self.url = with_lower_scheme(self.url)
        self.url_key, self.host = url_key(self.url), host_of(self.url)
        super().save(**kwargs)

    def get_absolute_url(self):
        """Return the URL of the link on the page of its collection that shows it."""
        return f"{self.collection.get_absolute_url()}?link={self.pk}#link-{self.pk}"

    def clean(self):
        """Refuse a duplicate; if two are saved at once, the database refuses the second."""
        self.url_key = url_key(self.url)
        others = Content.objects.filter(collection=self.collection_id, url_key=self.url_key)
        if self.collection_id and others.exclude(pk=self.pk).exists():
            raise ValidationError({"url": duplicate_error()})

    @property
    def author(self):
        return self.collection.author

    @property
    def image(self):
        """Return the URL of its picture, "" for none."""
        return picture_url(self.picture_id)

    @property
    def activity_is_public(self):
        return not self.is_hidden and self.collection.activity_is_public
