from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from django.views.generic import View

from accounts.middleware import LastSeenMiddleware
from accounts.tests.factories import ModeratorFactory

pytestmark = pytest.mark.django_db


def poll(request):
    return HttpResponse()


poll.is_background = True


class Poll(View):
    is_background = True


def seen(person):
    person.refresh_from_db()
    return person.last_seen


def test_opening_a_page_notes_it(ana, signed_in):
    signed_in(ana).get("/users/")
    assert timezone.now() - seen(ana) < timedelta(minutes=1)


def test_it_is_noted_at_most_every_five_minutes(ana, signed_in, django_assert_num_queries):
    recently = timezone.now() - timedelta(minutes=4)
    type(ana).objects.update(last_seen=recently)
    signed_in(ana).get("/users/")
    assert seen(ana) == recently
    long_ago = timezone.now() - timedelta(minutes=6)
    type(ana).objects.update(last_seen=long_ago)
    signed_in(ana).get("/users/")
    assert seen(ana) > long_ago


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}],
)
def test_a_prefetch_is_no_sign_of_life(ana, signed_in, headers):
    signed_in(ana).get("/users/", headers=headers)
    assert seen(ana) is None


def test_a_head_request_is_no_sign_of_life(ana, signed_in):
    signed_in(ana).head("/users/")
    assert seen(ana) is None


@pytest.mark.parametrize("view", [poll, Poll.as_view()])
def test_background_view_loads_no_person(ana, view, django_assert_num_queries):
    request = RequestFactory().get("/")
    with django_assert_num_queries(0):
        LastSeenMiddleware(poll).process_view(request, view, (), {})


def test_staff_at_work_in_the_admin_are_seen(signed_in):
    moderator = ModeratorFactory()
    signed_in(moderator).get("/admin/")
    assert seen(moderator) is not None


@pytest.mark.parametrize(
    ("minutes", "is_another_visit"), [(6, False), (29, False), (31, True), (60 * 24 * 40, True)]
)
def test_visit_ends_after_half_an_hour(ana, signed_in, minutes, is_another_visit):
    left, before = timezone.now() - timedelta(minutes=minutes), timezone.now() - timedelta(days=99)
    type(ana).objects.update(last_seen=left, previous_visit_at=before)
    client = signed_in(ana)
    for _ in range(2):
        client.get("/users/")
        ana.refresh_from_db()
        assert ana.previous_visit_at == (left if is_another_visit else before)


def test_the_first_visit_has_none_before_it(ana, signed_in):
    signed_in(ana).get("/users/")
    ana.refresh_from_db()
    assert ana.previous_visit_at is None
