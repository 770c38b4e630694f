from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PlainTextField, SuspendForm
from moderation.models import MAX_NOTE_LENGTH, Case, Report


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("What is wrong with it?"), choices=Report.Reason, widget=forms.RadioSelect
    )
    note = PlainTextField(
        label=_("What should moderators know?"),
        help_text=_("Only if you like. At most 500 characters."),
        max_length=MAX_NOTE_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class AppealForm(forms.Form):
    statement = PlainTextField(
        label=_("Why should it be shown?"),
        help_text=_("At most 500 characters. You can ask once."),
        max_length=MAX_NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class DecisionForm(SuspendForm):
    """The decision about one case, one of `decisions`."""

    field_order = ["decision", "reason", "until"]
    decision = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)

    def __init__(self, *args, decisions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = [(choice, LABELS[choice]) for choice in decisions]
        self.fields["reason"].help_text = _(
            "The author is shown the reason for hiding, suspending and upholding."
        )
        if Case.Decision.SUSPENDED not in decisions:
            del self.fields["until"]
        else:
            self.fields["until"].label = _("Suspended until")


LABELS = {
    Case.Decision.DISMISSED: _("Dismiss: nothing is wrong with it"),
    Case.Decision.HIDDEN: _("Hide it"),
    Case.Decision.SUSPENDED: _("Suspend its author"),
    Case.Decision.UPHELD: _("It stays hidden"),
    Case.Decision.RESTORED: _("Restore it"),
}
