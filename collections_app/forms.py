import re

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainTextField
from accounts.staff import reason_field
from collections_app import imports, services
from collections_app.links import validate_link
from collections_app.models import Collection, Content
from previews.models import picture_url

PICTURE = re.compile("[0-9a-f]{64}")

# Ten thousand links with a picture for each, as browsers export them.
LARGEST_FILE = 32 * 1024 * 1024


class ReasonForOthersMixin:
    """A form that `by` fills in on one thing; if that is somebody else's, it asks why."""

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        if self.instance.pk and self.instance.author != by:
            self.fields["reason"] = reason_field()

    @property
    def texts(self):
        return {name: self.cleaned_data[name] for name in self.text_names}

    @property
    def act(self):
        return {"by": self.by, "reason": self.cleaned_data.get("reason", "")}


class CollectionForm(ReasonForOthersMixin, forms.ModelForm):
    text_names = ["name", "description"]

    class Meta:
        model = Collection
        fields = ["name", "description"]
        field_classes = {"description": PlainTextField}
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "name": _("What the links have in common. At most 64 characters."),
            "description": _("What readers will find there. At most 256 characters."),
        }

    def save(self):
        """Save the collection and return it; None when it is gone."""
        if self.instance.pk:
            return services.update_collection(collection=self.instance, **self.texts, **self.act)
        return services.create_collection(author=self.by, **self.texts)


class LinkField(forms.URLField):
    """An address; https:// is put before one without a scheme. The model decides what is valid."""

    default_validators = []
    widget = forms.TextInput

    def __init__(self, **kwargs):
        super().__init__(assume_scheme="https", **kwargs)


class PreviewForm(forms.Form):
    """The address of a page that shall be looked at."""

    url = LinkField(max_length=2048, validators=[validate_link])


class LinkForm(ReasonForOthersMixin, forms.ModelForm):
    """`picture` is the key of what a preview offered; the person may leave it out.

    It is empty where nobody looked: then a link keeps its picture unless it leads elsewhere.
    """

    text_names = ["url", "title", "description"]
    picture = forms.CharField(required=False, widget=forms.HiddenInput)
    without_picture = forms.BooleanField(required=False, label=_("Leave this picture out"))

    class Meta:
        model = Content
        fields = ["url", "title", "description"]
        field_classes = {"url": LinkField, "description": PlainTextField}
        widgets = {
            "url": forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none"}),
            "description": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "url": _("The address of the page, such as https://www.example.org/"),
            "title": _("At most 128 characters."),
            "description": _("Why it is worth opening. At most 256 characters."),
        }

    @property
    def offered_image(self):
        """Where this site shows the picture that is offered, or kept; "" for none."""
        key = self["picture"].value() or self._kept_picture or ""
        return picture_url(key) if PICTURE.fullmatch(key) else ""

    @property
    def chosen_picture(self):
        """The key of the picture to show, "" for none at all, None if none was offered."""
        offered = self.cleaned_data["picture"] or None
        is_some = offered or self._kept_picture
        return "" if is_some and self.cleaned_data["without_picture"] else offered

    @property
    def _kept_picture(self):
        leads_elsewhere = self.is_bound and "url" in self.changed_data
        return None if leads_elsewhere else self.instance.picture_id

    def save(self):
        """Save the link and return it; None when it is gone, ValidationError for a duplicate."""
        more = {"picture": self.chosen_picture, **self.act}
        return services.update_link(link=self.instance, **self.texts, **more)


class FillableTextInput(forms.TextInput):
    """A text that the browser lets one leave out: the site fills it in."""

    def use_required_attribute(self, initial):
        return False


class AddLinkForm(LinkForm):
    class Meta(LinkForm.Meta):
        fields = ["collection", *LinkForm.Meta.fields]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own = self.by.collections.filter(hidden_at=None).lately_added_to()
        self.fields["collection"].queryset = own
        self.fields["collection"].empty_label = _("Choose one of your collections")
        if settings.LINK_PREVIEWS:
            self.fields["title"].widget = FillableTextInput(attrs={"maxlength": 128})
            self.fields["title"].help_text = _(
                "At most 128 characters. Leave it empty to have it filled in from the page."
            )
            # No star beside it, which would say the opposite.
            self.fields["title"].required = False

    def clean_title(self):
        """Miss a title nevertheless: the view looks for one then."""
        if not self.cleaned_data["title"]:
            raise ValidationError(self.fields["title"].error_messages["required"], code="required")
        return self.cleaned_data["title"]

    def save(self):
        collection, picture = self.cleaned_data["collection"], self.chosen_picture
        return services.add_link(collection=collection, picture=picture, **self.texts)


class ChooseCollectionForm(forms.Form):
    """One of one's collections, the last one used first, or the name of a new one."""

    collection = forms.ModelChoiceField(
        Collection.objects.none(), label=_("Collection"), required=False
    )
    name = forms.CharField(label=_("Or a new collection"), max_length=64, required=False)

    def __init__(self, *args, by, link, **kwargs):
        super().__init__(*args, **kwargs)
        self.by, self.link = by, link
        own = by.collections.filter(hidden_at=None).exclude(pk=link.collection_id)
        field = self.fields["collection"]
        field.queryset = own.lately_added_to()
        last = field.queryset.first()
        if last:
            field.initial, field.empty_label = last.pk, None
        else:
            del self.fields["collection"]
            self.fields["name"].label, self.fields["name"].required = _("New collection"), True

    @property
    def target(self):
        """The name of a new collection, if there is one, goes before the collection chosen."""
        name = self.cleaned_data["name"].strip()
        return {"name": name} if name else {"collection": self.cleaned_data.get("collection")}

    def clean(self):
        if not self.errors and not any(self.target.values()):
            raise ValidationError(_("Choose a collection, or name a new one."))
        return self.cleaned_data


class SaveLinkForm(ChooseCollectionForm):
    def save(self):
        """Copy the link and return the copy; None when it or the collection is gone."""
        return services.save_link(link=self.link, by=self.by, **self.target)


class MoveLinkForm(ChooseCollectionForm):
    def save(self):
        """Move the link and return it; None when it or the collection is gone."""
        return services.move_link(link=self.link, by=self.by, **self.target)


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("File of bookmarks"),
        help_text=_(
            "Every browser writes one: look for “Export bookmarks” in its bookmark manager."
        ),
        widget=forms.FileInput(attrs={"accept": ".html,.htm,text/html"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise ValidationError(
                _("This file has more than %(size)s.") % {"size": filesizeformat(LARGEST_FILE)}
            )
        return file

    def save(self, *, person):
        """Queue the import and return it; ValidationError where `imports.start` raises one."""
        file = self.cleaned_data["file"]
        return imports.start(person=person, file_name=file.name, data=file.read())
