"""Lists of the admin that take as long at 100,000 rows as at 100.

`AdminSite.register` gives this to every list; what an app's own admin says about counting and
sorting gives way to it. So the rules are, everywhere:

- at most `MOST` rows are counted and shown, and the page says so;
- words are looked for in the newest `SEARCHED` rows, and the newest `FOUND` that have them are
  shown; what an index answers is found at any age: people named in full, and fields that a list
  searches exactly (`"host__exact"`);
- a list is sorted by the columns it names in `sortable_by`, which have an index, and by no other.
"""

from django import forms
from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.contrib.auth import get_user_model
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MOST = 5_000
SEARCHED = 10_000
FOUND = 500
LONGEST_SEARCH = 200

EXACT = "__exact"
PERSON = "username"


def bounded_count(rows, most=MOST):
    """Return (how many rows there are, at most `most`; whether there are more)."""
    count = rows.order_by()[: most + 1].count()
    return min(count, most), count > most


class BoundedPaginator(Paginator):
    @cached_property
    def _counted(self):
        return bounded_count(self.object_list)

    @property
    def count(self):
        return self._counted[0]

    @property
    def is_cut(self):
        """Whether there are more rows than are counted and shown."""
        return self._counted[1]


class SearchForm(forms.Form):
    """What staff look for; too long a text is an error, as is one that no database takes."""

    q = forms.CharField(
        label=gettext_lazy("People, collections and links"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search"}),
    )


class BoundedChangeList(ChangeList):
    search_form_class = SearchForm

    def get_queryset(self, request, exclude_parameters=None):
        for name, values in request.GET.lists():
            if name != SEARCH_VAR and any("\x00" in value for value in values):
                raise IncorrectLookupParameters  # PostgreSQL refuses the question
            if name.endswith("regex"):  # a scan at best, and an error for what is no pattern
                raise IncorrectLookupParameters
        return super().get_queryset(request, exclude_parameters)

    def get_ordering_field(self, field_name):
        """Return None where there is no index; Django would sort by any column an address names."""
        if field_name not in self.sortable_by:
            return None
        return super().get_ordering_field(field_name)


class BoundedListMixin:
    """What every ModelAdmin of the site is given on top of its own."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # counts of every filter's choices, each a scan

    def get_changelist(self, request, **kwargs):
        return BoundedChangeList

    def get_sortable_by(self, request):
        return self.sortable_by or ()

    @property
    def words(self):
        """The fields of `search_fields` that are searched for parts of a text: the row's own."""
        return [name for name in self.search_fields if "__" not in name]

    def get_search_fields(self, request):
        return self.words or self.search_fields

    @property
    def search_help_text(self):
        own = super().search_help_text
        if self.is_exact:
            return own
        text = _("A whole username or e-mail address.")
        if self.words:
            text = _("Words in the newest %(searched)s rows; a whole username or address in all.")
            text %= {"searched": intcomma(SEARCHED)}
        return f"{own}. {text}" if own else text

    @property
    def is_exact(self):
        return all(name.endswith(EXACT) for name in self.search_fields)

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip() or self.is_exact:
            return super().get_search_results(request, queryset, search_term)
        found = set()
        for rows in self._found(request, queryset, search_term.strip()):
            keys = list(rows.values_list("pk", flat=True)[: FOUND + 1])
            if len(keys) > FOUND:
                request.found_more = True  # the page says so
            found.update(keys[:FOUND])
        return queryset.filter(pk__in=found), False

    def _found(self, request, queryset, term):
        """Yield querysets of what `term` finds, each a range of an index."""
        named = list(get_user_model().objects.known_as(term).values_list("pk", flat=True))
        for name in self.search_fields:
            if name.endswith(EXACT):
                yield queryset.filter(**{name: term})
            elif name.rpartition("__")[2] == PERSON and named:
                person = name.removesuffix(PERSON).removesuffix("__") or "pk"
                yield queryset.filter(**{f"{person}__in": named})
        if not self.words:
            return
        keys = self.model._base_manager.order_by("-pk").values_list("pk", flat=True)
        for oldest in keys[SEARCHED - 1 : SEARCHED]:
            queryset = queryset.filter(pk__gte=oldest)
        yield super().get_search_results(request, queryset.order_by("-pk"), term)[0]

    def response_action(self, request, queryset):
        """Refuse to act on a whole list that is longer than the page says, and on no keys."""
        for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                self.opts.pk.clean(key, None)
            except ValidationError:
                raise BadRequest(_("There is no such row."))
        across = request.POST.get("select_across") not in {None, "", "0"}
        if across and bounded_count(queryset)[1]:
            text = _("This list is too long to act on all of it. Search or filter first.")
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset)
