"""Mail sent in the background, so that a slow or broken mail server delays no page."""

import logging
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

logger = logging.getLogger("socialnet.mail")
_executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


class BackgroundBackend(BaseEmailBackend):
    """A mail backend that sends through MAIL_DELIVERY_BACKEND in a thread and logs failures."""

    def send_messages(self, email_messages):
        messages = list(email_messages)
        _executor.submit(_deliver, messages)
        return len(messages)


def _deliver(messages):
    try:
        get_connection(settings.MAIL_DELIVERY_BACKEND).send_messages(messages)
    except Exception:  # a mail backend may raise anything
        logger.exception("mail failed", extra={"messages": len(messages)})
    else:
        logger.info("mail sent", extra={"messages": len(messages)})
