# Copyright the carryall authors.  See LICENSE.
"""The option of a service that keeps its data in a database: ``--store``.

    STORES = StoreOptions(STORE, default='sqlite:news.db')
    SCHEMA = Schema([LISTENING, STORES])
    ...
    self.store = STORES.store(options)          # a DataStore, closed; None if there is no location
    self.store.start(loop)

How services use it:  doc/howto/stores.md
Tests:    tests/app/test_storeoptions.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.databases import DatabaseLocation
from carryall.app.optiongroup import OptionGroup
from carryall.app.options import Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Text
    from carryall.app.datastore import DataStore, StoreSchema
    from carryall.app.optionvalues import OptionValues
    from carryall.core.database import PoolSettings

__all__ = ['StoreLocation', 'StoreOptions']

HELP = ('the database: sqlite:FILE, postgresql://USER@HOST/NAME, or memory: for one that ends with '
        'the server')


class StoreLocation(DatabaseLocation):
    """The location of a store."""

    def problems(self, value):
        scheme, _, path = value.partition(u':')
        folder = os.path.dirname(path)
        if scheme == u'sqlite' and not os.path.isdir(folder):
            return [u'the folder %s of the database does not exist' % folder]
        return []


class StoreOptions(OptionGroup):
    """``--store``, or the same by another name.

    Args:     schema:  the StoreSchema of the service.
              default: a location, 'memory:' or 'sqlite:news.db'; None: without the option there is
                       no store.
              name:    of the option.
              help:    its purpose; HELP if left out.
              group:   heading in the help.
    """

    def __init__(self, schema, default=None, name='store', help=HELP, group='options'):
        # type: (StoreSchema, Optional[str], str, str, str) -> None
        # Secret: a location may have a password.
        self._option = Option(name, StoreLocation(), default=default, help=help, group=group,
                              secret=True)
        self._schema = schema
        OptionGroup.__init__(self, [self._option])

    def location(self, options):
        # type: (OptionValues) -> Optional[Text]
        """The location that was given, or the default; None if there is neither."""
        value = getattr(options, self._option.attribute)    # type: Optional[Text]
        return value

    def store(self, options, settings=None):
        # type: (OptionValues, Optional[PoolSettings]) -> Optional[DataStore]
        """The closed DataStore; None if no location was given."""
        location = self.location(options)
        if location is None:
            return None
        # Imported here: a service without a store starts without it
        from carryall.app.datastore import DataStore
        return DataStore(self._schema, location, settings)
