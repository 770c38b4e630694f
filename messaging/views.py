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


class MarksShownMixin:
    """Showing messages to their recipient marks these as read, and no others.

    What was not read yet is still called new on the page itself.
    """

    def render_to_response(self, context, **kwargs):
        new = [row.pk for row in context["message_list"] if self.is_new(row)]
        if new and is_shown(self.request):
            services.mark_read(Message.objects.filter(pk__in=new), reader=self.request.user)
        return super().render_to_response(context, **kwargs)

    def is_new(self, message):
        return message.recipient_id == self.request.user.pk and message.is_unread


def is_shown(request):
    """Whether somebody looks at the answer: a browser may ask before anyone does (Sec-Purpose)."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method != "HEAD" and "prefetch" not in purpose.lower()


class MessageListView(LoginRequiredMixin, ListView):
    """Messages, the newest first."""

    def get_paginate_by(self, queryset):
        return conf.get("MESSAGES_PER_PAGE")

    def get_context_data(self, **kwargs):
        return super().get_context_data(tab=self.tab, **kwargs)


class ReceivedView(MarksShownMixin, MessageListView):
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


class ConversationView(LoginRequiredMixin, MarksShownMixin, LimitedFormMixin, FormView):
    """What one person and oneself wrote, and the form to write on."""

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
        before = read_key(self.request.GET.get("before"))
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
        return HttpResponseRedirect(address_of(form.recipient))

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def limit_message(self, exceeded):
        text = _("You have sent very many messages. You can send this one in %(time)s.")
        return text % {"time": exceeded.time_left}


def read_key(text):
    """Return the key that `text` is, None for no text; Http404 for anything else."""
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Http404
    return int(text)


def address_of(person):
    """Return the address of the conversation with `person`, where one writes."""
    return reverse("messaging:conversation", args=[person.get_username()]) + "#write"


class DeleteForOneselfView(LoginRequiredMixin, TemplateView):
    """Ask whether something shall be gone from one's own pages, and see to it."""

    http_method_names = FORM_METHODS

    def post(self, request, *args, **kwargs):
        self.take_away()
        messages.success(request, self.success_message)
        return redirect("messaging:received")


class DeleteConversationView(DeleteForOneselfView):
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
        counted = {"person": conversation.person, "count": conversation.count()}
        return super().get_context_data(**counted, **kwargs)

    def take_away(self):
        services.delete_conversation(person=self.request.user, other=self.conversation.person)


class DeleteMessageView(DeleteForOneselfView):
    template_name = "messaging/message_confirm_delete.html"
    success_message = gettext_lazy("The message has been deleted.")

    @cached_property
    def message(self):
        return access.own_message(self.request.user, self.kwargs["pk"])

    def get_context_data(self, **kwargs):
        return super().get_context_data(message=self.message, **kwargs)

    def take_away(self):
        services.delete_message(self.message, person=self.request.user)
