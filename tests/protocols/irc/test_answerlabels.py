# Copyright the carryall authors.  See LICENSE.
"""Labels of commands."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.irc import parse_message
from carryall.protocols.irc.answerlabels import MAX_BATCHES, AnswerLabels


WHO = object()


def owner(labels, line):
    return labels.owner_of(parse_message(line))


def test_a_single_answer_has_the_label():
    labels = AnswerLabels()
    label = labels.new(WHO)
    assert owner(labels, b'@label=' + label + b' :s 315 ann x :End') is WHO


def test_an_answer_of_several_lines_is_a_batch():
    labels = AnswerLabels()
    label = labels.new(WHO)
    found = [owner(labels, line) for line in (
        b'@label=' + label + b' :s BATCH +7 labeled-response', b'@batch=7 :s 352 ann',
        b':s BATCH -7', b'@batch=7 :s 352 ann')]
    assert found == [WHO, WHO, WHO, None]


def test_a_command_that_has_its_answer_has_no_label():
    labels = AnswerLabels()
    label = labels.new(WHO)
    labels.forget(WHO)
    assert owner(labels, b'@label=' + label + b' :s 315 ann x :End') is None


def test_batches_without_an_end_are_bounded():
    labels = AnswerLabels()
    label = labels.new(WHO)
    for number in range(MAX_BATCHES + 1):
        owner(labels, b'@label=%s :s BATCH +%d labeled-response' % (label, number))
    assert (owner(labels, b'@batch=0 :s 352 ann'), owner(labels, b'@batch=1 :s 352 ann')) == (
        None, WHO)


def test_a_batch_of_others_has_no_owner():
    assert owner(AnswerLabels(), b':s BATCH +7 netsplit a b') is None
