# Copyright the carryall authors.  See LICENSE.
"""The page of a bench: a Markdown table with the method beside it, the plot,
and the figures as JSON."""
from __future__ import absolute_import, division, print_function

import io
import json
import os
import textwrap

from bench import machine, plot, stats
from bench.rounds import compare


COLUMNS = 100       # of a line of prose or of a command


def table(heads, rows):
    """A Markdown table; the first column is left-aligned, the others right."""
    lines = ['| ' + ' | '.join(heads) + ' |', '|---|' + '---:|' * (len(heads) - 1)]
    return '\n'.join(lines + ['| ' + ' | '.join(row) + ' |' for row in rows])


def thousands(value):
    """12345.6 -> 12,346."""
    return '{0:,.0f}'.format(value)


def mebibytes(value):
    """Bytes as MiB."""
    return '{0:.0f}'.format(value / 1048576.0) if value else ''


def spread(values):
    """(1.5, 1.4, 1.6) -> 1.50 (1.40..1.60)."""
    if values is None:
        return ''
    return '{0} ({1}..{2})'.format(*[plot.figure(value) for value in values])


def present(values):
    """Without the rounds that failed."""
    return [value for value in values if value]


def comparison(results, reference, what):
    """The table of a bench with rates: fastest first by CPU."""
    ratio = compare(results, reference)
    raw = {result.runtime: stats.median(present(result.cpu)) for result in results
           if result.name == 'raw-' + result.runtime and present(result.cpu)}
    heads = [what[0], what[1] + '/s', 'ratio', 'CPU us/' + what[2], 'CPU ratio',
             'CPU over raw loop', 'RSS MiB', 'others %']
    rows = []
    for result in ordered(results):
        cpu = stats.median(present(result.cpu))
        over = '{0:.2f}'.format(cpu / raw[result.runtime]) if result.runtime in raw else ''
        rows.append([result.name, thousands(stats.median(present(result.rate))),
                     spread(ratio[result.name][0]),
                     '{0:.2f}'.format(cpu), spread(ratio[result.name][1]), over,
                     mebibytes(result.resident),
                     '{0:.0f}'.format(100 * stats.median(
                         [share for share in result.others if share is not None]))])
    return table(heads, rows)


def ordered(results):
    """The sides that were measured, least CPU first."""
    return sorted([result for result in results if present(result.cpu)],
                  key=lambda one: stats.median(present(one.cpu)))


def fastest(results):
    """The sides that were measured, highest rate first."""
    return sorted([result for result in results if present(result.rate)],
                  key=lambda one: -stats.median(present(one.rate)))


def ratio_plot(title, subtitle, results, reference):
    """The chart of the CPU ratios to the reference."""
    ratio = compare(results, reference)
    rows = []
    for result in ordered(results):
        if ratio[result.name][1]:
            rows.append((result.name,) + ratio[result.name][1])
    return plot.bars(title, subtitle, rows, unit=1.0) if rows else None


def left_out(results):
    """A paragraph for what could not be measured, and why."""
    lines = ['- {0}: {1}'.format(result.name, reason(result.note)) for result in results
             if not present(result.rate) and result.note]
    lines += ['- {0}: {1} answers were errors'.format(result.name, result.bad) for result in results
              if result.bad]
    return 'Not measured, or not clean:\n\n' + '\n'.join(lines) if lines else ''


def reason(note):
    """The last line of a longer complaint."""
    return note.strip().splitlines()[-1][:160]


def wrapped(part):
    """A paragraph in lines of at most 100 columns; a table or a list is left as it is."""
    if part.startswith(('|', '-', '#')) or '\n' in part:
        return part
    return '\n'.join(textwrap.wrap(part, COLUMNS, break_long_words=False, break_on_hyphens=False))


def wrapped_command(command):
    """A command in lines for a shell.

    A further line begins with an option, or with the rest of a list that is broken after a comma.
    """
    lines = []
    for option in command.replace(' --', '\n--').split('\n'):
        if lines and len(lines[-1]) + len(option) < COLUMNS - 2:
            lines[-1] += ' ' + option
        else:
            lines.append('    ' + option if lines else option)
        while len(lines[-1]) > COLUMNS - 2:
            comma = lines[-1].rfind(',', 0, COLUMNS - 2)
            if comma < 0:
                break
            lines[-1:] = [lines[-1][:comma + 1] + '\\', lines[-1][comma + 1:]]
    text = ' \\\n'.join(lines)
    return text.replace('\\ \\\n', '\\\n')


def write_page(folder, name, title, parts, command, runtimes, charts=()):
    """Writes NAME.md and its charts.

    Args:   parts: Markdown paragraphs and tables, in order.
            charts: list of (file name without .svg, alternative text, SVG text).
    Returns: the path of the page.
    """
    if not os.path.isdir(folder):
        os.makedirs(folder)
    body = ['# ' + title]
    for chart, words, svg in charts:
        if svg:
            save(os.path.join(folder, chart + '.svg'), svg)
            body.append('![{0}]({1}.svg)'.format(words, chart))
    body += [wrapped(part) for part in parts if part]
    body.append('## Taken with')
    body.append('```\n' + wrapped_command(command) + '\n```')
    body.append('\n'.join('- ' + line for line in machine.describe(runtimes)))
    path = os.path.join(folder, name + '.md')
    save(path, '\n\n'.join(body) + '\n')
    return path


def save(path, text):
    """Writes text as UTF-8."""
    with io.open(path, 'wb') as target:
        target.write(text.encode('utf-8'))


def save_json(path, bench, results):
    """Every figure of every round."""
    data = {'bench': bench, 'results': [result.data() for result in results]}
    save(path, json.dumps(data, indent=1, sort_keys=True) + '\n')
