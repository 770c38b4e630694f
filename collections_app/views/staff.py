"""Pages on which moderators hide and restore collections and links."""

from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.staff import ReasonForm
from collections_app import access, services
from collections_app.views.base import TargetFormView


class ModerationFormView(TargetFormView):
    """A form that asks for a reason, then calls `service`, which does nothing if it is too late."""

    template_name = "collections/staff_action_form.html"
    form_class = ReasonForm

    def get_context_data(self, **kwargs):
        kwargs |= {"title": self.title, "button": self.button, "explanation": self.explanation}
        return super().get_context_data(**kwargs)

    def form_valid(self, form):
        done = type(self).service(target=self.target, by=self.request.user, **form.cleaned_data)
        if done:
            messages.success(self.request, self.success_message)
        else:
            messages.info(self.request, _("Somebody else did that already."))
        return super().form_valid(form)

    def get_success_url(self):
        return self.target.get_absolute_url()


class HideView(ModerationFormView):
    service = services.hide
    button = gettext_lazy("Hide")


class RestoreView(ModerationFormView):
    service = services.restore
    button = gettext_lazy("Restore")


class HideCollectionView(HideView):
    get_target = access.moderated_collection
    title = gettext_lazy("Hide this collection")
    explanation = gettext_lazy(
        "It leaves every list and feed with all its links. "
        "Its author still sees it, with the reason."
    )
    success_message = gettext_lazy("The collection is hidden.")


class RestoreCollectionView(RestoreView):
    get_target = access.moderated_collection
    title = gettext_lazy("Restore this collection")
    explanation = gettext_lazy("Everyone sees it again, in lists and in feeds.")
    success_message = gettext_lazy("The collection is back.")


class HideLinkView(HideView):
    get_target = access.moderated_link
    title = gettext_lazy("Hide this link")
    explanation = gettext_lazy(
        "It leaves its collection and every feed. Its author still sees it, with the reason."
    )
    success_message = gettext_lazy("The link is hidden.")


class RestoreLinkView(RestoreView):
    get_target = access.moderated_link
    title = gettext_lazy("Restore this link")
    explanation = gettext_lazy("Everyone sees it again, in its collection and in feeds.")
    success_message = gettext_lazy("The link is back.")
