# Copyright the carryall authors.  See LICENSE.
"""Uses the library of Java that library_server.py offers, from any runtime."""
from __future__ import print_function

import sys

from carryall import runtimes
from carryall.core.future import coroutine
from carryall.protocols import pb

loop = runtimes.choose()
WORDS = [u'zebra', u'\xe4pfel', u'apfel', u'\xd6l', u'ofen']


def plain(word):
    """A word in ASCII, for any terminal."""
    return word.encode('unicode_escape').decode('ascii')


@coroutine
def main():
    """The reference to the collator ends with the block."""
    broker = yield pb.connect(loop, '127.0.0.1', int((sys.argv[1:] or [pb.PORT])[0]))
    library = broker.remote()
    words = yield library.call_remote('sorted', WORDS, u'de')
    print('as Java sorts: %s' % [plain(word) for word in words])
    print('as Python does: %s' % [plain(word) for word in sorted(WORDS)])
    collator = yield library.call_remote('collator', u'de')
    with collator:
        answer = yield collator.call_remote('compare', u'\xe4', u'b')
    print('compare: %d' % answer)


loop.run_until(main())
loop.close()
