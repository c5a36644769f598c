# Copyright the carryall authors.  See LICENSE.
"""The time of a run: by folder and runtime, and the slowest tests."""
import collections
import posixpath

COLLECTING = 'collecting'       # the row for what a run does before its first test


def by_folder(reports):
    """Folder -> runtime -> [tests, seconds, cpu], from the results of all *reports*."""
    found = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0.0, 0.0]))
    for report in reports:
        if report.collecting:
            found[COLLECTING][report.runtime][1:] = report.collecting
        for result in report.results:
            row = found[folder_of(result.test)][report.runtime]
            row[0] += 1
            row[1] += result.seconds
            row[2] += result.cpu
    return {folder: {runtime: [row[0], round(row[1], 2), round(row[2], 2)]
                     for runtime, row in columns.items()} for folder, columns in found.items()}


def folder_of(test):
    """The folder of a test below ``tests``: ``core/tls``."""
    folder = posixpath.dirname(test.split('::')[0])
    return folder[len('tests/'):] if folder.startswith('tests/') else folder or '.'


def lines(reports, count):
    """The output of ``--slowest COUNT``: the time by folder and runtime, and the slowest tests."""
    folders = by_folder(reports)
    runtimes = [report.runtime for report in reports]
    totals = {name: sum(row[name][1] for row in folders.values() if name in row)
              for name in runtimes}
    width = max([len('all')] + [len(folder) for folder in folders])
    shown = ['seconds (of the processors) by folder and runtime',
             ' ' * width + ''.join('%18s' % name for name in runtimes)]
    for folder in sorted(folders, key=lambda each: -sum(row[1] for row in folders[each].values())):
        cells = [_cell(folders[folder].get(name)) for name in runtimes]
        shown.append(folder.ljust(width) + ''.join(cells))
    shown.append('all'.ljust(width) + ''.join('%18.1f' % totals[name] for name in runtimes))
    slowest = sorted((result for report in reports for result in report.results),
                     key=lambda result: -result.seconds)[:count]
    shown += ['', 'the %d slowest tests: seconds (of the processors), runtime, test' % len(slowest)]
    shown += ['%7.1f (%.1f)  %-11s %s' % (result.seconds, result.cpu, result.runtime, result.test)
              for result in slowest]
    return shown + ['']


def _cell(row):
    return '%18s' % ('%.1f (%.1f)' % (row[1], row[2]) if row else '.')
