from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from messaging import conf, services
from messaging.models import validate_length


class BodyField(forms.CharField):
    """A text of several lines whose line breaks count as one character, as in the browser."""

    widget = forms.Textarea

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class MessageForm(forms.Form):
    """A message from `sender` to `recipient`."""

    body = BodyField(
        label=_("Message"),
        validators=[validate_length],
        error_messages={"required": _("Write something first.")},
    )

    def __init__(self, *args, sender, recipient, **kwargs):
        super().__init__(*args, **kwargs)
        self.sender, self.recipient = sender, recipient
        max_length = conf.get("MESSAGE_MAX_LENGTH")
        text = ngettext("At most %(count)d character.", "At most %(count)d characters.", max_length)
        self.fields["body"].help_text = text % {"count": max_length}
        # No maxlength: browsers silently truncate pasted text.
        self.fields["body"].widget.attrs = {"rows": 3, "data-limit": max_length}

    def save(self):
        """Send the message; raise what `services.send` does."""
        body = self.cleaned_data["body"]
        return services.send(sender=self.sender, recipient=self.recipient, body=body)
