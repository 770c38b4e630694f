from django import forms
from django.test import RequestFactory
from django.views.generic import FormView

from rate_limits.limits import LimitExceeded
from rate_limits.views import LimitedFormMixin


class NoteForm(forms.Form):
    note = forms.CharField()


class NoteView(LimitedFormMixin, FormView):
    form_class = NoteForm
    template_name = "notes/form.html"

    def form_valid(self, form):
        return self.too_many_requests(form, LimitExceeded(90))

    def limit_message(self, exceeded):
        return f"Wait {exceeded.minutes} minutes."


def test_refused_form_keeps_what_was_typed():
    answer = NoteView.as_view()(RequestFactory().post("/", {"note": "Kerning"}))
    form = answer.context_data["form"]
    assert (answer.status_code, answer["Retry-After"]) == (429, "90")
    assert form.non_field_errors() == ["Wait 2 minutes."]
    assert form["note"].value() == "Kerning"
