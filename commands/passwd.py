# Copyright the carryall authors.  See LICENSE.
"""`carryall passwd FILE USER`: set, check or remove a password in a password file.

Status:   0 done, or the password is right; 1 it is wrong, there is no such account, or the file
          cannot be used; 2 the command line, the name or the password cannot be; 130 Ctrl-C.
Secrets:  a password is asked for at the terminal without an echo, or is the first line of stdin
          (--stdin); it is never on the command line,
          where every user of the machine can read it, and never printed.
Tests:    tests/commands/test_passwd.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.commands.console import FAILED, complain, say, show_help
from carryall.core.auth.credentials import MAX_PASSWORD, usable_name
from carryall.core.auth.passwordfile import PasswordFileError, PasswordTable, load_table, save_table
from carryall.core.auth.verifiers import DEFAULT_SCHEME, SCHEMES, make_verifier
from carryall.core.compat import native
from carryall.core.errors import UsageError
from carryall.core.logs import escape
from carryall.app.options import Argument, Choice, Flag, HelpRequested, Option, Path, Schema, Text
from carryall.app.usage import columns
from carryall.app.databases import absolute_location, is_location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence
    from carryall.app.optionvalues import OptionValues

__all__ = ['SCHEMA', 'main']

SUMMARY = (u'Sets a password in a password file, which is made if it is not there. The file is '
           u'replaced in one step, and is its '
           u'owner\'s alone; servers that run see the change.')


def _check(options):
    # type: (OptionValues) -> None
    if options.delete + options.check + options.list > 1:
        raise UsageError(u'only one of --delete, --check and --list can be done')
    if options.list:
        if options.user is not None:
            raise UsageError(u'--list shows all accounts, and takes no USER')
    elif options.user is None:
        raise UsageError(u'whose password? USER is missing')
    elif not usable_name(options.user) or options.user.startswith(u'#'):
        raise UsageError(u'"%s" cannot be a name: 1 to 255 characters, no colon, no control '
                         u'characters, no # at the begin'
                         % options.user)


class AccountPlace(Path):
    """The path of a password file, or the location of a store."""

    metavar = 'FILE'

    def parse(self, text):
        if is_location(text):
            return absolute_location(text)
        return Path.parse(self, text)

    def problems(self, value):
        return [] if is_location(value) else Path.problems(self, value)


SCHEMA = Schema([
    Flag('stdin', help='the password is the first line of stdin'),
    Flag('check', short='c', help='only say whether it is the password of USER'),
    Flag('delete', short='D', help='remove USER'),
    Flag('list', short='l', help='list the accounts and how their passwords are kept'),
    Option('scheme', Choice(SCHEMES), default=DEFAULT_SCHEME,
           help='how it is kept; scrypt is dearer to guess, but Jython cannot check it; the scram '
                'ones let clients log in '
           'without showing the password'),
], arguments=[Argument('file', AccountPlace('any'),
                       help='the password file, or sqlite:FILE or postgresql://...: the accounts '
                            'in a store'),
              Argument('user', Text(metavar='USER'), required=False,
                       help='the name of the account')],
    check=_check, examples=[
        ('carryall passwd users anna', 'set the password of anna'),
        ('carryall passwd --check users anna', 'is it this one?'),
        ('carryall passwd sqlite:mail.db anna@a.example', 'an account of mail --store'),
        ('pwgen 20 1 | carryall passwd --stdin users anna', 'set it from a program')])


def main(words):
    # type: (Sequence[Any]) -> int
    """The command, with the words after its name."""
    try:
        options = SCHEMA.parse(words)
    except HelpRequested as asked:
        return show_help(asked, u'carryall passwd', SCHEMA, SUMMARY)
    if is_location(options.file):
        # Imported here: most accounts are in files.
        from carryall.commands.storedpasswd import run_stored
        return run_stored(options, lambda twice: _password(options, twice))
    try:
        if options.list:
            return _list(options)
        if options.check:
            return _check_password(options)
        return _delete(options) if options.delete else _set(options)
    except (IOError, OSError) as exc:
        # Of the lock file; the password file's own are sentences already.
        raise PasswordFileError(u'the password file %s cannot be locked: %s'
                                % (options.file, exc.strerror or exc), exc)


def _list(options):
    # type: (OptionValues) -> int
    table = _loaded(options.file)
    for line in columns([(escape(name), table.get(name).scheme) for name in table.names()], 26):
        say(line)
    return FAILED if table.problems else 0


def _check_password(options):
    # type: (OptionValues) -> int
    from carryall.core.auth.verifiers import decoy
    from carryall.runtimes.crypto import provider
    table = _loaded(options.file)
    password = _password(options, False)
    crypto = provider()
    verifier = table.get(options.user)
    right = (verifier or decoy(crypto, table.like(0.0))).verify(password, crypto)
    if verifier is None:
        complain(u'carryall passwd', u'there is no account %s' % options.user)
    elif not right:
        complain(u'carryall passwd', u'it is not the password of %s' % options.user)
    else:
        say(u'it is the password of %s' % escape(options.user))
    return 0 if verifier is not None and right else FAILED


def _set(options):
    # type: (OptionValues) -> int
    from carryall.runtimes.host import systemfiles as files
    from carryall.runtimes.crypto import provider
    from carryall.runtimes.host.filelock import locked
    folder = os.path.dirname(options.file)
    if not os.path.isdir(folder):
        raise UsageError(u'there is no folder %s' % folder)
    if os.path.isdir(options.file):
        raise UsageError(u'%s is a folder' % options.file)
    verifier = make_verifier(_password(options, True), provider(), native(options.scheme))
    with locked(options.file):        # after the slow part, and after the questions
        table = _loaded(options.file) if os.path.exists(options.file) else PasswordTable()
        known = table.get(options.user) is not None
        save_table(options.file, table.with_account(options.user, verifier), files)
    say((u'%s has a new password' if known else u'%s was added') % escape(options.user))
    return 0


def _delete(options):
    # type: (OptionValues) -> int
    from carryall.runtimes.host import systemfiles as files
    from carryall.runtimes.host.filelock import locked
    _loaded(options.file)             # what is not there gets no lock file beside it
    with locked(options.file):
        table = load_table(options.file)
        if table.get(options.user) is None:
            complain(u'carryall passwd', u'there is no account %s' % options.user)
            return FAILED
        save_table(options.file, table.without_account(options.user), files)
    say(u'%s was removed' % escape(options.user))
    return 0


def _loaded(path):
    # type: (str) -> PasswordTable
    table = load_table(path)
    for problem in table.problems:
        complain(u'carryall passwd', u'%s, %s' % (path, problem))
    return table


def _password(options, twice):
    # type: (OptionValues, bool) -> bytes
    """From stdin or the terminal; UsageError for one that cannot be."""
    if options.stdin:
        # py2: stdin takes and gives bytes itself.
        line = getattr(sys.stdin, 'buffer', sys.stdin).readline(MAX_PASSWORD + 3)
        password = line[:-1] if line.endswith(b'\n') else line
        password = password[:-1] if password.endswith(b'\r') else password
    else:
        from carryall.runtimes.host.terminal import read_secret
        password = read_secret(u'Password of %s: ' % escape(options.user))
        if twice and password != read_secret(u'Once more: '):
            raise UsageError(u'the two are not the same')
    if not password:
        raise UsageError(u'an empty password lets everybody in')
    if len(password) > MAX_PASSWORD or b'\0' in password:
        raise UsageError(u'a password has at most %d octets, and no NUL' % MAX_PASSWORD)
    return password
