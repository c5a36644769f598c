# Copyright the carryall authors.  See LICENSE.
"""`carryall dict WORD`: looks words up at a DICT server.

    carryall dict serendipity               carryall dict -m -s prefix seren
    carryall dict -h 127.0.0.1 -D           carryall dict dict://dict.org/d:sun:wn

Secrets:  that of --user comes from the environment (CARRYALL_PASSWORD).
Status:   0 something was found; 1 nothing was, or the server failed; 2 the command line is wrong;
          130 Ctrl-C.
Tests:    tests/commands/test_dictclient.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys

from carryall.app.options import Argument, Flag, HelpRequested, Option, Schema
from carryall.app.optiontypes import Host, Port, Seconds, Text
from carryall.commands import proxied
from carryall.commands.console import complain, show_help, write_all
from carryall.core.auth.sasl import NoMechanism
from carryall.core.codec.printable import clean
from carryall.core.compat import native, text_type, to_bytes
from carryall.core.errors import LocalProtocolError, RemoteProtocolError, UsageError
from carryall.core.future import Return, coroutine, with_timeout
from carryall.protocols.dict import PORT, connect, is_atom, parse_url
from carryall.runtimes import choose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence
    from carryall.app.optionvalues import OptionValues

__all__ = ['SCHEMA', 'SUMMARY', 'TRAILER', 'main']

SERVER = 'dict.org'                     # asked if nothing is said; open to everybody
PASSWORD_VARIABLE = 'CARRYALL_PASSWORD'

SUMMARY = (u'Looks words up at a server of dictionaries. A word without more shows its definitions '
           u'in all databases; if there are none, words of a similar spelling.')
TRAILER = (u'databases: "*" searches all, "!" all up to the first that has the word\n'
           u'strategies: those of the server, see -S; "." is its best to correct spelling\n'
           u'secret of --user: from the environment variable %s\n'
           u'status: 0 something was found; 1 nothing was, or the server failed;\n'
           u'        2 the command line is wrong' % PASSWORD_VARIABLE)


class Atom(Text):
    """The name of a database or strategy."""

    def __init__(self, metavar):
        # type: (str) -> None
        Text.__init__(self, 1, 100, metavar)

    def check(self, value):
        Text.check(self, value)
        if not is_atom(value):
            raise UsageError(u'"%s" has a blank, a quote or a backslash' % value)


def _check(options):
    # type: (OptionValues) -> None
    shows = [each for each in (options.databases, options.strategies, options.info,
                               options.server_info) if each]
    if len(shows) > 1:
        raise UsageError(u'-D, -S, -I and --server-info exclude each other')
    if bool(shows) == bool(options.words):
        raise UsageError(u'-D, -S, -I and --server-info take no word' if shows
                         else u'WORD must be given; -D lists the databases, -S the strategies')


SCHEMA = Schema([
    Option('host', Host(), short='h', default=SERVER, help='server to ask'),
    Option('port', Port(1), short='p', default=str(PORT), help='port of the server'),
    Option('database', Atom('NAME'), short='d', default='*', help='database to search'),
    Flag('match', short='m', help='find words, and show no definitions'),
    Option('strategy', Atom('NAME'), short='s', default='.', help='how --match finds words'),
    Flag('databases', short='D', help='list the databases'),
    Flag('strategies', short='S', help='list the strategies'),
    Option('info', Atom('NAME'), short='I', help='show source and licence of a database'),
    Flag('server-info', help='show what the server says of itself'),
    Option('user', Text(1, 255), short='u', help='log in under this name'),
    Option('mechanism', Text(1, 20, 'NAME'),
           help='how to log in: AUTH, or a mechanism of SASL; the best that the server has '
                'unless given'),
    Option('timeout', Seconds(0.001), default='30s', help='how long it may take in all'),
    proxied.OPTION,
    Option('backend', Text(1, 30, 'NAME'),
           help='the loop to run on; "carryall runtimes" lists them'),
], arguments=[Argument('words', Text(1, 900), required=False, repeat=True,
                       help='a word, or a URL such as dict://dict.org/d:sun:wn')],
    check=_check, examples=[
        ('carryall dict serendipity', 'its definitions'),
        ('carryall dict -d wn "apple pie"', 'in one database'),
        ('carryall dict -m -s prefix seren', 'words that begin like this'),
        ('carryall dict -h 127.0.0.1 -D', 'the databases of another server')])


class Question(object):
    """The question for one word, of the command line or a URL.

    Attributes:
        host, port: of the server.
        user, mechanism: of the login.
        word, database, strategy: text.
        matches: words are wanted, no definitions.
        number: of the one answer that is wanted, from 1; None for all.
    """

    def __init__(self, options, word):
        # type: (OptionValues, str) -> None
        found = options                 # type: Any
        self.word = word
        self.matches = options.match
        self.number = None              # type: Any
        if word[:7].lower() == u'dict://':
            try:
                found = parse_url(word)
            except LocalProtocolError as exc:
                raise UsageError(exc.message)
            self.word = found.word
            self.matches = found.matches
            self.number = found.number
        self.host = found.host
        self.port = found.port
        self.user = found.user
        self.mechanism = found.mechanism
        self.database = found.database
        self.strategy = found.strategy

    def server(self):
        # type: () -> Any
        """The place and the login; two questions with the same share a connection."""
        return self.host, self.port, self.user, self.mechanism

    def chosen(self, rows):
        # type: (List[Any]) -> List[Any]
        """The answers that are wanted."""
        return rows if self.number is None else rows[self.number - 1:self.number]


def main(words):
    # type: (Sequence[Any]) -> int
    """The command, with the words after its name."""
    # -h is the server here, as in dict(1).
    if len(words) == 1 and words[0] in (u'-h', b'-h'):
        words = ['--help']
    try:
        options = SCHEMA.parse(words)
    except HelpRequested as asked:
        return show_help(asked, u'carryall dict', SCHEMA, SUMMARY, TRAILER)
    questions = [Question(options, word) for word in options.words]
    if not questions:
        questions = [Question(options, u'')]
    if any(each.user for each in questions) and not os.environ.get(PASSWORD_VARIABLE):
        raise UsageError(u'--user needs a secret in the environment variable %s'
                         % PASSWORD_VARIABLE)
    loop = choose(options.backend and native(options.backend))
    try:
        return loop.run_until(with_timeout(loop, _ask_all(proxied.through(loop, options), options,
                                                          questions), options.timeout,
                                           u'it took longer than %g seconds' % options.timeout))
    finally:
        loop.close()


@coroutine
def _ask_all(loop, options, questions):
    # type: (Any, OptionValues, List[Question]) -> Any
    """A Future of the command's status."""
    status = 0
    client = None                       # type: Any
    last = None                         # type: Any
    for question in questions:
        if question.server() != last:
            if client is not None:
                client.close()
            client = yield _connected(loop, question, options.timeout)
            last = question.server()
        try:
            found = yield _ask(client, options, question)
        except (LocalProtocolError, RemoteProtocolError) as exc:
            complain(u'carryall dict', exc.message)
            found = False
        if not found:
            status = 1
    yield client.quit().then(None, lambda exc: None)    # all is said: how it ends is no matter
    raise Return(status)


@coroutine
def _connected(loop, question, seconds):
    # type: (Any, Question, float) -> Any
    host = native(text_type(question.host).encode('ascii', 'replace').decode('ascii'))
    client = yield connect(loop, host, question.port, timeout=seconds)
    if question.user:
        name = question.mechanism and native(question.mechanism)
        try:
            yield client.login(text_type(question.user), to_bytes(os.environ[PASSWORD_VARIABLE]),
                               mechanism=name)
        except NoMechanism as exc:
            raise UsageError(u'--mechanism: %s' % exc.message)
    raise Return(client)


@coroutine
def _ask(client, options, question):
    # type: (Any, OptionValues, Question) -> Any
    """A Future of True if something was found and shown."""
    if options.databases or options.strategies:
        rows = yield client.databases() if options.databases else client.strategies()
        _show(u''.join(u'%-20s %s\n' % (each.name, each.description) for each in rows))
        raise Return(bool(rows))
    if options.info or options.server_info:
        text = yield client.info(options.info) if options.info else client.about()
        _show(text)
        raise Return(True)
    if question.matches:
        rows = yield client.match(question.word, question.database, question.strategy)
        rows = question.chosen(rows)
        _show_words(rows)
    else:
        rows = yield client.define(question.word, question.database)
        rows = question.chosen(rows)
        _show(u''.join(_spelled(each) for each in rows))
        if not rows:
            yield _suggest(client, question)
    if question.matches and not rows:
        complain(u'carryall dict', u'no word matches "%s"' % question.word)
    raise Return(bool(rows))


@coroutine
def _suggest(client, question):
    # type: (Any, Question) -> Any
    """Shows words of a similar spelling where a word has no definition."""
    words = yield client.match(question.word, question.database)
    text = u'no definition of "%s"' % question.word
    if words:
        text += u'; did you mean one of these?'
    complain(u'carryall dict', text)
    _show_words(words)


def _show_words(rows):
    # type: (List[Any]) -> None
    _show(u''.join(u'%-20s %s\n' % row for row in rows))


def _spelled(definition):
    # type: (Any) -> str
    """A definition for a reader, under the name of its database."""
    lines = [u'  ' + line if line else u'' for line in definition.text.rstrip(u'\n').split(u'\n')]
    return u'%s [%s]:\n\n%s\n\n' % (definition.description, definition.database, u'\n'.join(lines))


def _show(text):
    # type: (str) -> None
    write_all(sys.stdout, clean(text))
