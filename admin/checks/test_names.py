# Copyright the carryall authors.  See LICENSE.
"""The name of a test is a sentence of at least three words: a subject and an outcome.

Counted is what a machine can count.  A shorter name lacks the subject, the verb or the outcome.  A
name that begins with a pronoun or a question word has no subject of its own.  The words of
``WORDS`` are those that ``banned_words`` replaces in prose.
"""
import ast
import re

from admin.checks.tree import Finding

LEAST = 3
LAW = re.compile(r'l\d\d\Z')        # the number of a law of the seam, as in test_l09_...
OPENINGS = frozenset(('what', 'who', 'whose', 'whom', 'whoever', 'whether', 'where', 'which', 'how',
                      'those', 'it', 'they', 'them', 'he', 'this', 'these', 'and', 'but', 'or'))
WORDS = frozenset(('who', 'whom', 'whoever', 'nobody', 'somebody', 'anew', 'he', 'him', 'his',
                   'whatever', 'wherever'))


def check(tree):
    """Looks at the names of all test functions."""
    for path, node in tree.walk('tests'):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) \
                and node.name.startswith('test_'):
            message = fault(node.name)
            if message:
                yield Finding(path, node.lineno, '%s: %s' % (node.name, message))


def fault(name):
    """The message for a name; '' if it has no fault."""
    words = name.split('_')[1:]
    if LAW.match(words[0]):
        del words[0]
    if len(words) < LEAST:
        return 'fewer than %d words: name the subject and the outcome' % LEAST
    if words[0] in OPENINGS:
        return 'begins with "%s": begin with the subject' % words[0]
    banned = sorted(WORDS.intersection(words))
    return '"%s": say the client, the peer, no user, again' % banned[0] if banned else ''
