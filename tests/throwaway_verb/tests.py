"""Run by `tests/test_throwaway_verb.py`, with the settings of this folder."""

import re

from django.core.management import call_command
from django.test import TestCase

from accounts.roles import sync_roles
from accounts.tests.factories import UserFactory
from collections_app.tests.factories import CollectionFactory
from feeds.outbox.delivery import deliver_pending
from follows.models import Follow
from tests.factories import with_feeds
from tests.throwaway_verb.models import Recommendation


class RecommendationTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        sync_roles()

    def setUp(self):
        self.enterContext(with_feeds())
        self.ana, self.ben = UserFactory(name="Ana"), UserFactory(name="Ben")
        Follow.objects.follow(self.ben, self.ana)
        self.collection = CollectionFactory(name="Typography")
        self.client.force_login(self.ben)

    def recommend(self, reason):
        row = Recommendation.objects.create(
            recommender=self.ana, collection=self.collection, reason=reason
        )
        deliver_pending()
        return row

    def test_home_shows_headline_and_row(self):
        self.recommend("Start here.")
        response = self.client.get("/")
        self.assertContains(response, '<li data-fill-text="reason">Start here.</li>', html=True)
        assert re.search(r"Ana</a>\s+recommends\s+<a[^>]+>Typography</a>", response.text)

    def test_headline_counts_activities(self):
        for reason in ("Start here.", "Read this."):
            self.recommend(reason)
        assert re.search(r"Ana</a>\s+gives <span[^>]*>2</span> reasons", self.client.get("/").text)

    def test_profile_shows_activity(self):
        self.recommend("Start here.")
        address = f"{self.ana.get_absolute_url()}activity/"
        assert re.search(r"Ana</a> recommends <a[^>]+>Typography", self.client.get(address).text)

    def test_deleted_row_is_on_no_feed(self):
        self.recommend("Start here.").delete()
        deliver_pending()
        self.assertNotContains(self.client.get("/"), "Start here.")

    def test_check_feeds_finds_nothing(self):
        self.recommend("Start here.")
        call_command("check_feeds")
