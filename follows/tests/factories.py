"""Follows, made by the verbs that the site uses."""

import factory

from accounts.tests.factories import UserFactory
from collections_app.tests.factories import CollectionFactory
from follows.models import CollectionFollow, Follow


class FollowFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Follow

    follower = factory.SubFactory(UserFactory)
    followed = factory.SubFactory(UserFactory)

    @classmethod
    def _create(cls, model, follower, followed, **options):
        model.objects.follow(follower, followed, **options)
        return model.objects.get(follower=follower, followed=followed)


class CollectionFollowFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = CollectionFollow

    follower = factory.SubFactory(UserFactory)
    collection = factory.SubFactory(CollectionFactory)

    @classmethod
    def _create(cls, model, follower, collection, **options):
        model.objects.follow(follower, collection, **options)
        return model.objects.get(follower=follower, collection=collection)
