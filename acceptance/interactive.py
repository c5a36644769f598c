# Copyright the carryall authors.  See LICENSE.
"""``admin/accepttests -i``: a person judges each case, as in the acceptance tests of 2002.

For each case it tells what will be shown and waits for Enter, then runs the case's own checks.  If
the case has ``show(stage)``, that starts the programs to look at, and returns a text that describes
the expected result.  A URL in that text is opened with the program that WEBBROWSER names.  A
question with yes or no follows, then comments.  At the end stands a summary with all comments.
"""
import os
import re
import subprocess
import sys
import traceback

from acceptance.stage import Failed, Missing, Stage
from acceptance.steps import step_of

URL = re.compile(r'https?://[^\s,;]+')


class Judged:
    """One case on one side, as the person judged it."""

    def __init__(self, title, outcome, why, comments=''):
        self.title = title
        self.outcome = outcome
        self.why = why
        self.comments = comments


def run(runs, name_of, run_one):
    """As ``runner.run_all``, with a person."""
    results = {}
    judged = []
    for number, (case, side, others) in enumerate(runs):
        title = '%s on %s' % (step_of(case) or name_of(case), side.name)
        print('\n[%d/%d] %s\n%s' % (number + 1, len(runs), title,
                                    case.__doc__.strip().split('\n\n')[0]))
        answer = ask('Press Enter to run it, n to leave it out, q to end: ')
        if answer.startswith('q'):
            break
        if answer.startswith('n'):
            judged.append(Judged(title, 'skipped', 'as you said'))
        else:
            judged.append(judge(title, (case, side, others), run_one))
        last = judged[-1]
        results[name_of(case), side.name] = last.outcome, '\n'.join(
            part for part in (last.why, last.comments) if part)
    show_summary(judged)
    return results


def judge(title, turn, run_one):
    """Runs a case's own checks, shows it, and asks; the result as Judged."""
    case, side, others = turn
    outcome, why = run_one(case, side, others)
    print('its own checks: %s%s' % (outcome, why and ': ' + why))
    if outcome != 'passed' or not hasattr(case, 'show'):
        return Judged(title, outcome, why, comments_of(outcome))
    outcome, why = show(case, side, others)
    return Judged(title, outcome, why, comments_of(outcome))


def comments_of(outcome):
    """The comments of the person; none are asked for about what was not run."""
    return '' if outcome == 'skipped' else ask('Comments (Enter for none): ', small=False)


def show(case, side, others):
    """(outcome, why), as the person says."""
    stage = Stage(side, others)
    try:
        text = case.show(stage)
        print(text)
        found = URL.search(text)
        browser = os.environ.get('WEBBROWSER')
        if found and browser:
            subprocess.Popen([browser, found.group(0)], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if yes_or_no('Did it work? [y/n] '):
            return 'passed', ''
        return 'failed', 'you said it did not work'
    except Missing as exc:
        return 'skipped', '%s is not installed' % exc
    except Failed as exc:
        return 'failed', str(exc)
    except Exception:
        return 'failed', traceback.format_exc()
    finally:
        stage.clear()


def yes_or_no(question):
    """The answer, asked for until it is one; the end of the input is no."""
    while True:
        answer = ask(question)
        if answer[:1] in ('y', 'n'):
            return answer.startswith('y')
        if answer == 'q':
            return False
        print('Please answer y or n.')


def show_summary(judged):
    """Each case with its outcome and the comments of the person."""
    print('\nSummary')
    for each in judged:
        print('%-7s %s' % (each.outcome, each.title))
        if each.comments:
            print('        %s' % each.comments)


def ask(question, small=True):
    """The answer, in small letters unless told otherwise; q at the end of the input."""
    sys.stdout.write(question)
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        return 'q' if small else ''
    return line.strip().lower() if small else line.strip()
