# Copyright the carryall authors.  See LICENSE.
"""The summary at the end: the failures, one matrix, the reasons of the skips,
and the line that counts.

The matrix has the suites (folders below ``tests``) down and runtime x backend across; ``-`` is for
tests that have no backend.  A cell that is one number passed whole; otherwise it is
passed/failed/skipped.
"""
import collections

from admin.suite.results import OUTCOMES, totals
from admin.suite.times import folder_of

LEGEND = 'n: all n passed; p/f/s: passed, failed, skipped; column -: tests without a backend'


def cell(counts):
    """(passed, failed, skipped) as short as it can be said."""
    passed, failed, skipped = counts
    if not any(counts):
        return '.'
    if not failed and not skipped:
        return str(passed)
    return '%d/%d/%d' % (passed, failed, skipped)


def matrix(reports, width):
    """The lines of the matrix, no wider than *width*: runtimes that do not fit stand below, with
    the suites again."""
    counts = collections.defaultdict(lambda: [0, 0, 0])
    suites = set()
    columns = []
    for report in reports:
        seen = {result.backend for result in report.results}
        best_first = [name for name, why in report.backends.items() if not why]
        columns.append([(report.runtime, name) for name in ['-'] + best_first + sorted(
            seen - set(best_first) - {'-'})])
        for result in report.results:
            suite = folder_of(result.test)
            suites.add(suite)
            for row in (suite, 'all'):
                counts[row, report.runtime, result.backend][OUTCOMES.index(result.outcome)] += 1
    rows = sorted(suites) + ['all']
    texts = {(row,) + column: cell(counts[(row,) + column]) for row in rows for group in columns
             for column in group}
    first = max(len(row) for row in rows)
    lines = []
    for block in _blocks(columns, texts, rows, width - first):
        lines += _block(block, texts, rows, first) + ['']
    return lines + [LEGEND]


def _width(column, texts, rows):
    return 2 + max([len(column[1])] + [len(texts[(row,) + column]) for row in rows])


def _group_width(group, texts, rows):
    return max(2 + len(group[0][0]), sum(_width(column, texts, rows) for column in group))


def _blocks(columns, texts, rows, room):
    """The runtimes' columns, as many side by side as there is room for."""
    block = []
    used = 0
    for group in columns:
        needed = _group_width(group, texts, rows)
        if block and used + needed > room:
            yield block
            block = []
            used = 0
        block.append(group)
        used += needed
    if block:
        yield block


def _block(block, texts, rows, first):
    """The lines of some runtimes side by side."""
    heads = ' ' * first
    names = ' ' * first
    body = {row: row.ljust(first) for row in rows}
    for group in block:
        missing = _group_width(group, texts, rows) - sum(_width(column, texts, rows)
                                                         for column in group)
        heads += '  ' + group[0][0].ljust(_group_width(group, texts, rows) - 2)
        for index, column in enumerate(group):
            width = _width(column, texts, rows) + (missing if index == 0 else 0)
            names += column[1].rjust(width)
            for row in rows:
                body[row] += texts[(row,) + column].rjust(width)
    return [heads.rstrip(), names] + [body[row] for row in rows]


def failures(reports):
    """The lines that tell of each failure;
    one that is the same on several runtimes is told once."""
    alike = {}
    for report in reports:
        for result in report.failed():
            alike.setdefault((result.test, _gist(result.text)), []).append(result)
    lines = []
    for results in alike.values():
        lines += ['', '== %s: %s' % (', '.join(result.runtime for result in results),
                                     results[0].test), results[0].text.rstrip()]
    for report in reports:
        lines += ['\n== %s: %s' % (report.runtime, problem) for problem in report.problems]
    return lines + [''] if lines else []


def _gist(text):
    """The message of a failure, without where and how: pytest's first line that begins with E."""
    lines = text.splitlines() or ['']
    return next((line for line in lines if line.startswith('E ')), lines[0])


def skips(reports):
    """The lines with the reasons of the skips, most frequent first."""
    reasons = collections.Counter()
    for report in reports:
        reasons.update((report.runtime, result.reason) for result in report.results
                       if result.outcome == 'skipped')
    return ['skipped %4d  %-11s %s' % (count, runtime, reason)
            for (runtime, reason), count in reasons.most_common()]


def closing(reports):
    """The last line."""
    return '%d passed, %d failed, %d skipped' % totals(reports)
