# Copyright the carryall authors.  See LICENSE.
"""carryall cert make|show: certificates to begin with, and what is in one.

    carryall cert make host.example www.host.example        host.example.pem and host.example.key,
    signed by itself
    carryall cert make --ca tests.pem localhost             signed by an authority, which is made if
    it is not there carryall cert show host.example.pem

A key file is for its owner alone (mode 600), and nothing that is there is ever written over without
--force.

Tests:    tests/commands/test_cert.py
"""
from __future__ import absolute_import, division, print_function

import datetime
import os
import sys
from contextlib import contextmanager

from carryall.commands.console import (BAD_USAGE, help_width, run_command, say, show_help,
                                       write_all)
from carryall.core.compat import FAILURES
from carryall.core.errors import CarryallError, RemoteProtocolError, UsageError
from carryall.app.optiontypes import Integer, Path, Text, to_text
from carryall.app.options import Argument, Flag, Form, HelpRequested, Option, Schema
from carryall.core.tls import certificates, pem
from carryall.core.tls.context import read_pem
from carryall.app.usage import columns, help_text
from carryall.runtimes.host import systemfiles as files
from carryall.runtimes.clock import wall
from carryall.runtimes.host.filelock import locked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List, Optional, Sequence, Tuple
    from carryall.app.optionvalues import OptionValues

__all__ = ['main']

MAX_DAYS = 36500

MAKE = Schema([
    Option('output', Path('new'), short='o', help='the certificate; its key goes beside it, with '
                                                  'the ending .key;'
                                                  ' FIRST-NAME.pem unless given'),
    Option('ca', Path('new'), help='sign with this authority, made first if it is not there'),
    Option('days', Integer(1, MAX_DAYS, 'days'), default='397', help='how long it is good'),
    Flag('force', help='write over what is there'),
], [Argument('name', Text(1, 253, 'NAME'), 'host names and IP addresses it is for', repeat=True)],
              examples=[
    ('carryall cert make localhost 127.0.0.1',
     'localhost.pem and localhost.key, for a server on this machine'),
    ('carryall cert make --ca tests.pem localhost',
     'the same, signed by an authority that clients can be told to trust'),
])
SHOW = Schema([], [Argument('file', Path('file'), 'PEM files', repeat=True)],
              examples=[('carryall cert show localhost.pem',
                         'whom it is for, and how long it is good')])

MAKE_SUMMARY = u'Makes a certificate and its key (EC P-256), for a server or a client.'
SHOW_SUMMARY = u'Shows the certificates in PEM files.'
SUMMARY = (u'Makes certificates and shows them.  "carryall cert make --help" and "carryall cert '
           u'show --help" tell more.')
SCHEMA = Schema([], forms=[Form('make', MAKE, MAKE_SUMMARY), Form('show', SHOW, SHOW_SUMMARY)],
                examples=MAKE.examples[:1] + SHOW.examples)


def main(words):
    # type: (Sequence[Any]) -> int
    """The command; words without its name."""
    return run_command(u'carryall cert', _main, words)


def _main(words):
    # type: (Sequence[Any]) -> int
    verb = to_text(words[0]) if words else u''
    for name, schema, summary, action in ((u'make', MAKE, MAKE_SUMMARY, _make),
                                          (u'show', SHOW, SHOW_SUMMARY, _show)):
        if verb == name:
            try:
                options = schema.parse(words[1:])
            except HelpRequested as asked:
                return show_help(asked, u'carryall cert ' + name, schema, summary)
            except UsageError as exc:
                exc.command = u'carryall cert ' + name
                raise
            for problem in schema.problems(options):
                raise UsageError(problem)
            return action(options)
    if verb in (u'--help', u'-h'):
        return show_help(HelpRequested(), u'carryall cert', SCHEMA, SUMMARY)
    if verb:
        raise UsageError(u'"%s" is none of make, show' % verb)
    write_all(sys.stderr, help_text(u'carryall cert', SCHEMA, SUMMARY, width=help_width()))
    return BAD_USAGE


# -- make --------------------------------------------------------------------

def _make(options):
    # type: (OptionValues) -> int
    names = options.name
    from carryall.core.tls.authority import self_signed
    output = options.output or os.path.abspath(_file_name(names[0]) + u'.pem')
    key = os.path.splitext(output)[0] + u'.key'
    if key == output:
        raise UsageError(u'the certificate cannot have the ending .key, which its key gets')
    _demand_free(options, output, key)
    now = wall()
    if options.ca is None:
        pair = self_signed(names, now, options.days)
    else:
        with _alone(options.ca):
            signer = _authority(options.ca, now)
        pair = signer.issue(names, now, options.days)
    with _alone(output):
        _demand_free(options, output, key)
        _write((key, pair.key, 0o600), (output, pair.certificate, 0o644))
    say(u'certificate: %s' % output)
    say(u'key: %s' % key)
    return 0


def _demand_free(options, *paths):
    # type: (OptionValues, *str) -> None
    for path in paths:
        if os.path.exists(path) and not options.force:
            raise UsageError(u'%s is there already; --force writes over it' % path)


@contextmanager
def _alone(path):
    # type: (str) -> Iterator[None]
    """Keeps others from making the same pair meanwhile:
    a certificate of one and the key of another do not fit."""
    try:
        with locked(path, keep=False):
            yield
    except (IOError, OSError) as exc:
        raise CarryallError(u'%s cannot be written: %s' % (path, getattr(exc, 'strerror', None)
                                                           or exc))


def _file_name(name):
    # type: (str) -> str
    """A name without what no file name should have: the * of a wildcard,
    the colons of an address."""
    return u''.join(char if char.isalnum() or char in u'.-' else u'_' for char in name)


def _authority(path, now):
    # type: (str, float) -> Any
    """The authority in the file *path*, made now if there is none."""
    from carryall.core.tls.authority import authority, load_authority
    key = os.path.splitext(path)[0] + u'.key'
    if os.path.exists(path):
        return load_authority(read_pem(path, u'the authority'),
                              read_pem(key, u"the authority's key"))
    made = authority(u'carryall authority of %s' % os.path.splitext(os.path.basename(path))[0], now)
    if os.path.exists(key):
        raise UsageError(u'%s is there already, and %s is not' % (key, path))
    _write((key, made.key, 0o600), (path, made.certificate, 0o644))
    say(u'authority: %s' % path)
    return made


def _write(*wanted):
    # type: (*Tuple[str, bytes, int]) -> None
    """Writes whole files, each (path, data, mode), under their names; or none of them,
    and leaves nothing behind."""
    path = u''
    parts = []              # type: List[str]
    former = []             # type: List[Tuple[str, Any]]
    try:
        for path, data, mode in wanted:
            part = path + u'.new'
            files.remove(part)
            parts.append(part)
            with files.append_private(part, mode) as opened:
                opened.write(data)
                opened.flush()
                files.sync(opened)
        for (path, _, _), part in zip(wanted, parts):
            former.append((path, _content(path)))
            files.replace(part, path)
    except FAILURES as exc:
        for part in parts:
            files.remove(part)
        for replaced, data in former[:-1]:
            _restore(replaced, data)
        raise CarryallError(u'%s cannot be written: %s' % (path, getattr(exc, 'strerror', None)
                                                           or exc))


def _content(path):
    # type: (str) -> Optional[bytes]
    if not os.path.exists(path):
        return None
    with open(path, 'rb') as source:
        return source.read()


def _restore(path, data):
    # type: (str, Optional[bytes]) -> None
    """Puts back what was at *path* before its partner could not be written."""
    files.remove(path)
    if data is not None:
        with files.append_private(path) as target:
            target.write(data)


# -- show --------------------------------------------------------------------

def _show(options):
    # type: (OptionValues) -> int
    for path in options.file:
        found = pem.certificates(read_pem(path, u'the certificate'))
        if not found:
            raise UsageError(u'%s holds no certificate' % path)
        for number, der in enumerate(found):
            if len(found) > 1:
                say(u'%scertificate %d of %d in %s' % (u'\n' if number else u'', number + 1,
                                                       len(found), path))
            try:
                say(u'\n'.join(_lines(certificates.parse(der), wall())))
            except RemoteProtocolError as exc:
                raise UsageError(u'%s: a certificate is malformed: %s' % (path, exc))
    return 0


def _lines(one, now):
    # type: (certificates.Certificate, float) -> List[str]
    left = (one.not_after - now) / 86400
    if now < one.not_before:
        state = u'not yet'
    else:
        state = u'%d days ago' % -left if left < 0 else u'%d days left' % left
    rows = [(u'for', u', '.join(one.names) or u'-'), (u'subject', one.subject),
            (u'issuer', u'itself' if one.issuer == one.subject else one.issuer),
            (u'from', _moment(one.not_before)),
            (u'until', u'%s (%s)' % (_moment(one.not_after), state)),
            (u'key', u'%s' % one.key), (u'signature', u'%s' % one.signature),
            (u'serial', u'%x' % one.serial),
            (u'may sign', u'yes, it is an authority' if one.authority else u'no'),
            (u'SHA-256', u'%s' % certificates.fingerprint(one.der))]
    return columns(rows, 12)


def _moment(seconds):
    # type: (float) -> str
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return u'%s UTC' % moment.isoformat(' ')
