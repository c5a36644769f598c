# Copyright the carryall authors.  See LICENSE.
"""The options that guard a site, and the Door that they make (loginguard.py).

    --auth users                                    every path,
                                                    for every account of the password file
    --auth users --auth-path /staff=anna,bert       that folder alone, for two of them
    --auth users --auth-except /public              all but that one
    --auth keys --auth-kind digest --auth-realm x   Digest, from a file of htdigest
    --auth users --auth-kind form                   a page with a form, and sessions
    --auth users --auth-kind form --store sqlite:f  sessions that survive a restart
    --auth tokens --auth-kind bearer                tokens for programs, from a file of hashes

Tests:    tests/services/web/test_access.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app.accountoptions import AccountOptions
from carryall.app.loginoptions import LoginOptions
from carryall.app.storeoptions import StoreLocation
from carryall.core.auth.credentials import usable_name
from carryall.core.compat import to_bytes
from carryall.core.errors import UsageError
from carryall.core.net.ip import is_loopback
from carryall.app.optiontypes import MAKE_ACCOUNTS, Choice, Path, Seconds, Text
from carryall.app.options import Flag, Option
from carryall.services.web import uploadsite
from carryall.services.web.requestpaths import is_plain_name
from carryall.services.web.pathrules import EVERY_ACCOUNT, PathRules
from carryall.services.web.static import DEFAULT_INDEX

__all__ = ['FolderPath', 'FolderRule', 'OPTIONS', 'check', 'is_secret', 'make_door',
           'make_upload_door', 'problems']

GROUP = 'accounts'
KINDS = ('basic', 'digest', 'form', 'bearer')
MAX_RULE = 1024             # characters of one --auth-path


class FolderPath(Text):
    """The path of a folder in a URL, decoded, in one spelling: ``/``, ``/staff``,
    ``/staff/rota``.
    """

    metavar = 'PATH'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, MAX_RULE)

    def check(self, value):
        Text.check(self, value)
        _check_path(value)


class FolderRule(Text):
    """``PATH`` or ``PATH=NAME,NAME``; the last ``=`` counts."""

    metavar = 'PATH[=NAME,...]'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, MAX_RULE)

    def check(self, value):
        Text.check(self, value)
        path, users = self.split(value)
        _check_path(path)
        for name in users or ():
            if not usable_name(name):
                raise UsageError(u'"%s" cannot be the name of an account' % name)

    def split(self, value):
        # type: (str) -> Tuple[str, Any]
        """(path, frozenset of names or EVERY_ACCOUNT)."""
        path, equals, users = value.rpartition(u'=')
        if not equals:
            return value, EVERY_ACCOUNT
        return path, frozenset(users.split(u',')) if users else EVERY_ACCOUNT


def _check_path(path):
    # type: (str) -> None
    if path == u'/':
        return
    names = path.split(u'/')
    if names[0] or len(names) < 2 or not all(is_plain_name(to_bytes(name)) for name
                                             in names[1:]) or u'%' in path:
        raise UsageError(
            u'"%s" is not the path of a folder such as / or /staff/rota, without %%XX and without '
            u'a slash at its end' % path)


class AccountPath(Path):
    """The file of accounts, of `carryall passwd` or of htdigest; `problems` below reads it."""

    def __init__(self):
        # type: () -> None
        Path.__init__(self, 'file')

    def problems(self, value):
        found = Path.problems(self, value)
        if found and not os.path.exists(value):
            return [found[0] + MAKE_ACCOUNTS % os.path.basename(value)]
        return found


LOGINS = LoginOptions(GROUP)
ACCOUNTS = AccountOptions('account', GROUP)
OPTIONS = [
    Option('auth', AccountPath(), group=GROUP,
           help='require an account in this file, made by "carryall passwd", or for '
                'digest by htdigest'),
    ACCOUNTS,
    Option('auth-kind', Choice(KINDS), default='basic', group=GROUP,
           help='basic and form send the password, so they are for https and this machine; form '
                'is a page of this server at /login; digest needs a file of keys, which must be '
                'kept as secret as passwords; bearer needs a file of the hashes of tokens'),
    Option('auth-realm', Text(1, 255, 'TEXT'), default='carryall', group=GROUP,
           help='text that browsers show when they ask for a password'),
    Option('auth-path', FolderRule(), repeat=True, group=GROUP,
           help='folder of the site to guard, for all accounts or for those named; the whole site '
                'unless given'),
    Option('auth-except', FolderPath(), repeat=True, group=GROUP,
           help='folder that needs no account'),
    Option('store', StoreLocation(), secret=True, group=GROUP,
           help='database of the sessions of --auth-kind form: sqlite:FILE or '
                'postgresql://USER@HOST/NAME; in memory, until the server ends, unless given'),
    Option('session-idle', Seconds(60.0), default='30m', group=GROUP,
           help='time without a request that ends a session of --auth-kind form'),
    Option('session-time', Seconds(60.0), default='12h', group=GROUP,
           help='time that ends a session of --auth-kind form in any case'),
    Flag('allow-clear-passwords', group=GROUP,
         help='ask for passwords over http from other machines too'),
    LOGINS,
]


def check(options, endpoints):
    # type: (OptionValues, List[Any]) -> None
    """Raises UsageError for options that contradict each other.

    Args:     endpoints: all listeners.
    """
    if options.store is not None and options.auth_kind != u'form':
        raise UsageError(u'--store keeps the sessions of --auth-kind form')
    if options.auth is None and not options.account:
        if options.store is not None or options.auth_path or options.auth_except or (
                options.allow_clear_passwords and not options.upload_account):
            raise UsageError(
                u'--auth-path, --auth-except, --store and --allow-clear-passwords need --auth FILE '
                u'or --account')
        return
    ACCOUNTS.accounts(options)              # raises for a duplicate
    if options.account and options.auth_kind not in (u'basic', u'form'):
        raise UsageError(u'--account has passwords, which --auth-kind %s does not take: basic and '
                         u'form do' % options.auth_kind)
    if options.account and options.auth is not None and options.auth_kind == u'form':
        raise UsageError(u'a login page takes its accounts from one place: --auth or --account')
    paths = [FolderRule().split(rule)[0] for rule in options.auth_path]
    for path in paths + options.auth_except:
        if (paths + options.auth_except).count(path) > 1:
            raise UsageError(u'duplicate rule for %s' % path)
        _check_not_got_around(path, options)
    if options.auth_kind == u'digest' and u':' in options.auth_realm:
        raise UsageError(
            u'--auth-realm: for digest it must not have a colon, which separates fields of the '
            u'file')
    if options.auth_kind != u'digest' and not options.allow_clear_passwords and not any(
        map(is_secret, endpoints)):
        raise UsageError(
            u'over http passwords would be sent in clear: serve --https PORT, or '
            u'listen on 127.0.0.1,'
                         u' or give --allow-clear-passwords')


def is_secret(endpoint):
    # type: (Any) -> bool
    """True if the connection cannot be read on its way."""
    return endpoint.kind in ('tls', 'unix') or is_loopback(endpoint.interface)


def _check_not_got_around(path, options):
    # type: (str, OptionValues) -> None
    """Refuses a rule for a file that has a second URL, which the rule would not guard."""
    name = path.rpartition(u'/')[2]
    if to_bytes(name) in [to_bytes(index) for index in options.index or DEFAULT_INDEX]:
        raise UsageError(
            u'a rule for %s could be evaded, as its folder shows the file too: guard the folder'
            % path)
    endings = options.ignore_ext
    if u'.' in name and (options.allow_ignore_ext
                         or any(name.endswith(u'.' + ending.lstrip(u'.')) for ending in endings)):
        raise UsageError(
            u'a rule for %s could be evaded, as endings may be left out: guard its folder'
            % path)


def problems(options):
    # type: (OptionValues) -> List[str]
    """The reasons why the accounts cannot be used here and now, as texts."""
    if options.auth is None or Path('file').problems(options.auth):
        return []               # the option itself reports a missing file
    if options.auth_kind in (u'basic', u'form'):
        # Imported here, as a site without accounts does not need it.
        from carryall.core.auth.passwordfile import PasswordFile
        return PasswordFile(options.auth).problems()
    from carryall.services.web.digestfile import DigestFile
    from carryall.services.web.tokenfile import TokenFile
    try:
        if options.auth_kind == u'bearer':
            TokenFile(options.auth, lambda: 0.0).table()
            return []
        DigestFile(options.auth, to_bytes(options.auth_realm), lambda: 0.0).algorithms()
    except UsageError as exc:
        return [exc.message]
    return []


def make_door(options, loop):
    # type: (OptionValues, Any) -> Any
    """The Door or FormDoor of the options, or None.

    Raises:   CarryallError: the file cannot be read, or is not suitable.
    """
    if options.auth is None and not options.account:
        return None
    from carryall.core.auth.passwordfile import load_table
    from carryall.services.web.loginguard import BasicScheme, DigestScheme, Door
    guarded = [FolderRule().split(rule) for rule in options.auth_path] or [(u'/', EVERY_ACCOUNT)]
    rules = PathRules([(to_bytes(path), users) for path, users in guarded],
                      [to_bytes(path) for path in options.auth_except])
    realm = to_bytes(options.auth_realm)
    if options.auth is not None and options.auth_kind in (u'basic', u'form'):
        table = load_table(options.auth)
        if table.problems and not table.names():
            raise UsageError(u'%s is not a password file: %s' % (options.auth, table.problems[0]))
    if options.auth_kind == u'form':
        return _make_form_door(options, loop, rules)
    if options.auth_kind == u'basic':
        scheme = BasicScheme(options.auth, realm, loop,
                             ACCOUNTS.checkers(options))     # type: Any
    elif options.auth_kind == u'bearer':
        from carryall.services.web.tokenfile import BearerScheme
        scheme = BearerScheme(options.auth, realm, loop)
    else:
        scheme = DigestScheme(options.auth, realm, loop)
    return Door(rules, scheme, loop, LOGINS.guard(options, loop), options.allow_clear_passwords)


def make_upload_door(options, loop):
    # type: (OptionValues, Any) -> Any
    """The Door before uploads, or None."""
    checkers = uploadsite.ACCOUNTS.checkers(options)
    if not checkers:
        return None
    from carryall.services.web.loginguard import BasicScheme, Door
    scheme = BasicScheme(None, to_bytes(options.auth_realm), loop, checkers)
    return Door(PathRules([(b'/', EVERY_ACCOUNT)]), scheme, loop, LOGINS.guard(options, loop),
                options.allow_clear_passwords)


def _make_form_door(options, loop, rules):
    # type: (OptionValues, Any, PathRules) -> Any
    from carryall.core.auth.passwordfile import PasswordFile
    from carryall.services.web.formlogin import FormDoor
    from carryall.services.web.sessions import Sessions
    checkers = ACCOUNTS.checkers(options) or [PasswordFile(options.auth)]
    sessions = Sessions(_make_session_store(options, loop), loop, options.session_idle,
                        options.session_time)
    return FormDoor(rules, checkers[0], sessions, loop, LOGINS.guard(options, loop),
                    options.allow_clear_passwords)


def _make_session_store(options, loop):
    # type: (OptionValues, Any) -> Any
    """The store for Sessions; that of a database is open."""
    if options.store is None:
        from carryall.services.web.sessions import MemoryStore
        return MemoryStore(loop)
    # Imported here: a site without a database does not need it.
    from carryall.app.datastore import DataStore
    from carryall.services.web.sessionstore import STORE, SessionTable
    store = DataStore(STORE, options.store)
    store.start(loop)
    return SessionTable(store, loop)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple
    from carryall.app.optionvalues import OptionValues
