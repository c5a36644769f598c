# Copyright the carryall authors.  See LICENSE.
"""Records for the tests of whois."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.whois import Records, WhoisServer


class Names(Records):
    def __init__(self, answers):
        self.answers = answers

    def answer(self, text, host):
        return self.answers.get(text, u'No match for %s.' % text)


def serving(loop, **answers):
    answers = dict((name.replace('_', '.'), text) for name, text in answers.items())
    return WhoisServer(Names(answers), loop)
