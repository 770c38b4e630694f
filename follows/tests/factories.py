"""Follows by hand."""

import factory

from accounts.tests.factories import UserFactory
from collections_app.tests.factories import CollectionFactory
from follows.managers import adjust_follower_counts
from follows.models import CollectionFollow, Follow
from tests.factories import RowFactory


class AbstractFollowFactory(RowFactory):
    class Meta:
        abstract = True

    follower = factory.SubFactory(UserFactory)

    @classmethod
    def _create(cls, model_class, **fields):
        if not cls._saves:
            return super()._create(model_class, **fields)
        target = model_class.objects.target_field
        row = {"follower": fields.pop("follower"), target: fields.pop(target)}
        model_class.objects.follow(*row.values(), **fields)
        return model_class.objects.get(**row)

    @classmethod
    def insert(cls, row):
        super().insert(row)
        if row.follower.is_counted:
            target = getattr(row, row._meta.default_manager.target_field)
            adjust_follower_counts(type(target), {target.pk: +1})


class FollowFactory(AbstractFollowFactory):
    class Meta:
        model = Follow

    followed = factory.SubFactory(UserFactory)


class CollectionFollowFactory(AbstractFollowFactory):
    class Meta:
        model = CollectionFollow

    collection = factory.SubFactory(CollectionFactory)
