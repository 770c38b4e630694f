from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from messaging import conf, services
from messaging.models import validate_length


class BodyField(forms.CharField):
    """Text of several lines; a line break counts as one character, as in the browser."""

    widget = forms.Textarea

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class MessageForm(forms.Form):
    """What `sender` writes to `recipient`."""

    body = BodyField(
        label=_("Message"),
        validators=[validate_length],
        error_messages={"required": _("Write something first.")},
    )

    def __init__(self, *args, sender, recipient, **kwargs):
        super().__init__(*args, **kwargs)
        self.sender, self.recipient = sender, recipient
        longest = conf.get("MESSAGE_MAX_LENGTH")
        text = ngettext("At most %(count)d character.", "At most %(count)d characters.", longest)
        self.fields["body"].help_text = text % {"count": longest}
        # No maxlength: what is pasted would be cut off without a word.
        self.fields["body"].widget.attrs = {"rows": 3, "data-limit": longest}

    def save(self):
        """Send the message; raises what `services.send` does."""
        body = self.cleaned_data["body"]
        return services.send(sender=self.sender, recipient=self.recipient, body=body)
