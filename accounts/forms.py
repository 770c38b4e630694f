from allauth.account import forms as allauth_forms
from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import username_validators
from accounts.staff import ReasonForm


class LoginForm(allauth_forms.LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Username or e-mail address")
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["remember"].label = _("Remember me on this device")


class SignUpForm(allauth_forms.SignupForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = username_validators[0].message
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].help_text = _("Never shown. It gets a link to confirm it.")


class PlainTextField(forms.CharField):
    """A text of several lines whose line breaks count as one character, as in the browser."""

    widget = forms.Textarea

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class ProfileForm(forms.ModelForm):
    class Meta:
        model = get_user_model()
        fields = ["name", "about"]
        field_classes = {"about": PlainTextField}
        widgets = {"about": forms.Textarea(attrs={"rows": 5})}
        help_texts = {
            "name": _("Shown instead of your username. At most 64 characters."),
            "about": _("A few words for your profile. At most 500 characters."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True  # the page's own form has the token


class SuspendForm(ReasonForm):
    """The reason and the end of a suspension."""

    until = forms.DateTimeField(
        label=_("Until"),
        required=False,
        help_text=_("For good when empty. The time is UTC."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_until(self):
        until = self.cleaned_data["until"]
        if until and until <= timezone.now():
            raise ValidationError(_("The date must be in the future."))
        return until


class DeleteAccountForm(forms.Form):
    """A confirmation by username, against accidental deletion."""

    username = forms.CharField(
        label=_("Your username"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["username"].help_text = _("Type “%(name)s” to confirm.") % {
            "name": person.username
        }

    def clean_username(self):
        if self.cleaned_data["username"].casefold() != self.person.username.casefold():
            raise ValidationError(_("This is not your username."))
        return self.person.username
