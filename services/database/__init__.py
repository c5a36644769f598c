# Copyright the carryall authors.  See LICENSE.
"""Databases for services and applications: the pool by its former name, rows as objects, accounts.

    pool = ConnectionPool(loop, 'sqlite3', 'app.db', cp_max=5)
    rows = yield pool.runQuery(u'SELECT name FROM people WHERE age > ?', (30,))
"""
from __future__ import absolute_import, division, print_function

from carryall.services.database.adbapi import Augmentation, ConnectionPool, safe
from carryall.services.database.authorizer import DatabaseAuthorizer
from carryall.services.database.dbaccounts import DatabaseAccounts
from carryall.services.database.reflector import SQLReflector
from carryall.services.database.rowobject import RowObject

__all__ = ['Augmentation', 'ConnectionPool', 'DatabaseAccounts', 'DatabaseAuthorizer',
           'RowObject', 'SQLReflector', 'safe']
