# Copyright the carryall authors.  See LICENSE.
"""Workarounds carry one of five tags, in lower case and with a reason: py2, jython, pypy, peer,
rfc; nothing is left to do."""
import re

from admin.checks.tree import PYTHON, Finding

TAGS = ('py2', 'jython', 'pypy', 'peer', 'rfc')
TAG = re.compile(r'#\s*(\w+):(.*)')
LIKE_A_TAG = {'python', 'python2', 'python27', 'python3', 'py27', 'py3', 'cpython', 'pypy3', 'java',
              'jvm', 'workaround', 'hack', 'kludge'}
LEFT_TO_DO = re.compile(r'#\s*(TODO|FIXME|XXX|HACK)\b', re.IGNORECASE)


def check(tree):
    """Looks at every comment."""
    for path in tree.files(*PYTHON):
        for line, comment in tree.comments(path):
            tag = TAG.match(comment)
            word = tag.group(1) if tag else ''
            if word.lower() in LIKE_A_TAG or word.lower() in TAGS and word not in TAGS:
                yield Finding(path, line, '%s: is no tag; there are: %s' % (word, ', '.join(TAGS)))
            elif word in TAGS and not tag.group(2).strip():
                yield Finding(path, line, '%s: and the reason?' % word)
            if LEFT_TO_DO.match(comment):
                yield Finding(path, line, 'do it, or leave the note where the work is planned')
