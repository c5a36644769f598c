# Copyright the carryall authors.  See LICENSE.
"""The steps of the acceptance tests of Twisted 0.19, in their order.

A case takes the place of a step by ``AS_OF_OLD = 'NAME'``; a step may have several cases.
"""

STEPS = (
    ('GUITest', 'the windows of the toolkits appear, and their servers answer'),
    ('basicWebTest', 'a web server without arguments shows a page of widgets'),
    ('staticWebTest', 'a folder is served: its index, test.cgi and test.rpy'),
    ('distWebTest', "the page of a user comes from that user's own server, or says it is gone"),
    ('runManholeTest', 'the console in a window runs Python inside a server'),
    ('runTelnetTest', 'telnet logs in and runs Python inside a server'),
    ('runWordsTest', 'an account is made; IRC, im and t-im meet on one server'),
    ('runExampleTest', 'the example of Perspective Broker says hello world'),
    ('runMailTest', 'a message and a bounce are fetched by POP3 with APOP'),
)
NAMES = [name for name, _what in STEPS]


def step_of(case):
    """The name of the step that a case takes the place of, or ''."""
    return getattr(case, 'AS_OF_OLD', '')


def in_order(cases):
    """The cases of the steps in the order of the steps, and the others behind them as they were."""
    ranks = {name: rank for rank, name in enumerate(NAMES)}
    return sorted(cases, key=lambda case: ranks.get(step_of(case), len(NAMES)))


def of_steps(cases):
    """The cases of the steps alone, in the order of the steps."""
    return [case for case in in_order(cases) if step_of(case)]


def without_case(cases):
    """(name, what it shows) of each step that no case takes the place of."""
    there = {step_of(case) for case in cases}
    return [(name, what) for name, what in STEPS if name not in there]
