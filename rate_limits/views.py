"""Answers of pages to requests beyond a limit."""


class LimitedFormMixin:
    """A form view that answers 429 with the form as it was typed, if `form_valid` exceeds a limit.

    `limit_message(exceeded)` returns the text shown above the form.
    """

    def too_many_requests(self, form, exceeded):
        """Return the answer to a form that was refused by a LimitExceeded."""
        form.add_error(None, self.limit_message(exceeded))
        context = self.get_context_data(form=form)
        headers = {"Retry-After": str(exceeded.seconds)}
        return self.render_to_response(context, status=429, headers=headers)
