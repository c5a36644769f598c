# Copyright the carryall authors.  See LICENSE.
"""doc/grafana.json asks for numbers that carryall has, and doc/metrics.md tells of all."""
from __future__ import absolute_import, division, print_function

import io
import json
import os
import re

from carryall.core.metrics import LOGIN_FAILED, Metrics
from carryall.services.metrics.service import PROCESS

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Made by services: of the mail queue and of the metrics themselves.
ELSEWHERE = set(['carryall_mail_queue_messages', 'carryall_build_info'])
NAME = re.compile(r'\b(?:carryall|process)_[a-z_]+[a-z]')
LABELS = set(['job', 'source', 'instance', 'le'])


def page(name):
    with io.open(os.path.join(ROOT, 'doc', name), encoding='utf-8') as file:
        return file.read()


def known():
    """Name -> names of the labels."""
    metrics = Metrics()
    listener = metrics.listener('x')
    for column in (listener.commands, listener.responses):
        column[b'x'].value += 1
    listener.logins[LOGIN_FAILED].value += 1
    listener.durations.observe(1.0)
    found = dict((name, set(label for label, _ in labels))
                 for name, labels, _ in metrics.samples())
    found.update(('process_' + name, set()) for name, _, _ in PROCESS)
    found.update((name, set(['spool', 'version', 'interpreter', 'backend'])) for name in ELSEWHERE)
    return found


def test_the_dashboard_asks_for_numbers_that_there_are():
    names = known()
    board = json.loads(page('grafana.json'))
    expressions = [(target['expr'], target['legendFormat'])
                   for panel in board['panels'] for target in panel['targets']]
    assert len(expressions) > 10
    for expression, legend in expressions:
        asked = NAME.findall(expression)
        assert len(asked) == 1 and asked[0] in names, expression
        for label in re.findall(r'{{(.*?)}}', legend):
            assert label in names[asked[0]] | LABELS, legend


def test_the_page_tells_of_all_numbers():
    told = set(NAME.findall(page('metrics.md')))
    missing = set(re.sub('_(bucket|sum|count)$', '', name) for name in known()) - told
    assert not missing, sorted(missing)
