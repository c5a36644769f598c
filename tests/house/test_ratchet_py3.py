# Copyright the carryall authors.  See LICENSE.
"""The counts of allowed findings of ``admin/check`` fall and never rise."""
import argparse
import os

import pytest

from admin.checks import main, ratchet
from admin.checks.tree import Finding, Tree

GIVEN = {'setup': False, 'summary': False, 'ratchet': False, 'begin': False, 'all': False}
WRONG = 'x = int(line)\n'


@pytest.fixture
def run(tmp_path, capsys):
    """Call it with files by path and options: the status of a run of the check ``bare_int``,
    and its output."""
    def start(files=None, **options):
        for path, text in (files or {}).items():
            tmp_path.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
            tmp_path.joinpath(path).write_text(text, encoding='utf-8')
        status = main.run(Tree(str(tmp_path)), ['bare_int'],
                          argparse.Namespace(**dict(GIVEN, **options)))
        return status, capsys.readouterr().out
    tmp_path.joinpath('admin', 'checks').mkdir(parents=True)
    start.root = tmp_path
    start.allowed = lambda: (tmp_path / ratchet.ALLOWED).read_text(encoding='utf-8').split(
        '\n')[1:-1]
    return start


def test_begin_allows_what_is_there(run):
    """One line for each file that has findings."""
    assert run({'protocols/a.py': WRONG * 2, 'protocols/b.py': ''}, begin=True)[0] == 0
    assert run.allowed() == ['bare_int protocols/a.py 2']
    assert run()[0] == 0


def test_a_count_that_rises_is_a_finding(run):
    """All findings of the file are shown."""
    run({'protocols/a.py': WRONG}, begin=True)
    status, output = run({'protocols/a.py': WRONG * 2})
    assert status == 1
    assert output.count('protocols/a.py:') == 2


def test_a_new_file_is_allowed_nothing(run):
    """The counts of other files do not help it."""
    run({'protocols/a.py': WRONG * 2}, begin=True)
    assert run({'protocols/b.py': WRONG})[0] == 1


def test_a_moved_file_keeps_its_count(run):
    """The count of a file that is gone passes to another."""
    run({'protocols/a.py': WRONG * 2}, begin=True)
    (run.root / 'protocols/a.py').unlink()
    assert run({'protocols/b.py': WRONG * 2})[0] == 0
    assert run({'protocols/b.py': WRONG * 3})[0] == 1


def test_code_may_move_between_files(run):
    """One file has a finding more and the other has one less."""
    run({'protocols/a.py': WRONG * 2, 'protocols/b.py': WRONG}, begin=True)
    assert run({'protocols/a.py': WRONG, 'protocols/b.py': WRONG * 2})[0] == 0


def test_a_count_that_falls_is_a_note(run):
    """The note names the option that lowers the count, and the status is 0."""
    run({'protocols/a.py': WRONG * 2}, begin=True)
    status, output = run({'protocols/a.py': WRONG})
    assert status == 0
    assert 'note: ' in output
    assert '--ratchet' in output


def test_ratchet_lowers_a_count(run):
    """The old count is not allowed any more afterwards."""
    run({'protocols/a.py': WRONG * 2}, begin=True)
    run({'protocols/a.py': WRONG}, ratchet=True)
    assert run.allowed() == ['bare_int protocols/a.py 1']
    assert run({'protocols/a.py': WRONG * 2})[0] == 1


def test_ratchet_takes_out_a_file_without_findings(run):
    """No line says 0."""
    run({'protocols/a.py': WRONG}, begin=True)
    run({'protocols/a.py': ''}, ratchet=True)
    assert run.allowed() == []


def test_ratchet_refuses_a_rise(run):
    """The counts stay as they were."""
    run({'protocols/a.py': WRONG}, begin=True)
    assert run({'protocols/b.py': WRONG}, ratchet=True)[0] == 1
    assert run.allowed() == ['bare_int protocols/a.py 1']


def test_ratchet_follows_code_that_moved(run):
    """A finding may go from one file to another."""
    run({'protocols/a.py': WRONG * 2}, begin=True)
    run({'protocols/a.py': WRONG, 'protocols/b.py': WRONG}, ratchet=True)
    assert run.allowed() == ['bare_int protocols/a.py 1', 'bare_int protocols/b.py 1']


def test_begin_does_not_raise(run):
    """A check that allows something already can not be begun a second time."""
    run({'protocols/a.py': WRONG}, begin=True)
    assert run({'protocols/a.py': WRONG * 2}, begin=True)[0] == 1


def test_the_lower_of_two_lines_holds(tmp_path):
    """Git's union of two branches may leave two lines for one file."""
    (tmp_path / 'admin/checks').mkdir(parents=True)
    (tmp_path / ratchet.ALLOWED).write_text(
        '# head\nsize core/a.py 3\nsize core/a.py 2\nsize core/a.py 4\n', encoding='utf-8')
    assert ratchet.read(Tree(str(tmp_path))) == {('size', 'core/a.py'): 2}


def test_summary_counts_by_folder(run):
    """Allowed findings are counted too."""
    run({'protocols/a.py': WRONG, 'protocols/ftp/a.py': WRONG, 'protocols/ftp/b.py': WRONG},
        begin=True)
    output = run(summary=True)[1]
    assert 'bare_int: 3 findings in 3 files' in output
    assert '1 protocols\n' in output
    assert '2 protocols/ftp\n' in output


def test_all_shows_allowed_findings(run):
    """The status stays 0."""
    run({'protocols/a.py': WRONG}, begin=True)
    status, output = run(all=True)
    assert status == 0
    assert 'protocols/a.py:1: [bare_int]' in output


def test_git_merges_the_counts_by_union():
    """The attribute needs no settings of a clone."""
    with open(os.path.join(main.ROOT, '.gitattributes'), encoding='utf-8') as file:
        assert ratchet.ALLOWED + ' merge=union\n' in file.readlines()


def test_findings_of_other_checks_do_not_count():
    """An allowance belongs to one check."""
    allowed = ratchet.collections.Counter({('size', 'core/a.py'): 1})
    verdict = ratchet.judge('bare_int', [Finding('core/a.py', 1, 'x')], allowed)
    assert verdict == ([Finding('core/a.py', 1, 'x')], [])
