# Copyright the carryall authors.  See LICENSE.
"""`carryall ldap FORM`: searches and changes a directory.

    carryall ldap search '(uid=anna)' mail        carryall ldap apply changes.ldif -D cn=admin,...

Output:   LDIF on stdout, which `apply` takes again.
Secrets:  the password of --bind or --user comes from the environment (CARRYALL_PASSWORD) or the
          terminal, a new one from CARRYALL_NEW_PASSWORD or the terminal; never from an option.
Status:   0 done; 1 nothing was found, values differ, or the server refused; 2 the command line is
          wrong; 130 Ctrl-C.
Tests:    tests/commands/test_ldapclient.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.app.options import Argument, Flag, Form, HelpRequested, Option, Schema
from carryall.app.optiontypes import Choice, Integer, Path, Seconds, Text, to_text
from carryall.app.usage import help_text
from carryall.commands import clienttls, proxied
from carryall.commands.clientpassword import PASSWORD_VARIABLE, ask, read_password
from carryall.commands.console import (BAD_USAGE, complain, help_width, run_command, say, show_help,
                                       write_all)
from carryall.core.codec.printable import clean
from carryall.core.compat import native, to_bytes
from carryall.core.errors import LocalProtocolError, UsageError
from carryall.core.future import Return, coroutine
from carryall.protocols.ldap import (BASE, ONE, SUBTREE, AddRequest, LDAPError, LDIFError, connect,
                                     differences, format_change, format_record, parse_dn,
                                     parse_filter, parse_url, read_ldif)
from carryall.runtimes import choose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence
    from carryall.app.optionvalues import OptionValues

__all__ = ['SCHEMA', 'SUMMARY', 'TRAILER', 'main']

URL = 'ldap://127.0.0.1'
BASE_VARIABLE = 'CARRYALL_LDAP_BASE'
NEW_PASSWORD_VARIABLE = 'CARRYALL_NEW_PASSWORD'
PAGE = 500                      # entries that are asked for at a time
SCOPES = {u'base': BASE, u'one': ONE, u'sub': SUBTREE}

SUMMARY = u'Searches and changes a directory.'
TRAILER = (u'password of --bind and --user: from the environment variable %s, else asked at the '
           u'terminal\n'
           u'status: 0 done; 1 nothing was found, values differ, or the server refused;\n'
           u'        2 the command line is wrong' % PASSWORD_VARIABLE)


class DN(Text):
    """A distinguished name."""

    def __init__(self, metavar='DN'):
        # type: (str) -> None
        Text.__init__(self, 0, 4096, metavar)

    def check(self, value):
        Text.check(self, value)
        try:
            parse_dn(value)
        except LDAPError as exc:
            raise UsageError(u'"%s" is no DN: %s' % (value, exc))


class FilterText(Text):
    """A filter of a search."""

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 65536, 'FILTER')

    def check(self, value):
        Text.check(self, value)
        try:
            parse_filter(value)
        except LDAPError as exc:
            raise UsageError(u'"%s" is no filter: %s' % (value, exc))


class ServerURL(Text):
    """The URL of a server."""

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 4096, 'URL')

    def check(self, value):
        Text.check(self, value)
        try:
            parse_url(value)
        except LocalProtocolError as exc:
            raise UsageError(u'%s' % exc)


def _check(options):
    # type: (OptionValues) -> None
    clienttls.check(options)
    if options.bind is not None and options.user is not None:
        raise UsageError(u'--bind logs in by a DN, --user by a name: which is it?')


SERVER = [
    Option('url', ServerURL(), short='H', default=URL, help='server to ask: ldap://, ldaps://, or '
           'ldapi:// with the path of a Unix socket, its slashes as %2F'),
    Option('bind', DN(), short='D', help='log in as this entry'),
    Option('user', Text(1, 255, 'NAME'), short='U', help='log in under this name, by SASL'),
    Flag('starttls', short='Z', help='go on under TLS, or not at all'),
    Flag('clear', help='show the password to another machine without TLS too'),
] + clienttls.OPTIONS + [
    Option('timeout', Seconds(0.001), short='m', default='30s',
           help='how long connecting may take'),
    proxied.OPTION,
    Option('backend', Text(1, 30, 'NAME'),
           help='the loop to run on; "carryall runtimes" lists them'),
]


def _form(options, arguments, examples):
    # type: (List[Any], List[Any], List[Any]) -> Schema
    return Schema(options + SERVER, arguments, check=_check, examples=examples)


SEARCH = _form([
    Option('base', DN(), short='b', help='entry to begin at; the top of the server, or what %s '
           'says, unless given' % BASE_VARIABLE),
    Option('scope', Choice(sorted(SCOPES)), short='s', default='sub',
           help='the entry alone, the level below it, or all'),
    Option('limit', Integer(0, 1000000000), short='z', default='0',
           help='entries that are enough; 0: all'),
], [Argument('filter', FilterText(), help='what to look for', required=False),
    Argument('attributes', Text(1, 255, 'ATTRIBUTE'), required=False, repeat=True,
             help='what to show; "+" for what the server keeps')],
    [('carryall ldap search "(uid=anna)" mail', 'the addresses of anna'),
     ('carryall ldap search -b ou=people,dc=example,dc=org', 'all entries below one')])
APPLY = _form([Flag('go-on', short='c', help='go on behind a change that is refused')],
              [Argument('file', Path('file'), help='LDIF with entries and changes; - for stdin')],
              [('carryall ldap apply people.ldif -D cn=admin,dc=example,dc=org',
                'add and change entries')])
DELETE = _form([], [Argument('dn', DN(), repeat=True, help='entry to delete')],
               [('carryall ldap delete uid=anna,dc=example,dc=org -D cn=admin,dc=example,dc=org',
                 'delete an entry')])
RENAME = _form([Option('below', DN(), help='move it below this entry'),
                Flag('keep', help='keep the old name as a value')],
               [Argument('dn', DN(), help='entry to rename'),
                Argument('rdn', DN('RDN'), help='its new name, without what is above')],
               [('carryall ldap rename uid=anna,dc=example,dc=org uid=ann -D cn=admin,dc=example',
                 'give an entry another name')])
PASSWD = _form([Flag('make-up', help='have the server make a password up')],
               [Argument('dn', DN(), required=False, help='entry; the own one unless given')],
               [('carryall ldap passwd -D uid=anna,dc=example,dc=org', 'change the own password')])
COMPARE = _form([], [Argument('dn', DN(), help='entry'),
                     Argument('assertion', Text(3, 65536, 'ATTRIBUTE=VALUE'),
                              help='what it should have')],
                [('carryall ldap compare uid=anna,dc=example,dc=org sn=Smith', 'compare a value')])
WHOAMI = _form([], [], [('carryall ldap whoami -U anna', 'log in, and show who that is')])
DIFF = Schema([], [Argument('old', Path('file'), help='LDIF with entries'),
                   Argument('new', Path('file'), help='LDIF with entries')],
              examples=[('carryall ldap diff yesterday.ldif today.ldif',
                         'the changes between two files, for "apply"')])

SEARCH_SUMMARY = u'Shows the entries of a directory that match a filter, as LDIF.'
APPLY_SUMMARY = u'Adds the entries, and makes the changes, of a file.'
DELETE_SUMMARY = u'Deletes entries.'
RENAME_SUMMARY = u'Renames or moves an entry, with all that is below it.'
PASSWD_SUMMARY = (u'Changes a password. The new one comes from the environment variable %s, else '
                  u'it is asked at the terminal.' % NEW_PASSWORD_VARIABLE)
COMPARE_SUMMARY = u'Says whether an entry has a value.'
WHOAMI_SUMMARY = u'Shows who the server takes the client for.'
DIFF_SUMMARY = u'Shows the changes that make the entries of one file those of another.'


def main(words):
    # type: (Sequence[Any]) -> int
    """The command, with the words after its name."""
    return run_command(u'carryall ldap', _main, words)


def _main(words):
    # type: (Sequence[Any]) -> int
    verb = to_text(words[0]) if words else u''
    for name, schema, summary, action in FORMS:
        if verb == name:
            try:
                options = schema.parse(words[1:])
            except HelpRequested as asked:
                return show_help(asked, u'carryall ldap ' + name, schema, summary, TRAILER)
            except UsageError as exc:
                exc.command = u'carryall ldap ' + name
                raise
            return action(options)
    if verb in (u'--help', u'-h'):
        return show_help(HelpRequested(), u'carryall ldap', SCHEMA, SUMMARY, TRAILER)
    if verb[:1] == u'-':
        SCHEMA.parse(words)             # raises for an option that is unknown
    if verb:
        raise UsageError(u'"%s" is none of %s' % (verb, u', '.join([row[0] for row in FORMS])))
    write_all(sys.stderr, help_text(u'carryall ldap', SCHEMA, SUMMARY, width=help_width()))
    return BAD_USAGE


# -- the session -------------------------------------------------------------

def _with_client(work, options):
    # type: (Any, OptionValues) -> int
    """Runs *work*, a coroutine of a client and the options; the status."""
    url = parse_url(options.url)
    secret = b''
    if options.bind is not None or options.user is not None:
        secret = to_bytes(read_password(options.bind or options.user))
    context = clienttls.context_of(options)
    loop = choose(options.backend and native(options.backend))
    try:
        return loop.run_until(_session(proxied.through(loop, options), work, options, url, secret,
                                       clienttls.ready(context, loop)))
    finally:
        loop.close()


@coroutine
def _session(loop, work, options, url, secret, context):
    # type: (Any, Any, OptionValues, Any, bytes, Any) -> Any
    local = url.scheme == 'ldapi' or url.host in ('', '127.0.0.1', '::1', 'localhost')
    secured = url.scheme == 'ldaps' or options.starttls
    if secret and not (local or secured or options.clear):
        raise UsageError(u'the password would be readable on its way: use --starttls, an ldaps '
                         u'URL, or --clear')
    client = yield connect(loop, url.host or '127.0.0.1', url.port,
                           tls=context if url.scheme == 'ldaps' else None,
                           timeout=options.timeout,
                           starttls=context if options.starttls else None,
                           path=(url.host or '/var/run/slapd/ldapi')
                           if url.scheme == 'ldapi' else None)
    try:
        if options.bind is not None:
            yield client.bind(options.bind, secret)
        elif options.user is not None:
            yield client.login(options.user, secret, clear=local or options.clear)
        status = yield work(client, options)
    finally:
        yield client.unbind()
    raise Return(status)


# -- the forms ---------------------------------------------------------------

@coroutine
def _search(client, options):
    # type: (Any, OptionValues) -> Any
    base = options.base
    if base is None:
        base = parse_url(options.url).dn or to_text(os.environ.get(BASE_VARIABLE, ''))
    if not base and options.scope != u'base':
        root = yield client.read(u'', [u'namingContexts'])
        base = root.text(u'namingContexts') or u''
    shown = [0]

    def show(entry):
        # type: (Any) -> None
        shown[0] += 1
        write_all(sys.stdout, format_record(entry.dn, entry.attributes).decode('utf-8'))
    scope = SCOPES[options.scope]
    tree = options.filter or u'(objectClass=*)'
    if scope == BASE or options.limit:
        yield client.search(base, tree, options.attributes, scope, size_limit=options.limit,
                            sink=show)
    else:
        yield client.search_pages(base, tree, options.attributes, scope, PAGE, sink=show)
    for urls in client.references:
        say(u'# see also %s' % clean(u' '.join(urls)))
    raise Return(0 if shown[0] else 1)


@coroutine
def _apply(client, options):
    # type: (Any, OptionValues) -> Any
    status = 0
    source = _opened(options.file)
    try:
        for record in read_ldif(source):
            try:
                yield client.ask(record.request)
            except LDAPError as exc:
                complain(u'carryall ldap', u'line %d: %s' % (record.line, exc))
                status = 1
                if not options.go_on:
                    break
    except LDIFError as exc:
        raise UsageError(u'%s: %s' % (options.file, exc))
    finally:
        source.close()
    raise Return(status)


def _opened(path):
    # type: (str) -> Any
    if path == u'-':
        return getattr(sys.stdin, 'buffer', sys.stdin)
    try:
        return open(path, 'rb')
    except (IOError, OSError) as exc:
        raise UsageError(u'%s cannot be read: %s' % (path, exc.strerror))


@coroutine
def _delete(client, options):
    # type: (Any, OptionValues) -> Any
    for dn in options.dn:
        yield client.delete(dn)
    raise Return(0)


@coroutine
def _rename(client, options):
    # type: (Any, OptionValues) -> Any
    yield client.rename(options.dn, options.rdn, not options.keep, options.below)
    raise Return(0)


@coroutine
def _passwd(client, options):
    # type: (Any, OptionValues) -> Any
    new = None                      # type: Any
    if not options.make_up:
        given = os.environ.get(NEW_PASSWORD_VARIABLE)
        new = to_bytes(ask(u'the new password', u'New password: ') if given is None else given)
    made = yield client.change_password(options.dn, None, new)
    if made is not None:
        say(u'the new password is %s' % clean(made.decode('utf-8', 'replace')))
    raise Return(0)


@coroutine
def _compare(client, options):
    # type: (Any, OptionValues) -> Any
    name, sign, value = options.assertion.partition(u'=')
    if not sign:
        raise UsageError(u'"%s" is no ATTRIBUTE=VALUE' % options.assertion)
    same = yield client.compare(options.dn, name, value.encode('utf-8'))
    say(u'true' if same else u'false')
    raise Return(0 if same else 1)


@coroutine
def _whoami(client, options):
    # type: (Any, OptionValues) -> Any
    who = yield client.who_am_i()
    say(clean(who) or u'anonymous')
    raise Return(0)


def _diff(options):
    # type: (OptionValues) -> int
    found = differences(_entries(options.old), _entries(options.new))
    for request in found:
        write_all(sys.stdout, format_change(request).decode('utf-8'))
    return 1 if found else 0


def _entries(path):
    # type: (str) -> List[AddRequest]
    source = _opened(path)
    try:
        found = []
        for record in read_ldif(source):
            if not isinstance(record.request, AddRequest):
                raise UsageError(u'%s: line %d: a change, where an entry belongs'
                                 % (path, record.line))
            found.append(record.request)
        return found
    except LDIFError as exc:
        raise UsageError(u'%s: %s' % (path, exc))
    finally:
        source.close()


def _on_line(work):
    # type: (Any) -> Any
    return lambda options: _with_client(work, options)


FORMS = (
    (u'search', SEARCH, SEARCH_SUMMARY, _on_line(_search)),
    (u'apply', APPLY, APPLY_SUMMARY, _on_line(_apply)),
    (u'delete', DELETE, DELETE_SUMMARY, _on_line(_delete)),
    (u'rename', RENAME, RENAME_SUMMARY, _on_line(_rename)),
    (u'passwd', PASSWD, PASSWD_SUMMARY, _on_line(_passwd)),
    (u'compare', COMPARE, COMPARE_SUMMARY, _on_line(_compare)),
    (u'whoami', WHOAMI, WHOAMI_SUMMARY, _on_line(_whoami)),
    (u'diff', DIFF, DIFF_SUMMARY, _diff),
)
SCHEMA = Schema([], forms=[Form(row[0], row[1], row[2]) for row in FORMS],
                examples=SEARCH.examples + APPLY.examples)
