# Copyright the carryall authors.  See LICENSE.
"""A dict server on port 7000; ask it with: carryall dict -h 127.0.0.1 -p 7000 apple"""
from carryall import runtimes
from carryall.protocols.dict import DICTServer, MemoryDictionary

WORDS = {u'apple': u'A round fruit.', u'apple pie': u'A pie with apples.'}

loop = runtimes.choose()
fruit = MemoryDictionary(u'fruit', WORDS, u'A few fruits')
loop.listen_tcp(lambda: DICTServer(fruit, loop), port=7000)
loop.run()
