# Copyright the carryall authors.  See LICENSE.
"""The help text of a schema: usage line, options with their defaults and units, forms, examples.

Tests:    tests/app/test_usage.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.compat import text_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional, Sequence, Tuple
    from carryall.app.options import Option, Schema

__all__ = ['bounded_width', 'columns', 'help_text', 'option_notes', 'wrap']

WIDTH = 79                  # characters of a line, if the terminal does not say
LEFT = 26                   # characters of the left column; what is longer has a line of its own
MIN_WIDTH = 40              # below this the right column would have no room
MAX_WIDTH = 120             # longer lines are hard to read
FIRST_LINES = 60            # of the help, before it is cut to the options that one needs
FIRST_OPTIONS = 10          # that are shown then, unless the schema says which


def help_text(command, schema, summary, trailer='', everything=True, width=WIDTH):
    # type: (str, Schema, str, str, bool, int) -> str
    """All that `command --help` prints, ending in a newline.

    Args:     trailer:    a paragraph or more for the end, printed as it is.
              everything: show all options, and not only those of `schema.first`.
              width:      characters of a line at most.
    """
    options = schema.arguments + schema.options
    text = _text(command, schema, summary, trailer, options, width)
    if everything or not schema.first and text.count(u'\n') <= FIRST_LINES:
        return text
    first = schema.first or [option.name for option in schema.options[:FIRST_OPTIONS]]
    shown = [option for option in options
             if option.group == 'arguments' or option.required or option.name in first]
    return _text(command, schema, summary, trailer, shown, width)


def _text(command, schema, summary, trailer, shown, width):
    # type: (str, Schema, str, str, Sequence[Option], int) -> str
    """The help with the options *shown*."""
    lines = [u'usage: ' + u' '.join(_usage(command, schema)), u''] + wrap(summary, width=width)
    groups = []     # type: List[str]
    for option in shown:
        if option.group not in groups:
            groups.append(option.group)
    rows = [(u'      --help', u'show this text')]
    if len(shown) < len(schema.arguments + schema.options):
        rows = [(u'      --help all', u'show all %d options' % len(schema.options))]
    if 'options' not in groups and schema.options:
        groups.append('options')
    for group in groups:
        found = [(_left(option), _right(option)) for option in shown if option.group == group]
        if group == 'options':
            found += rows
        lines += [u'', group + u':'] + columns(found, width=width)
    if schema.forms:
        lines += [u'', u'forms, each with options of its own:']
        lines += columns([(u'  ' + form.name, form.summary) for form in schema.forms], width=width)
    if schema.examples:
        lines += [u'', u'examples:']
        for line, what in schema.examples:
            lines += _command_lines(line, width) + wrap(what, 6, width)
    if trailer:
        lines += [u'', trailer.rstrip('\n')]
    return u'\n'.join(lines) + u'\n'


def bounded_width(columns_of_terminal):
    # type: (Optional[int]) -> int
    """The width of the help on a terminal of so many columns; None if there is no terminal."""
    if not columns_of_terminal:
        return WIDTH
    return max(MIN_WIDTH, min(MAX_WIDTH, columns_of_terminal - 1))


def columns(rows, left=LEFT, width=WIDTH):
    # type: (Sequence[Tuple[str, str]], int, int) -> List[str]
    """Lines of two columns."""
    lines = []      # type: List[str]
    for name, text in rows:
        wrapped = wrap(text, left, width)
        if len(name) >= left - 1 or not wrapped:
            lines.append(text_type(name))
            lines += wrapped
        else:
            lines.append(name + wrapped[0][len(name):])
            lines += wrapped[1:]
    return lines


def wrap(text, indent=0, width=WIDTH):
    # type: (str, int, int) -> List[str]
    """Lines of at most `width` characters; words are not cut."""
    lines = []      # type: List[str]
    line = u' ' * indent
    fresh = True
    for word in text.split():
        if not fresh and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = u' ' * indent
            fresh = True
        line += word if fresh else u' ' + word
        fresh = False
    return lines if fresh else lines + [line]


def _command_lines(command, width):
    # type: (str, int) -> List[str]
    """A command as a shell takes it, in lines of at most `width` characters that a backslash
    joins; nothing between quotes is cut."""
    lines = []      # type: List[str]
    line = u'  '
    for word in command.split(u' '):
        whole = not (line.count(u'"') % 2 or line.count(u"'") % 2)
        if whole and line.strip() and len(line) + len(word) + 2 > width:
            lines.append(line + u'\\')
            line = u'    '
        line += word + u' '
    return lines + [line.rstrip()]


def _usage(command, schema):
    # type: (str, Schema) -> List[str]
    words = [text_type(command)]
    words += [u'--%s %s' % (option.name, option.kind.metavar) for option in schema.options
              if option.required]
    words.append(u'[options]')
    for argument in schema.arguments:
        word = text_type(argument.name.upper())
        word += u' ...' if argument.repeat else u''
        words.append(word if argument.required else u'[%s]' % word)
    if schema.forms:
        words.append(u'[%s ...]' % u'|'.join(form.name for form in schema.forms))
    return words


def _left(option):
    # type: (Option) -> str
    """`  -p, --port PORT`."""
    if option.group == 'arguments':
        return u'  %s' % option.name.upper()
    short = u'-%s, ' % option.short if option.short else u'    '
    value = u' ' + option.kind.metavar if option.takes_value else u''
    return u'  %s--%s%s' % (short, option.name, value)


def _right(option):
    # type: (Option) -> str
    """The help, then the notes in brackets."""
    notes = option_notes(option)
    return option.help + (u' (%s)' % u'; '.join(notes) if notes else u'')


def option_notes(option):
    # type: (Option) -> List[str]
    """Facts about an option that its help does not repeat: default, unit, other names."""
    notes = []      # type: List[str]
    if option.repeat:
        notes.append(u'may be repeated')
    if option.required and option.group != 'arguments':
        notes.append(u'required')
    if option.takes_value and option.default_text:
        notes.append(u'default: %s' % option.default_text)
    elif not option.takes_value and option.default():
        notes.append(u'on by default: --no-%s' % option.name)
    unit = getattr(option.kind, 'unit', None)       # type: Optional[str]
    if unit:
        notes.append(u'unit: %s' % unit)
    if option.aliases:
        notes.append(u'also: %s' % u', '.join(u'--' + alias for alias in option.aliases))
    return notes
