from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainTextField
from accounts.staff import reason_field
from collections_app import services
from collections_app.models import Collection, Content


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


class LinkForm(ReasonForOthersMixin, forms.ModelForm):
    text_names = ["url", "title", "description"]

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

    def save(self):
        """Save the link and return it; None when it is gone, ValidationError for a duplicate."""
        return services.update_link(link=self.instance, **self.texts, **self.act)


class AddLinkForm(LinkForm):
    class Meta(LinkForm.Meta):
        fields = ["collection", *LinkForm.Meta.fields]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own = self.by.collections.filter(hidden_at=None).lately_added_to()
        self.fields["collection"].queryset = own
        self.fields["collection"].empty_label = _("Choose one of your collections")

    def save(self):
        return services.add_link(collection=self.cleaned_data["collection"], **self.texts)
