#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# What becomes of a Date field of the forms that RFC 5322 has beside the usual one.
#
# One would guess:  a date of section 3.3 or 4.3 is either read or said to be unreadable.
# What is:          Python drops the zone if a comment stands before it: `17:28:00 (five) +0200` is
#                   17:28 without a zone, two hours off. The year 50 is 2050 there and in
#                   Date::Parse, 1950 by the RFC and in mailparser; 100, which programs wrote in the
#                   year 2000 and which means that, is the year 100 in Python, mailparser and GNU
#                   date, and *this* year in Date::Parse. A military zone (`A`, to be taken as
#                   -0000, as Python does) makes mailparser say now, the moment of parsing, without
#                   a sign of it; so do blanks around the colons and a quoted bracket in a comment.
#                   A leap second is an error in Python, undefined in Date::Parse and :59 in
#                   mailparser.
# Why it matters:   who imports an archive sorts mail of January 2000 behind the Romans, or before
#                   all else as of today; an import that is run twice gives two dates.
# Seen with:        CPython 3.11.7 (email.utils), mailparser 3.14.2 (node 20.20), Date::Parse of
#                   TimeDate 2.33 (Perl 5.36) and GNU date 9.1 of Debian 12. 2026-11-30.
# Needs:            node, npm, perl with Date::Parse (libtimedate-perl), GNU date, python3.
set -eu
for program in node npm perl python3; do
    command -v $program >/dev/null || { echo "needs $program"; exit 2; }
done
perl -MDate::Parse -e 1 2>/dev/null || { echo 'needs Date::Parse'; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export TZ=UTC
npm install --silent --no-audit --no-fund --prefix "$folder" mailparser@3.14.2 >/dev/null 2>&1
cat > read.js <<'JS'
const {simpleParser} = require('mailparser')
const read = async () => {
    for (const date of process.argv.slice(2)) {
        const mail = await simpleParser(`Date: ${date}\r\nSubject: x\r\n\r\nhello\r\n`)
        const now = Math.abs(Date.now() - mail.date) < 600000
        console.log(now ? 'now' : mail.date.toISOString().slice(0, 19))
    }
}
read()
JS
cat > seen.py <<'PYTHON'
import datetime
import email.utils
import subprocess
import sys


def by_python(text):
    """In UTC if it has a zone; with a ? behind it if it has none."""
    try:
        value = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return 'error'
    if value.tzinfo is None:
        return value.isoformat() + '?'
    return value.astimezone(datetime.timezone.utc).replace(tzinfo=None).isoformat()


def lines_of(command):
    return subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout.decode().splitlines()


def by_gnu(text):
    return (lines_of(['date', '-d', text, '+%Y-%m-%dT%H:%M:%S']) or ['error'])[0]


PERL = ('for (@ARGV) { my $t = str2time($_); print defined $t ? '
        'POSIX::strftime("%Y-%m-%dT%H:%M:%S", gmtime $t) : "error", "\n" }')
YEAR = datetime.date.today().year
# The field, its meaning; what is seen with Python, mailparser, Date::Parse and GNU date.
rows = [
    ('Mon, 30 Nov 2020 17:28 +0200', '2020-11-30T15:28:00', '=', '=', '=', '='),
    ('Mon, 30 Nov 2020 17:28:00 (five) +0200', '2020-11-30T15:28:00', '2020-11-30T17:28:00?', '=',
     '=', '='),
    ('Mon (lundi), 30 Nov 2020 17:28:00 +0200', '2020-11-30T15:28:00', 'error', '=', '=', '='),
    ('Mon, 30 Nov 2020 17 : 28 : 00 +0200', '2020-11-30T15:28:00', 'error', 'now', 'error', '='),
    ('Mon, 30 Nov 2020 17:28:00 +0200 (a \\) b)', '2020-11-30T15:28:00', '=', 'now', 'error',
     'error'),
    ('Mon, 30 Nov 2020 17:28:00 A', '2020-11-30T17:28:00', '2020-11-30T17:28:00?', 'now', '=',
     '2020-11-30T16:28:00'),
    ('1 Jan 50 10:00:00 +0000', '1950-01-01T10:00:00', '2050-01-01T10:00:00', '=',
     '2050-01-01T10:00:00',
     '2050-01-01T10:00:00'),
    ('Sat, 01 Jan 100 10:00:00 +0000', '2000-01-01T10:00:00', '0100-01-01T10:00:00',
     '0100-01-01T10:00:00',
     '%d-01-01T10:00:00' % YEAR, '0100-01-01T10:00:00'),
    ('Sat, 31 Dec 2016 23:59:60 +0000', '2017-01-01T00:00:00', 'error', '2016-12-31T23:59:00',
     'error', 'error')]
dates = [row[0] for row in rows]
seen = zip([by_python(date) for date in dates], lines_of(['node', 'read.js'] + dates),
           lines_of(['perl', '-MDate::Parse', '-MPOSIX', '-e', PERL] + dates),
           [by_gnu(date) for date in dates])
print('%-42s %-20s %-20s %-20s %-20s %s'
      % ('Date', 'by the RFC', 'Python ' + sys.version.split()[0], 'mailparser', 'Date::Parse',
         'GNU date'))
count = changed = 0
for row, values in zip(rows, seen):
    count += 1
    shown = tuple('=' if value == row[1] else value for value in values)
    changed += shown != row[2:]
    print('%-42s %-20s %-20s %-20s %-20s %s%s'
          % (row[:2] + shown + ('' if shown == row[2:] else '   CHANGED',)))
sys.exit(1 if changed or count != len(rows) else 0)
PYTHON
python3 seen.py
