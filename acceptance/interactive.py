# Copyright the carryall authors.  See LICENSE.
"""``admin/accepttests -i``: asks a person before each case, shows the result, and asks again.

For each case it asks "run it?", then runs the case's own checks.  If the case has ``show(stage)``,
that starts the programs to look at, and returns a text that describes the expected result.  A URL
in that text is opened with the program that WEBBROWSER names.
"""
import os
import re
import subprocess
import sys
import traceback

from acceptance.stage import Failed, Missing, Stage

URL = re.compile(r'https?://[^\s,;]+')


def run(runs, name_of, run_one):
    """As ``runner.run_all``, with a person."""
    results = {}
    for case, side, others in runs:
        answer = ask('\n%s on %s: %s\nRun it? [Y/n/q] ' % (name_of(case), side.name,
                                                           case.__doc__.strip().split('\n')[0]))
        if answer.startswith('q'):
            break
        if answer.startswith('n'):
            results[name_of(case), side.name] = 'skipped', 'as you said'
            continue
        outcome, why = run_one(case, side, others)
        print('its own checks: %s%s' % (outcome, why and ': ' + why))
        if outcome == 'passed' and hasattr(case, 'show'):
            outcome, why = show(case, side, others)
        results[name_of(case), side.name] = outcome, why
    return results


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
        ask('Press Enter when you have seen it. ')
        if ask('Was it so? [Y/n] ').startswith('n'):
            return 'failed', 'you said it was not as it should be'
        return 'passed', ''
    except Missing as exc:
        return 'skipped', '%s is not installed' % exc
    except Failed as exc:
        return 'failed', str(exc)
    except Exception:
        return 'failed', traceback.format_exc()
    finally:
        stage.clear()


def ask(question):
    """The answer, in small letters; q at the end of the input."""
    sys.stdout.write(question)
    sys.stdout.flush()
    line = sys.stdin.readline()
    return line.strip().lower() if line else 'q'
