import re

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainTextField
from accounts.staff import reason_field
from collections_app import imports, services
from collections_app.links import title_of, validate_link
from collections_app.models import Collection, Content
from previews.models import picture_url

PICTURE = re.compile("[0-9a-f]{64}")

# Bytes: room for ten thousand links with an icon for each, as browsers export them.
MAX_FILE_SIZE = 32 * 1024 * 1024


class ReasonForOthersMixin:
    """A form that `by` fills in; it asks for a reason if the row is somebody else's."""

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        if self.instance.pk and self.instance.author != by:
            self.fields["reason"] = reason_field()

    @property
    def texts(self):
        """Return the texts of the row by field."""
        return {name: self.cleaned_data[name] for name in self.instance.text_fields}

    @property
    def log_details(self):
        """Return the arguments that services need to log the edit."""
        return {"by": self.by, "reason": self.cleaned_data.get("reason", "")}


class CollectionForm(ReasonForOthersMixin, forms.ModelForm):
    class Meta:
        model = Collection
        fields = Collection.text_fields
        field_classes = {"description": PlainTextField}
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "name": _("What the links have in common. At most 64 characters."),
            "description": _("What readers will find there. At most 256 characters."),
        }

    def save(self):
        """Save the collection and return it, or None if it is gone."""
        if self.instance.pk:
            return services.update_collection(
                collection=self.instance, **self.texts, **self.log_details
            )
        return services.create_collection(author=self.by, **self.texts)


class LinkField(forms.URLField):
    """A URL; one without a scheme gets https://. The model validates it."""

    default_validators = []
    widget = forms.TextInput

    def __init__(self, **kwargs):
        super().__init__(assume_scheme="https", **kwargs)


class PreviewForm(forms.Form):
    """The URL of a page to preview."""

    url = LinkField(max_length=2048, validators=[validate_link])


class LinkForm(ReasonForOthersMixin, forms.ModelForm):
    """A form for a link; `picture` is the key of the picture that a preview offered.

    It is empty if there was no preview: then the link keeps its picture, unless its URL changes.
    """

    picture = forms.CharField(required=False, widget=forms.HiddenInput)
    without_picture = forms.BooleanField(required=False, label=_("Leave this picture out"))

    class Meta:
        model = Content
        fields = Content.text_fields
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
        """Return the URL of the picture that is offered or kept, "" for none."""
        key = self["picture"].value() or self._kept_picture or ""
        return picture_url(key) if PICTURE.fullmatch(key) else ""

    @property
    def chosen_picture(self):
        """Return the key of the picture to show, "" for no picture, None if none was offered."""
        offered = self.cleaned_data["picture"] or None
        has_picture = offered or self._kept_picture
        return "" if has_picture and self.cleaned_data["without_picture"] else offered

    @property
    def _kept_picture(self):
        url_changes = self.is_bound and "url" in self.changed_data
        return None if url_changes else self.instance.picture_id

    def save(self):
        """Save the link and return it, or None if it is gone; ValidationError for a duplicate."""
        options = {"picture": self.chosen_picture, **self.log_details}
        return services.update_link(link=self.instance, **self.texts, **options)


class FillableTextInput(forms.TextInput):
    """A required text that the browser does not require, because the site can fill it in."""

    def use_required_attribute(self, initial):
        return False


class AddLinkForm(LinkForm):
    class Meta(LinkForm.Meta):
        fields = ["collection", *LinkForm.Meta.fields]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own = self.by.collections.filter(hidden_at=None).recently_updated()
        self.fields["collection"].queryset = own
        self.fields["collection"].empty_label = _("Choose one of your collections")
        if settings.LINK_PREVIEWS:
            self.fields["title"].widget = FillableTextInput(attrs={"maxlength": 128})
            self.fields["title"].help_text = _(
                "At most 128 characters. Leave it empty to have it filled in from the page."
            )
            # Without the star of required fields.
            self.fields["title"].required = False

    @property
    def lacks_only_title(self):
        return set(self.errors) == {"title"} and not (self["title"].value() or "").strip()

    def with_title_of_url(self):
        """Return this form as if the host and path of the URL had been typed as its title."""
        data = self.data.copy()
        limit = self.fields["title"].max_length
        data[self.add_prefix("title")] = title_of(self.cleaned_data["url"], limit)
        return type(self)(data, by=self.by)

    def clean_title(self):
        """Require a title: the view takes it from the page if only that is missing."""
        if not self.cleaned_data["title"]:
            raise ValidationError(self.fields["title"].error_messages["required"], code="required")
        return self.cleaned_data["title"]

    def save(self):
        collection, picture = self.cleaned_data["collection"], self.chosen_picture
        return services.add_link(collection=collection, picture=picture, **self.texts)


class ChooseCollectionForm(forms.Form):
    """A choice of a person's own collections, the last used one first, or the name of a new one."""

    collection = forms.ModelChoiceField(
        Collection.objects.none(), label=_("Collection"), required=False
    )
    name = forms.CharField(label=_("Or a new collection"), max_length=64, required=False)

    def __init__(self, *args, by, link, **kwargs):
        super().__init__(*args, **kwargs)
        self.by, self.link = by, link
        own = by.collections.filter(hidden_at=None).exclude(pk=link.collection_id)
        field = self.fields["collection"]
        field.queryset = own.recently_updated()
        last = field.queryset.first()
        if last:
            field.initial, field.empty_label = last.pk, None
        else:
            del self.fields["collection"]
            self.fields["name"].label, self.fields["name"].required = _("New collection"), True

    @property
    def destination(self):
        """Return the collection for a service: the name of a new one, or else the chosen one."""
        name = self.cleaned_data["name"].strip()
        return {"name": name} if name else {"collection": self.cleaned_data.get("collection")}

    def clean(self):
        if not self.errors and not any(self.destination.values()):
            raise ValidationError(_("Choose a collection, or name a new one."))
        return self.cleaned_data


class SaveLinkForm(ChooseCollectionForm):
    def save(self):
        """Copy the link and return the copy, or None if it or the collection is gone."""
        return services.save_link(link=self.link, by=self.by, **self.destination)


class MoveLinkForm(ChooseCollectionForm):
    def save(self):
        """Move the link and return it, or None if it or the collection is gone."""
        return services.move_link(link=self.link, by=self.by, **self.destination)


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
        if file.size > MAX_FILE_SIZE:
            raise ValidationError(
                _("This file has more than %(size)s.") % {"size": filesizeformat(MAX_FILE_SIZE)}
            )
        return file

    def save(self, *, person):
        """Queue the import and return it; raises ValidationError as `imports.start` does."""
        file = self.cleaned_data["file"]
        return imports.start(person=person, file_name=file.name, data=file.read())
