# Copyright the carryall authors.  See LICENSE.
"""No file names the machine that it was written on, its author's tools, or a package index."""
import re

from admin.checks.tree import Finding

# Each in two parts, so that this file passes.
FORBIDDEN = ('/wor' 'k/', '/tmp/' 'house', 'clau' 'de', 'anthro' 'pic', 'chat' 'gpt', 'copi' 'lot',
             'issues ' 'show', 'shared/' 'design', 'py' 'pi.org', 'python' 'hosted', 'deb'
             'ian.org', 'np' 'mjs', 'mav' 'en.org', 'crat' 'es.io')
PATTERN = re.compile('|'.join(re.escape(word) for word in FORBIDDEN), re.IGNORECASE)
BINARY = ('.png', '.jpg', '.gif', '.ico', '.gz', '.zip', '.jar', '.pdf')


def check(tree):
    """Looks at every line of every file."""
    for path in tree.everything():
        if path.lower().endswith(BINARY):
            continue
        for index, line in enumerate(tree.text(path).split('\n')):
            for word in PATTERN.findall(line):
                yield Finding(path, index + 1, 'says %s' % word)
