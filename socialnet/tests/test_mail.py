from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from socialnet import mail as socialnet_mail

BACKGROUND = "socialnet.mail.BackgroundBackend"


class RefusingBackend(BaseEmailBackend):
    def send_messages(self, email_messages):
        raise ConnectionRefusedError


def wait_for_mail():
    socialnet_mail._executor.submit(int).result(timeout=5)


def test_mail_uses_delivery_backend(settings):
    settings.EMAIL_BACKEND = BACKGROUND
    mail.send_mail("Hello", "text", None, ["ana@example.org"])
    wait_for_mail()
    assert [message.subject for message in mail.outbox] == ["Hello"]


def test_broken_mail_server_is_ignored(settings):
    settings.EMAIL_BACKEND = BACKGROUND
    settings.MAIL_DELIVERY_BACKEND = f"{__name__}.RefusingBackend"
    assert mail.send_mail("Hello", "text", None, ["ana@example.org"]) == 1
    wait_for_mail()
    assert mail.outbox == []
