# Copyright the carryall authors.  See LICENSE.
"""The table and the plot."""
from __future__ import absolute_import, division, print_function

import io
from xml.dom import minidom

import pytest

from bench import plot, report
from bench.rounds import Result


def results():
    """Three sides, one of which could not run."""
    made = []
    for name, runtime, rounds in (('uvicorn', 'cpython', [(40000, 1.0), (20000, 0.5)]),
                                  ('raw-cpython', 'cpython', [(200000, 1.0), (100000, 0.5)]),
                                  ('carryall-cpython-epoll', 'cpython',
                                   [(80000, 1.0), (40000, 0.5)])):
        one = Result(name, runtime)
        for count, cpu in rounds:
            one.take(count, 1.0, cpu, 0, 0.0)
        one.resident = 20 << 20
        made.append(one)
    absent = Result('raw-jython', 'jython')
    absent.note = 'Traceback\nno jython'
    return made + [absent]


def test_a_table_begins_with_least_cpu():
    lines = report.comparison(results(), 'uvicorn', ('server', 'answers', 'answer')).splitlines()
    assert lines[0].startswith('| server | answers/s | ratio | CPU us/answer |')
    names = [line.split('|')[1].strip() for line in lines[2:]]
    assert names == ['raw-cpython', 'carryall-cpython-epoll', 'uvicorn'], \
        'least CPU first, what did not run is not there'
    ours = [cell.strip() for cell in lines[3].split('|')]
    assert ours[2:8] == ['60,000', '2.00 (2.00..2.00)', '12.50', '2.00 (2.00..2.00)', '2.50', '20']


def test_sides_left_out_are_named():
    text = report.left_out(results())
    assert '- raw-jython: no jython' in text
    assert 'uvicorn' not in text


def test_errors_are_said():
    made = results()
    made[0].bad = 3
    assert '- uvicorn: 3 answers were errors' in report.left_out(made)


def test_plot_is_well_formed():
    svg = report.ratio_plot('A <title> & more', 'under it', results(), 'uvicorn')
    document = minidom.parseString(svg.encode('utf-8'))
    classes = [node.getAttribute('class') for node in document.getElementsByTagName('rect')]
    assert classes == ['page', 'raw', 'ours', 'peer']
    assert 'prefers-color-scheme: dark' in svg


def test_widths_follow_the_values():
    svg = plot.bars('t', 's', [('a', 2.0, None, None), ('b', 1.0, 0.5, 1.5)], unit=1.0)
    bars = [node for node in minidom.parseString(svg).getElementsByTagName('rect')
            if node.getAttribute('class') == 'peer']
    first, second = [float(node.getAttribute('width')) for node in bars]
    assert abs(first - 2 * second) < 0.2, (first, second)


@pytest.mark.parametrize('highest, distance', [(0.4, 0.05), (1.0, 0.2), (5.0, 1.0), (8.0, 1.0),
                                               (10.0, 2.0), (99.0, 20.0)])
def test_grid_has_some_lines_and_not_many(highest, distance):
    assert abs(plot.step(highest) - distance) < 1e-9
    assert 3 <= highest / plot.step(highest) <= 10


def test_a_page_is_written(tmpdir):
    path = report.write_page(str(tmpdir), 'http', 'HTTP', ['| a |'], 'admin/bench http', set(),
                             [('http', 'HTTP', '<svg/>')])
    with io.open(path, encoding='utf-8') as source:
        text = source.read()
    assert text.startswith('# HTTP\n\n![HTTP](http.svg)\n\n| a |\n')
    assert '```\nadmin/bench http\n```' in text
    assert tmpdir.join('http.svg').read() == '<svg/>'


def test_a_paragraph_has_lines_of_at_most_100_columns():
    lines = report.wrapped('word ' * 50).split('\n')
    assert max(len(line) for line in lines) == 99


@pytest.mark.parametrize('part', ['| a |' * 40, '- an item ' * 20, 'two\nlines ' * 40])
def test_a_table_or_a_list_is_not_wrapped(part):
    assert report.wrapped(part) == part


def test_a_long_command_continues_with_an_option():
    command = 'admin/bench http --servers %s --rounds 3' % ('a' * 70)
    assert report.wrapped_command(command) == (
        'admin/bench http --servers %s \\\n    --rounds 3' % ('a' * 70))


def test_a_long_list_of_a_command_is_broken_behind_a_comma():
    names = ['server-number-%d' % number for number in range(10)]
    text = report.wrapped_command('admin/bench http --servers ' + ','.join(names))
    assert text == 'admin/bench http \\\n    --servers %s,\\\n%s' % (','.join(names[:5]),
                                                                  ','.join(names[5:]))
