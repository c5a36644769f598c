# Copyright the carryall authors.  See LICENSE.
"""`carryall types` and `carryall runtimes`: what there is here.

Tests:    tests/commands/test_listing.py
"""
from __future__ import absolute_import, division, print_function


from carryall import __version__
from carryall.commands.catalogue import known_types
from carryall.commands.console import say, show_help
from carryall.core.compat import interpreter
from carryall.app.options import Flag, HelpRequested, Schema
from carryall.app.usage import columns, wrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Sequence

__all__ = ['runtimes_main', 'types_main', 'version_line']

TYPES_SUMMARY = u'Lists the types of service.'
RUNTIMES_SUMMARY = u'Lists the backends of this interpreter.'
PLAIN = Schema([])
RUNTIMES = Schema([Flag('caps', help='show what each backend can do, too')])


def version_line():
    # type: () -> str
    """`carryall 0.1.0 on CPython 3.11.7, linux`."""
    from carryall.runtimes.host.systemname import system
    return u'carryall %s on %s, %s' % (__version__, interpreter(), system())


def types_main(words):
    # type: (Sequence[Any]) -> int
    """Lists the service types."""
    try:
        PLAIN.parse(words)
    except HelpRequested as asked:
        return show_help(asked, 'carryall types', PLAIN, TYPES_SUMMARY)
    for line in columns([(name, summary) for name, summary in known_types().rows()], 14):
        say(line)
    return 0


def runtimes_main(words):
    # type: (Sequence[Any]) -> int
    """Lists the backends of this interpreter: which would be chosen,
    and why the others are not there."""
    try:
        options = RUNTIMES.parse(words)
    except HelpRequested as asked:
        return show_help(asked, 'carryall runtimes', RUNTIMES, RUNTIMES_SUMMARY)
    from carryall import runtimes
    found = runtimes.backends()
    chosen = [backend.name for backend in found if backend.available and backend.automatic][:1]
    say(version_line())
    for backend in found:
        state = u'there' if backend.available else u'-'
        if [backend.name] == chosen:
            state = u'chosen'
        say(u'\n'.join(columns([(u'  %-9s %s' % (backend.name, state), backend.reason)], 22)))
        if options.caps and backend.available:
            for line in _caps(backend):
                say(line)
    return 0


def _caps(backend):
    # type: (Any) -> List[str]
    """Lines with what a backend can do, and why it cannot do the rest."""
    caps = backend.caps()
    names = [name for name in caps.NAMES if getattr(caps, name)]
    lines = wrap(u'can: %s' % u', '.join(name.replace(u'_', u' ') for name in names), 22)
    for name in caps.NAMES:
        if name not in names:
            lines += wrap(u'not %s: %s' % (name.replace(u'_', u' '), caps.why_not(name)), 22)
    return lines
