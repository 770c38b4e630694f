from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from django.views.generic import FormView, ListView, TemplateView

from messaging import access, conf, services
from messaging.forms import MessageForm
from messaging.models import Message
from rate_limits.limits import LimitExceeded, RateLimit, count_use
from rate_limits.views import LimitedFormMixin

FORM_METHODS = ["get", "head", "post", "options"]


class MarkReadMixin:
    """Marks the messages on the page that its reader received as read.

    The page itself still shows them as new.
    """

    def render_to_response(self, context, **kwargs):
        new = [row.pk for row in context["message_list"] if self.is_new(row)]
        if new and is_viewed(self.request):
            services.mark_read(Message.objects.filter(pk__in=new), reader=self.request.user)
        return super().render_to_response(context, **kwargs)

    def is_new(self, message):
        return message.recipient_id == self.request.user.pk and message.is_unread


def is_viewed(request):
    """Return whether a person sees the response; browsers prefetch pages without showing them."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method != "HEAD" and "prefetch" not in purpose.lower()


class MessageListView(LoginRequiredMixin, ListView):
    """A list of messages, newest first."""

    def get_paginate_by(self, queryset):
        return conf.get("MESSAGES_PER_PAGE")

    def get_context_data(self, **kwargs):
        return super().get_context_data(tab=self.tab, **kwargs)


class ReceivedView(MarkReadMixin, MessageListView):
    template_name = "messaging/received_list.html"
    tab = "received"

    def get_queryset(self):
        received = Message.objects.received_by(self.request.user)
        return received.newest_first().select_related("sender")


class SentView(MessageListView):
    template_name = "messaging/sent_list.html"
    tab = "sent"

    def get_queryset(self):
        sent = Message.objects.sent_by(self.request.user)
        return sent.newest_first().select_related("recipient")


@require_POST
def mark_all_read(request):
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("messaging:received"))
    count = services.mark_read(Message.objects.all(), reader=request.user)
    text = ngettext(
        "%(count)d message marked as read.", "%(count)d messages marked as read.", count
    )
    messages.success(request, text % {"count": count})
    return redirect("messaging:received")


class ConversationView(LoginRequiredMixin, MarkReadMixin, LimitedFormMixin, FormView):
    """A conversation of the user with another person, and the form to reply."""

    http_method_names = FORM_METHODS
    template_name = "messaging/conversation.html"
    form_class = MessageForm

    @cached_property
    def conversation(self):
        return access.conversation_with(self.request.user, self.kwargs["username"])

    def get_form_kwargs(self):
        people = {"sender": self.request.user, "recipient": self.conversation.person}
        return {**super().get_form_kwargs(), **people}

    def get_context_data(self, **kwargs):
        refusal = access.refusal(self.conversation)
        before = parse_key(self.request.GET.get("before"))
        shown, has_older = self.conversation.page(before)
        return super().get_context_data(
            person=self.conversation.person,
            refusal=refusal,
            message_list=shown,
            has_older=has_older,
            before=before,
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        conf.check_may_send(request.user, self.conversation.person)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        rates = conf.rates(form.sender, form.recipient)
        try:
            count_use(self.request, *(RateLimit(name, rate) for name, rate in rates))
            form.save()
        except LimitExceeded as exceeded:
            return self.too_many_requests(form, exceeded)
        except get_user_model().DoesNotExist:
            raise Http404
        messages.success(self.request, _("Your message has been sent."))
        return HttpResponseRedirect(conversation_url(form.recipient))

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def limit_message(self, exceeded):
        text = _("You have sent very many messages. You can send this one in %(time)s.")
        return text % {"time": exceeded.time_left}


def parse_key(text):
    """Return the primary key in `text`, None for None; raise Http404 for anything else."""
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Http404
    return int(text)


def conversation_url(person):
    """Return the URL of the form in the conversation with `person`."""
    return reverse("messaging:conversation", args=[person.get_username()]) + "#write"


class DeleteForUserView(LoginRequiredMixin, TemplateView):
    """Confirm a deletion, and delete for the user only."""

    http_method_names = FORM_METHODS

    def post(self, request, *args, **kwargs):
        self.delete_for_user()
        messages.success(request, self.success_message)
        return redirect("messaging:received")


class DeleteConversationView(DeleteForUserView):
    template_name = "messaging/conversation_confirm_delete.html"
    success_message = gettext_lazy("The conversation has been deleted.")

    @cached_property
    def conversation(self):
        conversation = access.conversation_with(self.request.user, self.kwargs["username"])
        if not conversation.exists():
            raise Http404
        return conversation

    def get_context_data(self, **kwargs):
        conversation = self.conversation
        return super().get_context_data(
            person=conversation.person, count=conversation.count(), **kwargs
        )

    def delete_for_user(self):
        services.delete_conversation(person=self.request.user, other=self.conversation.person)


class DeleteMessageView(DeleteForUserView):
    template_name = "messaging/message_confirm_delete.html"
    success_message = gettext_lazy("The message has been deleted.")

    @cached_property
    def message(self):
        return access.own_message(self.request.user, self.kwargs["pk"])

    def get_context_data(self, **kwargs):
        return super().get_context_data(message=self.message, **kwargs)

    def delete_for_user(self):
        services.delete_message(self.message, person=self.request.user)
