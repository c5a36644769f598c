# Copyright the carryall authors.  See LICENSE.
"""The reference of all commands and types: schemas and texts for manual pages and completion.

    for page in pages():
        page.name                       # 'cert'
        page.usages[0].words            # ('carryall', 'cert', 'make')

A page has several usages if a command has several verbs, or if a client and a server share a
name.

Tests:    tests/commands/test_reference.py
"""
from __future__ import absolute_import, division, print_function

from carryall.commands.main import COMMANDS, joined
from carryall.app.servicetypes import BUILTIN, Registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Tuple

__all__ = ['Page', 'TABLE', 'Usage', 'main_page', 'pages']

# command and verb, module, and what the schema, the summary and the trailing text are called in it
TABLE = (
    ('cert make', 'cert', 'MAKE', 'MAKE_SUMMARY', None),
    ('cert show', 'cert', 'SHOW', 'SHOW_SUMMARY', None),
    ('completion', 'completion', 'SCHEMA', 'SUMMARY', None),
    ('fetchmail', 'fetchmail', 'SCHEMA', 'SUMMARY', 'TRAILER'),
    ('finger', 'finger', 'SCHEMA', 'SUMMARY', 'TRAILER'),
    ('ftp-get', 'ftp', 'GET', 'GET_SUMMARY', 'TRAILER'),
    ('ftp-ls', 'ftp', 'LS', 'LS_SUMMARY', 'TRAILER'),
    ('ftp-mirror', 'ftp', 'MIRROR', 'MIRROR_SUMMARY', 'TRAILER'),
    ('ftp-otp', 'ftp', 'OTP', 'OTP_SUMMARY', None),
    ('ftp-put', 'ftp', 'PUT', 'PUT_SUMMARY', 'TRAILER'),
    ('get', 'get', 'SCHEMA', 'SUMMARY', 'TRAILER'),
    ('mktap', 'mktap', 'SCHEMA', 'SUMMARY', None),
    ('passwd', 'passwd', 'SCHEMA', 'SUMMARY', None),
    ('run', 'run', 'SCHEMA', 'SUMMARY', None),
    ('runtimes', 'listing', 'RUNTIMES', 'RUNTIMES_SUMMARY', None),
    ('sendmail', 'sendmail', 'SCHEMA', 'SUMMARY', 'TRAILER'),
    ('telnet', 'telnet', 'SCHEMA', 'SUMMARY', 'TRAILER'),
    ('twistd', 'twistd', 'SCHEMA', 'SUMMARY', None),
    ('types', 'listing', 'PLAIN', 'TYPES_SUMMARY', None),
    ('whois', 'whois', 'SCHEMA', 'SUMMARY', 'TRAILER'),
)


class Usage(object):
    """One way to call a command.

    Args:     words:   the words of the call, ('carryall', 'cert', 'make').
              schema:  its options and arguments.
              summary: a sentence or more that says what it does.
              trailer: lines that the help shows below the options.
              extra:   words of the call that the schema does not describe.
    """

    __slots__ = ('words', 'schema', 'summary', 'trailer', 'extra')

    def __init__(self, words, schema, summary, trailer=u'', extra=()):
        # type: (Tuple[str, ...], Any, str, str, Tuple[str, ...]) -> None
        self.words = words
        self.schema = schema
        self.summary = summary
        self.trailer = trailer
        self.extra = extra


class Page(object):
    """All usages of one name.

    Args:     name:    of the command or type; empty for carryall itself.
              summary: one line.
              is_type: true if a service type has the name, alone or beside a command.
    """

    __slots__ = ('name', 'summary', 'usages', 'is_type')

    def __init__(self, name, summary, usages, is_type):
        # type: (str, str, List[Usage], bool) -> None
        self.name = name
        self.summary = summary
        self.usages = usages
        self.is_type = is_type


def main_page():
    # type: () -> Page
    """The page of `carryall` without a command."""
    from carryall.commands import main as umbrella
    usage = Usage(('carryall',), umbrella.SCHEMA, umbrella.SUMMARY, umbrella.STATUS,
                  ('TYPE|COMMAND', '[option ...]'))
    return Page('', u'portable suite of internet servers and clients', [usage], False)


def pages():
    # type: () -> List[Page]
    """A page for each command and each type built in, in the order of their names."""
    found = {}      # type: Any
    for name, _, _, summary in COMMANDS:
        found[name] = Page(name, summary, [], False)
    for row in TABLE:
        found[row[0].split()[0]].usages.append(_command_usage(*row))
    for name, _, summary in BUILTIN:
        page = found.setdefault(name, Page(name, summary, [], True))
        if not page.is_type:
            page.summary = u'%s; %s' % (page.summary, summary)
            page.is_type = True
        page.usages.append(_type_usage(name))
    return [found[name] for name in sorted(found)]


def _command_usage(name, module, schema, summary, trailer):
    # type: (str, str, str, str, Any) -> Usage
    held = __import__('carryall.commands.' + module, None, None, [schema])
    words = ('carryall',) + tuple(name.split())
    extra = ('TYPE', '[option ...]') if name == 'mktap' else ()
    return Usage(words, getattr(held, schema), getattr(held, summary),
                 getattr(held, trailer) if trailer else u'', extra)


def _type_usage(name):
    # type: (str) -> Usage
    kind = Registry().get(name)
    return Usage(('carryall', name), joined(kind.options)[0], kind.summary)
