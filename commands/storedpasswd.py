# Copyright the carryall authors.  See LICENSE.
"""`carryall passwd LOCATION USER`: the accounts in a store, such as that of ``mail --store``.

Tests:    tests/commands/test_storedpasswd.py
"""
from __future__ import absolute_import, division, print_function

from carryall import runtimes
from carryall.app.datastore import DataStore
from carryall.commands.catalogue import STORES
from carryall.commands.console import FAILED, complain, say
from carryall.core.auth.credentials import LoginFailed, UsernamePassword
from carryall.core.compat import native
from carryall.core.database import Error
from carryall.core.errors import UsageError
from carryall.core.future import Return, coroutine
from carryall.core.logs import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable
    from carryall.app.optionvalues import OptionValues

__all__ = ['run_stored']


def run_stored(options, ask):
    # type: (OptionValues, Callable[[bool], bytes]) -> int
    """Does what *options* say, and gives the status of the command.

    Args:     ask: gives the password; it is asked for twice if its argument is true.
    """
    module = _accounts_module()
    password = b''
    if not options.list and not options.delete:
        password = ask(not options.check)
    loop = runtimes.choose()
    store = DataStore(module.STORE, options.file)
    try:
        store.start(loop)
        status = loop.run_until(_act(loop, module.DatabaseAccounts(store), options, password))
        loop.run_until(store.close())
    except Error as exc:
        complain(u'carryall passwd', exc)
        return FAILED
    finally:
        loop.close()
    return status


def _accounts_module():
    # type: () -> Any
    """The module of the store of accounts, which another manifest has."""
    name = dict(STORES).get('accounts')
    if name is None:
        raise UsageError(u'this program keeps no accounts in databases')
    return __import__(name, None, None, ['STORE'])


@coroutine
def _act(loop, accounts, options, password):
    # type: (Any, Any, OptionValues, bytes) -> Any
    names = yield accounts.names()
    known = options.user in names
    status = 0
    if options.list:
        for name in names:
            say(escape(name))
    elif options.check:
        status = yield _check(loop, accounts, options.user, password)
    elif options.delete:
        if known:
            yield accounts.remove(options.user)
            say(u'%s was removed' % escape(options.user))
        else:
            complain(u'carryall passwd', u'there is no account %s' % options.user)
            status = FAILED
    else:
        yield accounts.set_password(options.user, password, loop, native(options.scheme))
        say((u'%s has a new password' if known else u'%s was added') % escape(options.user))
    raise Return(status)


@coroutine
def _check(loop, accounts, name, password):
    # type: (Any, DatabaseAccounts, str, bytes) -> Any
    try:
        yield accounts.check(UsernamePassword(name, password), loop)
    except LoginFailed:
        complain(u'carryall passwd', u'there is no account %s, or it is not its password' % name)
        raise Return(FAILED)
    say(u'it is the password of %s' % escape(name))
    raise Return(0)
