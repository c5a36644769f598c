# Copyright the carryall authors.  See LICENSE.
"""`carryall store move FROM TO` and `carryall store show LOCATION`: the stores of services.

Status:   0 done; 1 a database cannot be used, or has other contents; 2 the command line;
          130 Ctrl-C.
Tests:    tests/commands/test_store.py
"""
from __future__ import absolute_import, division, print_function

import sys

from carryall import runtimes
from carryall.app.databases import DatabaseLocation, shown_location
from carryall.app.datastore import open_pool
from carryall.app.options import Argument, Form, HelpRequested, Schema
from carryall.app.optiontypes import to_text
from carryall.app.storemove import contents_of, move_stores, stores_in
from carryall.app.usage import columns, help_text
from carryall.commands.catalogue import STORES
from carryall.commands.console import (BAD_USAGE, FAILED, complain, help_width, run_command, say,
                                       show_help, write_all)
from carryall.core.database import Error, PoolSettings
from carryall.core.errors import UsageError
from carryall.core.future import Return, coroutine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence, Tuple
    from carryall.app.datastore import StoreSchema
    from carryall.app.optionvalues import OptionValues

__all__ = ['find_schema', 'main']

MOVE = Schema([], [Argument('source', DatabaseLocation(), 'the database that has the stores'),
                   Argument('target', DatabaseLocation(), 'the database that gets them')],
              examples=[('carryall store move sqlite:old.db sqlite:new.db',
                         'copy all stores, and compare')])
SHOW = Schema([], [Argument('location', DatabaseLocation(), 'the database')],
              examples=[('carryall store show sqlite:app.db', 'its stores, tables and rows')])

MOVE_SUMMARY = (u'Copies the stores of services to another database. All of it counts, or nothing: '
                u'the target is left as it was unless both hold the same rows. Stop the services '
                u'first; the source stays.')
SHOW_SUMMARY = u'Shows the stores in a database: their versions, tables and numbers of rows.'
SUMMARY = u'Moves and shows the stores of services.'
SCHEMA = Schema([], forms=[Form('move', MOVE, MOVE_SUMMARY), Form('show', SHOW, SHOW_SUMMARY)],
                examples=MOVE.examples + SHOW.examples)


def find_schema(name):
    # type: (str) -> StoreSchema
    """The StoreSchema of the store *name*; UsageError for one that is unknown."""
    module = dict(STORES).get(name)
    if module is None:
        raise UsageError(u'this program has no store %s' % name)
    return __import__(module, None, None, ['STORE']).STORE


def main(words):
    # type: (Sequence[Any]) -> int
    """The command; words without its name."""
    return run_command(u'carryall store', _main, words)


def _main(words):
    # type: (Sequence[Any]) -> int
    verb = to_text(words[0]) if words else u''
    for name, schema, summary, action in ((u'move', MOVE, MOVE_SUMMARY, _move),
                                          (u'show', SHOW, SHOW_SUMMARY, _show)):
        if verb == name:
            try:
                options = schema.parse(words[1:])
            except HelpRequested as asked:
                return show_help(asked, u'carryall store ' + name, schema, summary)
            except UsageError as exc:
                exc.command = u'carryall store ' + name
                raise
            return _run(action, options)
    if verb in (u'--help', u'-h'):
        return show_help(HelpRequested(), u'carryall store', SCHEMA, SUMMARY)
    if verb[:1] == u'-':
        SCHEMA.parse(words)             # raises for an option that is unknown
    if verb:
        raise UsageError(u'"%s" is none of move, show' % verb)
    write_all(sys.stderr, help_text(u'carryall store', SCHEMA, SUMMARY, width=help_width()))
    return BAD_USAGE


def _run(action, options):
    # type: (Any, OptionValues) -> int
    loop = runtimes.choose()
    try:
        rows = loop.run_until(action(loop, options))
    except Error as exc:
        complain(u'carryall store', exc)
        return FAILED
    finally:
        loop.close()
    for line in columns(rows):
        say(line)
    return 0


def _move(loop, options):
    # type: (Any, OptionValues) -> Any
    moved = move_stores(loop, find_schema, options.source, options.target)
    return moved.then(lambda rows: [(u'%s: %s' % (store, table), _rows(count))
                                    for store, table, count in rows])


def _rows(count):
    # type: (int) -> str
    return u'1 row' if count == 1 else u'%d rows' % count


@coroutine
def _show(loop, options):
    # type: (Any, OptionValues) -> Any
    pool = open_pool(loop, options.location, PoolSettings(min_connections=1, max_connections=1))
    try:
        yield pool.start()
        rows = yield pool.with_options(read_only=True).transaction(_shown, options.location)
    finally:
        yield pool.close(1.0)
    raise Return(rows)


@coroutine
def _shown(transaction, location):
    # type: (Any, str) -> Any
    shown = []                  # type: List[Tuple[str, str]]
    found = yield stores_in(transaction, transaction.dialect)
    for name, version in found:
        for table in find_schema(name).tables:
            contents = yield contents_of(transaction, table)
            shown.append((u'%s (version %d): %s' % (name, version, table.name),
                          _rows(contents.count)))
    if not shown:
        raise Error(u'%s: it has no stores' % shown_location(location))
    raise Return(shown)
