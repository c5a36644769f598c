# Copyright the carryall authors.  See LICENSE.
"""Plain present-day English: no banned word or opening, at most 25 words a sentence in docstrings,
modules named by nouns.

A docstring begins with a verb in the third person or with a noun phrase.  Each phrase below has its
replacement.
"""
import re

from admin.checks import prose
from admin.checks.tree import PRODUCT, WITH_EXAMPLES, Finding

WORDS_A_SENTENCE = 25
OPENING = re.compile(r'[^\w`]*(What|Who|Whoever|Whose|Whom|Whether|Where|Those)\b')
PHRASES = tuple((re.compile(pattern, flags), instead) for pattern, flags, instead in (
    (r'\bof old\b', re.IGNORECASE, 'former'),
    (r'\banew\b', re.IGNORECASE, 'again'),
    (r'\bnobody\b', re.IGNORECASE, 'no client, no user, no one'),
    (r'\bso be it\b', re.IGNORECASE, 'okay'),
    (r'\bwho ?ever\b', re.IGNORECASE, 'any client, anyone'),
    (r'\b(?:where|that) there (?:is|are) (?:no|not|none)\b', re.IGNORECASE,
     'if X is missing; unknown'),
    (r'\b(?:is|are) to be\b', re.IGNORECASE, 'must be'),
    (r'\bstands? twice\b', re.IGNORECASE, 'duplicate'),
    (r'\b(?:peer|client|server|sender|receiver|proxy|caller|other side)s? whom?\b', re.IGNORECASE,
     'that'),
    (r'(?:\b(?:for|of|to|by|from|with|as '
     r'to|than|and|or|but|if|is|tells?|knows?|says?|sees?)|[,;:(]) who(?:m)? '
     r'(?!(?:is|are) (?:logged|user))\w', re.IGNORECASE, 'the client that, the peer, users who'),
    (r'\b(?:he|him|his|himself|she|hers)\b', 0, 'it, its, they'),
))
OURS = re.compile(r'(?:^|; )ours\.?$')
# Files whose strings are lists of words, and no prose: the dictionary of RFC 2289.
WORD_LISTS = ('protocols/ftp/otpwords.py',)
GERUND = re.compile(r'.{3,}ing$')
NOUNS = ('framing', 'listing', 'logging', 'ping', 'string')
# Metaphors, and words that tell nothing of what the module holds.
METAPHORS = ('ahead', 'chores', 'gathering', 'handover', 'kinds', 'leaving', 'office', 'parcels',
             'patience', 'people', 'places', 'room', 'umbrella', 'unhurried')


def check(tree):
    """Looks at the names of the product's modules, and at the prose of all Python files."""
    for path in tree.files(*PRODUCT):
        name = path.rpartition('/')[2][:-len('.py')]
        if GERUND.match(name) and name not in NOUNS:
            yield Finding(path, 1, 'the name of the module is a gerund')
        if name in METAPHORS:
            yield Finding(path, 1, 'the name of the module is a metaphor')
    for path in tree.files(*WITH_EXAMPLES):
        for each in prose.of(tree, path):
            if each.kind == 'text' and path.startswith(('tests/', 'admin/checks/') + WORD_LISTS):
                continue
            for message in faults(each):
                yield Finding(path, each.line, message)


def faults(each):
    """A message for each fault of one piece of prose."""
    text = prose.LITERAL.sub('C', ' '.join(each.text.split()))
    for pattern, instead in PHRASES:
        for match in pattern.finditer(text):
            yield '"%s": say %s' % (match.group().strip(' ,;:('), instead)
    if each.kind == 'trailing' and OURS.search(text):
        yield 'a comment that says "ours": give the reason, or "default; the RFC is silent"'
    if each.kind != 'docstring':
        return
    opening = OPENING.match(text)
    if opening:
        yield 'begins with "%s": begin with a verb or a noun' % opening.group(1)
    for sentence in prose.sentences(each.text):
        count = prose.words(sentence)
        if count > WORDS_A_SENTENCE:
            yield 'a sentence of %d words: %s ...' % (count, ' '.join(sentence.split()[:5]))
