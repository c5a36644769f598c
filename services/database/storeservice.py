# Copyright the carryall authors.  See LICENSE.
"""StoreService: a store as a service of its own, whose pool the other services of the loop share.

    application = MultiService(u'forum', [StoreService(STORE, u'sqlite:forum.db'), web])

A page ``.rpy`` of the web server finds it: ``registry.get_component(DataStore)``, or by the
StoreSchema if there are several.

Tests:    tests/services/database/test_storeservice.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.components import components_of
from carryall.app.databases import absolute_location
from carryall.app.datastore import DataStore
from carryall.app.service import DRAIN_SECONDS, Service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from carryall.app.datastore import StoreSchema

__all__ = ['StoreService']


class StoreService(Service):
    """Opens a store at its start, and closes it at its stop.

    Args:     location: of the database.
              settings: a PoolSettings.

    Attributes:
        store: the DataStore.
    """

    def __init__(self, schema, location, settings=None):
        # type: (StoreSchema, str, Any) -> None
        Service.__init__(self, 'store %s' % schema.name)
        self.store = DataStore(schema, absolute_location(location), settings)

    def start(self, loop):
        self.store.start(loop)
        components = components_of(loop)
        components[DataStore] = self.store
        components[self.store.schema] = self.store
        self.loop = loop

    def stop(self, seconds=DRAIN_SECONDS):
        if self.loop is not None:
            components = components_of(self.loop)
            components.pop(self.store.schema, None)
            if components.get(DataStore) is self.store:
                del components[DataStore]
        self.loop = None
        return self.store.close(seconds)
