# Copyright the carryall authors.  See LICENSE.
"""Scripts: what a peer does, event by event, and how they are written down.

    say BYTES       it sends these on the connection           far BYTES   on the second one, if
                    there is any: data, a target
    join PORT       it opens a second connection; 0: to the port that was named last
    eof, far-eof    it sends no more                           lose,
                    far-lose   it resets the connection
    clog, unclog    it stops reading, and reads on             wait SECONDS     time passes

A file of the corpus has a script for each paragraph, an event for each line; octets are written as
in a Python literal.
"""
from __future__ import absolute_import, division, print_function

import io

__all__ = ['BARE', 'NUMBERED', 'SPOKEN', 'load', 'parse', 'save', 'text_of']

SPOKEN = ('say', 'far')
NUMBERED = ('wait', 'join')
BARE = ('eof', 'far-eof', 'lose', 'far-lose', 'clog', 'unclog')


def text_of(script):
    """The lines of a script."""
    lines = []
    for kind, what in script:
        if kind in SPOKEN:
            # Blanks at the end would be lost in an editor.
            line = what.decode('latin-1').encode('unicode_escape').decode('ascii')
            kept = line.rstrip(u' ')
            lines.append(u'%s %s' % (kind, kept + u'\\x20' * (len(line) - len(kept))))
        else:
            lines.append(u'%s %d' % (kind, what) if kind in NUMBERED else u'%s' % kind)
    return u''.join(line + u'\n' for line in lines)


def parse(text):
    """The scripts in a text."""
    scripts = []
    script = []
    for line in text.split(u'\n') + [u'']:
        kind, _, rest = line.partition(u' ')
        if not line:
            if script:
                scripts.append(script)
            script = []
        elif kind in SPOKEN:
            script.append((str(kind), rest.encode('ascii').decode('unicode_escape').encode(
                'latin-1')))
        elif kind in NUMBERED:
            script.append((str(kind), int(rest)))
        elif kind in BARE:
            script.append((str(kind), None))
        elif not line.startswith(u'#'):
            raise ValueError('"%s" is no event' % line)
    return scripts


def load(path):
    """The scripts in a file."""
    with io.open(path, encoding='ascii') as source:
        return parse(source.read())


def save(path, scripts, note):
    """Writes scripts to a file, with a line about them on top."""
    with io.open(path, 'w', encoding='ascii', newline=u'\n') as target:
        target.write(u'# %s\n\n%s' % (note, u'\n'.join(text_of(script) for script in scripts)))
